# SPDX-License-Identifier: Apache-2.0
"""What scripts/conformance is made of: running the program, reading its records, counting cases."""
import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile


def get(rec, path, default=None):
    for step in path.split("."):
        if not isinstance(rec, dict) or step not in rec:
            return default
        rec = rec[step]
    return rec


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def mime(text):
    return (text or "").split(";")[0].strip().lower()


def same_text(want, got):
    """Equal; a text that holds a secret or personal data has stars for its bytes, or three for all of it."""
    if want == got:
        return True
    a, b = (want or "").encode(), (got or "").encode()
    if len(a) == len(b) and b"*" in b:
        return all(x == y or y == 0x2A for x, y in zip(a, b))
    return b.endswith(b"***") and b.count(b"*") == 3


class Runner:
    """Replays captures once each. With a cache folder, records of a run are kept there by capture and options."""

    def __init__(self, binary, bodies=None, cache=None):
        self.binary, self.bodies, self.cache = binary, bodies, cache
        self.seed = tempfile.TemporaryDirectory()  # compiled patterns, so that each replay starts fast

    def _run(self, tool, make, key):
        if self.cache:
            kept = pathlib.Path(self.cache) / (hashlib.sha256((tool + key).encode()).hexdigest()[:24] + ".jsonl")
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                make(str(kept))
            return lines(kept) if kept.exists() else None
        with tempfile.TemporaryDirectory() as tmp:
            out = os.path.join(tmp, "out.jsonl")
            make(out)
            return lines(out) if os.path.exists(out) else None

    def records(self, capture, *options):
        """Records of a capture, or None when the run failed."""

        def make(out):
            with tempfile.TemporaryDirectory() as state:
                for kept in pathlib.Path(self.seed.name).glob("patterns.*"):
                    shutil.copy(kept, state)
                run = subprocess.run([self.binary, "replay", "-q", "--workers", "1", "--state", state, *options, "-o", "file:" + out, str(capture)],
                                     capture_output=True, text=True, timeout=600, check=False)
                for made in pathlib.Path(state).glob("patterns.*"):
                    shutil.copy(made, self.seed.name)
            if run.returncode != 0 and os.path.exists(out):
                os.unlink(out)

        return self._run(self.binary, make, str(capture) + " ".join(options))

    def texts(self, capture):
        """Transactions with the SHA-256 of their bodies, which no record holds, by tests/tools/replay_txns."""
        if not self.bodies:
            return []

        def make(out):
            with open(out, "wb") as f:
                subprocess.run([self.bodies, str(capture)], stdout=f, stderr=subprocess.DEVNULL, timeout=600, check=False)

        return self._run(self.bodies, make, str(capture)) or []


def explained():
    """(group, protocol, capture) of the rows of docs/DIFFERENCES.md that read | `group` | `protocol` | `capture` | reason |."""
    text = pathlib.Path(__file__).resolve().parent.parent / "docs" / "DIFFERENCES.md"
    row = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| ((?:`[^`]+`,? ?)+) \| \S")
    found = filter(None, map(row.match, text.read_text(encoding="utf-8").splitlines()))
    return {(m[1], m[2], capture) for m in found for capture in re.findall(r"`([^`]+)`", m[3])}


class Table:
    """Cases by group and protocol: how many, how many exact, what differs and why."""

    def __init__(self):
        self.cases, self.exact, self.marked, self.known = (collections.Counter() for _ in range(4))
        self.reasons = explained()
        self.diffs = collections.defaultdict(list)

    def case(self, group, proto, where, diffs, why="", marked=False):
        key = group, proto
        self.cases[key] += 1
        if not diffs:
            self.exact[key] += 1
        elif marked:
            self.marked[key] += 1
        elif (group, proto, where.split(" ")[0]) in self.reasons:
            self.known[key] += 1
        else:
            self.diffs[key].append((where, diffs, why))

    def show(self, limit):
        for key in sorted(self.cases):
            for where, diffs, why in self.diffs[key][:limit]:
                text = "; ".join("%s: expected %s, found %s" % (f, short(w), short(g)) for f, w, g in diffs[:6])
                print("  %s %s %s: %s%s" % (*key, where, text, "  [%s]" % why if why else ""))
        print("%-20s %-14s %7s %7s %7s %9s %9s" % ("group", "protocol", "cases", "exact", "marked", "explained", "differing"))
        for key in sorted(self.cases):
            print("%-20s %-14s" % key, self._row(lambda c, key=key: c[key]))
        print("%-20s %-14s" % ("all", ""), self._row(lambda c: sum(c.values())))

    def _row(self, number):
        cases, exact, marked, known = map(number, (self.cases, self.exact, self.marked, self.known))
        return "%7d %7d %7d %9d %9d" % (cases, exact, marked, known, cases - exact - marked - known)


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 120 else text[:117] + "..."


def differing(pairs):
    """[(field, expected, found)] of those that differ."""
    return [(name, want, got) for name, want, got in pairs if not (same_text(want, got) if isinstance(want, str) and isinstance(got, str) else want == got)]


def pair_up(wants, haves, fits):
    """Give each expected item the first unused one that fits; [(want, have or None)], unused."""
    free, out = list(haves), []
    for want in wants:
        at = next((i for i, have in enumerate(free) if fits(want, have)), None)
        out.append((want, free.pop(at) if at is not None else None))
    return out, free


def pair_nearest(wants, haves, diff):
    """Pair so that exact pairs are made first, then those that differ least; [(want, have or None, diffs)], unused."""
    free, left, out = list(haves), [], []
    for want in wants:
        at = next((i for i, have in enumerate(free) if not diff(want, have)), None)
        if at is None:
            left.append(want)
        else:
            out.append((want, free.pop(at), []))
    for want in left:
        if not free:
            out.append((want, None, [("record", "present", "missing")]))
            continue
        at = min(range(len(free)), key=lambda i: len(diff(want, free[i])))
        have = free.pop(at)
        out.append((want, have, diff(want, have)))
    return out, free
