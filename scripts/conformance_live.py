# SPDX-License-Identifier: Apache-2.0
"""live/ and live_mangled/: truth written by the ends of the connections."""
import collections
import re

from conformance_base import differing, get, lines, mime, pair_nearest, pair_up

NOT_COVERED = ("kafka", "mongodb", "tds")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def calls(records, *protocols):
    out = [r for r in records if get(r, "event.dataset") == "tapscope.call" and get(r, "network.protocol") in protocols]
    return sorted(out, key=lambda r: (get(r, "event.start"), get(r, "event.end")))


def by_port(records):
    out = collections.defaultdict(list)
    for r in records:
        out[get(r, "source.port")].append(r)
    return out


def http_fields(t, r):
    host = t.get("host") or t.get("authority") or ""
    port = get(r, "url.port")
    have = get(r, "url.domain", "") + (":%d" % port if port else "")
    status = t["status"] if t["status"] is not None else get(r, "http.response.status_code")
    out = [("method", t["m"], get(r, "http.request.method")), ("target", t["path"], get(r, "url.original")), ("host", host, have),
           ("status", status, get(r, "http.response.status_code")),
           ("request bytes", t["req_body_len"], get(r, "tapscope.request.decoded_bytes"))]
    if t["status"] is not None:
        out.append(("response bytes", t["resp_body_len"], get(r, "tapscope.response.decoded_bytes")))
    if "resp_ct" in t:
        out += [("request type", mime(t["req_ct"]), get(r, "http.request.mime_type", "")),
                ("response type", mime(t["resp_ct"]), get(r, "http.response.mime_type", ""))]
    if t.get("op"):
        out.append(("operation", operation(t), get(r, "tapscope.operation")))
    return out


def operation(t):
    """A batch holds each name once, in the order of their first calls."""
    op = t["op"]
    return op if isinstance(op, str) else ",".join(dict.fromkeys(map(str, op)))


def bodies(table, group, name, truth, texts):
    """Bodies by SHA-256: the multiset of (method, target, status, request, response) must be the same."""
    want = collections.Counter((t["m"], t["path"], t["status"], t.get("req_body_sha") or EMPTY, t.get("resp_body_sha") or t.get("resp_sha") or EMPTY)
                               for t in truth if t["status"] is not None and t["status"] != 101)
    have = collections.Counter((t["method"], t["target"], t["status"], t["req"]["sha"], t["resp"]["sha"]) for t in texts)
    for key, n in want.items():
        for i in range(n):
            ok = have[key] > i
            table.case(group, name + " bodies", "%s %s" % key[:2], [] if ok else [("sha256", key[3:], "other")])


def http1(table, group, truth, records, texts):
    conns = by_port(calls(records, "http"))
    for t in truth:
        mine = conns[t["conn"]]
        if t["seq"] >= len(mine):
            table.case(group, "http1", "%s #%d" % (t["conn"], t["seq"]), [("record", "present", "missing")])
        else:
            table.case(group, "http1", "%s #%d" % (t["conn"], t["seq"]), differing(http_fields(t, mine[t["seq"]])))
    extra(table, group, "http1", len(calls(records, "http")), len(truth))
    bodies(table, group, "http1", truth, texts)


def extra(table, group, name, have, want):
    for i in range(max(0, have - want)):
        table.case(group, name, "extra %d" % i, [("record", "none", "one more")])


def http2(table, group, truth, records, texts):
    conns, wants = by_port(calls(records, "http")), collections.defaultdict(list)
    for t in truth:
        wants[t["conn"]].append(t)
    for port, ts in wants.items():
        ts.sort(key=lambda t: t["status"] is None)  # one that was broken off fits any
        pairs, _ = pair_nearest(ts, conns[port], lambda t, r: differing(http_fields(t, r)))
        for t, _, diffs in pairs:
            table.case(group, "http2", "%s stream %d" % (port, t["stream"]), diffs)
    extra(table, group, "http2", len(calls(records, "http")), len(truth))
    bodies(table, group, "http2", truth, texts)


