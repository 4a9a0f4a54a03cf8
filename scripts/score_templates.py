#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Score endpoint templates: apitpl (calls written as a capture here) and bankday (its route table).

usage: score_templates.py [--program PATH] [--data DIR] [--settled] [-v] [apitpl] [bankday]
Prints per number of calls seen per template: exact rate, pairwise precision, recall, F1, templates, names given.
"""
import argparse
import collections
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(HERE, "pcaps"))
import wire  # noqa: E402

RUNS = 1  # more: names are given with what the runs before learned


def norm(text):
    return re.sub(r"\{[^}]*\}", "{}", text)


def write_apitpl(path, calls):
    cap, hosts = wire.Capture(), {}
    for n, call in enumerate(calls):
        i = hosts.setdefault(call["host"], len(hosts) + 1)
        target = call["path"] + ("?" + call["q"] if call["q"] else "")
        request = "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n" % (call["m"], target, call["host"])
        body = b"" if call["status"] == 204 else call.get("body", '{"ok":true}').encode()
        head = "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n" % call["status"]
        if call["status"] != 204:
            head += "Content-Length: %d\r\n" % (0 if call["m"] == "HEAD" else len(body))
        response = (head + "\r\n").encode() + (b"" if call["m"] == "HEAD" else body)
        client, server = "10.1.%d.%d" % (n >> 8 & 255, n & 255), "10.9.%d.%d" % (i >> 8, i & 255)
        parts = ((0, request.encode()), (1, response))
        wire.exchange(cap, 1700000000 * 10**9 + n * 5120000, client, 20000 + n % 40000, server, 80, parts)
    cap.write(path)


def run(program, capture, kinds):
    with tempfile.TemporaryDirectory() as d:
        out, again = os.path.join(d, "out.jsonl"), RUNS
        while again:
            open(out, "w").close()
            subprocess.run([program, "replay", "-q", "--state", os.path.join(d, "state"), "--only", kinds, "-o", "file:" + out,
                            capture], check=True)
            again -= 1
        return [json.loads(line) for line in open(out)]


def bin_of(n):
    return "1" if n == 1 else "2-4" if n < 5 else "5-19" if n < 20 else "20+"


def pairs(items):
    return sum(n * (n - 1) // 2 for n in collections.Counter(items).values())


def table(rows, verbose):
    """rows: (predicted group, true group, exact)"""
    count, bad = collections.Counter(t for _, t, _ in rows), collections.Counter()
    for b in ("1", "2-4", "5-19", "20+"):
        some = [r for r in rows if bin_of(count[r[1]]) == b]
        if not some:
            continue
        both, p, t = pairs((r[0], r[1]) for r in some), pairs(r[0] for r in some), pairs(r[1] for r in some)
        precision, recall = both / p if p else 1, both / t if t else 1
        print("  %-5s calls %6d exact %.4f precision %.4f recall %.4f F1 %.4f templates %d named %d" % (
            b, len(some), sum(r[2] for r in some) / len(some), precision, recall,
            2 * precision * recall / (precision + recall) if precision + recall else 0,
            len({r[1] for r in some}), len({r[0] for r in some})))
    for got, want, exact in rows:
        if not exact:
            bad[(want, got)] += 1
    for (want, got), n in bad.most_common(40 if verbose else 0):
        print("    %5d × %s named %s" % (n, want, got))


def apitpl(program, data, verbose):
    calls = [json.loads(line) for line in gzip.open(os.path.join(data, "apitpl/calls.jsonl.gz"))]
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "apitpl.pcap")
        write_apitpl(path, calls)
        records = run(program, path, "call,asset")
    got = [r for r in records if r["event"]["dataset"] == "tapscope.call"]
    assets = {r["tapscope"]["asset"]["id"] for r in records if r["event"]["dataset"] == "tapscope.asset" and
              r["tapscope"]["asset"]["kind"] == "endpoint" and r["tapscope"]["asset"]["change"] == "active"}
    got.sort(key=lambda r: (r["event"]["start"]))
    rows = []
    for call, r in zip(calls, got):
        want = call["m"] + " " + norm(call["tpl"]).rstrip("/")
        name = norm(r["tapscope"]["endpoint"]).rstrip("/")
        rows.append(((call["api"], name), (call["api"], call["m"] + " " + call["tpl"]), name == want))
    print("apitpl: %d calls written, %d read, %d endpoints in the end" % (len(calls), len(got), len(assets)))
    table(rows, verbose)


def bankday(program, data, verbose):
    base = os.path.join(data, "bankday")
    truth = collections.defaultdict(list)
    for line in open(os.path.join(base, "truth.jsonl")):
        t = json.loads(line)
        if t["template"]:
            truth[(t["client"], t["server"], t["method"], t["target"])].append(t)
    rows, missing = [], 0
    for r in run(program, os.path.join(base, "span.pcap"), "call"):
        url = r.get("url", {}).get("original")
        key = ("%s:%d" % (r["source"]["ip"], r["source"]["port"]), "%s:%d" % (
            r["destination"]["ip"], r["destination"]["port"]), r.get("http", {}).get("request", {}).get("method"), url)
        if key not in truth:
            missing += 1
            continue
        t = truth[key][0]
        want, name = t["method"] + " " + norm(t["template"]), norm(r["tapscope"]["endpoint"])
        if t["proto"] == "grpc" and not name.startswith("POST"):
            want = t["template"].lstrip("/")
        rows.append(((t["service"], name), (t["service"], want), name == want))
    print("bankday: %d calls compared, %d without a route, exact %d" % (len(rows), missing, sum(r[2] for r in rows)))
    table(rows, True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--program", default=os.path.join(HERE, "build/release/tapscope"))
    p.add_argument("--data", default=os.path.join(HERE, "build/data"))
    p.add_argument("-v", action="store_true")
    p.add_argument("--settled", action="store_true", help="replay twice on one state folder, score the second run")
    p.add_argument("sets", nargs="*")
    a = p.parse_args()
    global RUNS
    RUNS = 2 if a.settled else 1
    for name in a.sets or ["bankday", "apitpl"]:
        {"apitpl": apitpl, "bankday": bankday}[name](a.program, a.data, a.v)


if __name__ == "__main__":
    main()
