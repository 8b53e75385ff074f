// The shortest complete program: first_lines answer.o

#include <relo/host/file.hpp>
#include <relo/host/process.hpp>
#include <relo/relo.hpp>

#include <cstdio>

constexpr auto table = relo::exports(relo::exported{"puts", &std::puts});

int main(int argc, char** argv) {
  const char* const path = argc == 2 ? argv[1] : "answer.o";
  const relo::host::file object{path};
  if (object.error() != 0) {
    std::printf("%s: %s\n", path, object.message());
    return 1;
  }
  relo::loader loader{relo::arch::x86_64{}, relo::host::process{}, relo::symbols{table}};

  const auto module = loader.load(object.bytes(), {.name = "answer"});
  if (!module) {
    std::printf("%s: %s\n", path, loader.diagnostics().describe().c_str());
    return 1;
  }
  int (*const answer)(int) = loader.find<int(int)>("answer");
  if (answer == nullptr) {
    std::printf("%s: no function 'answer' (in C++, declare it extern \"C\")\n", path);
    return 1;
  }
  std::printf("%d\n", answer(7));
}
