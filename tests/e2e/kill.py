#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sensor killed in mid-flow (kill -9) starts again with its inventory, its names and its spool; each sink's account is exact.

usage: kill.py TAPSCOPE
"""
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "pcaps"))
from wire import Capture, Tcp, request, response  # noqa: E402

T0 = 1795000000 * 10**9
rnd = random.Random(5)
SYLLABLES = "ba de fi go ku la me ni po ru sa te vi wo xu ya zhe lin tao mei".split()


def word():
    return "".join(rnd.choice(SYLLABLES) for _ in range(rnd.randint(2, 4)))


def paths():
    yield f"/api/users/{word()}/wallet"
    yield f"/api/users/{word()}/orders/{rnd.randint(1, 10**6)}"
    yield f"/api/accounts/{rnd.randint(10**7, 10**8)}/cards"
    yield "/api/users/me"
    yield "/api/rates/daily"


def capture(first, conns):
    cap = Capture()
    for n in range(first, first + conns):
        tcp = Tcp(cap, T0 + n * 500_000_000, "10.3.%d.%d" % (n >> 8, n & 255), 20000 + n % 40000, "10.9.0.1", 8080, step=100_000)
        for path in paths():
            body = json.dumps({"code": 0, "n": rnd.randint(1, 10**6), "items": [word() for _ in range(3)]}).encode()
            tcp.send(0, request("GET", path, "bank.example"))
            tcp.send(1, response(200, "application/json", body))
        tcp.close()
    return cap


def check(what, good, more=""):
    print(f"{what}: {'ok' if good else 'WRONG'} {more}")
    if not good:
        sys.exit(1)


def rows(state):
    db = sqlite3.connect(f"file:{state}/inventory.db?mode=ro", uri=True)
    got = {i: (name, first, calls) for i, name, first, calls in db.execute("SELECT id,endpoint,first_ns,calls FROM endpoint")}
    check("the database is whole", db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    db.close()
    return got


def spooled(state):
    ids = set()
    for p in pathlib.Path(state, "spool").rglob("*.seg"):
        ids |= set(re.findall(rb'"event":\{"id":"([0-9a-f]+)"', p.read_bytes()))
    return ids


def accounts(text):
    found = re.findall(r"^  -o (\S+) +(\d+) emitted = (\d+) delivered \+ (\d+) spooled \+ (\d+) given up$", text, re.M)
    return {name.split(":")[0]: tuple(map(int, numbers)) for name, *numbers in found}


def calls(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if '"dataset":"tapscope.call"' in line:
            yield json.loads(line)


def killed(program, tmp, state, sinks):
    """Feed half of a flow of calls, wait till all is on disk, kill."""
    fifo = tmp / "fifo"
    os.mkfifo(fifo)
    cap = capture(0, 400)
    cap.write(tmp / "first.pcap")
    run = subprocess.Popen([program, "replay", "-q", "--state", state, *sinks, fifo], stderr=subprocess.PIPE)
    until = time.monotonic() + 300
    with fifo.open("wb") as out:
        out.write((tmp / "first.pcap").read_bytes()[:-200])  # in mid-packet
        out.flush()
        seen, quiet = None, 0
        while quiet < 8:  # until two seconds have brought nothing more to disk
            time.sleep(0.25)
            now = (len(rows_quiet(state)), len(spooled(state)))
            quiet = quiet + 1 if now == seen and now[0] >= 5 and now[1] > 800 else 0
            seen = now
            if run.poll() is not None or time.monotonic() > until:
                break
        run.send_signal(signal.SIGKILL)
        run.wait(300)


def rows_quiet(state):
    try:
        db = sqlite3.connect(f"file:{state}/inventory.db?mode=ro", uri=True)
        return db.execute("SELECT id FROM endpoint").fetchall()
    except sqlite3.Error:
        return []


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        tmp = pathlib.Path(name)
        state = tmp / "state"
        sinks = ["-o", f"file:{tmp}/events.jsonl", "-o", "kafka:127.0.0.1:9"]
        killed(program, tmp, state, sinks)
        before, waiting = rows(state), spooled(state)
        check("rows and spool survive the kill", 5 <= len(before) < 100 and len(waiting) > 800, f"{len(before)} rows, {len(waiting)} records")
        lines = [l for l in (tmp / "events.jsonl").read_bytes().split(b"\n")[:-1]]
        check("the file holds whole lines", all(json.loads(l) for l in lines), f"{len(lines)} lines")

        capture(400, 40).write(tmp / "second.pcap")
        run = subprocess.run([program, "replay", "--progress=none", "--state", state, *sinks, tmp / "second.pcap"], capture_output=True, text=True,
                             timeout=300, check=False)
        after, still = rows(state), spooled(state)
        lost = [before[i] for i in before if i not in after or after[i][:2] != before[i][:2]]
        check("every row is there, first seen when it was", not lost, str(lost[:3]))
        check("calls go on from where they were", all(after[i][2] >= before[i][2] for i in before) and
              sum(a[2] for a in after.values()) == sum(b[2] for b in before.values()) + 200)
        check("nothing is lost from the spool", waiting <= still, f"{len(waiting - still)} missing of {len(waiting)}")
        book = accounts(run.stderr)
        check("both sinks give account", set(book) == {"file", "kafka"}, run.stderr[-300:] if len(book) != 2 else "")
        for sink, (emitted, delivered, spool, shed) in book.items():
            check(f"{sink}: emitted = delivered + spooled + given up", emitted == delivered + spool + shed, str(book[sink]))
        check("what the kill left counts as emitted", book["kafka"][0] == book["file"][0] + len(waiting) and book["kafka"][2] == len(still),
              f"{book} {len(waiting)} {len(still)}")
        now = {c["tapscope"]["endpoint"] for c in calls(tmp / "events.jsonl")}
        check("names are those of the run before", now <= {r[0] for r in before.values()}, str(now))
        want = {"GET /api/users/{userId}/wallet", "GET /api/users/{userId}/orders/{orderId}", "GET /api/accounts/{accountId}/cards",
                "GET /api/users/me", "GET /api/rates/daily"}
        check("and the true ones", now == want, str(now ^ want))
    print("kill: all good")


main()
