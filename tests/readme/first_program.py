"""first_program.py PROGRAM COMPILER C++-COMPILER: what README.md's first program says of a file that is not there,
of an object that has no `answer`, and of one that has it under a C++ name; each ends with 1."""

import pathlib
import subprocess
import sys
import tempfile

program, cc, cxx = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)

    def shown(*arguments):
        ended = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True)
        return ended.returncode, ended.stdout

    def compiled(compiler, suffix, text):
        (folder / f"answer.{suffix}").write_text(text)
        subprocess.run([compiler, "-fPIC", "-c", f"answer.{suffix}"], cwd=folder, check=True)

    missing = 1, "answer.o: no function 'answer' (in C++, declare it extern \"C\")\n"
    assert shown() == (1, "answer.o: No such file or directory\n"), shown()
    assert shown(".") == (1, ".: Is a directory\n"), shown(".")
    compiled(cxx, "cpp", "int answer(int n) { return 6 * n; }\n")
    assert shown() == missing, shown()
    compiled(cc, "c", "int question(int n) { return 6 * n; }\n")
    assert shown() == missing, shown()
    compiled(cc, "c", "int nowhere(int); int answer(int n) { return nowhere(n); }\n")
    assert shown() == (1, "answer.o: simplify_symbols: unknown symbol: symbol 'nowhere'\n"), shown()
    compiled(cxx, "cpp", '#include <map>\nstatic std::map<int, int> m{{7, 42}};\n'
                         'extern "C" int answer(int n) { try { return m.at(n); } catch (...) { return 0; } }\n')
    assert shown() == (0, "42\n"), shown()
