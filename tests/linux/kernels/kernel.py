"""A Debian kernel: where it is, what it exports, and what it answers when it is booted in QEMU."""

import collections
import lzma
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "record"))
import record  # pylint: disable=wrong-import-position
from record import skip  # pylint: disable=wrong-import-position


def tool(*names):
    for name in names:
        if name and shutil.which(name):
            return name
    skip(f"no {names[-1]}")


class Progress:
    """Says from time to time how far something has come that takes long."""

    def __init__(self):
        self.said = time.monotonic()

    def __call__(self, what):
        if time.monotonic() - self.said > 2:
            self.said = time.monotonic()
            print(f"  {what}", flush=True)


# --- its files --------------------------------------------------------------------------------------


class Kernel(record.Kernel):
    def vmlinux(self):
        """Linux: Documentation/arch/x86/boot.rst, payload_offset and payload_length."""
        image = self.image.read_bytes()
        offset, length = struct.unpack_from("<II", image, 0x248)
        payload = image[(image[0x1f1] + 1) * 512 + offset:][:length]
        if payload.startswith(b"\xfd7zXZ"):
            return lzma.LZMADecompressor().decompress(payload)
        # The four bytes after what is compressed are its length.
        return subprocess.run([tool("zstd"), "-dcq"], input=payload[:-4], stdout=subprocess.PIPE,
                              check=True).stdout

    def symvers(self):
        """Module.symvers of the kernel itself, as its tables of exports have it."""
        kernel = self.vmlinux()
        (shoff,), (count, names) = (struct.unpack_from("<Q", kernel, 40),
                                    struct.unpack_from("<HH", kernel, 60))
        headers = [struct.unpack_from("<IIQQQQ", kernel, shoff + 64 * i) for i in range(count)]

        def string(at):
            return kernel[at:kernel.index(b"\0", at)].decode()

        sections = {string(headers[names][4] + h[0]): h for h in headers}
        _, _, _, strings, strings_at, _ = sections["__ksymtab_strings"]
        for suffix in "", "_gpl":
            _, _, _, address, at, size = sections["__ksymtab" + suffix]
            for i in range(size // 12):
                # Each of the three is relative to where it stands itself: value, name, namespace.
                _, name, space = struct.unpack_from("<iii", kernel, at + 12 * i)
                here = address + 12 * i - strings + strings_at
                crc, = struct.unpack_from("<I", kernel, sections["__kcrctab" + suffix][4] + 4 * i)
                yield (f"{crc:#010x}\t{string(here + 4 + name)}\tvmlinux\t"
                       f"EXPORT_SYMBOL{suffix.upper()}\t{string(here + 8 + space) if space else ''}")


# --- booted -----------------------------------------------------------------------------------------

# What the kernel says on its own time, or because of initcall_debug.
ASIDE = re.compile(r"(tsc|clocksource|input|random|probe of|calling|entering|initcall)\b")
MARK = "-"  # written by init before each step
CALLING = re.compile(r"calling  \S+ \[")
RETURNED = re.compile(r"initcall \S+ \[.*\] returned (-?\d+) after")


class Answer:
    def __init__(self):
        self.errno = None  # None: an oops, or no answer at all
        self.log = []  # without what the module itself says while its init function runs
        self.calling = False  # the module's init function had begun and not ended
        self.init = None  # what it returned; None: it has not

    def heard(self, line):
        if CALLING.match(line):
            self.calling = True
        elif returned := RETURNED.match(line):
            self.calling, self.init = False, int(returned[1])
        if line != MARK and not self.calling and not ASIDE.match(line):
            self.log.append(line)


def machine(kernel, directory):
    """The lines that come from its serial port."""
    command = [tool("qemu-system-x86_64"), "-machine", "q35", "-m", "2G", "-nographic", "-no-reboot",
               "-monitor", "none", "-nic", "none", "-kernel", kernel.image,
               "-initrd", directory / "initrd", "-append",
               "console=ttyS0 quiet loglevel=0 printk.devkmsg=on panic=1 initcall_debug"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as qemu:
        silent = None
        try:
            while True:
                silent = threading.Timer(60, qemu.kill)
                silent.start()
                line = qemu.stdout.readline()
                silent.cancel()
                if not line:
                    return
                yield line.decode("latin1").rstrip("\r\n")
        finally:
            silent.cancel()
            qemu.kill()


def boot(kernel, init, steps, files, progress=lambda n: None):
    """{index: Answer} of the steps that were taken: to the last of them, or to the first oops."""
    answers = collections.defaultdict(Answer)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        root = scratch / "root"
        (root / "modules").mkdir(parents=True)
        shutil.copy(init, root / "init")
        (root / "steps").write_text("".join("\t".join(step) + "\n" for step in steps))
        for name, data in files.items():
            (root / "modules" / name).write_bytes(data)
        everything = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
        with open(scratch / "initrd", "wb") as initrd:
            subprocess.run([tool("cpio"), "-o", "-H", "newc", "--quiet"], cwd=root, check=True,
                           input=everything.encode(), stdout=initrd)
        for line in machine(kernel, scratch):
            word, *rest = line.split("\t", 2)
            if word == "end":
                break
            if word not in ("step", "log", "errno", "oops") or not rest or not rest[0].isdigit():
                continue
            answer = answers[int(rest[0])]
            if word == "log":
                answer.heard(rest[1])
            elif word == "errno":
                answer.errno = int(rest[1])
                progress(int(rest[0]) + 1)
    if not answers:
        sys.exit(f"{kernel.release} has not started")
    return answers
