#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The inventory's commands over captures of this repository: lists, baseline, tags, rules, OpenAPI, differences.

usage: openapi.py TAPSCOPE CAPTURE…
Documents are checked by openapi-spec-validator where it is installed, else in their structure, and each schema by jsonschema."""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

try:
    from openapi_spec_validator import validate
except ImportError:
    validate = None


def run(*args, ok=True):
    p = subprocess.run([sys.argv[1], *args], capture_output=True, text=True)
    if ok and p.returncode != 0:
        sys.exit(f"{' '.join(args)}: {p.returncode} {p.stderr}")
    return p


def schemas(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "schema":
                yield value
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def check(doc):
    assert doc["openapi"] == "3.1.0" and doc["info"]["title"] and doc["info"]["version"]
    ids, shapes = set(), set()
    known = doc.get("components", {}).get("securitySchemes", {})
    for path, item in doc["paths"].items():
        shape = re.sub(r"\{[^}]*\}", "{}", path)
        assert path.startswith("/") and shape not in shapes, path
        shapes.add(shape)
        names = re.findall(r"\{([^}]*)\}", path)
        assert len(names) == len(set(names)), path
        for method, op in item.items():
            if method == "servers":
                continue
            assert op["operationId"] not in ids
            ids.add(op["operationId"])
            assert op["responses"], path
            given = [(p["in"], p["name"]) for p in op.get("parameters", [])]
            assert len(given) == len(set(given)), (path, given)
            assert {n for i, n in given if i == "path"} == set(names), (path, given)
            assert all(name in known for need in op.get("security", []) for name in need)
    for schema in schemas(doc):
        jsonschema.Draft202012Validator.check_schema(schema)
    if validate:
        validate(doc)
    return len(ids)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        state = ["--state", f"{tmp}/state"]
        run("replay", "-q", *state, "-o", f"file:{tmp}/out.jsonl", *sys.argv[2:])
        rows = json.loads(run("assets", *state, "--format", "json").stdout)
        table = list(csv.DictReader(io.StringIO(run("assets", *state, "--format", "csv").stdout)))
        assert len(rows) == len(table) > 3, len(rows)
        calls = [json.loads(line) for line in open(f"{tmp}/out.jsonl", encoding="utf-8") if '"tapscope.call"' in line]
        assert {r["endpoint"] for r in rows} <= {c["tapscope"].get("endpoint") for c in calls}  # one name everywhere
        assert all(0 <= r["risk"] <= 100 and r["risk_why"] for r in rows)
        assert run("assets", *state).stdout.count("\n") == len(rows) + 1
        doc = json.loads(run("openapi", *state).stdout)
        operations = check(doc)
        assert operations > 2, operations
        pathlib.Path(f"{tmp}/docs").mkdir()
        run("openapi", *state, f"{tmp}/docs")
        files = sorted(pathlib.Path(f"{tmp}/docs").iterdir())
        assert sum(check(json.loads(f.read_text(encoding="utf-8"))) for f in files) >= operations

        # What was learned, read back as a specification, leaves nothing to tell but what cannot stand in one.
        specs = ["--set", "assets.specs=" + ",".join(map(str, files))]
        diff = json.loads(run("assets", "diff", *state, *specs, "--format", "json").stdout)
        bad = [d for d in diff if d["kind"] in ("shadow", "zombie", "parameter", "status", "type", "authentication")]
        assert not bad, bad[:5]

        one = next(r for r in rows if r["endpoint"].startswith("GET /"))
        run("assets", "tag", one["id"], "core,mine", "--owner", "team a", *state)
        got = json.loads(run("assets", *state, "--tag", "mine", "--format", "json").stdout)
        assert [r["id"] for r in got] == [one["id"]] and got[0]["owner"] == "team a", got
        run("assets", "accept", *state)
        assert all(r["accepted"] for r in json.loads(run("assets", *state, "--format", "json").stdout))
        service = one["service"]
        run("assets", "merge", service, "/{whatever}", *state)
        run("assets", "split", service, one["endpoint"].split(" ")[1], *state)
        assert run("assets", "merge", service, "nonsense", *state, ok=False).returncode == 2
        assert run("assets", "tag", "0" * 32, "x", *state, ok=False).returncode == 2
        assert run("assets", "--format", "xml", *state, ok=False).returncode == 2
        assert run("assets", "--state", f"{tmp}/none", ok=False).returncode == 2
        print(f"{len(rows)} endpoints, {operations} operations, {len(files)} documents,",
              "validated" if validate else "openapi-spec-validator is not here")


main()
