# SPDX-License-Identifier: Apache-2.0
"""pcap/zeek: baselines of zeek's own tests (TSV), joined to traces by index.json."""
import json
import re
import urllib.parse

from conformance_base import differing, get, pair_nearest
from conformance_live import plain_sql

CARRIERS = {"vxlan", "geneve", "gtpv1", "teredo", "ayiya", "spicy_teredo", "udp_gre"}


def escaped(text):
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)


def rows(path):
    fields = None
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        cells = line.split("\t")
        if cells[0] == "#fields":
            fields = cells[1:]
        elif fields is None and "uid" in cells and not line.startswith("#"):
            fields = cells
        elif not line.startswith("#") and fields and len(cells) == len(fields):
            yield {f: c for f, c in zip(fields, cells) if c not in ("-", "(empty)")}


def plain(text):
    return urllib.parse.unquote(urllib.parse.unquote(text, errors="replace"), errors="replace")


def bare(host):
    """Without a port, which we keep in a field of its own."""
    return re.sub(r":\d+$", "", host.lower()).strip("[]")


def ends(w, r):
    out = []
    for mine, theirs in (("source.ip", "id.orig_h"), ("source.port", "id.orig_p"), ("destination.ip", "id.resp_h"), ("destination.port", "id.resp_p")):
        if theirs in w:
            out.append((theirs, w[theirs], str(get(r, mine))))
    return out


def http(w, r):
    out = ends(w, r)
    text = (("method", "http.request.method"), ("user_agent", "user_agent.original"))
    for name, field in text:
        if name in w:
            out.append((name, escaped(w[name]), get(r, field)))
    if "uri" in w:  # zeek undoes percent-encoding
        out.append(("uri", plain(escaped(w["uri"])), plain(get(r, "url.original", ""))))
    if "host" in w:
        out.append(("host", bare(escaped(w["host"])), bare(get(r, "url.domain", ""))))
    for name, field in (("status_code", "http.response.status_code"), ("request_body_len", "tapscope.request.decoded_bytes"),
                        ("response_body_len", "tapscope.response.decoded_bytes")):
        if name in w:
            out.append((name, int(w[name]), get(r, field, 0)))
    return out


def dns(w, r):
    out = ends(w, r) + [("proto", w.get("proto"), get(r, "network.transport"))] if "proto" in w else ends(w, r)
    if "query" in w:  # zeek folds case
        out.append(("query", escaped(w["query"]).lower(), get(r, "dns.question.name", "").lower()))
    for name, field in (("trans_id", "dns.id"), ("qtype_name", "dns.question.type"), ("rcode_name", "dns.response_code")):
        if name in w:
            out.append((name, escaped(w[name]), get(r, field)))
    if "answers" in w and "rejected" in w:
        out.append(("answers", True, get(r, "tapscope.dns.answers_count", 0) > 0))
    return out


def ssl(w, r):
    out = ends(w, r)
    versions = {"TLSv10": "1.0", "TLSv11": "1.1", "TLSv12": "1.2", "TLSv13": "1.3", "SSLv3": "3.0", "SSLv2": "2.0", "DTLSv12": "1.2", "DTLSv10": "1.0"}
    if "version" in w and not w["version"].startswith(("unknown", "TLSv13-")):
        out.append(("version", versions.get(w["version"], w["version"]), get(r, "tls.version")))
    for name, field in (("cipher", "tls.cipher"), ("server_name", "tls.client.server_name"), ("next_protocol", "tls.next_protocol")):
        if name in w:
            out.append((name, escaped(w[name]), get(r, field)))
    if "cert_chain_fps" in w and len(w["cert_chain_fps"].split(",")[0]) == 64:
        out.append(("certificate", w["cert_chain_fps"].split(",")[0], get(r, "tls.server.hash.sha256")))
    if "subject" in w:
        cn = re.search(r"CN=([^,\\]+)", w["subject"])
        out.append(("subject", True, not cn or cn[0] in get(r, "tls.server.subject", "")))
    return out


def websocket(w, r):
    return ends(w, r) + [("host", bare(w.get("host", "")), bare(get(r, "url.domain", ""))), ("uri", w.get("uri"), get(r, "url.original"))]


def redis(w, r):
    op = get(r, "tapscope.operation", "")
    out = ends(w, r) + [("command", w.get("cmd.name", "").upper(), op.split(" ")[0])] if "cmd.name" in w else ends(w, r)
    if "success" in w and "reply.value" in w:
        out.append(("success", "success" if w["success"] == "T" else "failure", get(r, "event.outcome")))
    return out


