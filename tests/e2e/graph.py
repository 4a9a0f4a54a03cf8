#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The service graph says what the call records of the same run say, for any number of workers, and goes on after a restart.

usage: graph.py TAPSCOPE CAPTURE...
"""
import collections
import csv
import io
import ipaddress
import json
import pathlib
import subprocess
import sys
import tempfile

SMALL = 1400  # a message of one packet begins and ends at once


def run(*words):
    return subprocess.run([sys.argv[1], *words], check=True, capture_output=True, text=True, timeout=600).stdout


def outside(address):
    return not ipaddress.ip_address(address).is_private or address.startswith(("192.0.2.", "198.51.100.", "203.0.113."))


def told(path):
    """Sums of the call records, by ends and operation; the caller by the first name under which its address answered later or before."""
    calls = [r for r in map(json.loads, path.read_text(encoding="utf-8").splitlines()) if r["event"]["dataset"] == "tapscope.call"]
    names = {}
    for r in calls:
        if ":" not in r["tapscope"]["service"]:
            names.setdefault(r["destination"]["ip"], r["tapscope"]["service"])
    sums = collections.defaultdict(collections.Counter)
    for r in calls:
        caller = "internet" if outside(r["source"]["ip"]) else names.get(r["source"]["ip"], r["source"]["ip"])
        key = (caller, r["tapscope"]["service"], r["destination"]["port"], r["network"]["protocol"], r["tapscope"]["endpoint"])
        status = r.get("http", {}).get("response", {}).get("status_code", 0)
        s = sums[key]
        s["calls"] += 1
        s["client"] += 400 <= status < 500
        s["server"] += status >= 500
        s["protocol"] += status < 400 and r["event"].get("outcome") == "failure"
        s["in"] += r["source"].get("bytes", 0)
        s["out"] += r["destination"].get("bytes", 0)
        s["micros"] += r["event"].get("duration", 0) // 1000
        s["large"] += max(r["source"].get("bytes", 0), r["destination"].get("bytes", 0)) > SMALL
        for side in ("request", "response"):
            for hit in r["tapscope"].get(side, {}).get("data", []):
                if hit.get("grade", {}).get("jrt0171") or hit.get("grade", {}).get("jrt0197"):
                    s[side + " " + hit["class"]] = 1
    return sums


def compare(edges, sums, times):
    seen = {(e["caller"], e["service"], e["port"], e["protocol"], e["operation"]): e for e in edges if e["operation"] != "-"}
    assert set(seen) == set(sums), "edges: %s" % sorted(set(seen) ^ set(sums))[:6]
    exact = 0
    for key, e in seen.items():
        s, late = sums[key], e["latency_us"]
        got = (e["calls"], e["errors"]["client"], e["errors"]["server"], e["errors"]["protocol"], e["request"]["bytes"], e["response"]["bytes"])
        want = tuple(times * s[k] for k in ("calls", "client", "server", "protocol", "in", "out"))
        assert got == want, "%s: %s for %s" % (key, got, want)
        for side in ("request", "response"):
            assert set(e[side]["data"]) == {k.split()[1] for k in s if k.startswith(side + " ")}, "%s: %s" % (key, e[side])
        assert late["count"] == sum(late["histogram"]) <= e["calls"] and late["p50"] <= late["p95"] <= late["p99"], "%s: %s" % (key, late)
        if late["count"] == e["calls"]:
            mean = times * s["micros"] // e["calls"]
            assert late["mean"] <= mean, "%s: mean %d of %d" % (key, late["mean"], mean)
            if not s["large"]:
                exact += 1
                assert late["mean"] == mean, "%s: mean %d of %d" % (key, late["mean"], mean)
    return exact


def main():
    exact = 0
    with tempfile.TemporaryDirectory() as tmp:
        for n, capture in enumerate(sys.argv[2:]):
            first = None
            for workers in ("1", "3"):
                state, out = "%s/%d-%s" % (tmp, n, workers), pathlib.Path(tmp, "out.jsonl")
                run("replay", "-q", "--workers", workers, "-o", "file:%s" % out, "--state", state, capture)
                text = run("graph", "--state", state, "--format", "json")
                first = first or text
                assert text == first, "%s: another graph with %s workers" % (capture, workers)
                exact += compare(json.loads(text), told(out), 1)
                out.unlink()
            edges = json.loads(first)
            rows = list(csv.DictReader(io.StringIO(run("graph", "--state", state, "--format", "csv"))))
            assert [(r["operation"], int(r["calls"])) for r in rows] == [(e["operation"], e["calls"]) for e in edges]
            assert len(run("graph", "--state", state).splitlines()) == len(edges) + 1
            dot = run("graph", "--state", state, "--format", "dot")
            assert dot.startswith("digraph") and dot.count(" -> ") == len({(e["caller"], e["service"]) for e in edges}), dot
            service = edges[0]["service"]
            some = json.loads(run("graph", "--state", state, "--format", "json", "--service", service))
            assert some == [e for e in edges if service in (e["caller"], e["service"])], "--service %s" % service
            sums = told_again(state, out, capture)
            compare_calls(edges, json.loads(run("graph", "--state", state, "--format", "json")), sums)
    assert exact, "no edge whose latency can be told from records"
    print("ok")


def told_again(state, out, capture):
    """The same capture once more into the same folder."""
    run("replay", "-q", "-o", "file:%s" % out, "--state", state, capture)
    sums = told(out)
    out.unlink()
    return sums


def compare_calls(before, after, sums):
    """What a restart adds; paths may have better names by then, so by the ends of edges."""
    def calls(rows):
        total = collections.Counter()
        for caller, service, port, n in rows:
            total[caller, service, port] += n
        return total
    old = calls((e["caller"], e["service"], e["port"], e["calls"]) for e in before if e["operation"] != "-")
    new = calls((k[0], k[1], k[2], s["calls"]) for k, s in sums.items())
    both = calls((e["caller"], e["service"], e["port"], e["calls"]) for e in after if e["operation"] != "-")
    assert both == old + new, "after a restart: %s" % (both - old - new)


if __name__ == "__main__":
    main()
