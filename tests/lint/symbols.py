#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""External symbols of x.c begin with x_ (a_b.c: with a_ or a_b_; or with the folder's name) or stand in x.h; nothing in the
product is a mutable global.

usage: symbols.py BUILD      a release build, whose objects are read with readelf
Exceptions stand in symbols.allow: FILE-PATTERN SYMBOL-PATTERN, and why."""
import fnmatch
import pathlib
import re
import subprocess
import sys

import tree

KINDS = {"FUNC", "OBJECT", "TLS"}
ALLOW = pathlib.Path(__file__).with_name("symbols.allow")


def allowed():
    rules = []
    for line in ALLOW.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            kind, file, symbol, _why = line.split(None, 3)
            rules.append((kind, file, symbol))
    return rules


def objects(build):
    for path in sorted(build.glob("CMakeFiles/*.dir/**/*.c.o")):
        parts = path.relative_to(build).parts
        source = "/".join(parts[2:])[:-2]
        if parts[2] in tree.FOLDERS and (tree.ROOT / source).is_file():
            yield path, source


def symbols(path):
    """(name, kind, bind, section) of each defined symbol, and the writable sections' names by number."""
    text = subprocess.run(["readelf", "-sSW", path], check=True, capture_output=True, text=True).stdout
    sections, found = {}, []
    for line in text.splitlines():
        head = re.match(r"\s*\[\s*(\d+)\]\s+(\S+)\s+\S+\s+[0-9a-f]+\s+[0-9a-f]+\s+[0-9a-f]+\s+\S+\s+(\S+)", line)
        if head:
            sections[head.group(1)] = (head.group(2), "W" in head.group(3))
        row = re.match(r"\s*\d+:\s+[0-9a-f]+\s+\S+\s+(\S+)\s+(\S+)\s+\S+\s+(\S+)\s+(\S+)$", line)
        if row and row.group(3) not in ("UND", "ABS") and row.group(1) in KINDS:
            found.append((row.group(4), row.group(1), row.group(2), row.group(3)))
    return found, sections


def is_mutable(kind, section, sections):
    if kind not in ("OBJECT", "TLS") and section != "COM":
        return False
    label, writable = sections.get(section, ("COMMON", True))
    return writable and not label.startswith(".data.rel.ro")


def problems(build):
    rules = allowed()

    def excused(kind, source, symbol):
        return any(k == kind and fnmatch.fnmatch(source, f) and fnmatch.fnmatch(symbol, s) for k, f, s in rules)

    seen = 0
    for path, source in objects(build):
        seen += 1
        parts = source.split("/")
        stem, folder = parts[-1][:-2], parts[-2]
        words = stem.split("_")
        prefixes = {"_".join(words[:n]) for n in range(1, len(words) + 1)} | {folder}
        # A header without a .c of its own is an interface that several files of the folder fill.
        headers = (tree.ROOT / source).parent.glob("*.h")
        prefixes |= {h.stem for h in headers if not h.with_suffix(".c").exists()}
        header = (tree.ROOT / source).with_suffix(".h")
        own = header.read_text(encoding="utf-8") if header.exists() else ""
        found, sections = symbols(path)
        for symbol, kind, bind, section in found:
            plain = re.sub(r"\.(\d+|constprop|isra|part|cold|lto_priv).*$", "", symbol)
            good = any(re.match(re.escape(p) + r"s?([_0-9]|$)", plain) for p in prefixes)
            good = good or re.search(rf"\b{re.escape(plain)}\b", own)
            if bind in ("GLOBAL", "WEAK") and not good and not excused("name", source, plain):
                yield f"{source}: {plain} does not begin with {stem}_"
            if is_mutable(kind, section, sections) and not excused("data", source, plain):
                yield f"{source}: {plain} can be written: no mutable globals or statics"
    if not seen:
        yield f"{build}: no objects found: is it built?"


if len(sys.argv) != 2:
    sys.exit(__doc__)
tree.report(sorted(set(problems(pathlib.Path(sys.argv[1])))),
            "Make it static or const, name it after its file, or, with a reason, add a row to tests/lint/symbols.allow.")
