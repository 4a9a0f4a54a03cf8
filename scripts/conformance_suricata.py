# SPDX-License-Identifier: Apache-2.0
"""pcap/suricata-verify: checks of suricata's own tests, `count` events that `match`, as far as our records can express them."""
import ipaddress
import json
import re

from conformance_base import get

# What suricata's own policies drop, or its rules and settings leave unlogged, is no matter of dissection.
POLICY = ("exception-policy", "firewall/", "ips/", "threshold/", "cond-log", "http2-disabled", "filestore")
VERSIONS = {"TLSv1": "1.0", "TLS 1.0": "1.0", "TLS 1.1": "1.1", "TLS 1.2": "1.2", "TLS 1.3": "1.3", "SSLv3": "3.0"}
SKIP = {"event_type", "pcap_cnt", "tx_id", "proto", "app_proto", "requires", "dns.tx_id", "dns.version", "dns.flags",
        "dns.qr", "dns.rd", "dns.ra", "dns.aa", "dns.opcode", "fileinfo.stored", "fileinfo.tx_id", "fileinfo.state", "http.http2.stream_id"}


def flat(match, prefix=""):
    for key, value in match.items():
        if isinstance(value, dict):
            yield from flat(value, prefix + key + ".")
        else:
            yield prefix + key, value


def status_of(r):
    return get(r, "http.response.status_code")


def answer(r, index, part):
    rows = get(r, "tapscope.dns.answers", [])
    cells = rows[index].split(" ", 3) if index < len(rows) else []
    if len(cells) < 4:
        return None
    return {"rrname": cells[0], "ttl": int(cells[1]), "rrtype": cells[2], "rdata": cells[3].strip('"')}[part]


def field(name, r, reverse):
    """Our value of suricata's field, or KeyError where we have none."""
    ends = {"src_ip": "source.ip", "dest_ip": "destination.ip", "src_port": "source.port", "dest_port": "destination.port"}
    if name in ends:
        path = ends[name]
        if reverse:
            path = path.replace("source", "X").replace("destination", "source").replace("X", "destination")
        return get(r, path)
    m = re.match(r"dns\.answers\[(\d+)\]\.(rrname|rrtype|rdata|ttl)$", name)
    if m:
        return answer(r, int(m[1]), m[2])
    plain = {"http.hostname": "url.domain", "http.url": "url.original", "http.http_method": "http.request.method", "http.status": "http.response.status_code",
             "http.http_user_agent": "user_agent.original", "dns.rrname": "dns.question.name",
             "dns.rrtype": "dns.question.type", "dns.queries[0].rrname": "dns.question.name", "dns.queries[0].rrtype": "dns.question.type",
             "dns.rcode": "dns.response_code", "tls.sni": "tls.client.server_name", "tls.subject": "tls.server.subject", "tls.issuerdn": "tls.server.issuer",
             "tls.ja3.hash": "tls.client.ja3"}
    if name in plain:
        return get(r, plain[name])
    if name == "http.http_content_type":
        return get(r, "http.response.mime_type", "")
    if name == "http.length":
        return get(r, "http.response.body.bytes", 0)
    if name == "http.protocol":
        return "HTTP/" + get(r, "http.version", "")
    if name == "http.version":
        return get(r, "http.version")
    if name == "dns.id":
        return int(get(r, "dns.id", -1))
    if name == "tls.version":
        return get(r, "tls.version")
    if name == "fileinfo.gaps":
        return get(r, "tapscope.%s.gap_bytes" % r.get("file"), 0) > 0
    if name == "fileinfo.size":
        return get(r, "tapscope.%s.decoded_bytes" % r.get("file"), 0)
    raise KeyError(name)


def sameish(name, want, have):
    if name in ("tls.subject", "tls.issuerdn"):
        parts = lambda t: sorted(re.split(r",\s*", (t or "").replace("\\", "")))  # noqa: E731
        return parts(want) == parts(have)
    if name == "tls.version":
        return VERSIONS.get(want, want) == have
    if name in ("src_ip", "dest_ip"):
        return ipaddress.ip_address(want) == ipaddress.ip_address(have or "::")
    if name in ("dns.rrname", "dns.queries[0].rrname", "http.hostname"):
        return str(want).lower() == str(have).lower()
    if name == "http.http_content_type":
        return want.lower() == have
    return str(want) == str(have)


def fits(r, match, reverse):
    """Suricata logs an answer with its own ends or with the query's, by version: either will do."""
    one = all_fit(r, match, reverse)
    return one or (get(r, "event.dataset") == "tapscope.dns" and get(r, "destination.bytes", 0) > 0 and all_fit(r, match, True))


def all_fit(r, match, reverse):
    return all(sameish(name, want, field(name, r, reverse)) for name, want in match)


def events(kind, match, records):
    """Our records that suricata would have logged as `kind`; and whether their ends are the other way round."""
    calls = [r for r in records if get(r, "event.dataset") == "tapscope.call" and "http" in r]
    if kind == "http":
        return calls, False
    if kind == "fileinfo":
        sides = [dict(r, file=side) for r in calls for side in ("request", "response") if get(r, "tapscope.%s.decoded_bytes" % side, 0)]
        return sides, True
    if kind == "dns":
        found = [r for r in records if get(r, "event.dataset") == "tapscope.dns" and get(r, "destination.port") not in (5353, 5355, 137)]
        way = dict(match).get("dns.type")
        if way in ("query", "request"):
            return [r for r in found if get(r, "source.bytes", 0)], False
        if way in ("answer", "response"):
            return [r for r in found if get(r, "destination.bytes", 0)], False
        return [r for r in found if get(r, "source.bytes", 0)] + [r for r in found if get(r, "destination.bytes", 0)], False
    if kind == "tls":
        return [r for r in records if get(r, "event.dataset") == "tapscope.tls" and get(r, "network.transport") == "tcp"], False
    return None, False


def run(table, runner, data):
    top = data / "pcap" / "suricata-verify"
    for test in json.loads((top / "index.json").read_text(encoding="utf-8")):
        if test["test"].startswith(POLICY):
            continue
        records = None
        for check in test["checks"]:
            match = list(flat(check.get("match") or {}))
            kind = dict(match).get("event_type")
            if kind not in ("http", "dns", "tls", "fileinfo"):
                continue
            if records is None:
                records = runner.records(top / test["pcap"]) or []
            have, reverse = events(kind, match, records)
            match = [(k, v) for k, v in match if k not in SKIP and k != "dns.type"]
            try:
                count = sum(fits(r, match, reverse) for r in have)
                if not have:
                    [field(name, {}, False) for name, _ in match]
            except KeyError:
                table.cases["suricata", "not expressed"] += 1
                table.exact["suricata", "not expressed"] += 1
                continue
            diffs = [] if count == check["count"] else [(kind, [check["count"], dict(match)], count)]
            table.case("suricata", kind, test["test"], diffs)