def grpc_fields(t, r):
    out = [("path", t["path"], get(r, "url.path")), ("operation", t["path"][1:], get(r, "tapscope.endpoint")),
           ("requests", t["req_msgs"], get(r, "tapscope.grpc.request.messages")), ("status", t["grpc_status"], get(r, "tapscope.grpc.status"))]
    if t.get("resp_msgs") is not None:
        out.append(("responses", t["resp_msgs"], get(r, "tapscope.grpc.response.messages")))
    if t.get("grpc_message"):
        out.append(("message", t["grpc_message"], get(r, "tapscope.grpc.message")))
    return out


def grpc(table, group, truth, records, _texts):
    mine = calls(records, "grpc")
    pairs, left = pair_nearest(truth, mine, lambda t, r: differing(grpc_fields(t, r)))
    for t, _, diffs in pairs:  # a message beyond plain words may hold a name: it is not repeated
        kept = [d[0] for d in diffs] == ["message"] and not t["grpc_message"].isascii() and diffs[0][2] is None
        table.case(group, "grpc", ("message " if kept else "") + t["path"], diffs)
    extra(table, group, "grpc", len(left), 0)


def etcd(table, group, truth, records, texts):
    mine = calls(records, "http", "grpc")
    for t in truth:
        if t["proto"] == "http":
            t.update(req_body_len=t["req_len"], resp_body_len=t["resp_len"], host="")

    def diff(t, r):
        if t["proto"] == "grpc":
            return differing([("protocol", "grpc", get(r, "network.protocol")), ("operation", t["method"][1:], get(r, "tapscope.endpoint")),
                              ("status", t["rc"], get(r, "tapscope.grpc.status")), ("action", "etcd." + t["method"].split(".")[1], get(r, "tapscope.action"))])
        return differing([f for f in http_fields(t, r) if f[0] != "host"])

    for t, _, diffs in pair_nearest(truth, mine, diff)[0]:
        table.case(group, "etcd", t.get("method") or t["path"], diffs)
    bodies(table, group, "etcd http", [dict(t, req_body_sha=None) for t in truth if t["proto"] == "http" and t["m"] == "GET"], texts)


def websocket(table, group, truth, records, _texts):
    mine = calls(records, "websocket")
    shakes = {get(r, "source.port"): r for r in mine if not get(r, "tapscope.websocket.opcode")}
    word = {"c2s": "request", "s2c": "response"}
    for t in truth:
        r = shakes.get(t["conn"])
        if r is None:
            table.case(group, "websocket", str(t["conn"]), [("record", "present", "missing")])
            continue
        want = ["%s %s %d" % (word[m["dir"]], m["op"], m["len"]) for m in t["messages"] if m["op"] in ("text", "binary")]
        have = get(r, "tapscope.websocket.message", [])
        table.case(group, "websocket", str(t["conn"]),
                   differing([("target", t["path"], get(r, "url.original")), ("status", t["status"], get(r, "http.response.status_code")),
                              ("deflate", t["permessage_deflate"], bool(get(r, "tapscope.websocket.compressed", False))), ("messages", want, have)]))


def redis(table, group, truth, records, _texts):
    """Clients send set-up commands of their own (HELLO, CLIENT SETINFO, AUTH), which the truth leaves out."""
    conns = collections.defaultdict(list)
    for r in calls(records, "redis"):
        conns[get(r, "source.port")].append(r)
    order = sorted(conns, key=lambda p: get(conns[p][0], "event.start"))
    wants = collections.defaultdict(list)
    for t in truth:
        if t["op"] == "cmd":
            wants[t["conn_no"]].append(t)

    def fits(t, r):
        op = get(r, "tapscope.operation", "")
        return op.split(" ")[0] == t["cmd"][0].upper()

    used = set()
    for no, ts in sorted(wants.items()):
        best = max((p for p in order if p not in used), key=lambda p: sum(h is not None for _, h in pair_up(ts, conns[p], fits)[0]), default=None)
        used.add(best)
        for t, r in pair_up(ts, conns.get(best, []), fits)[0]:
            where = "conn %d %s" % (no, " ".join(map(str, t["cmd"]))[:40])
            if r is None:
                table.case(group, "redis", where, [("record", "present", "missing")])
                continue
            table.case(group, "redis", where, differing([("outcome", "success" if t["ok"] else "failure", get(r, "event.outcome"))]))


