#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What databases answer is followed to the service that hands it on, and none of it is told: pcaps/real/database.pcap.

usage: databases.py TAPSCOPE
"""
import json
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
VALUES = ["13800138000", "13912345678", "13700137000", "15012345678", "13611112222", "110101199003074514", "31010519491231002X", "6222020200000123451",
          "1024.50", "O'Hara", "王芳", "李强", "赵敏", "secret words", "Tab\tbed", "Correct-7"]


def main():
    with tempfile.TemporaryDirectory() as tmp:
        out = tmp + "/out.jsonl"
        subprocess.run([sys.argv[1], "replay", "-q", "-o", "file:" + out, "--state", tmp + "/state", str(TOP / "pcaps/real/database.pcap")], check=True, timeout=600)
        told = subprocess.run([sys.argv[1], "data-map", "--state", tmp + "/state"], check=True, capture_output=True, text=True, timeout=600).stdout
        paths = {" ".join(line.split()) for line in told.splitlines() if " > " in line}
        want = {"bank_card 1 10.88.0.1:5432 > 10.88.0.2:8080 > 10.88.0.3", "id_card 1 10.88.0.1:3306 > 10.88.0.2:8080 > 10.88.0.3",
                "mobile 3 10.88.0.1:3306 > 10.88.0.2:8080 > 10.88.0.3", "name 2 10.88.0.1:3306 > 10.88.0.2:8080 > 10.88.0.3"}
        assert want == paths, "paths: %s" % sorted(paths)
        findings = [r for r in map(json.loads, pathlib.Path(out).read_text(encoding="utf-8").splitlines()) if r["event"]["dataset"] == "tapscope.finding"]
        assert not findings, "findings in plain work: %s" % [f["rule"]["id"] for f in findings]
        for path in pathlib.Path(tmp).rglob("*"):
            data = path.read_bytes() if path.is_file() else b""
            for value in VALUES:
                for form in {value.encode(), json.dumps(value)[1:-1].encode()}:
                    assert form not in data, "%s in %s" % (value, path.name)
    print("ok")


if __name__ == "__main__":
    main()
