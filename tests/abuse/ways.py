# SPDX-License-Identifier: Apache-2.0
"""Hours of the day, paths, calls and frames that attacks and look-alikes are made of."""
import json
import struct

from estate import SEC

BAD_PATHS = ["/.env", "/.git/config", "/phpmyadmin/", "/wp-login.php", "/manager/html", "/solr/admin/cores", "/console", "/backup.zip",
             "/actuator/env", "/druid/index.html", "/server-status", "/config.json", "/admin/login", "/cgi-bin/test.cgi", "/jenkins/script",
             "/swagger-ui.html", "/api/v9/users", "/old/index.php", "/web.config", "/db.sql", "/nacos/v1/cs", "/struts/utils.js"]
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


def target(e):
    return {e.gw, e.services["auth"][0], e.services["customer"][0]}


def spaced(e, n, least, most, hi=0.6):
    """n times, apart between least and most seconds, within the day."""
    r, gap = e.rng, [e.rng.uniform(least, most) for _ in range(n)]
    room = e.length / SEC * 0.95
    scale = min(1.0, room * 0.9 / max(sum(gap), 1e-9))
    ns = e.start + int(r.uniform(0.05, max(0.06, min(hi, 1 - sum(gap) * scale / room))) * room * SEC)
    out = []
    for g in gap:
        out.append(ns)
        ns += int(g * scale * SEC)
    return out


def accounts(e, n):
    return ["victim%07d" % e.rng.randrange(10**7) for _ in range(n)]


def post(e, ns, ip, path, body, status=200, answer=None, service="auth", headers=(), agent=None):
    body = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    answer = json.dumps({"code": 0} if answer is None else answer, ensure_ascii=False).encode()
    e.outer(ns, ip, "POST", path, headers, body, status, answer, service=service, agent=agent)


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def frame(kind, flags, stream, body):
    return struct.pack("!I", len(body))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + body


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
