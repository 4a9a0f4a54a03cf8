#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format leaves it. scripts/format mends."""
import shutil
import subprocess
import sys

import tree

if not shutil.which("clang-format"):
    print("clang-format is not installed: skipped")
    sys.exit(77)
wrong = []
for path in tree.files("*.c", "*.h"):
    if subprocess.run(["clang-format", path], capture_output=True, check=True).stdout != path.read_bytes():
        wrong.append(tree.name(path))
tree.report(wrong, "Run scripts/format.")
