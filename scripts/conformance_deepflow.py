# SPDX-License-Identifier: Apache-2.0
"""pcap/deepflow: what deepflow's parsers said of each payload; requests and responses apart, so multisets are compared."""
import collections

from conformance_base import get, lines
from conformance_live import plain_sql


def compare(table, proto, where, want, have):
    """One case for each expected item."""
    want, have = collections.Counter(want), collections.Counter(have)
    for item, n in want.items():
        for i in range(n):
            table.case("deepflow", proto, "%s %s" % (where, item[:1]), [] if have[item] > i else [("record", item, "missing")])


def http(table, where, recs, calls):
    want = [("path", r["path"], r["host"]) for r in recs if r["msg_type"] == "Request" and r.get("path")]
    have = [("path", get(r, "url.original"), host_of(r)) for r in calls]
    compare(table, "http", where, want, have)
    want = [("status", str(r["status_code"])) for r in recs if r.get("status_code")]
    compare(table, "http", where, want, [("status", str(get(r, "http.response.status_code"))) for r in calls])
    want = [("grpc status", str(r["grpc_status_code"])) for r in recs if r.get("grpc_status_code") is not None]
    compare(table, "grpc", where, want, [("grpc status", str(get(r, "tapscope.grpc.status"))) for r in calls])


def host_of(r):
    port = get(r, "url.port")
    return get(r, "url.domain", "") + (":%d" % port if port else "")


def dns(table, where, recs, found):
    want = [("query", str(r["request_id"]), r["request_resource"], r["request_type"]) for r in recs if r["msg_type"] == "Request"]
    have = [("query", get(r, "dns.id"), get(r, "dns.question.name"), get(r, "dns.question.type")) for r in found]
    compare(table, "dns", where, want, have)
    names = {"0": "NOERROR", "3": "NXDOMAIN", "2": "SERVFAIL"}
    want = [("answer", str(r["request_id"]), names.get(str(r["response_code"]), r["response_code"])) for r in recs
            if r["msg_type"] == "Response" and r.get("response_code") is not None]
    compare(table, "dns", where, want, [("answer", get(r, "dns.id"), get(r, "dns.response_code")) for r in found])


def dubbo(table, where, recs, calls):
    want = [("call", r["service_name"], r["method_name"], r["request_id"], r["service_version"]) for r in recs if r["msg_type"] == "Request"]
    have = [("call", *get(r, "tapscope.operation", "/").split("/"), get(r, "tapscope.dubbo.request_id"), get(r, "tapscope.dubbo.service_version")) for r in calls]
    compare(table, "dubbo", where, want, have)
    want = [("status", r["request_id"], r["status_code"]) for r in recs if r["msg_type"] == "Response"]
    compare(table, "dubbo", where, want, [("status", get(r, "tapscope.dubbo.request_id"), get(r, "tapscope.status")) for r in calls])


def mysql(table, where, recs, calls):
    """A statement counts once, prepared or not; their list of several in one packet is cut short."""
    want = [("statement", plain_sql(r["request_resource"])) for r in recs if r["msg_type"] == "Request" and r.get("request_type") == 3]
    text = [get(r, "db.query.text", "").replace("`", "") for r in calls]
    compare(table, "mysql", where, [(k, t.replace("`", "")) for k, t in want], [("statement", t) for t in text])
    want = [("error", str(r["error_code"])) for r in recs if r["msg_type"] == "Response" and r.get("error_code")]
    compare(table, "mysql", where, want, [("error", get(r, "error.code")) for r in calls])


def run(table, runner, data):
    for expected in sorted((data / "pcap" / "deepflow").rglob("*.expected.jsonl")):
        capture = expected.with_name(expected.name.replace(".expected.jsonl", ".pcap"))
        folder = expected.parent.name
        if folder not in ("http", "dns", "dubbo", "mysql") or not capture.exists():
            continue
        records = runner.records(capture) or []
        recs = [x["rec"] for x in lines(expected) if x.get("rec")]
        if folder == "dns":
            dns(table, capture.stem, recs, [r for r in records if get(r, "event.dataset") == "tapscope.dns"])
        elif folder == "dubbo":
            dubbo(table, capture.stem, recs, [r for r in records if get(r, "network.protocol") == "dubbo" and get(r, "event.dataset") == "tapscope.call"])
        elif folder == "mysql":
            mysql(table, capture.stem, recs, [r for r in records if get(r, "network.protocol") == "mysql" and get(r, "event.dataset") == "tapscope.call"])
        else:
            http(table, capture.stem, recs, [r for r in records if get(r, "event.dataset") == "tapscope.call"])
