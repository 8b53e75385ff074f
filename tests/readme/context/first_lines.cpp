// The whole program that README.md begins with, and the object that it loads.
// object: ../../../examples/first_lines/answer.c
// prints: asked
// prints: 42

#include README_BLOCK
