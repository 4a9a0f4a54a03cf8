#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file says its licence at the top; C files say on line two what they are; headers are guarded."""
import re

import tree

LICENCE = "SPDX-License-Identifier: Apache-2.0"
CODE = ("*.c", "*.h", "*.py", "*.cmake", "*.sh", "CMakeLists.txt", "scripts/*", ".ci/*")


def problems():
    guards = {}
    for path in tree.files(*CODE):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            yield f"{tree.name(path)}: not UTF-8"
            continue
        c = path.suffix in (".c", ".h")
        if c and (not lines or lines[0] != f"/* {LICENCE} */"):
            yield f"{tree.name(path)}:1: expected /* {LICENCE} */"
        elif not c and not any(LICENCE in line for line in lines[:3]):
            yield f"{tree.name(path)}:1: expected a comment with {LICENCE} in the first lines"
        elif c and (len(lines) < 2 or not lines[1].startswith("/* ")):
            yield f"{tree.name(path)}:2: expected a one-line summary, /* … */"
        if path.suffix == ".h":
            guard = re.search(r"^#ifndef (\w+)\n#define \1$", "\n".join(lines), flags=re.M)
            own = re.sub(r"[^A-Za-z0-9]", "_", path.name).upper()
            if not guard or not guard.group(1).endswith(own):
                yield f"{tree.name(path)}: expected a guard that ends in {own}"
            elif guard.group(1) in guards:
                yield f"{tree.name(path)}: the guard {guard.group(1)} is {guards[guard.group(1)]}'s too"
            else:
                guards[guard.group(1)] = tree.name(path)


tree.report(list(problems()), "See the style in docs/ARCHITECTURE.md.")
