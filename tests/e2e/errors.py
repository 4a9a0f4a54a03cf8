#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is told with its place and a remedy, and the exit status says of which kind it is: wrong options and files of
configuration, folders without rights, a broker that is not there, a disk that fills up, captures cut short in every format.

usage: errors.py TAPSCOPE [CAPTURE]
"""
import gzip
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD, FAILED, USAGE, UNDELIVERED = range(4)
bad = []


def run(*args):
    return subprocess.run([str(a) for a in args], capture_output=True, timeout=600, check=False)


def expect(what, out, status, *words):
    text = out.stderr.decode("utf-8", "replace")
    missing = [w for w in words if w not in text]
    good = out.returncode == status and not missing
    print(f"{what}: {'ok' if good else 'WRONG'}")
    if not good:
        bad.append(what)
        print(f"    exit {out.returncode}, expected {status}; missing {missing}; said: {text.strip()[:400]}")


def calls(data):
    return [l for l in data.splitlines() if b'"dataset":"tapscope.call"' in l]


def wrong_words(program, tmp, capture):
    files = {"capture:\n  ring_mb: [1\n": ":3: ", "capture:\n  ring_mb: lots\n": ":2: capture.ring_mb: expected a whole number",
             "capture:\n  ring_mbx: 5\n": "did you mean capture.ring_mb?", "nosection:\n  x: 5\n": ":1: nosection: expected a known option"}
    for text, words in files.items():
        (tmp / "bad.yaml").write_text(text)
        expect(f"check of {text!r}", run(program, "check", "-c", tmp / "bad.yaml"), USAGE, "bad.yaml", words)
        expect("the same before a replay", run(program, "replay", "-q", "-c", tmp / "bad.yaml", "-o", "stdout:", capture), USAGE, words)
    expect("no such command", run(program, "reply"), USAGE, 'no command "reply"', "--help")
    expect("no such option", run(program, "replay", "--nosuch", capture), USAGE, "error: --nosuch: no such option", "--help")
    expect("an option without its value", run(program, "replay", capture, "--state"), USAGE, "--state", "--help")
    expect("no such setting", run(program, "replay", "--set", "analytics.windowx=5", capture), USAGE, "did you mean analytics.window?")
    expect("no such sink", run(program, "replay", "-q", "-o", "fiel:x", capture), USAGE, "-o fiel:x: expected file:PATH")
    expect("no such capture", run(program, "replay", "-q", tmp / "none.pcap"), USAGE, "none.pcap: No such file")
    (tmp / "text.pcap").write_text("this is no capture at all, whatever it is called\n")
    expect("no capture", run(program, "replay", "-q", tmp / "text.pcap"), USAGE, "text.pcap: not a capture file; give pcap or pcapng")
    expect("no such interface", run(program, "live", "-i", "nosuch0", "-o", "stdout:"), USAGE, "nosuch0: ")
    rules = tmp / "rules"
    shutil.copytree(ROOT / "rules", rules)
    (rules / "attack/own.yaml").write_text("patterns:\n  - id: own\n    pattern: 'a('\n    match: [a]\n")
    expect("processors that are none", run(program, "check", "--set", "sensor.cpus=one"), USAGE, 'sensor.cpus: "one"')
    expect("segments that are not there", run(program, "check", "--set", f"analytics.segments_file={tmp}/none"), USAGE, "segments_file")
    expect("a broken pattern", run(program, "check", "--set", f"analytics.rules_dir={rules}"), USAGE, "own.yaml:3: ")


def takes_signals(pid):
    """Whether a signal to end has a meaning of its own to the process, which it has not right after the start."""
    masks = re.findall(r"^Sig(?:Blk|Cgt):\t([0-9a-f]+)$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
    return any(int(m, 16) >> (signal.SIGTERM - 1) & 1 for m in masks)


def wrong_places(program, tmp, capture, every):
    expect("state where no folder can be", run(program, "replay", "-q", "--state", "/proc/none/state", capture), USAGE,
           "/proc/none/state: cannot keep state there", "--state")
    (tmp / "plain").write_text("")
    expect("a file for a folder", run(program, "replay", "-q", "-o", f"file:{tmp}/plain/events", capture), USAGE, "is the folder there")
    state = tmp / "state"
    out = run(program, "replay", "-q", "--state", state, "-o", "kafka:127.0.0.1:1", capture)
    expect("no broker", out, UNDELIVERED, "127.0.0.1:1", "does the broker run", "wait in the spool for the next run, 0 are given up")
    # Few records: with more than the queue holds a replay waits for the broker.
    out = run(program, "replay", "-q", "-o", "kafka:127.0.0.1:1", ROOT / "pcaps/protocols.pcap")
    expect("no broker and no spool", out, UNDELIVERED, "None waits on disk: set output.spool_dir or --state")
    waits = subprocess.Popen([program, "replay", "-q", "-o", "kafka:127.0.0.1:1", capture], stderr=subprocess.PIPE)
    while waits.poll() is None and not takes_signals(waits.pid):
        time.sleep(0.1)
    time.sleep(5)
    still = waits.poll() is None
    waits.terminate()
    said = waits.communicate(timeout=300)[1]
    expect("no broker, a signal", subprocess.CompletedProcess([], waits.returncode if still else -1, b"", said), UNDELIVERED, "are given up")
    small = tmp / "small"
    small.mkdir()
    if os.geteuid() != 0 or run("mount", "-t", "tmpfs", "-o", "size=512k", "none", small).returncode != 0:
        print("a full disk: skipped, nothing can be mounted here")
        return
    try:
        out = run(program, "replay", "-q", "--state", tmp / "full", "-o", f"file:{small}/events", capture)
        expect("a full disk", out, UNDELIVERED, "No space left on device (free some space", "wait in the spool for the next run, 0 are given up")
        run("mount", "-o", "remount,size=64m", small)
        out = run(program, "replay", "-q", "--state", tmp / "full", "-o", f"file:{small}/events", "/dev/null")
        rest = [c for p in small.glob("events*") for c in calls(p.read_bytes())]
        expect("room again", out, GOOD)
        if sorted(rest) != sorted(every):
            bad.append("records were lost on the full disk")
    finally:
        run("umount", small)


def cut(program, tmp, capture, every):
    whole = capture.read_bytes()
    forms = {"cut.pcapng": whole, "cut.pcapng.gz": gzip.compress(whole, 1)}
    if shutil.which("zstd"):
        forms["cut.pcapng.zst"] = run("zstd", "-qc", capture).stdout
    if shutil.which("editcap"):
        run("editcap", "-F", "pcap", capture, tmp / "whole.pcap")
        forms["cut.pcap"] = (tmp / "whole.pcap").read_bytes()
    for name, data in forms.items():
        (tmp / name).write_bytes(data[:len(data) * 6 // 10])
        out = run(program, "replay", "-q", "-o", "stdout:", "--only", "call", tmp / name)
        expect(name, out, GOOD, f"{name}: c", "cut", "after packet ")
        got = calls(out.stdout)
        if not len(every) // 4 < len(got) < len(every):
            bad.append(f"{name}: {len(got)} calls of {len(every)}")


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    capture = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "pcaps/bank-morning.pcapng")
    with tempfile.TemporaryDirectory() as name:
        tmp = pathlib.Path(name)
        every = calls(run(program, "replay", "-q", "-o", "stdout:", "--only", "call", capture).stdout)
        wrong_words(program, tmp, capture)
        wrong_places(program, tmp, capture, every)
        cut(program, tmp, capture, every)
    print("errors: " + ("; ".join(bad) or "all told"))
    sys.exit(bool(bad))


main()
