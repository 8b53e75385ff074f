/* What helloworld.c offers to other modules. */
#ifndef HELLOWORLD_H
#define HELLOWORLD_H

/* Greets as often as helloworld was told to; returns how often that was. */
int hello_greet(const char* name);

#endif
