char big[200000000];
int small;
int get(int i) { return big[i] + small++; }