def dubbo(table, group, truth, records, _texts):
    """One connection for each serialization, whose calls come one after the other."""
    conns = collections.defaultdict(list)
    for r in calls(records, "dubbo"):
        conns[get(r, "destination.port")].append(r)
    for t in truth:
        free = conns[t["port"]]
        where = "%s %s" % (t["ser"], t["method"])
        if not free:
            table.case(group, "dubbo", where, [("record", "present", "missing")])
            continue
        r = free.pop(0)
        table.case(group, "dubbo", where,
                   differing([("serialization", t["ser"], get(r, "tapscope.dubbo.serialization")), ("service", t["service"], get(r, "tapscope.service")),
                              ("operation", t["service"] + "/" + t["method"], get(r, "tapscope.endpoint")),
                              ("version", t["version"], get(r, "tapscope.dubbo.service_version")),
                              ("group", t["group"], get(r, "tapscope.dubbo.group")),
                              ("outcome", "success" if t["result"] == "ok" else "failure", get(r, "event.outcome"))]))
    extra(table, group, "dubbo", sum(map(len, conns.values())), 0)


def thrift(table, group, truth, records, _texts):
    """By connection, sequence number and name."""
    def diff(t, r):
        failed = t["reply"] == "EXCEPTION"
        outcome = "unknown" if t["reply"] is None else "failure" if failed else "success"
        return differing([("conn", t["conn"], get(r, "source.port")), ("operation", t["method"], get(r, "tapscope.endpoint")),
                          ("seqid", t["seqid"], get(r, "tapscope.thrift.seqid")), ("protocol", t["proto"], get(r, "tapscope.thrift.protocol")),
                          ("framed", t["framed"], get(r, "tapscope.thrift.transport") == "framed"),
                          ("oneway", t["type"] == "ONEWAY", get(r, "tapscope.thrift.oneway", False)), ("outcome", outcome, get(r, "event.outcome"))])

    pairs, left = pair_nearest(truth, calls(records, "thrift"), diff)
    for t, _, diffs in pairs:
        table.case(group, "thrift", "%s %s" % (t["conn"], t["method"]), diffs)
    extra(table, group, "thrift", len(left), 0)


def dns(table, group, truth, records, _texts):
    mine = [r for r in records if get(r, "event.dataset") == "tapscope.dns"]
    rcodes = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN"}

    def diff(t, r):
        return differing([("id", str(t["id"]), get(r, "dns.id")), ("name", t["qname"], get(r, "dns.question.name")),
                          ("type", t["qtype"], get(r, "dns.question.type")), ("rcode", rcodes.get(t["rcode"]), get(r, "dns.response_code")),
                          ("answers", t["answers"], get(r, "tapscope.dns.answers_count", 0)),
                          ("transport", "tcp" if t["tcp"] else "udp", get(r, "network.transport"))])

    pairs, left = pair_nearest(truth, mine, diff)
    for t, _, diffs in pairs:
        table.case(group, "dns", t["qname"], diffs)
    extra(table, group, "dns", len(left), 0)


def oci_registry(table, group, truth, records, texts):
    def diff(t, r):
        image = get(r, "container.image.name")
        return differing([("method", t["m"], get(r, "http.request.method")), ("target", t["path"], get(r, "url.original")),
                          ("status", t["status"], get(r, "http.response.status_code")),
                          ("request bytes", t["req_len"], get(r, "tapscope.request.decoded_bytes")),
                          ("response bytes", t["resp_len"], get(r, "tapscope.response.decoded_bytes")),
                          ("repository", t["repo"] if t.get("repo") and "/v2/%s/" % t["repo"] in t["path"] else None, image),
                          ("action", t["action"], get(r, "tapscope.action"))])

    for t, _, diffs in pair_nearest(truth, calls(records, "http"), diff)[0]:
        table.case(group, "oci_registry", "%s %s" % (t["m"], t["path"][:60]), diffs)
    extra(table, group, "oci_registry", len(calls(records, "http")), len(truth))
    want = collections.Counter((t["m"], t["path"], t["resp_sha"]) for t in truth)
    have = collections.Counter((t["method"], t["target"], t["resp"]["sha"]) for t in texts)
    for key, n in want.items():
        for i in range(n if texts else 0):
            table.case(group, "oci bodies", "%s %s" % key[:2], [] if have[key] > i else [("sha256", key[2], "other")])


