#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report: one file that fetches nothing, its data whole, every word of its tables in Chinese too; drawn by a browser where there is one.

usage: report.py TAPSCOPE CAPTURE
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def drawn(browser, page, view):
    run = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--lang=en", "--virtual-time-budget=3000", "--dump-dom",
                          f"file://{page}#{view}"], capture_output=True, text=True, timeout=600, check=False)
    return run.stdout


def main():
    with tempfile.TemporaryDirectory() as tmp:
        page = pathlib.Path(tmp) / "report.html"
        subprocess.run([sys.argv[1], "replay", "-q", "--report", page, "-o", f"file:{tmp}/out.jsonl", sys.argv[2]], check=True)
        text = page.read_text(encoding="utf-8")
        data = json.loads(re.search(r'<script type="application/json" id="data">\n(.*?)</script>', text, re.S).group(1))
        rows = {k: len(data[k]) for k in ("assets", "exposures", "findings", "incidents", "map", "paths", "classes", "counters")}
        assert all(rows[k] for k in ("assets", "findings", "map", "classes", "counters")), rows
        script = text[text.rindex("<script>"):]
        assert not re.search(r'(src|href)\s*=|fetch\(|https?://|import\(', text[:text.index('id="data"')] + script), "the page fetches something"
        assert all(x["subjects"] <= x["count"] for x in data["map"])
        words = dict(re.findall(r'"([^"]+)":"([^"]*[^\x00-\x7f][^"]*)"', script))
        titles = set(re.findall(r'\["([A-Z][^"]*)", r =>', script)) | set(re.findall(r'^  "([A-Z][^"]*)": \[', script, re.M))
        missing = sorted(t for t in titles if t not in words and not re.match(r"JR/T|GB/T|ISO|PCI", t))
        assert not missing, missing
        browser = next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)
        if browser:
            seen = drawn(browser, page, "Overview")
            assert "Riskiest endpoints" in seen and data["assets"][0]["service"] in seen, seen[-2000:]
            assert "风险最高的接口" in drawn(browser, page, "Overview/zh")
            assert "Severity" in drawn(browser, page, "Leaks")
        print(f"report: {rows}, {len(titles)} titles in two languages,", f"drawn by {browser}" if browser else "no browser here")


main()
