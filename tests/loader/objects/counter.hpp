// Variables of C++ that every object which uses them defines.
struct counter {
  int value;
  counter() : value(0) { ++constructed; }
  ~counter() { value = -1; }
  static inline int constructed = 0;
  static counter& get() {
    static counter one;
    return one;
  }
};
inline int shared_inline = 0;
template <class T>
struct holder {
  static int value;
};
template <class T>
int holder<T>::value = 0;
inline const int constant = 5;
