# SPDX-License-Identifier: Apache-2.0
"""pcap/arkime: sessions of arkime's own tests."""
import calendar
import json
import time

from conformance_base import differing, get


def millis(text):
    return int(calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) * 1000 + int(text[20:23]))


def sessions(path):
    text = json.loads(path.read_text(encoding="utf-8"))
    return [s["body"] for s in text.get("sessions3", [])]


def http(w, mine):
    h = w["http"]
    calls = [r for r in mine if get(r, "event.dataset") == "tapscope.call" and "http" in r]
    out = [("methods", sorted(h.get("method", [])), sorted({get(r, "http.request.method") for r in calls} - {None})),
           ("statuses", sorted(h.get("statuscode", [])), sorted({get(r, "http.response.status_code") for r in calls} - {None}))]
    counts = {k[7:]: v for k, v in h.items() if k.startswith("method-")}
    for method, n in counts.items():
        out.append((method, n, sum(get(r, "http.request.method") == method for r in calls)))
    if h.get("path"):
        out.append(("paths", sorted(h["path"]), sorted({get(r, "url.original", "").split("?")[0] for r in calls})))
    if h.get("useragent"):
        out.append(("agents", sorted(filter(None, h["useragent"])), sorted({get(r, "user_agent.original") for r in calls} - {None})))
    return [f for f in out if f[1] or f[0] in counts]


def dns(w, mine):
    found = [r for r in mine if get(r, "event.dataset") == "tapscope.dns"]
    want = w["dns"] if isinstance(w["dns"], list) else [w["dns"]]
    names = sorted({"." if d["queryHost"] == "<root>" else d["queryHost"].lower() for d in want if d.get("queryHost")})
    out = [("names", names, sorted({get(r, "dns.question.name", "").lower() for r in found}))]
    codes = sorted({d["status"] for d in want if d.get("status")})
    if codes:
        out.append(("codes", codes, sorted({get(r, "dns.response_code") for r in found} - {None})))
    return out


def tls(w, mine):
    found = [r for r in mine if get(r, "event.dataset") == "tapscope.tls"]
    t, out = w["tls"], []
    for theirs, ours in (("ja3", "tls.client.ja3"), ("ja4", "tapscope.tls.ja4"), ("cipher", "tls.cipher")):
        if t.get(theirs):
            out.append((theirs, sorted(t[theirs]), sorted({get(r, ours) for r in found} - {None})))
    return out


def run(table, runner, data):
    for test in sorted((data / "pcap" / "arkime").glob("*.test")):
        capture = test.with_suffix(".pcap")
        wanted = [s for s in sessions(test) if {"http", "dns", "tls"} & set(s) and s.get("ipProtocol") in (6, 17)]
        if not wanted or not capture.exists():
            continue
        records = runner.records(capture) or []
        for w in wanted:
            ends = {(get(w, "source.ip"), get(w, "source.port")), (get(w, "destination.ip"), get(w, "destination.port"))}
            first, last = w.get("firstPacket", 0), w.get("lastPacket", 1 << 62)
            mine = [r for r in records if first <= millis(get(r, "event.start") or get(r, "@timestamp")) <= last and {(get(r, "source.ip"), get(r, "source.port")), (get(r, "destination.ip"), get(r, "destination.port"))} == ends]
            for name, fields in (("http", http), ("dns", dns), ("tls", tls)):
                protocols = w.get("protocol", [])
                if name in w and (name in protocols or name == "http" and "http" in protocols) and not (name == "http" and not w["http"].get("method")):
                    table.case("arkime", name, capture.name, differing(fields(w, mine)))
