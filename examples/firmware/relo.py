"""For gdb: the symbols of plugins, as they come and go.

    gdb-multiarch -x examples/firmware/relo.py build/gcc/examples/firmware/mps2-an385/firmware.elf
    (gdb) target remote :1234
    (gdb) break greet
    Function "greet" not defined.
    Make breakpoint pending on future shared library load? (y or [n]) y
    (gdb) continue

where the firmware was started by `examples/firmware/run build/gcc/examples/firmware/mps2-an385 -s`.

A breakpoint may be in a plugin that is not loaded yet, and even in its init function. A plugin
NAME's symbols are those of NAME.o beside the firmware. Of plugins that are there before gdb is,
`relo-symbols` reads them.
"""

import os

import gdb

known = {}  # of each plugin: the sections that gdb has been told of


def loaded():
    """The plugins, and where their sections are, as the firmware says: see debug.hpp."""
    entries = gdb.parse_and_eval("debug::entries")
    first, last = entries.type.range()
    for i in range(first, last + 1):
        if entries[i]["name"]:
            yield entries[i]["name"].string(), entries[i]["sections"].string()


def read_symbols():
    now = dict(loaded())
    for name in [name for name, sections in known.items() if now.get(name) != sections]:
        gdb.execute(f"remove-symbol-file -a {known.pop(name).split()[2]}", to_string=True)
    for name, sections in now.items():
        if name in known or not sections:
            continue
        path = os.path.join(os.path.dirname(gdb.current_progspace().filename), name + ".o")
        gdb.execute(f'add-symbol-file "{path}"{sections}', to_string=True)
        known[name] = sections


class ModulesChanged(gdb.Breakpoint):
    """Never stops the program."""

    def __init__(self):
        super().__init__("debug::modules_changed", internal=True)
        self.silent = True

    def stop(self):
        read_symbols()
        return False


class ReloSymbols(gdb.Command):
    """Reads the symbols of the plugins that are loaded."""

    def __init__(self):
        super().__init__("relo-symbols", gdb.COMMAND_FILES)

    def invoke(self, argument, from_tty):
        read_symbols()


ReloSymbols()
ModulesChanged()
