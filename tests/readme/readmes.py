"""Where the README.md files are, for the tests that read them."""

import os
import pathlib

SKIPPED = ("build", ".git")


def readmes(repository):
    """All of them, the root's first."""
    found = []
    for folder, folders, files in os.walk(repository):
        folders[:] = [f for f in folders if f not in SKIPPED]
        if "README.md" in files:
            found.append(pathlib.Path(folder) / "README.md")
    return sorted(found, key=lambda path: (len(path.parts), path))
