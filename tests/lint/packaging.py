#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is told about the program agrees with the program: example configuration, manual, completions.

usage: packaging.py TAPSCOPE"""
import re
import subprocess
import sys

import tree

EXAMPLE = tree.ROOT / "tapscope.example.yaml"
TOLD = ["docs/tapscope.1", "packaging/tapscope.bash", "packaging/_tapscope"]


def run(*args):
    return subprocess.run([sys.argv[1], *args], capture_output=True, text=True)


def problems():
    example = run("config")
    if example.returncode != 0:
        yield f"tapscope config: {example.stderr.strip()}"
    elif not EXAMPLE.exists() or EXAMPLE.read_text(encoding="utf-8") != example.stdout:
        yield f"{EXAMPLE.name} is not what `tapscope config` prints"
    elif (check := run("check", "-c", str(EXAMPLE))).returncode != 0:
        yield f"tapscope check -c {EXAMPLE.name}: {check.stderr.strip()}"
    help_text = run("--help").stdout
    options = sorted(set(re.findall(r"--[a-z][a-z-]+", help_text)))
    commands = re.findall(r"^  ([a-z]+) ", help_text, flags=re.M)
    for place in TOLD:
        text = (tree.ROOT / place).read_text(encoding="utf-8").replace("\\-", "-")
        for word in options + commands:
            if word not in text:
                yield f"{place}: {word} is missing"


tree.report(list(problems()), "build/release/tapscope config > tapscope.example.yaml; name options in the manual and completions.")
