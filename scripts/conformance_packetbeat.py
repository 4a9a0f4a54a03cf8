# SPDX-License-Identifier: Apache-2.0
"""pcap/packetbeat: ECS events of packetbeat 7.17."""
from conformance_base import differing, get, lines, mime, pair_nearest
from conformance_live import plain_sql

DATASETS = {"http": "tapscope.call", "redis": "tapscope.call", "thrift": "tapscope.call", "mysql": "tapscope.call", "pgsql": "tapscope.call",
            "dns": "tapscope.dns", "tls": "tapscope.tls"}


def path_of(target):
    """Packetbeat puts the form of a POST into the query and sorts it: only the path can be compared."""
    return target.split("?")[0]


def http(w, r):
    url = get(w, "url", {})
    target = url.get("path", "") + ("?" + url["query"] if url.get("query") else "")
    out = [("client", get(w, "source.ip"), get(r, "source.ip")), ("port", get(w, "source.port"), get(r, "source.port"))]
    if get(w, "http.request.method"):
        out += [("method", get(w, "http.request.method").upper(), get(r, "http.request.method")),
                ("target", path_of(target), path_of(get(r, "url.original", ""))),
                ("request body", get(w, "http.request.body.bytes", 0), get(r, "http.request.body.bytes", 0))]
    if get(w, "http.response.status_code"):
        out += [("status", get(w, "http.response.status_code"), get(r, "http.response.status_code")),
                ("response type", mime(get(w, "http.response.headers.content-type")), get(r, "http.response.mime_type", ""))]
        if not get(w, "http.response.headers.content-encoding"):
            sizes = get(r, "http.response.body.bytes", 0), get(r, "tapscope.response.decoded_bytes", 0)
            size = get(w, "http.response.body.bytes", 0)
            out.append(("response body", size, size if size in sizes else sizes[0]))
    return out


def dns(w, r):
    return [("client", get(w, "client.ip"), get(r, "source.ip")), ("port", get(w, "client.port"), get(r, "source.port")),
            ("id", str(get(w, "dns.id")), get(r, "dns.id")), ("name", get(w, "dns.question.name"), get(r, "dns.question.name")),
            ("type", get(w, "dns.question.type"), get(r, "dns.question.type")), ("rcode", get(w, "dns.response_code"), get(r, "dns.response_code")),
            ("answers", get(w, "dns.answers_count", 0), get(r, "tapscope.dns.answers_count", 0))]


def redis(w, r):
    return [("port", get(w, "source.port"), get(r, "source.port")),
            ("command", w["method"], get(r, "tapscope.operation", "").split(" ")[0]),
            ("outcome", "success" if w["status"] == "OK" else "failure", get(r, "event.outcome"))]


def thrift(w, r):
    return [("port", get(w, "source.port"), get(r, "source.port")), ("method", w["method"], get(r, "tapscope.operation", "")),
            ("request bytes", get(w, "source.bytes"), get(r, "tapscope.request.decoded_bytes")),
            ("response bytes", get(w, "destination.bytes", 0), get(r, "tapscope.response.decoded_bytes", 0)),
            ("outcome", "unknown" if get(r, "tapscope.thrift.oneway") else "success" if w["status"] == "OK" else "failure", get(r, "event.outcome"))]


def sql(kind):
    def fields(w, r):
        good = w["status"] == "OK"
        out = [("port", get(w, "source.port"), get(r, "source.port")), ("outcome", "success" if good else "failure", get(r, "event.outcome"))]
        if w["method"] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            out.append(("statement", plain_sql(w["query"]), get(r, "db.query.text")))
            rows = get(w, kind + ".num_rows") if w["method"] == "SELECT" else None
            if good and rows is not None:
                out.append(("rows", rows, get(r, "db.response.returned_rows")))
        return out
    return fields


def tls(w, r):
    out = [("port", get(w, "source.port"), get(r, "source.port"))]
    for name in ("tls.client.server_name", "tls.client.ja3", "tls.cipher", "tls.version", "tls.version_protocol", "tls.next_protocol"):
        if get(w, name) is not None:
            out.append((name, get(w, name), get(r, name)))
    if get(w, "tls.server.hash.sha1") and get(w, "tls.server.x509.subject.common_name"):
        cn = get(w, "tls.server.x509.subject.common_name")
        out.append(("subject", True, "CN=" + str(cn) in get(r, "tls.server.subject", "")))
    for name in ("tls.server.x509.public_key_algorithm", "tls.server.x509.public_key_size"):
        if get(w, name) is not None and get(w, "tls.version") != "1.3":
            out.append((name, get(w, name), get(r, name)))
    return out


FIELDS = {"http": http, "dns": dns, "redis": redis, "thrift": thrift, "tls": tls, "mysql": sql("mysql"), "pgsql": sql("pgsql")}
PROTOCOLS = {"redis": "redis", "thrift": "thrift", "mysql": "mysql", "pgsql": "postgresql"}


def run(table, runner, data):
    for expected in sorted((data / "pcap" / "packetbeat").glob("*.packetbeat.jsonl")):
        wants = lines(expected)
        capture = next((c for c in expected.parent.glob(expected.name.replace(".packetbeat.jsonl", ".*")) if c.suffix in (".pcap", ".pcapng")), None)
        if not capture or not any(get(w, "event.dataset") in FIELDS for w in wants):
            continue
        records = runner.records(capture) or []
        for name, fields in FIELDS.items():
            mine = [w for w in wants if get(w, "event.dataset") == name]
            have = [r for r in records if get(r, "event.dataset") == DATASETS[name] and
                    get(r, "network.protocol") == PROTOCOLS.get(name, get(r, "network.protocol"))]
            for _, _, diffs in pair_nearest(mine, have, lambda w, r: differing(fields(w, r)))[0]:
                table.case("packetbeat", name, capture.name, diffs)
