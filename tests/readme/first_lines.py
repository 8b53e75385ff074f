"""first_lines.py REPOSITORY: the README opens with examples/first_lines, and with all of it."""

import pathlib
import re
import sys

repository = pathlib.Path(sys.argv[1]).resolve()
readme = (repository / "README.md").read_text()
example = (repository / "examples/first_lines/main.cpp").read_text()
shown = re.search(r"```cpp\n(.*?)```", readme, re.DOTALL).group(1)
program = example[example.index("#include"):]
sys.exit(None if shown == program else "README.md does not open with examples/first_lines/main.cpp")
