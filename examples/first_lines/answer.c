int puts(const char*);

int answer(int n) {
  puts("asked");
  return 6 * n;
}
