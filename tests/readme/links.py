"""links.py REPOSITORY: what the README.md files name exists, and the root's is for newcomers.

Checked are in each: paths in the repository, which begin with one of its folders; headers, which begin with
"relo/"; links to other pages and to headings; commands of ./dev. The root's page has at most 200 lines and
links to every other one, and each of those opens with a heading that names its folder.
"""

import pathlib
import re
import subprocess
import sys

from readmes import readmes

MOST_LINES = 200
PATH = re.compile(r"`((?:include|examples|tests|benchmarks|cmake)/[\w./]*)`")
HEADER = re.compile(r"`(relo/[\w/]+(?:\.hpp|/))`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\./dev ([a-z]+)")
BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def anchors(page):
    """Those of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def linked(page):
    """Each link out of the page: what it says, the file, the anchor."""
    for target in LINK.findall(BLOCK.sub("", page.read_text())):
        if "://" not in target:
            file, _, anchor = target.partition("#")
            yield target, (page.parent / file).resolve() if file else page, anchor


def wrong_in(page, repository, commands):
    text = page.read_text()
    for path in PATH.findall(text):
        if not (repository / path).exists():
            yield f"no such path: {path}"
    for path in HEADER.findall(text):
        if not (repository / "include" / path).exists():
            yield f"no such header: {path}"
    for command in COMMAND.findall(text):
        if f"./dev {command}" not in commands:
            yield f"no such command: ./dev {command}"
    for target, file, anchor in linked(page):
        if file.is_dir():
            yield f"links to a folder: {target}"
        elif not file.exists() or anchor and anchor not in anchors(file):
            yield f"no such link: {target}"


def main():
    repository = pathlib.Path(sys.argv[1]).resolve()
    help_text = subprocess.run([repository / "dev", "help"], capture_output=True, text=True, check=True).stdout
    root, *rooms = readmes(repository)
    wrong = [f"{page.relative_to(repository)}: {what}"
             for page in (root, *rooms) for what in wrong_in(page, repository, help_text + "./dev help")]
    lines = root.read_text().count("\n")
    if lines > MOST_LINES:
        wrong.append(f"README.md has {lines} lines, and may have {MOST_LINES}")
    from_root = {file for _, file, _ in linked(root)}
    for page in rooms:
        folder = page.parent.relative_to(repository).as_posix()
        if page not in from_root:
            wrong.append(f"README.md does not link to {folder}/README.md")
        if f"`{folder}/`" not in page.read_text().split("\n")[0]:
            wrong.append(f"{folder}/README.md does not begin with a heading that names `{folder}/`")
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
