#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The life of endpoints over runs on one state folder, with dates: new, changed (what), dormant, retired, revived; the baseline
accepted; values that become one template announced as merged; the same list whatever the order of calls.

usage: lifecycle.py TAPSCOPE
"""
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "pcaps"))
from wire import Capture, Tcp, request, response  # noqa: E402

DAY = 86400 * 10**9
T0 = 1790000000 * 10**9
HOST = "api.bank.example"


def capture(path, calls):
    """calls: (ns, method, target, status, body)"""
    cap = Capture()
    for n, (ns, method, target, status, body) in enumerate(calls):
        tcp = Tcp(cap, T0 + ns, "10.4.%d.%d" % (n // 250, n % 250 + 1), 20000 + n, "10.9.0.1", 8080)
        tcp.send(0, request(method, target, HOST))
        tcp.send(1, response(status, "application/json", json.dumps(body).encode()))
        tcp.close()
    cap.write(path)


def run(*args):
    return subprocess.run([sys.argv[1], *map(str, args)], check=True, capture_output=True, text=True).stdout


def replay(tmp, calls, *more):
    capture(tmp / "c.pcap", calls)
    run("replay", "-q", "-o", f"file:{tmp}/out.jsonl", *more, tmp / "c.pcap")
    records = [json.loads(line) for line in open(tmp / "out.jsonl", encoding="utf-8")]
    return [r for r in records if r["event"]["dataset"] == "tapscope.asset" and r["tapscope"]["asset"]["kind"] == "endpoint"]


def told(records, change):
    return {r["tapscope"]["endpoint"]: r for r in records if r["tapscope"]["asset"]["change"] == change}


def life(tmp):
    state = ("--state", tmp / "state")
    things = [(i * 10**9, "GET", f"/v1/things/{i + 100}", 200, {"id": i, "kind": "a"}) for i in range(30)]
    other = [(i * 10**9 + 5, "GET", "/v1/other", 200, {"ok": True}) for i in range(3)]
    got = replay(tmp, things + other, *state)
    assert set(told(got, "new")) >= {"GET /v1/things/{thingId}", "GET /v1/other"}, told(got, "new").keys()
    assert set(told(got, "active")) == {"GET /v1/things/{thingId}", "GET /v1/other"}

    run("assets", "accept", *state)
    more = [(DAY + i * 10**9, "GET", f"/v1/things/{i + 900}", 200 if i else 503, {"id": i, "kind": "a", "phone": "13800138000"}) for i in range(4)]
    got = replay(tmp, more, *state)
    assert not told(got, "new"), told(got, "new").keys()
    changed = [r for r in got if r["tapscope"]["asset"]["change"] == "changed"]
    text = " ".join(json.dumps(r) for r in changed)
    assert "phone" in text and "503" in text, text[:2000]

    got = replay(tmp, [(41 * DAY + i * 3600 * 10**9, "GET", "/v1/other", 200, {"ok": True}) for i in range(3)], *state)
    assert "GET /v1/things/{thingId}" in told(got, "dormant"), [r["tapscope"]["asset"]["change"] for r in got]
    assert "GET /v1/other" in told(got, "revived")  # though no sensor ran when it fell asleep
    got = replay(tmp, [(101 * DAY + i * 3600 * 10**9, "GET", "/v1/other", 200, {"ok": True}) for i in range(3)], *state)
    assert "GET /v1/things/{thingId}" in told(got, "retired"), [r["tapscope"]["asset"]["change"] for r in got]
    assert "GET /v1/other" in told(got, "revived")
    got = replay(tmp, [(102 * DAY, "GET", "/v1/things/7", 200, {"id": 1, "kind": "a"})], *state)
    assert "GET /v1/things/{thingId}" in told(got, "revived")
    rows = json.loads(run("assets", *state, "--format", "json"))
    assert all(r["first_seen"] and r["last_seen"] for r in rows), rows
    with sqlite3.connect(tmp / "state" / "inventory.db") as db:
        changes = [c for c, in db.execute("SELECT change FROM event JOIN endpoint ON endpoint.id = event.endpoint WHERE endpoint.endpoint LIKE '%things%' ORDER BY ns")]
        assert [c for c in changes if c != "changed"] == ["new", "dormant", "retired", "revived"], changes
        assert db.execute("SELECT count(*) FROM event WHERE ns < ?", (T0,)).fetchone() == (0,)
    return len(changes)


def order(tmp):
    names = ["alice", "bob", "carol-7", "dave", "erin-12", "frank", "grace-3", "heidi", "ivan-44", "judy", "mallory-5", "niaj"]
    calls = [("GET", f"/v1/users/{n}", 200, {"id": 1, "name": "x", "level": 2}) for n in names for _ in range(2)]
    calls += [("GET", f"/v1/users/{n}/orders", 200, [{"no": 1}]) for n in names] + [("GET", "/v1/users/me", 200, {"id": 1})] * 3
    calls += [("POST", f"/v1/orders/{i}/cancel", 403 if i % 3 else 200, {"ok": True}) for i in range(9)]
    calls += [("DELETE", f"/v1/orders/{i}", 401, {}) for i in range(3)] + [("GET", f"/v1/orders/{i}", 200, {"no": i, "sum": 1}) for i in range(5)]
    lists, merges = [], 0
    for turn in range(5):
        mixed = calls[:]
        random.Random(turn).shuffle(mixed)
        got = replay(tmp, [(i * 10**10, *c) for i, c in enumerate(mixed)])
        lists.append(sorted(told(got, "active")))
        merges += len(told(got, "merged"))
    assert all(x == lists[0] for x in lists), [set(x) ^ set(lists[0]) for x in lists]
    assert "GET /v1/users/{userId}" in lists[0] and "GET /v1/users/me" in lists[0], lists[0]
    assert merges, "no merge announced"
    return len(lists[0])


def main():
    with tempfile.TemporaryDirectory() as tmp:
        print(f"lifecycle: {life(pathlib.Path(tmp))} changes of one endpoint, {order(pathlib.Path(tmp))} endpoints the same in five orders")


main()