def cloud(table, group, truth, records, _texts):
    models = {"k8s": "kubernetes", "docker": "docker", "meta": "metadata", "kubelet": "kubelet"}
    conns = by_port(calls(records, "http", "websocket"))
    wants = collections.defaultdict(list)
    for t in truth:
        wants[t["conn"]].append(t)
    for port, ts in wants.items():
        def diff(t, r):
            return differing([("method", t["m"], get(r, "http.request.method")), ("target", t["path"], get(r, "url.original")),
                              ("status", t["status"], get(r, "http.response.status_code")), ("model", models[t["service"]], get(r, "tapscope.model"))])

        for t, _, diffs in pair_nearest(ts, conns[port], diff)[0]:
            table.case(group, "cloud", "%s %s" % (t["m"], t["path"]), diffs)


def plain_sql(sql):
    """As the records have it: no comments, no values."""
    sql = re.sub(r"/\*.*?\*/", " ", sql, flags=re.S)
    sql = re.sub(r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\\.)*\"(?=[,)\s]*$|\s*,)|\$\d+|\b\d+(?:\.\d+)?\b", "?", sql)
    return re.sub(r"\?(?:, ?\?)+", "?", re.sub(r"\s+", " ", sql)).strip()


def sql_fields(t, r):
    out = [("outcome", "success" if t["ok"] else "failure", get(r, "event.outcome"))]
    if t["op"] == "login":
        return out + [("operation", "login", get(r, "tapscope.operation")), ("database", t.get("db"), get(r, "db.namespace") if "db" in t else None)]
    code = t.get("errno", t.get("sqlstate"))
    out.append(("error", str(code) if code else None, get(r, "error.code")))
    if t["ok"]:
        out += [("statement", plain_sql(t["sql"]), get(r, "db.query.text")),
                ("rows", t.get("rows"), get(r, "db.response.returned_rows") if "rows" in t else None),
                ("affected", t.get("affected"), get(r, "tapscope.db.affected_rows") if "affected" in t else None)]
    return out


def is_setup(r):
    """What drivers send of themselves."""
    return get(r, "db.operation.name") in ("SET", "PING", "RESET CONNECTION") or (get(r, "tapscope.operation") or "") == "refused"


def sql(name):
    def compare(table, group, truth, records, _texts):
        """In order on each connection; failed logins name none."""
        mine = [r for r in calls(records, "mysql", "postgresql") if not is_setup(r)]
        failed = [r for r in mine if get(r, "tapscope.operation") == "login" and get(r, "event.outcome") == "failure"]
        conns, wants = by_port([r for r in mine if r not in failed]), collections.defaultdict(list)
        for t in truth:
            wants[t.get("conn")].append(t)
        for port, ts in wants.items():
            have = failed if port is None else conns.pop(port, [])
            for t, r in zip(ts, have + [None] * len(ts)):
                where = "%s %s" % (port, t.get("sql", t["op"])[:60])
                table.case(group, name, where, [("record", "present", "missing")] if r is None else differing(sql_fields(t, r)))
            extra(table, group, name, len(have), len(ts))
        extra(table, group, name, sum(map(len, conns.values())), 0)
    return compare


TABLE = {"mysql": sql("mysql"), "postgres": sql("postgres"), "http1": http1, "http2": http2, "grpc": grpc, "etcd": etcd,
         "websocket": websocket, "redis": redis, "dubbo": dubbo, "thrift": thrift, "dns": dns,
         "oci_registry": oci_registry, "cloud": cloud}


def run(table, runner, data):
    for group in ("live", "live_mangled"):
        for capture in sorted((data / group).glob("*.pcap")):
            name = capture.stem.split("__")[0]
            if name not in TABLE:
                continue
            records = runner.records(capture)
            if records is None:
                table.case(group, name, capture.name, [("exit", 0, "failed")])
                continue
            TABLE[name](table, group, lines(data / "live" / (name + ".truth.jsonl")), records, runner.texts(capture))
