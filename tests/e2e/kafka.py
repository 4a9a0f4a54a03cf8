#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real Apache Kafka broker: what arrives in its topics equals the file sink's lines, through stops and dead brokers.

usage: kafka.py TAPSCOPE FOLDER [CAPTURE]    FOLDER keeps the broker's jars between runs
"""
import collections
import json
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def jars(folder):
    """The broker's class path; Maven brings it the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    pom = ROOT / "tests/e2e/pom.xml"
    mark = folder / "pom.xml"
    if not mark.exists() or mark.read_bytes() != pom.read_bytes():
        subprocess.run(["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
                       check=True, timeout=1200)
        shutil.copy(pom, mark)
    return f"{folder}/*"


def free_ports(n):
    """Below the ports that the system gives to callers: who calls one of those while nobody listens may reach himself."""
    ports = []
    while len(ports) < n:
        port = random.randint(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


class Broker:
    def __init__(self, path, folder):
        self.path, self.dir = path, folder
        self.port, self.controller = free_ports(2)
        self.process = None
        (folder / "server.properties").write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{self.controller}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
""")
        self.java("kafka.tools.StorageTool", "format", "-t", "bm90LXNlY3JldC1hdC1hbA", "-c", folder / "server.properties")

    def command(self, *args):
        return ["java", "-Xmx512m", "-cp", self.path, *map(str, args)]

    def java(self, *args):
        subprocess.run(self.command(*args), check=True, capture_output=True, timeout=300)

    def start(self):
        self.process = subprocess.Popen(self.command("kafka.Kafka", self.dir / "server.properties"),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if subprocess.run(["kcat", "-b", self.address, "-L", "-m", "2"], capture_output=True, check=False).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        sys.exit("the broker does not come up")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(300)
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def topics(self):
        listed = json.loads(subprocess.run(["kcat", "-b", self.address, "-L", "-J"], capture_output=True, check=True).stdout)
        return [t["topic"] for t in listed["topics"]]

    def read(self, prefix):
        """(topic, partition, key, line) of every record in the topics with this prefix."""
        got = []
        for topic in self.topics():
            if not topic.startswith(prefix):
                continue
            out = subprocess.run(["kcat", "-b", self.address, "-C", "-t", topic, "-e", "-q", "-f", "%p\t%k\t%s\n"],
                                 capture_output=True, check=True, timeout=300).stdout.decode()
            got += [(topic, *line.split("\t", 2)) for line in out.splitlines()]
        return got


def replay(program, capture, *args, check=True):
    run = subprocess.run([program, "replay", "-q", *args, capture], capture_output=True, text=True, timeout=900, check=False)
    if check and run.returncode != 0:
        sys.exit(f"replay: exit {run.returncode}: {run.stderr}")
    return run


def without_sensor(lines):
    return [l for l in lines if '"dataset":"tapscope.sensor"' not in l]


def same(what, lines, got, exactly=True):
    want = collections.Counter(without_sensor(lines))
    have = collections.Counter(without_sensor([g[-1] for g in got]))
    if not exactly:
        want, have = collections.Counter(set(want)), collections.Counter(set(have))
    missing, extra = want - have, have - want
    print(f"{what}: {sum(want.values())} records, {sum(missing.values())} missing, {sum(extra.values())} extra")
    if missing or extra or not want:
        for line in list((missing + extra).keys())[:3]:
            print("  ", line[:300])
        sys.exit(f"{what}: the topics and the file differ")


def in_order(what, got):
    """The records of one key and topic are in one partition."""
    place = {}
    for topic, partition, key, _ in got:
        if place.setdefault((topic, key), partition) != partition:
            sys.exit(f"{what}: key {key!r} of {topic} is in two partitions")


def equal(program, capture, broker, tmp):
    replay(program, capture, "-o", f"file:{tmp}/equal.jsonl", "-o", f"kafka:{broker.address}",
           "--set", "output.topic_prefix=equal.")
    lines = (tmp / "equal.jsonl").read_text(encoding="utf-8").splitlines()
    got = broker.read("equal.")
    same("equal", lines, got)
    in_order("equal", got)
    for topic, _, _, line in got:
        if json.loads(line)["event"]["dataset"] != topic.replace("equal.", "tapscope."):
            sys.exit(f"a record of another kind is in {topic}")


def dead(program, capture, broker, tmp):
    """No broker: everything goes to the spool; the next run delivers it."""
    broker.stop()
    args = ["-o", f"kafka:{broker.address}", "--set", "output.topic_prefix=dead.", "--set", f"output.spool_dir={tmp}/spool"]
    run = replay(program, capture, *args, "-o", f"file:{tmp}/dead.jsonl", check=False)
    print(f"dead: exit {run.returncode}; {run.stderr.strip()[-200:]}")
    lines = (tmp / "dead.jsonl").read_text(encoding="utf-8").splitlines()
    spooled = sum(p.stat().st_size for p in (tmp / "spool").rglob("*.seg"))
    if spooled < sum(map(len, without_sensor(lines))):
        sys.exit(f"dead: only {spooled} bytes are in the spool")
    broker.start()
    replay(program, capture, *args, "--only", "incident")
    same("dead, next run", lines, broker.read("dead."), exactly=False)
    left = list((tmp / "spool").rglob("*.seg"))
    if left:
        sys.exit(f"dead: {len(left)} segments are left after delivery")


def restart(program, capture, broker, tmp):
    """The broker goes away while records are on their way, and comes back."""
    args = ["--set", "output.topic_prefix=restart.", "--set", f"output.spool_dir={tmp}/spool2"]
    fifo = tmp / "slow"
    subprocess.run(["mkfifo", fifo], check=True)

    def feed():
        data = capture.read_bytes()
        with fifo.open("wb") as out:
            for i in range(20):
                out.write(data[len(data) * i // 20:len(data) * (i + 1) // 20])
                out.flush()
                if i == 6:
                    broker.stop()
                if i == 13:
                    broker.start()
                time.sleep(0.1)
    thread = threading.Thread(target=feed)
    thread.start()
    run = replay(program, fifo, *args, "-o", f"file:{tmp}/restart.jsonl", "-o", f"kafka:{broker.address}", check=False)
    thread.join()
    print(f"restart: exit {run.returncode}; {run.stderr.strip()[-200:]}")
    lines = (tmp / "restart.jsonl").read_text(encoding="utf-8").splitlines()
    if run.returncode != 0:
        replay(program, capture, *args, "-o", f"kafka:{broker.address}", "--only", "incident")
    same("restart", lines, broker.read("restart."), exactly=False)


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    capture = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else ROOT / "pcaps/bank-morning.pcapng").resolve()
    if not capture.exists():
        capture = ROOT / "build/data/bankday/span.pcap"
    with tempfile.TemporaryDirectory() as name:
        tmp = pathlib.Path(name)
        broker = Broker(jars(folder), tmp)
        try:
            broker.start()
            equal(program, capture, broker, tmp)
            dead(program, capture, broker, tmp)
            restart(program, capture, broker, tmp)
        finally:
            broker.stop()
    print("kafka: all equal")


main()
