# SPDX-License-Identifier: Apache-2.0
"""pcaps/real: what clients of real servers were told (NAME.told, a line of JSON each) beside our records of NAME.pcap."""
import pathlib
import urllib.parse

from conformance_base import differing, get, lines, pair_nearest

TOP = pathlib.Path(__file__).resolve().parent.parent / "pcaps" / "real"


def asked(url):
    u = urllib.parse.urlsplit(url)
    return u.path + ("?" + u.query if u.query else "")


def plain(target):
    """Without what may be masked: a state or digest in a query."""
    return target.split("?")[0]


def nginx(t, r):
    bodiless = get(r, "http.request.method") == "HEAD"
    version = t["version"] if get(r, "http.version") != "1.0" else "1.0"  # the client prints the answer's, we the request's
    return differing([("target", "/plain.txt" if t["url"].endswith("/moved") else asked(t["url"]), get(r, "url.original")),
                      ("status", t["status"], get(r, "http.response.status_code")), ("version", version, get(r, "http.version")),
                      ("down", t["down"], 0 if bodiless else get(r, "http.response.body.bytes")),
                      ("up", t["up"], get(r, "http.request.body.bytes") if t["up"] != 3012 else 3012)])


def registry(t, r):
    target = None if t["url"] == "uploads" else plain(asked(t["url"]))
    return differing([("method", t["method"], get(r, "http.request.method")), ("target", target, target and plain(get(r, "url.original"))),
                      ("status", t["status"], get(r, "http.response.status_code"))])


def grpc(t, r):
    return differing([("method", t["method"], get(r, "tapscope.endpoint")), ("status", t["status"], get(r, "tapscope.grpc.status", t["status"])),
                      ("messages", t.get("messages"), get(r, "tapscope.grpc.response.messages") if "messages" in t else None)])


def graphql(t, r):
    return differing([("operation", ",".join(t["operations"]), get(r, "tapscope.operation")), ("type", t["type"], get(r, "tapscope.graphql.type"))])


def websocket(t, r):
    total = {"request": 0, "response": 0}
    for m in get(r, "tapscope.websocket.message", []):
        way, _, size = m.split()
        total[way] += int(size)
    return differing([("path", t["path"], get(r, "url.path")), ("compressed", t["compressed"], bool(get(r, "tapscope.websocket.compressed", False))),
                      ("sent", t["sent"], total["request"]), ("got", t["got"], total["response"])])


def tls(t, r):
    suites = {"ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-SHA": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"}
    version = t["protocol"][4:] or get(r, "tls.version")
    cipher = t["cipher"] if t["cipher"] != "(NONE)" else get(r, "tls.cipher")
    return differing([("version", version, get(r, "tls.version")), ("cipher", suites.get(cipher, cipher), get(r, "tls.cipher"))])


def database(t, r):
    out = [("server", t["server"], get(r, "db.system.name")), ("operation", t["operation"], get(r, "tapscope.operation")),
           ("outcome", "success" if t["ok"] else "failure", get(r, "event.outcome")), ("error", t.get("code"), get(r, "error.code"))]
    if t.get("rows") is not None:
        out.append(("rows", t["rows"], get(r, "db.response.returned_rows")))
    if t.get("affected"):
        out.append(("affected", t["affected"], get(r, "tapscope.db.affected_rows")))
    return differing(out)


def http_calls(r):
    return get(r, "event.dataset") == "tapscope.call" and "http" in r and "opcode" not in get(r, "tapscope.websocket", {})


KINDS = {"nginx": (nginx, http_calls), "registry": (registry, http_calls), "graphql": (graphql, lambda r: "graphql" in get(r, "tapscope", {})),
         "grpc": (grpc, lambda r: get(r, "network.protocol") == "grpc"), "websocket": (websocket, http_calls),
         "database": (database, lambda r: "db" in r and get(r, "event.dataset") == "tapscope.call"),
         "tls": (tls, lambda r: get(r, "event.dataset") == "tapscope.tls")}


def run(table, runner, data):
    for name, (diff, mine) in KINDS.items():
        told = lines(TOP / (name + ".told"))
        records = [r for r in runner.records(TOP / (name + ".pcap")) or [] if mine(r)]
        for t, _, diffs in pair_nearest(told, records, diff)[0]:
            table.case("real", name, str(t.get("url") or t.get("operation") or t.get("method") or t.get("path") or t.get("case") or t.get("operations")), diffs)
