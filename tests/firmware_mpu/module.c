// What is loaded: something of each permission.
int sum = 1;
const int steps[4] = {2, 3, 5, 7};

int step(int i) {
  sum += steps[i];
  return sum;
}
