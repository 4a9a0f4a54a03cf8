#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a capture of JSON API traffic for the benchmark: make_api.py OUT.pcap [MEGABYTES].

Keep-alive connections of a dozen calls; answers from 200 bytes to 60 KB, mostly lists of records with the fields that a bank's
services have (a tenth of them personal); one answer in five is gzip-coded, one in five chunked. The seed is fixed.
"""
import gzip
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pcaps"))
from wire import Capture, Tcp, request, response  # noqa: E402

rnd = random.Random(7)
WORDS = "settled pending booked transfer salary rent grocery fee interest refund deposit exchange branch mobile online".split()


def record(i):
    r = {"txnId": rnd.randint(10**17, 10**18), "bookedAt": 1795000000000 + i * 977, "amount": rnd.randint(1, 10**7) / 100, "currency": "CNY",
         "status": rnd.choice(WORDS), "channel": rnd.choice(WORDS), "remark": " ".join(rnd.choice(WORDS) for _ in range(rnd.randint(2, 9))),
         "balanceAfter": rnd.randint(1, 10**9) / 100, "reference": "%032x" % rnd.getrandbits(128), "tags": [rnd.choice(WORDS), rnd.choice(WORDS)]}
    if rnd.random() < 0.1:
        r["payee"] = {"name": rnd.choice("王李张刘陈") + rnd.choice("伟芳娜敏静"), "mobile": "138%08d" % rnd.randint(0, 99999999)}
    return r


def answer():
    n = min(int(rnd.paretovariate(0.9)), 180)
    body = json.dumps({"code": 0, "message": "success", "data": {"total": n, "items": [record(i) for i in range(n)]}}, ensure_ascii=False, separators=(",", ":")).encode()
    kind = rnd.random()
    if kind < 0.2:
        return response(200, "application/json;charset=UTF-8", gzip.compress(body, 6, mtime=0), [("Content-Encoding", "gzip"), ("Server", "nginx")])
    return response(200, "application/json;charset=UTF-8", body, [("Server", "nginx"), ("X-Request-Id", "%032x" % rnd.getrandbits(128))], chunked=4096 if kind < 0.4 else 0)


def ask():
    headers = [("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36"), ("Accept", "application/json"),
               ("Authorization", "Bearer %048x" % rnd.getrandbits(192)), ("X-Trace-Id", "%032x" % rnd.getrandbits(128))]
    account = rnd.randint(10**7, 10**8)
    if rnd.random() < 0.3:
        body = json.dumps({"from": account, "to": rnd.randint(10**7, 10**8), "amount": "%d.00" % rnd.randint(1, 10**5), "memo": rnd.choice(WORDS)}).encode()
        return request("POST", "/api/v1/transfers", "api.bank.example", headers + [("Content-Type", "application/json")], body)
    return request("GET", "/api/v1/accounts/%d/transactions?page=%d&size=50" % (account, rnd.randint(1, 40)), "api.bank.example", headers)


def main():
    out, size = sys.argv[1], int(sys.argv[2] if len(sys.argv) > 2 else 64) * 10**6
    cap, total, conn = Capture(), 0, 0
    while total < size:
        tcp = Tcp(cap, 1795000000 * 10**9 + conn * 300000, "10.%d.%d.%d" % (conn >> 16 & 255, conn >> 8 & 255, conn & 255), 20000 + conn % 40000,
                  "10.200.0.%d" % (conn % 8 + 1), 80, isn=rnd.randint(1, 2**31), step=2000)
        for _ in range(12):
            req, resp = ask(), answer()
            tcp.send(0, req)
            tcp.send(1, resp)
            total += len(req) + len(resp)
        tcp.close()
        conn += 1
    cap.write(out)


main()
