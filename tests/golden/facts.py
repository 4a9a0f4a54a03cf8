#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replay captures and assert facts about the records: facts.py TAPSCOPE FILE.json...

A file holds a list of {"capture": PATH, "options": [...], "checks": [{"count": N, "match": {"dotted.field": value}}]}. "count" may be
a number, or a string such as ">=3". A match value may be a literal, {"has": x} for lists, {"re": "..."}; null means absent.
Captures under build/data are skipped with a message when they are not there.
"""
import json
import os
import re
import subprocess
import sys
import tempfile


def get(rec, path):
    for step in path.split("."):
        if not isinstance(rec, dict) or step not in rec:
            return None
        rec = rec[step]
    return rec


def fits(rec, match):
    for path, want in match.items():
        got = get(rec, path)
        if isinstance(want, dict) and "has" in want:
            if not isinstance(got, list) or want["has"] not in got:
                return False
        elif isinstance(want, dict) and "re" in want:
            if got is None or not re.search(want["re"], str(got)):
                return False
        elif got != want:
            return False
    return True


def enough(count, want):
    if isinstance(want, int):
        return count == want
    op, number = re.match(r"(>=|<=|>|<)(\d+)$", want).groups()
    number = int(number)
    return {">=": count >= number, "<=": count <= number, ">": count > number, "<": count < number}[op]


def run(tapscope, case):
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "events.jsonl")
        cmd = [tapscope, "replay", "-q", "-o", "file:" + out, *case.get("options", []), case["capture"]]
        done = subprocess.run(cmd, capture_output=True, text=True, timeout=280)
        if done.returncode != 0:
            return None, done.stderr
        return [json.loads(line) for line in open(out, encoding="utf-8")], done.stderr


def main():
    tapscope, bad, done, skipped = sys.argv[1], 0, 0, 0
    for path in sys.argv[2:]:
        for case in json.load(open(path, encoding="utf-8")):
            if not os.path.exists(case["capture"]):
                if not case["capture"].startswith("build/data/"):
                    print("FAIL: no such capture:", case["capture"])
                    bad += 1
                else:
                    skipped += 1
                continue
            records, err = run(tapscope, case)
            if records is None:
                print("FAIL %s: %s" % (case["capture"], err))
                bad += 1
                continue
            for check in case["checks"]:
                count = sum(fits(r, check["match"]) for r in records)
                done += 1
                if not enough(count, check["count"]):
                    bad += 1
                    print("FAIL %s: %s: expected %s, found %d" % (case["capture"], json.dumps(check["match"]), check["count"], count))
    print("%d checks, %d failed, %d captures skipped because build/data is absent" % (done, bad, skipped))
    return 1 if bad else 77 if skipped and not done else 0


if __name__ == "__main__":
    sys.exit(main())
