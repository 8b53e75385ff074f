// The shortest complete program: first_lines answer.o

#include <relo/host/file.hpp>
#include <relo/host/pages.hpp>
#include <relo/relo.hpp>

#include <cstdio>

constexpr auto table = relo::exports(relo::exported{"puts", &std::puts});

int main(int argc, char** argv) {
  const relo::host::file object{argc == 2 ? argv[1] : "answer.o"};
  relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{table}};

  const auto module = loader.load(object.bytes(), {.name = "answer"});
  if (!module) {
    std::printf("%s\n", loader.diagnostics().describe().c_str());
    return 1;
  }
  if (int (*const answer)(int) = loader.find<int(int)>("answer")) std::printf("%d\n", answer(7));
  loader.unload(*module);
}
