#!/usr/bin/env python3
"""kernels.py VERDICTS [COUNT [SEED [RELEASE...]]]: breaks COUNT modules (300) in ways that SEED
chooses, asks real kernels what they make of them, and has VERDICTS, the program that replays what
kernels answered, compare that with what relo answers: errno and log lines.

RELEASE is 6.1 or 6.12, both unless told. Each is Debian's kernel, booted in QEMU; it and its modules
are searched for where ./dev puts them, below $RELO_CACHE or ~/.cache/relo. The modules that are
broken are small ones of its package, and those of the record, ../record.

What nobody can know without running the module is not guessed but taken from the kernel: what the
module's init function returned. Left out, and counted, are the oopses while that ran, and those while
a module was removed.

Exit status: 0 if all agrees, 1 if not, 77 if the emulator or a kernel is missing.
"""

import io
import json
import lzma
import os
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile

from kernel import Kernel, Progress, boot, tool
from mutations import Module, choose
from record import RELEASES, faults, skip

HERE = pathlib.Path(__file__).resolve().parent

# They need no other module. Two are libraries; the others register and unregister themselves.
PACKAGED = ["lib/crc7", "lib/math/cordic", "net/ipv4/tcp_vegas", "net/ipv4/tcp_bic"]
RECORDED = ["hello.ko", "kt_param.ko", "kt_exp.ko", "kt_user_early.ko", "kt_weak.ko"]


def recorded(version):
    """Modules of a record, for what the package has no small module with."""
    with tempfile.TemporaryDirectory() as directory:
        files = faults(version, directory)
        return [files[name].read_bytes() for name in RECORDED]


# --- what the kernel answers ------------------------------------------------------------------------


def steps_of(mutations):
    """Each is loaded, and removed if that went well: (command, subject, arguments), and how."""
    for i, mutation in enumerate(mutations):
        file = f"{i}.ko"
        yield (mutation.command, file, mutation.arguments), mutation.how
        if mutation.module:
            yield ("rm", mutation.module, ""), mutation.how


def ask(kernel, init, steps, files):
    """The answers in the form of the record that VERDICTS replays."""
    out, at, progress = [], 0, Progress()
    while at < len(steps):
        part = steps[at:]
        needed = {step[1]: files[step[1]] for step, _ in part if step[1] in files}
        answers = boot(kernel, init, [step for step, _ in part], needed, lambda n: progress(
            f"{kernel.version}: {at + n} of {len(steps)} steps"))
        for i, answer in sorted(answers.items()):
            step, how = part[i]
            entry = {"step": len(out) + 1, "cmd": " ".join(step).removesuffix(" "), "how": how,
                     "rc": answer.errno, "dmesg": answer.log}
            if answer.errno is None:
                entry["crash"] = True
                entry["own"] = answer.calling or step[0] == "rm"
            elif answer.init is not None:
                entry["init"] = answer.init
            out.append(entry)
        # After an oops, what is left is asked of a new boot; it has nothing to remove.
        last = out[-1]
        if last["rc"] is not None:
            break
        at += max(answers) + 1
        while at < len(steps) and steps[at][0][0] == "rm":
            at += 1
    return out


def compare(verdicts, kernel, record, files):
    """What VERDICTS says of the record is shown; true: all agrees."""
    with tempfile.TemporaryDirectory() as truth:
        truth = pathlib.Path(truth)
        (truth / f"verdicts-{kernel.version}.json").write_text(json.dumps(record))
        with tarfile.open(truth / f"faults-{kernel.version}.tar.xz", "w:xz", preset=0) as tar:
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        with lzma.open(truth / f"Module.symvers-{kernel.version}.xz", "wt", preset=0) as symvers:
            symvers.write("\n".join(kernel.symvers()))
        environment = {**os.environ, "RELO_TRUTH": str(truth)}
        return subprocess.run([verdicts, f"--test-case={kernel.version}:*", "--no-intro=true"],
                              env=environment, check=False).returncode == 0


def build_init(directory):
    program = directory / "init"
    subprocess.run([tool(os.environ.get("CC"), "gcc", "cc"), "-O1", "-static", HERE / "init.c", "-o",
                    program], check=True)
    return program


def judge(verdicts, kernel, count, seed, init):
    packaged = [data for path in PACKAGED if (data := kernel.module(path))]
    mutations = choose([Module(data) for data in packaged + recorded(kernel.version)], count, seed)
    files = {f"{i}.ko": mutation.bytes() for i, mutation in enumerate(mutations)}
    record = ask(kernel, init, list(steps_of(mutations)), files)
    # VERDICTS learns from this one how large the kernel's struct module is.
    files["hello.ko"] = packaged[0]
    return compare(verdicts, kernel, record, files)


def main():
    verdicts = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    kernels = [Kernel(version) for version in sys.argv[4:] or RELEASES]
    for kernel in kernels:
        if kernel.release != RELEASES[kernel.version]:
            skip(f"{kernel.release} is another kernel than VERDICTS is about")
    print(f"{count} modules each, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        init = build_init(pathlib.Path(scratch))
        agreed = [judge(verdicts, kernel, count, seed, init) for kernel in kernels]
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main())
