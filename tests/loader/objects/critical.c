/* Compilers make a common symbol of a critical section's lock, whatever -fno-common says. */
int n;
int test(void) {
#pragma omp critical(c)
  n += 1;
  return n;
}
