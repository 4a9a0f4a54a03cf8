#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the product with the checks of .clang-tidy.

usage: tidy.py BUILD      a configured build; a file that passed is not looked at again until it or a header changes"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
# The compile commands are gcc's; clang does not know all of its flags.
EXTRA = ["-Wno-unknown-warning-option", "-Wno-ignored-optimization-argument", "-Wno-unused-command-line-argument"]


def closure(path, seen):
    """The file and the project's headers it includes, however deep."""
    if path in seen or not path.is_file():
        return seen
    seen.add(path)
    for header in INCLUDE.findall(path.read_text(encoding="utf-8")):
        closure(tree.ROOT / header, seen)
    return seen


def fingerprint(path):
    digest = hashlib.sha256((tree.ROOT / ".clang-tidy").read_bytes())
    for part in sorted(closure(path, set())):
        digest.update(part.read_bytes())
    return digest.hexdigest()


def check(path, build):
    stamp = build / "lint" / "tidy" / fingerprint(path)
    if stamp.exists():
        return ""
    args = ["clang-tidy", "--quiet", "-p", build, *(f"--extra-arg={e}" for e in EXTRA), path]
    done = subprocess.run(args, capture_output=True, text=True)
    if done.returncode == 0 and "warning:" not in done.stdout:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        return ""
    return done.stdout.strip() or done.stderr.strip()


def main(build):
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    known = {pathlib.Path(c["directory"], c["file"]).resolve() for c in commands}
    paths = [p for p in tree.sources() if p.suffix == ".c" and p in known]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        found = [text for text in pool.map(lambda p: check(p, build), paths) if text]
    tree.report(found, "Mend it, or, where the check is wrong, leave it out in .clang-tidy with the reason.")


if not shutil.which("clang-tidy"):
    print("clang-tidy is not installed: skipped")
    sys.exit(77)
main(pathlib.Path(sys.argv[1]).resolve())
