#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Made-up days with attacks and look-alikes: each attack one incident of the right kind, actor and target, nothing else.

usage: run.py PROGRAM [--seeds A-B] [--only KIND,…] [--loss PERCENT] [--shape mid|dup|reorder] [--blame] [--keep DIR] [-v]
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from estate import Estate  # noqa: E402
from kinds import ATTACKS, HONEST  # noqa: E402


def incidents_of(program, capture, extra):
    out = capture + ".jsonl"
    subprocess.run([program, "replay", "-q", "--only", "finding,incident", "-o", "file:" + out] + extra + [capture], check=True)
    found = {}
    for line in open(out):
        r = json.loads(line)
        if r["event"]["dataset"] == "tapscope.incident":
            found[r["tapscope"]["incident"]["id"]] = r
    os.unlink(out)
    return list(found.values())


def day(program, seed, only, keep, verbose, loss, shape="", blame=False):
    e = Estate(seed)
    e.background()
    names = [n for n in list(ATTACKS) + list(HONEST) if not only or n in only]
    wanted, honest = {}, {}
    for n in names:
        if n in ATTACKS:
            if not only and e.rng.random() < 0.25:
                continue
            wanted[n] = ATTACKS[n](e)
        else:
            honest[n] = HONEST[n](e)
    capture = os.path.join(keep, "day%d.pcap" % seed)
    e.write(capture, loss / 100, shape)
    found = incidents_of(program, capture, [])
    wrong, used = [], set()
    taken = lambda r: set(r["tapscope"]["incident"]["actor_ips"])  # noqa: E731
    for n, (kind, actors, targets) in wanted.items():
        near = [i for i, r in enumerate(found) if taken(r) & actors]
        right = [i for i in near if found[i]["rule"]["id"] in kind.split("|")]
        used |= set(right)
        if not right:
            wrong.append(("missed", n, "%s, seen as %s" % (kind, sorted({found[i]["rule"]["id"] for i in near}))))
            continue
        if len(right) > 1:
            wrong.append(("twice", n, "%s told %d times" % (kind, len(right))))
        r = found[right[0]]
        if taken(r) - actors:
            also = taken(r) - actors
            others = [m for m, (_, a, _) in wanted.items() if a & also] + [m for m, (_, a) in honest.items() if a & also]
            wrong.append(("actor", n, "also blamed %s of %s" % (sorted(also)[:4], others or "background")))
        if not set(r["tapscope"]["incident"]["target_ips"]) & targets:
            wrong.append(("target", n, "%s for %s" % (r["tapscope"]["incident"]["target_ips"], sorted(targets)[:4])))
    for i, r in enumerate(found):
        if i in used or r["tapscope"]["category"] == "leak":
            continue
        who = taken(r)
        if blame and any(a & who for _, a, _ in wanted.values()):
            continue  # another word for what they did
        owner = [n for n, (_, a, _) in wanted.items() if a & who] or [n for n, (_, a) in honest.items() if a & who] or ["background"]
        wrong.append(("extra", owner[0], "%s %s -> %s: %s" % (r["rule"]["id"], sorted(who)[:3], r["tapscope"]["incident"]["target_ips"][:3],
                                                           r["tapscope"].get("reason", ""))))
    if blame:
        wrong = [w for w in wrong if w[0] in ("actor", "extra")]
    manners = "dense=%d hops=%s lb=%d login=%s body=%s fail=%s token=%s" % (e.dense, e.hops, bool(e.lb), e.login, e.body, e.fail, e.token)
    sys.stdout.flush()
    print("day %d: %d attacks, %d look-alikes, %d wrong   (%s)" % (seed, len(wanted), len(honest), len(wrong), manners))
    for w in wrong:
        print("    %-7s %-15s %s" % w)
    if not verbose:
        os.unlink(capture)
    return wrong


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--seeds", default="1-3")
    p.add_argument("--only", default="")
    p.add_argument("--loss", type=float, default=0)
    p.add_argument("--shape", default="", help="mid, dup, reorder")
    p.add_argument("--blame", action="store_true", help="count wrong blame only, not what was missed")
    p.add_argument("--keep", default="")
    p.add_argument("-v", action="store_true")
    a = p.parse_args()
    low, _, high = a.seeds.partition("-")
    total = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(int(low), int(high or low) + 1):
            for what, n, _ in day(a.program, seed, set(filter(None, a.only.split(","))), a.keep or scratch, a.v, a.loss, a.shape, a.blame):
                total[what, n] += 1
    for (what, n), k in sorted(total.items()):
        print("%-7s %-15s %d" % (what, n, k))
    return 1 if total else 0


if __name__ == "__main__":
    raise SystemExit(main())
