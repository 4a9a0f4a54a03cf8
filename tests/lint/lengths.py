#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files up to 600 lines (noted from 400), functions up to 100 (noted from 60), comments up to 140 columns (clang-format
keeps code to 110).

Tables of data (a file whose lines are mostly initialisers) are let off the file's length."""
import re

import tree

FILE_MOST, FILE_NOTE, FUNCTION_MOST, FUNCTION_NOTE, COLUMNS = 600, 400, 100, 60, 140
HEAD = re.compile(r"^[A-Za-z_].*\b([a-z]\w*)\s*\(")
ROW = re.compile(r'^\s*(\{.*\},?|"[^"]*",?|[-0-9xXa-fA-F, ]+|X\(.*)\s*\\?$')


def functions(lines):
    """(name, first line, lines) of each function: in this style a body opens at a line's end and closes in column 0."""
    start, name = None, None
    for number, line in enumerate(lines, 1):
        head = HEAD.match(line)
        if head and not line.rstrip().endswith(";") and not line.startswith(("typedef", "#")):
            start, name = number, head.group(1)
        if line.startswith("}") and start:
            if not line.startswith("};"):
                yield name, start, number - start + 1
            start = None
        elif start == number and line.rstrip().endswith("}"):
            start = None


def main():
    problems, notes = [], []
    for path in tree.sources() + tree.sources("tests", "bench"):
        lines = path.read_text(encoding="utf-8").splitlines()
        product = path.relative_to(tree.ROOT).parts[0] in tree.FOLDERS
        rows = sum(bool(ROW.match(line)) for line in lines)
        if product and rows * 2 < len(lines) and len(lines) > FILE_NOTE:
            (problems if len(lines) > FILE_MOST else notes).append(f"{tree.name(path)}: {len(lines)} lines")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS and line.lstrip().startswith(("/*", "*")):
                problems.append(f"{tree.name(path)}:{number}: {len(line)} columns")
        for name, start, length in functions(lines) if product else []:
            if length > FUNCTION_NOTE:
                note = f"{tree.name(path)}:{start}: {name} has {length} lines"
                (problems if length > FUNCTION_MOST else notes).append(note)
    for note in notes:
        print("note:", note)
    tree.report(problems, f"Most: {FILE_MOST} lines a file, {FUNCTION_MOST} a function, {COLUMNS} columns.")


main()
