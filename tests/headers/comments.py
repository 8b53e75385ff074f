#!/usr/bin/env python3
"""comments.py REPOSITORY: no comment is wider than 100 columns, and no list in one has lost its shape.

A list in a comment is

    ///  - name: what it is, and where that takes more than a line,
    ///    the line below begins where the item's text does.

A tool that fills paragraphs makes of it lines that begin below the dash, or puts an item behind the end of
another. Prints each such line; exits 1 when there is one.
"""

import pathlib
import re
import sys

COLUMNS = 100
ROOMS = ("include", "examples", "tests", "benchmarks")
SOURCES = {".hpp", ".cpp", ".h", ".c"}

STRING = re.compile(r'"(\\.|[^"\\])*"')
COMMENT = re.compile(r"\s*(//[/!]?|/?\*(?![*/\w]))(?P<indent> *)(?P<text>.*)$")  # and nothing before it
ITEM = re.compile(r"- +\S")
GLUED = re.compile(r"[.,;:] +- \S")


def breaches(lines):
    dash = None  # the column of the list's dashes, while there may be more of it
    before = ""
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS and "//" in STRING.sub("", line):
            yield number, f"a comment of {len(line)} columns"
        comment = COMMENT.match(line)
        if not comment or not comment["text"]:
            dash = None
            continue
        indent, text = len(comment["indent"]), comment["text"]
        if GLUED.search(text):
            yield number, "an item behind the end of another"
        if ITEM.match(text):
            if indent < 2:
                yield number, "an item that is not indented by two columns"
            dash = indent
        elif dash is not None and indent < dash:
            dash = None  # a paragraph follows
            if not before.endswith((".", ",", ";", ":")):
                yield number, "a line of an item that begins left of its dash"
        elif dash is not None and indent < dash + 2:
            yield number, "a line of an item that begins below its dash"
        before = text


def self_check():
    right = ["///  - one: whatever", "///    more of it.", "/// A paragraph.", "///  - two", "int i = 1 - 2;  // - 1"]
    assert not list(breaches(right))
    for wrong in (["///  - one: what", "///  ever"], ["/// one. - two: it"], ["/// - one"], ["//" + "x" * 99],
                  [" *  - one: what", " * ever"]):
        assert list(breaches(wrong)), wrong


def main():
    self_check()
    repository = pathlib.Path(sys.argv[1])
    files = [f for room in ROOMS for f in sorted((repository / room).rglob("*")) if f.suffix in SOURCES]
    wrong = [f"{f.relative_to(repository)}:{number}: {what}"
             for f in files for number, what in breaches(f.read_text(errors="replace").split("\n"))]
    print(*wrong, f"{len(files)} files, {len(wrong)} breaches", sep="\n")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
