#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replay captures and validate every event against its JSON Schema; event ids are unique, the document is current.

usage: schema.py TAPSCOPE [CAPTURE…]    without captures: pcaps/ and, where it is unpacked, some of build/data
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ["bankday/span.pcap", "bankday/vxlan.pcap", "live", "live_mangled", "pcap/packetbeat", "pcap/deepflow", "scenario"]
MOST = 1500  # events of one kind and capture that are validated in full


def captures():
    found = []
    for place in [ROOT / "pcaps"] + [ROOT / "build/data" / d for d in DATA]:
        if place.is_file():
            found.append(place)
        elif place.is_dir():
            found += sorted(p for p in place.rglob("*.pcap*") if p.is_file() and not p.name.endswith((".jsonl", ".md")))
    return found


def facts():
    """Names that dissectors and models add."""
    pattern = re.compile(r'txn_fact_\w+\([^"();]*,\s*"([a-z0-9_.]+\.[a-z0-9_.]+)"')
    names = {n for f in (ROOT / "dissect").rglob("*.c") for n in pattern.findall(f.read_text(encoding="utf-8"))}
    owned = (ROOT / "output/encoder_facts.c").read_text(encoding="utf-8").partition("owned[] = {")[2].partition("};")[0]
    return names - set(re.findall(r'"([^"]+)"', owned))  # these the encoder writes itself, or not at all


def main():
    program, given = sys.argv[1], [pathlib.Path(p) for p in sys.argv[2:]]
    bad = collections.Counter()
    subprocess.run([ROOT / "scripts/gen-events", "--check"], check=True)
    table = (ROOT / "schema/fields.txt").read_text(encoding="utf-8")
    for name in sorted(facts()):
        if not re.search(rf"\| {re.escape(name)}!? \|", table):
            bad[f"{name}: a field without a row in schema/fields.txt"] += 1
    checks = {}
    for path in (ROOT / "schema").glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        checks["tapscope." + path.stem] = jsonschema.Draft202012Validator(schema)
    total = validated = 0
    for capture in given or captures():
        with tempfile.TemporaryDirectory() as tmp:
            out = pathlib.Path(tmp) / "events.jsonl"
            run = subprocess.run([program, "replay", "-q", "-o", f"file:{out}", capture], capture_output=True, text=True,
                                 timeout=600, check=False)
            if run.returncode not in (0, 1) or not out.exists():
                bad[f"{capture.name}: exit {run.returncode}: {run.stderr[-200:]}"] += 1
                continue
            seen, ids = collections.Counter(), {}
            for line in out.open(encoding="utf-8"):
                total += 1
                event = json.loads(line)
                kind = event["event"]["dataset"]
                if ids.setdefault(event["event"]["id"], line) is not line:
                    same = ids[event["event"]["id"]] == line
                    bad[f"{kind}: event.id twice ({'the same record' if same else 'different records'}), {capture.name}"] += 1
                seen[kind] += 1
                if seen[kind] > MOST:
                    continue
                validated += 1
                for e in checks[kind].iter_errors(event):
                    bad[f"{kind}: {'.'.join(map(str, e.absolute_path))}: {e.message[:160]} ({capture.name})"] += 1
    for text, n in bad.most_common(60):
        print(f"{n} × {text}")
    print(f"{total} events, {validated} validated, {len(bad)} kinds of error")
    sys.exit(1 if bad or not total else 0)


main()
