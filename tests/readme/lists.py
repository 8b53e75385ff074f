"""lists.py REPOSITORY: include/relo/README.md lists the stages of relo::load_module, in their order, and the roles
of a loader, each with its concept."""

import pathlib
import re
import sys

repository = pathlib.Path(sys.argv[1]).resolve()
room = repository / "include/relo"
page = (room / "README.md").read_text()


def column(heading):
    """The first cells of the first table below a heading."""
    below = page[page.index(f"\n## {heading}\n"):]
    rows = re.search(r"^\|[-| ]+\|\n((?:\|.*\n)+)", below, re.MULTILINE)[1].splitlines()
    return [row.split("|")[1].strip().strip("`") for row in rows]


sources = [header.read_text() for header in sorted(room.glob("*.hpp"))]
pipeline = next(m[1] for m in (re.search(r"auto load_module =\s*make_pipeline\((.*?)\);", s, re.DOTALL) for s in sources) if m)
stages = re.findall(r"(\w+)\{\}", pipeline)
roles = set(re.findall(r"pick(?:_part)?<role::(\w+)", (room / "loader.hpp").read_text()))
wrong = []
if column("A load, stage by stage") != stages:
    wrong.append(f"the stages of relo::load_module are {' '.join(stages)},\nand those on the page "
                 f"{' '.join(column('A load, stage by stage'))}")
for role in roles:
    said = re.search(rf"^\*\*{role}\*\* \(`(\w+)`,\s`relo/([\w/]+\.hpp)`\)", page, re.MULTILINE)
    header = room / said[2] if said else None
    if not said or not header.exists() or not re.search(rf"^concept {said[1]} =", header.read_text(), re.MULTILINE):
        wrong.append(f"no contract of {role}, with its concept and the header that has that")
if set(column("The roles and their contracts")) != roles:
    wrong.append(f"other roles than a loader's: {roles ^ set(column('The roles and their contracts'))}")
sys.exit("\n".join(wrong) or None)
