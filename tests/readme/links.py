"""links.py REPOSITORY: every path and command in README.md exists."""

import pathlib
import re
import subprocess
import sys

repository = pathlib.Path(sys.argv[1]).resolve()
readme = (repository / "README.md").read_text()
commands = subprocess.run([repository / "dev", "help"], capture_output=True, text=True, check=True).stdout + "./dev help"
wrong = []

for path in re.findall(r"`((?:include|examples|tests|benchmarks)/[\w./]*)`", readme):
    if not (repository / path).exists():
        wrong.append(f"no such path: {path}")
for command in re.findall(r"\./dev ([a-z]+)", readme):
    if f"./dev {command}" not in commands:
        wrong.append(f"no such command: ./dev {command}")
sys.exit("\n".join(wrong) or None)
