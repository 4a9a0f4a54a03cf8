#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Score incidents on bankday (scenarios.json) and scenario (*.incidents.jsonl): each found once, kind, actor, target; nothing else.

usage: score_scenarios.py [--program PATH] [--data DIR] [-v] [bankday[:VARIANT] | s11 …]
"""
import argparse
import collections
import json
import os
import subprocess
import tempfile

KINDS = {  # words of the scenario files for the same thing
    "credential_stuffing_single_ip": "credential_stuffing", "credential_stuffing_distributed": "credential_stuffing",
    "brute_force_one_account": "brute_force", "bola_sequential": "bola_enumeration", "bola_random": "bola_enumeration",
    "bulk_pii_export_offhours": "data_drag", "scanner_known_ua": "scanner", "scanner_browser_ua": "scanner",
    "internal_port_scan": "port_scan", "c2_beacon_http": "beaconing", "webshell_upload_and_use": "webshell",
    "token_shared_by_many_ips": "account_sharing", "new_edge_gw_to_db": "new_edge"}
NOISE = ("attack", "abuse", "lateral")


def epoch(text):
    import calendar, time
    whole, _, rest = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + (rest or "0"))


def run(program, capture):
    with tempfile.TemporaryDirectory() as d:
        out = os.path.join(d, "out.jsonl")
        subprocess.run([program, "replay", "-q", "--only", "finding,incident", "-o", "file:" + out, capture], check=True)
        incidents, findings = {}, {}
        for line in open(out):
            r = json.loads(line)
            t = r["tapscope"]
            if r["event"]["dataset"] == "tapscope.incident":
                incidents[t["incident"]["id"]] = r
            elif r["event"]["dataset"] == "tapscope.finding":
                f = t.get("finding", {})
                findings[f.get("id", r["event"]["id"])] = r
        return incidents.values(), findings.values()


def labels_of(data, name):
    if name.startswith("bankday"):
        base = os.path.join(data, "bankday")
        variant = name.partition(":")[2]
        capture = os.path.join(base, "span%s.pcap" % ("." + variant if variant else ""))
        scenarios = json.load(open(os.path.join(base, "scenarios.json")))
        return capture, [(1, s["kind"], set(s["src"]), set(s["dst"]), s["start"], s["end"]) for s in scenarios]
    base = os.path.join(data, "scenario", name)
    rows = [json.loads(line) for line in open(base + ".incidents.jsonl")]
    return base + ".pcap", [(r["label"], KINDS.get(r["type"], r["type"]), set(r["src"]), {r["dst"]}, r["t0"], r["t1"])
                            for r in rows]


def near(r, start, end):
    return epoch(r["event"]["start"]) <= end + 60 and epoch(r["event"]["end"]) >= start - 60


def score(program, data, name, verbose):
    capture, labels = labels_of(data, name)
    incidents, findings = run(program, capture)
    incidents, used, found, wrong = list(incidents), set(), 0, []
    for label, kind, src, dst, start, end in labels:
        hits = []
        for i, r in enumerate(incidents):
            actors = set(r["tapscope"]["incident"]["actor_ips"])
            if actors & src and near(r, start, end) and (label or r["rule"]["id"] != "new_edge"):
                hits.append((i, r))
        right = [i for i, r in hits if r["rule"]["id"] == kind]
        if label == 0:
            mine = [r["rule"]["id"] for i, r in hits if not any(
                x[0] and x[2] & set(r["tapscope"]["incident"]["actor_ips"]) and near(r, x[4], x[5]) for x in labels)]
            if mine:
                wrong.append("look-alike told: %s" % mine)
            continue
        used |= {i for i, _ in hits if kind == incidents[i]["rule"]["id"] or len(hits) == 1}
        if not right:
            leak = [f for f in findings if f["rule"]["id"] == kind and near(f, start, end)]
            wrong.append("missed %s (%s)%s" % (kind, sorted({r["rule"]["id"] for _, r in hits}),
                                               "; as findings only: %d" % len(leak) if leak else ""))
            found += bool(leak)
        else:
            found += 1
            targets = set(incidents[right[0]]["tapscope"]["incident"]["target_ips"])
            if len(right) > 1:
                wrong.append("%s told %d times" % (kind, len(right)))
            if not targets & dst and not any("/" in d for d in dst):
                wrong.append("%s: target %s for %s" % (kind, sorted(targets), sorted(dst)))
            if set(incidents[right[0]]["tapscope"]["incident"]["actor_ips"]) - src:
                wrong.append("%s: also blamed %s" % (kind, sorted(
                    set(incidents[right[0]]["tapscope"]["incident"]["actor_ips"]) - src)[:4]))
    want = sum(x[0] for x in labels)
    extra = collections.Counter()
    for i, r in enumerate(incidents):
        if i not in used:
            actors = tuple(r["tapscope"]["incident"]["actor_ips"][:3])
            extra[(r["rule"]["id"], r["tapscope"]["category"], actors, tuple(r["tapscope"]["incident"]["target_ips"][:3]))] += 1
    print("%-18s found %2d of %2d, extra incidents %d" % (name, found, want, sum(extra.values())))
    for w in wrong:
        print("    " + w)
    if verbose:
        for k, n in sorted(extra.items()):
            print("    extra %d × %s" % (n, k))
    return found == want and not wrong and not extra


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    p = argparse.ArgumentParser()
    p.add_argument("--program", default=os.path.join(here, "build/release/tapscope"))
    p.add_argument("--data", default=os.path.join(here, "build/data"))
    p.add_argument("-v", action="store_true")
    p.add_argument("names", nargs="*")
    a = p.parse_args()
    names = a.names or ["bankday", "bankday:loss01", "bankday:loss1", "bankday:dup", "bankday:mid", "s11", "s12", "s13"]
    return 0 if all([score(a.program, a.data, n, a.v) for n in names]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
