#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""File and standard output through the whole program: the same lines everywhere, closed pipes, full disks, rotation, kinds.

usage: sinks.py TAPSCOPE [CAPTURE]
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(program, *args, **more):
    return subprocess.run([program, "replay", "-q", *map(str, args)], capture_output=True, timeout=600, check=False, **more)


def lines_of(data):
    return sorted(l for l in data.splitlines() if b'"dataset":"tapscope.sensor"' not in l)


def check(what, good):
    print(f"{what}: {'ok' if good else 'WRONG'}")
    if not good:
        sys.exit(1)


def main():
    program = sys.argv[1]
    capture = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "pcaps/bank-morning.pcapng")
    if not capture.exists():
        capture = ROOT / "build/data/bankday/span.pcap"
    with tempfile.TemporaryDirectory() as name:
        tmp = pathlib.Path(name)
        out = run(program, "-o", f"file:{tmp}/all", "-o", "stdout:", "-o", f"file:{tmp}/some?kinds=finding,incident", capture)
        every = lines_of((tmp / "all").read_bytes())
        check("file and stdout agree", out.returncode == 0 and lines_of(out.stdout) == every and len(every) > 0)
        some = [l for l in every if b'"dataset":"tapscope.finding"' in l or b'"dataset":"tapscope.incident"' in l]
        check("kinds of one sink", lines_of((tmp / "some").read_bytes()) == some)
        out = run(program, "-o", f"file:{tmp}/rot", "--set", "output.file_rotate_mb=1", capture)
        parts = sorted(tmp.glob("rot*"))
        check("rotation", lines_of(b"".join(p.read_bytes() for p in parts)) == every)
        check("finished files are whole", all(p.read_bytes().endswith(b"\n") for p in parts if p.stat().st_size))
        out = run(program, "-o", f"file:{tmp}/all", capture)
        check("what was there is set aside", lines_of((tmp / "all.000001").read_bytes()) == every
              and lines_of((tmp / "all").read_bytes()) == every)
        pipe = subprocess.run(f"{program} replay -q -o stdout: {capture} | head -n 3 | wc -l", shell=True, timeout=600,
                              capture_output=True, check=False)
        check("a closed pipe ends quietly", pipe.stdout.strip() == b"3" and b"rror" not in pipe.stderr)
        out = run(program, "-o", "file:/dev/full", "--set", f"output.spool_dir={tmp}/spool", capture)
        check("a full disk is told and spooled", out.returncode != 0 and b"not be delivered" in out.stderr
              and sum(p.stat().st_size for p in (tmp / "spool").rglob("*.seg")) > sum(map(len, every)))
    print("sinks: all good")


main()
