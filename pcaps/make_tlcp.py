#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tlcp.pcap: a TLCP 1.1 handshake (GB/T 38636-2020) with its two SM2 certificates, for signing and for encryption; a TLS 1.3 one with
TLS_SM4_GCM_SM3 and curveSM2 (RFC 8998); and a client's certificate that holds a person's name and number, of which neither may be told.

Needs the openssl command; the keys are thrown away, so the capture differs at each run in its certificates only.
"""
import pathlib
import struct
import subprocess
import tempfile

from wire import Capture, Tcp

T0 = 1798761600 * 10**9
cap = Capture()


def certificate(subject, key="SM2"):
    with tempfile.TemporaryDirectory() as tmp:
        run = lambda *args: subprocess.run(["openssl", *args], cwd=tmp, check=True, capture_output=True)
        run("ecparam", "-name", key, "-genkey", "-noout", "-out", "key")
        run("req", "-new", "-x509", "-utf8", "-key", "key", "-sm3", "-days", "36500", "-subj", subject, "-outform", "DER", "-out", "crt")
        return pathlib.Path(tmp, "crt").read_bytes()


def record(kind, version, body):
    return struct.pack("!BHH", kind, version, len(body)) + body


def message(kind, body):
    return struct.pack("!B", kind) + struct.pack("!I", len(body))[1:] + body


def ext(kind, data):
    return struct.pack("!HH", kind, len(data)) + data


def client_hello(version, suites, exts=b""):
    body = struct.pack("!H", version) + b"\x11" * 32 + b"\0" + struct.pack("!H", 2 * len(suites)) + b"".join(struct.pack("!H", s) for s in suites) + b"\1\0"
    return message(1, body + (struct.pack("!H", len(exts)) + exts if exts else b""))


def server_hello(version, suite, exts=b""):
    body = struct.pack("!H", version) + b"\x22" * 32 + b"\0" + struct.pack("!HB", suite, 0)
    return message(2, body + (struct.pack("!H", len(exts)) + exts if exts else b""))


def chain(*certificates):
    both = b"".join(struct.pack("!I", len(c))[1:] + c for c in certificates)
    return message(11, struct.pack("!I", len(both))[1:] + both)


def finish(tcp, version):
    for end in (0, 1):
        tcp.send(end, record(20, version, b"\1") + record(22, version, b"\x99" * 80))
    tcp.send(0, record(23, version, b"\x88" * 64))
    tcp.close()


def tlcp():
    tcp = Tcp(cap, T0, "10.9.2.2", 41001, "10.9.2.3", 18443)
    tcp.send(0, record(22, 0x0101, client_hello(0x0101, [0xE053, 0xE013, 0xE011])))
    sign = certificate("/C=CN/O=Bank/OU=sign/CN=gm.bank.example")
    seal = certificate("/C=CN/O=Bank/OU=enc/CN=gm.bank.example")
    tcp.send(1, record(22, 0x0101, server_hello(0x0101, 0xE013)) + record(22, 0x0101, chain(sign, seal)) + record(22, 0x0101, message(14, b"")))
    person = certificate("/C=CN/O=Bank/CN=041@N张三@0110101199003070011@1")
    tcp.send(0, record(22, 0x0101, chain(person) + message(16, b"\x77" * 150)))
    finish(tcp, 0x0101)


def tls13_sm():
    tcp = Tcp(cap, T0 + 10**9, "10.9.2.4", 41002, "10.9.2.5", 8443)
    name = b"sm.bank.example"
    exts = (ext(0, struct.pack("!HBH", len(name) + 3, 0, len(name)) + name) + ext(10, b"\0\2\0\x29") + ext(13, b"\0\2\7\x08") + ext(43, b"\2\3\4") +
            ext(51, struct.pack("!HHH", 69, 0x29, 65) + b"\4" + b"\x55" * 64))
    tcp.send(0, record(22, 0x0301, client_hello(0x0303, [0x00C6, 0x00C7], exts)))
    tcp.send(1, record(22, 0x0303, server_hello(0x0303, 0x00C6, ext(43, b"\3\4") + ext(51, struct.pack("!HH", 0x29, 65) + b"\4" + b"\x66" * 64))))
    finish(tcp, 0x0303)


if __name__ == "__main__":
    tlcp()
    tls13_sm()
    cap.write(pathlib.Path(__file__).with_name("tlcp.pcap"))
