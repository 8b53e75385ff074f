"""What was recorded of real kernels, and where those kernels are on this machine.

The record is in this directory. If $RELO_TRUTH names another, its files come first."""

import lzma
import os
import pathlib
import re
import subprocess
import sys
import tarfile

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent
# The kernel that was asked, what a later one of its series is called, and what ./dev kernel calls it.
RELEASES = {"6.1": "6.1.0-50-amd64", "6.12": "6.12.107+deb13-amd64"}
SERIES = {"6.1": r"6\.1\.0-\d+-amd64", "6.12": r"6\.12\.\d+\+deb\d+-amd64"}
MACHINES = {"6.1": "amd64", "6.12": "trixie-amd64"}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def truth(name):
    """The path of a file of the record."""
    return found(name) or skip(f"no record of a kernel: {name} (RELO_TRUTH names its directory)")


def found(name):
    """The same; None: it is nowhere."""
    for directory in os.environ.get("RELO_TRUTH"), HERE:
        if directory and (path := pathlib.Path(directory) / name).is_file():
            return path
    return None


def faults(version, directory):
    """{name: path} of the modules of a record's attempts, in a directory: those that came with the
    record, or else made anew."""
    if archive := found(f"faults-{version}.tar.xz"):
        with tarfile.open(archive) as tar:
            tar.extractall(directory)
    else:
        made = subprocess.run([sys.executable, HERE / "faults.py", version, directory], check=False)
        if made.returncode != 0:
            sys.exit(made.returncode)
    return {path.name: path for path in pathlib.Path(directory).rglob("*.ko")}


def find(version):
    """(release, root, modules) of that kernel, or else of the newest of its series; None: none."""
    cache = pathlib.Path(os.environ.get("RELO_CACHE", pathlib.Path.home() / ".cache/relo"))
    found = {}
    for root in [*cache.glob("linux-image-*"), pathlib.Path("/")]:
        for lib in "usr/lib/modules", "lib/modules":
            for modules in (root / lib).glob("*"):
                if re.fullmatch(SERIES[version], modules.name) and (modules / "kernel").is_dir():
                    found[modules.name] = modules.name, root, modules
    newest = max(found, key=lambda release: [int(n) for n in re.findall(r"\d+", release)], default="")
    return found.get(RELEASES[version]) or found.get(newest)


class Kernel:
    """Debian's kernel of a record; where that is not here, the newest of its series that is."""

    def __init__(self, version):
        self.version, wanted = version, RELEASES[version]
        self.release, self.root, self.modules = find(version) or skip(
            f"no modules of {wanted} (./dev kernel {MACHINES[version]} fetches them)")
        self.image = self.root / "boot" / f"vmlinuz-{self.release}"
        if self.release != wanted:
            print(f"not {wanted} is here but {self.release}: of the record, layout and verdicts hold, "
                  "and of what it says of single modules that of those with the same hash")

    def files(self):
        """The paths of its modules, by their names without a compressor's suffix."""
        return {path.name.removesuffix(".xz"): path for path in sorted(self.modules.rglob("*.ko*"))}

    def module(self, path):
        """The bytes of a module of its package, named by its path less the suffix; None: none."""
        for suffix in ".ko", ".ko.xz":
            if (file := self.modules / "kernel" / f"{path}{suffix}").is_file():
                return contents(file)
        return None


def contents(path):
    """A module's bytes, as the package's author had them before they were compressed."""
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data
