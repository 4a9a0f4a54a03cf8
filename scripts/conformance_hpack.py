# SPDX-License-Identifier: Apache-2.0
"""hpack/: the http2jp cases, decoded whole and from the n-th block on, by the unit test that reads them."""
import pathlib
import re
import subprocess


def run(table, runner, data):
    test = next((p for p in (pathlib.Path(runner.binary).parent / "test_hpack_cases", pathlib.Path("build/dev/test_hpack_cases")) if p.exists()), None)
    if not test or not (data / "hpack").is_dir():
        return
    out = subprocess.run([test], capture_output=True, text=True, check=False, timeout=600)
    m = re.search(r"(\d+) blocks, (\d+) late joins", out.stdout + out.stderr)
    for name, n in (("blocks", m and int(m[1])), ("late joins", m and int(m[2]))):
        table.cases["hpack", name] += n or 1
        table.exact["hpack", name] += n if m and out.returncode == 0 else 0
