# SPDX-License-Identifier: Apache-2.0
"""bankday/: every exchange of truth.jsonl beside our calls, in the clean capture and in each variant of messy.json.

What nothing was lost of must be exact. Where frames are missing, a call that is there and says what it could not see counts as marked;
a call that was not hit by the loss must be exact all the same.
"""
import importlib.machinery
import importlib.util
import json
import pathlib

from conformance_base import get, lines

LOADER = importlib.machinery.SourceFileLoader("compare_truth", str(pathlib.Path(__file__).with_name("compare-truth")))
truth_of = importlib.util.module_from_spec(importlib.util.spec_from_loader("compare_truth", LOADER))
LOADER.exec_module(truth_of)


def style(t):
    """The protocol in the words of the table."""
    path = t["template"]
    if t["proto"] != "h1":
        return {"h2": "http2", "grpc": "grpc", "ws": "websocket"}[t["proto"]]
    if "xml" in t["req_ct"] and t.get("op"):
        return "soap"
    if path.endswith("/graphql"):
        return "graphql"
    return "jsonrpc" if path.endswith("/rpc") else "http1"


def operation(t):
    """A batch holds each name once, in the order of their first calls."""
    op = t.get("op") if style(t) in ("soap", "graphql", "jsonrpc") else None
    names = op.split(",") if isinstance(op, str) else op or []
    return ",".join(dict.fromkeys(map(str, names)))


def differing(t, call):
    out = truth_of.differing(t, call)
    if operation(t) and t["status"] < 400 and operation(t) != get(call.rec, "tapscope.operation", ""):
        out.append(("operation", operation(t), get(call.rec, "tapscope.operation", "")))
    if t["proto"] == "grpc" and t["target"][1:] != get(call.rec, "tapscope.endpoint"):
        out.append(("endpoint", t["target"][1:], get(call.rec, "tapscope.endpoint")))
    return out


def one(table, group, truths, records, lossy, hit):
    calls = truth_of.calls_of(records, None)
    pairs, missing, extra = truth_of.match(truths, calls)
    halves, missing, extra = truth_of.half_match(missing, extra)
    gone = {t["id"] for t in missing}
    for t in truths:
        where = "%s %s %s" % (t["client"], t["method"], t["target"][:60])
        if t["id"] in gone:
            table.case(group, style(t), where, [("call", "present", "missing")])
            continue
        call = pairs.get(t["id"]) or halves[t["id"]]
        diffs = differing(t, call) if t["id"] in pairs else [("call", "whole", "half")]
        marked = lossy and diffs and call.unseen
        if marked and hit is not None and not hit(t) and not set(call.unseen) & {"hpack_late_join"}:
            diffs.append(("loss", "elsewhere", call.unseen))
            marked = False
        table.case(group, style(t), where, diffs, marked=marked)
    for call in extra:
        table.case(group, "extra", "%s %s %s" % (call.client, call.method, call.target[:60]), [("call", "none", call.status)])


def run(table, runner, data):
    top = data / "bankday"
    truths = lines(top / "truth.jsonl")
    clean = runner.records(top / "span.pcap", "--only", "call")
    one(table, "bankday", truths, clean, False, None)
    for variant in json.loads((top / "messy.json").read_text(encoding="utf-8")):
        name = variant["variant"]
        capture = top / variant["file"]
        lossy = name in ("mid", "loss01", "loss1", "oneway", "snap")
        wants, hit = truths, None
        if name == "mid":
            wants = [t for t in truths if t["t"] >= variant["t_first"]]
        if name.startswith("loss"):
            lost = truth_of.lost_frames(top / "span.pcap", capture)

            def hit(t, lost=lost):
                return truth_of.was_hit(lost, t["client"], t["server"], t["t"] * 1e9, t["t_end"] * 1e9)

        one(table, "bankday " + name, wants, runner.records(capture, "--only", "call"), lossy, hit)