def mysql(w, r):
    words = {"query": None, "login": "login", "init_db": "USE", "field_list": "SHOW", "ping": "PING", "statistics": "STATISTICS", "change_user": "login"}
    out, op = ends(w, r), get(r, "tapscope.operation", "")
    if words.get(w["cmd"]):
        out.append(("command", words[w["cmd"]], op.split(" ")[0]))
    elif w["cmd"] == "query" and w.get("success") == "T":
        out.append(("statement", plain_sql(escaped(w.get("arg", ""))), get(r, "db.query.text", "")))
    if "success" in w:
        out.append(("success", "success" if w["success"] == "T" else "failure", get(r, "event.outcome")))
    if w.get("rows", "0") != "0":
        out.append(("rows", int(w["rows"]), get(r, "tapscope.db.affected_rows")))
    return out


def postgresql(w, r):
    out, op = ends(w, r), get(r, "tapscope.operation", "")
    if w["frontend"] == "startup":
        out.append(("command", "login", op))
    elif w.get("success") == "T":
        out.append(("statement", plain_sql(escaped(w.get("frontend_arg", ""))).rstrip(";"), get(r, "db.query.text", "")))
    if "success" in w:
        out.append(("success", "success" if w["success"] == "T" else "failure", get(r, "event.outcome")))
    if w.get("rows", "0") != "0":
        out.append(("rows", int(w["rows"]), get(r, "db.response.returned_rows", get(r, "tapscope.db.affected_rows"))))
    return out


def conn(w, r):
    out = ends(w, r)
    if "proto" in w:
        out.append(("proto", w["proto"], get(r, "network.transport")))
    for service in w.get("service", "").split(","):
        if service in ("http", "dns", "websocket", "redis", "mysql", "postgresql") and "ssl" not in w["service"]:
            have = get(r, "network.protocol")
            out.append(("service", service, service if have == "dns-tcp" and service == "dns" else have))
    if w.get("proto") == "tcp" and w.get("missed_bytes") == "0" and w.get("orig_bytes", "-").isdigit() and w.get("conn_state") in ("SF", "S1", "S2", "S3"):
        for name, side in (("orig_bytes", "client"), ("resp_bytes", "server")):  # ours count retransmissions as well
            have = get(r, "tapscope.flow.payload_bytes." + side, 0)
            out.append((name, int(w[name]), min(int(w[name]), have)))
    return out


KINDS = {"http.log": ("http", http, lambda r: get(r, "event.dataset") == "tapscope.call" and "http" in r),
         "dns.log": ("dns", dns, lambda r: get(r, "event.dataset") == "tapscope.dns"),
         "ssl.log": ("tls", ssl, lambda r: get(r, "event.dataset") == "tapscope.tls"),
         "websocket.log": ("websocket", websocket, lambda r: get(r, "network.protocol") == "websocket" and "http" in r),
         "redis.log": ("redis", redis, lambda r: get(r, "network.protocol") == "redis" and get(r, "event.dataset") == "tapscope.call"),
         "mysql.log": ("mysql", mysql, lambda r: get(r, "network.protocol") == "mysql" and get(r, "event.dataset") == "tapscope.call"),
         "postgresql.cut": ("postgresql", postgresql,
                            lambda r: get(r, "network.protocol") == "postgresql" and get(r, "event.dataset") == "tapscope.call"),
         "conn.log": ("flow", conn, lambda r: get(r, "event.dataset") == "tapscope.flow")}


def run(table, runner, data):
    top = data / "pcap" / "zeek"
    for test in json.loads((top / "index.json").read_text(encoding="utf-8")):
        if test["log"] not in KINDS or len(test["traces"]) != 1:
            continue
        name, fields, mine = KINDS[test["log"]]
        wants = [w for w in rows(top / test["baseline"]) if w.get("proto") not in ("icmp", "unknown_transport") and ("id.orig_h" in w or "query" in w)]
        records = runner.records(top / "Traces" / test["traces"][0])
        if test["log"] == "conn.log":  # we report what is inside a tunnel, not its carrier
            wants = [w for w in wants if not set(w.get("service", "").split(",")) & CARRIERS]
        wants = [w for w in wants if w.get("cmd") not in ("quit", "stmt_close", "unknown-167") and
                 w.get("frontend") not in ("terminate", "ssl_request", "gssenc_request")]
        have = [r for r in records or [] if mine(r)]
        for _, _, diffs in pair_nearest(wants, have, lambda w, r: differing(fields(w, r)))[0]:
            table.case("zeek", name, "%s (%s)" % (test["traces"][0], test["test"]), diffs)
