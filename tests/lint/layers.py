#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Includes point one way: base <- capture <- dissect <- analytics <- output <- app; product code never includes tests."""
import re

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def problems():
    rank = {folder: i for i, folder in enumerate(tree.FOLDERS)}
    for path in tree.sources():
        own = path.relative_to(tree.ROOT).parts[0]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            header, place = found.group(1), f"{tree.name(path)}:{number}"
            folder = header.split("/")[0]
            if folder not in rank:
                yield f'{place}: "{header}" is not named from the root as in "base/span.h"'
            elif rank[folder] > rank[own]:
                yield f'{place}: {own}/ may not include {folder}/ ("{header}")'
            elif not (tree.ROOT / header).is_file():
                yield f'{place}: no such header "{header}"'


tree.report(list(problems()), "Data travel right as return values; includes point left.")
