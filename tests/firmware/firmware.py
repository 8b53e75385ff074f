"""What the tests of the firmware have in common: a console in QEMU, and what was expected."""

import difflib
import pathlib
import re
import shutil
import subprocess
import tempfile

run = pathlib.Path(__file__).parents[2] / "examples/firmware/run"
limit = 240  # seconds


class Folder:
    """A copy of a board's folder that more objects may be put into."""

    def __init__(self, board, *more):
        self.temporary = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.temporary.name) / pathlib.Path(board).name
        self.path.mkdir()
        for source in (board, *more):
            for file in (*pathlib.Path(source).glob("*.o"), *pathlib.Path(source).glob("*.elf")):
                shutil.copy(file, self.path)

    def start(self, *options):
        return subprocess.Popen([run, self.path, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)

    def console(self, commands):
        """What the console shows; the last command ends the firmware."""
        emulator = self.start()
        try:
            shown, _ = emulator.communicate("".join(f"{c}\n" for c in commands).encode(), timeout=limit)
        except subprocess.TimeoutExpired:
            emulator.kill()
            shown, _ = emulator.communicate()
            shown += f"\n(no end within {limit} s)\n".encode()
        if emulator.returncode != 0:
            shown += f"(exit status {emulator.returncode})\n".encode()
        return shown.decode(errors="replace")


def pattern_of(line, bound):
    """A regular expression from a line in which {n} is any decimal number, {x} any 0x number, {n:NAME} one
    that is the same wherever the name stands, and {...} anything."""
    out = ""
    for part in re.split(r"(\{[^}]*\})", line):
        if part == "{...}":
            out += ".*"
        elif match := re.fullmatch(r"\{([nx])(?::(\w+))?\}", part):
            kind, name = match.groups()
            number = r"\d+" if kind == "n" else "0x[0-9a-f]+"
            out += number if name is None else re.escape(bound[name]) if name in bound else f"(?P<{name}>{number})"
        else:
            out += re.escape(part)
    return out


def difference(expected, shown):
    """"" if what was shown is what was expected, else how they differ."""
    bound, as_expected = {}, []
    expected, shown = expected.splitlines(), shown.splitlines()
    for want, got in zip(expected, shown):
        match = re.fullmatch(pattern_of(want, bound), got)
        as_expected.append(got if match else want)
        bound.update(match.groupdict() if match else {})
    as_expected += expected[len(shown):]
    return "\n".join(difflib.unified_diff(as_expected, shown, "expected", "shown", lineterm=""))
