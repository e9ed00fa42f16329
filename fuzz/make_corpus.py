#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the fuzz targets: fuzz/corpus/<target>/seed-<name>.

Messages come from the RFC vectors of tests/vectors and from the small assembler below. The output depends on nothing
else, so that running this again changes no file. Crash files that are kept for good stand beside the seeds under names
of their own.
"""
import hashlib
import hmac
import pathlib
import struct
import zlib

FUZZ = pathlib.Path(__file__).resolve().parent
VECTORS = FUZZ.parent / "tests" / "vectors"
COOKIE = bytes.fromhex("2112a442")
TRANSACTION = bytes(range(1, 13))
BINDING, ALLOCATE, REFRESH, SEND, PERMISSION, CHANNEL_BIND = 0x001, 0x003, 0x004, 0x016, 0x008, 0x009


def vector(name):
    lines = (VECTORS / name).read_text(encoding="utf-8").splitlines()
    return bytes.fromhex("".join(line.split("#")[0] for line in lines))


def attribute(number, value=b"", pad=b"\0"):
    return struct.pack(">HH", number, len(value)) + value + pad * (-len(value) % 4)


def header(kind, length):
    return struct.pack(">HH", kind, length) + COOKIE + TRANSACTION


def message(kind, *attributes):
    body = b"".join(attributes)
    return header(kind, len(body)) + body


def with_integrity(plain, key=b"key", number=0x0008, digest=hashlib.sha1):
    size = digest().digest_size
    body = plain[20:]
    begin = plain[:2] + struct.pack(">H", len(body) + 4 + size) + plain[4:20]
    return begin + body + attribute(number, hmac.new(key, begin + body, digest).digest())


def with_fingerprint(plain):
    begin = plain[:2] + struct.pack(">H", len(plain) - 20 + 8) + plain[4:]
    return begin + attribute(0x8028, struct.pack(">I", zlib.crc32(begin) ^ 0x5354554E))


def peer(address=b"\xc0\x00\x02\x01", port=4000, number=0x0012):
    mask = COOKIE + TRANSACTION
    family = 1 if len(address) == 4 else 2
    masked = bytes(left ^ right for left, right in zip(address, mask))
    return attribute(number, struct.pack(">BBH", 0, family, port ^ 0x2112) + masked)


def channel_data(number, data):
    return struct.pack(">HH", number, len(data)) + data


def on_stream(frame):
    return frame + b"\0" * (-len(frame) % 4)


def messages():
    credentials = (attribute(0x0006, b"1700000000:user"), attribute(0x0014, b"example.org"),
                   attribute(0x0015, b"obMatJos2gAAA" + b"x" * 16))
    allocate = message(ALLOCATE, attribute(0x0019, b"\x11\0\0\0"), attribute(0x000D, struct.pack(">I", 600)))
    signed = message(REFRESH, attribute(0x000D, struct.pack(">I", 0)), *credentials)
    sha256 = (0x001C, hashlib.sha256)
    return {
        "rfc5769-request": vector("rfc5769_2_1_request.hex"),
        "rfc5769-response4": vector("rfc5769_2_2_ipv4_response.hex"),
        "rfc5769-response6": vector("rfc5769_2_3_ipv6_response.hex"),
        "rfc5769-long-term": vector("rfc5769_2_4_long_term_request.hex"),
        "rfc8489-b1": vector("rfc8489_b_1_sha256_userhash_request.hex"),
        "binding": message(BINDING),
        "binding-fingerprint": with_fingerprint(message(BINDING)),
        "binding-indication": message(0x011),
        "classic": message(BINDING, attribute(0x0003, bytes(4))).replace(COOKIE, b"abcd"),
        "allocate": allocate,
        "allocate-even-port": message(ALLOCATE, attribute(0x0019, b"\x11\0\0\0"), attribute(0x0018, b"\x80")),
        "allocate-token": message(ALLOCATE, attribute(0x0019, b"\x11\0\0\0"), attribute(0x0022, bytes(8))),
        "allocate-dual": message(ALLOCATE, attribute(0x0019, b"\x11\0\0\0"), attribute(0x8000, b"\2\0\0\0")),
        "allocate-family": message(ALLOCATE, attribute(0x0019, b"\x11\0\0\0"), attribute(0x0017, b"\2\0\0\0")),
        "refresh-signed": with_integrity(signed),
        "refresh-signed-both": with_fingerprint(with_integrity(with_integrity(signed), b"key", *sha256)),
        "refresh-signed-sha256": with_integrity(signed, b"key", *sha256),
        "behind-integrity": with_integrity(signed) + attribute(0x000D, bytes(4)),
        "permission-two": message(PERMISSION, peer(), peer(b"\x20\x01\x0d\xb8" + bytes(12))),
        "channel-bind": message(CHANNEL_BIND, attribute(0x000C, b"\x40\0\0\0"), peer()),
        "send": message(SEND, peer(), attribute(0x0013, b"hello"), attribute(0x001A)),
        "unknown-required": message(BINDING, attribute(0x7FFF, b"?")),
        "unknown-optional": message(BINDING, attribute(0xFFFF, b"?", b"\xff")),
        "repeated": message(BINDING, attribute(0x0006, b"a"), attribute(0x0006, b"b")),
        "empty-attributes": message(BINDING, *[attribute(number) for number in range(0x20)]),
        "length-too-large": header(BINDING, 0xFFFC),
        "attribute-too-large": message(BINDING, b"\x00\x06\xff\xff" + bytes(4)),
        "integrity-short": message(BINDING, attribute(0x0008, bytes(16))),
        "fingerprint-first": message(BINDING, attribute(0x8028, bytes(4)), attribute(0x0006, b"x")),
        "headerless": b"\x00\x01\x00\x00",
    }


def channel_datas():
    return {
        "empty": channel_data(0x4000, b""),
        "data": channel_data(0x4001, b"hello"),
        "padded": on_stream(channel_data(0x4FFF, b"hello")),
        "reserved": channel_data(0x5000, b"hello"),
        "stun": message(BINDING),
        "cut": channel_data(0x4000, b"hello")[:-1],
        "longest": struct.pack(">HH", 0x4000, 0xFFFF) + bytes(64),
        "header": b"\x40\x00\x00",
    }


def streams():
    one = message(BINDING)
    data = on_stream(channel_data(0x4000, b"hello"))
    hidden = on_stream(channel_data(0x4000, one + bytes(0xFFFF - len(one))))
    return {
        "mixed": b"\x01" + one + data + one + data,
        "empty-data": b"\x02" + on_stream(channel_data(0x4000, b"")) * 5,
        "all-paddings": b"\x03" + b"".join(on_stream(channel_data(0x4100 + n, b"x" * n)) for n in range(9)),
        "partial": b"\x04" + one + data[:-2],
        "longest": b"\x05" + hidden + one,
        "length-ffff": b"\x06" + struct.pack(">HH", 0x4000, 0xFFFF) + one,
        "stun-length-odd": b"\x07" + struct.pack(">HH", BINDING, 3) + bytes(20),
        "garbage": b"\x08" + b"\xff" * 40,
        "garbage-behind": b"\x09" + one + b"\x16\x03\x01\xff",
        "http": b"\x0aPOST / HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "bytes-only": b"\x0b\x40",
        "signed": b"\x0c" + with_fingerprint(with_integrity(one)) + data,
    }


def addresses():
    texts = ["192.0.2.1", "192.0.2.1:3478", "[2001:db8::1]:3478", "2001:db8::1", "::ffff:192.0.2.1", "::", "[::]:0",
             "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::/0", "192.0.2.1/32", "192.0.2.1/33", "10.0.0.1/8",
             "192.0.2.1:65536", "[::1", "1.2.3", "fe80::1%eth0", "127.0.0.1\0x", ":", "/", "255.255.255.255:65535"]
    return {f"text-{index:02}": text.encode() for index, text in enumerate(texts)}


def configs():
    """A configuration and, behind a NUL, lines of environment."""
    good = """realm = "turn.example.org"
[server]
workers = 2
software = "turnpike"
coalesce = "0"
[listen]
udp = ["0.0.0.0:3478", "[::]:0"]
tcp = []
[relay]
addresses = ["auto", "192.0.2.1"]
external = { "192.0.2.1" = "203.0.113.5", "2001:db8::1" = "2001:db8::2" }
ports = "20000-30000"
[stun]
classic = true
[peers]
allow = ["10.0.0.0/8", "fc00::/7"]
deny = ["10.1.0.0/16", "2001:db8::7"]
[auth]
nonce_lifetime = "10m"
strict_expiry = true
[[auth.secret]]
id = "new"
value = "hex:000102030405060708090a0b0c0d0e0f"
[[auth.secret]]
id = "old"
value = "b64:MDEyMzQ1Njc4OWFiY2RlZg=="
[[auth.user]]
name = "alice"
password = "wonderland"
[[auth.user]]
name = "bob"
key = "md5:72f86f2053703faa0f521ce71cfe6f59"
key_sha256 = "f0c3ae808cef897043f79de49549776f1f58cb7c5364e03ab40abac620459848"
[limits]
allocations_per_user = 0
lifetime_max = "2h"
[ice]
host = "turn.example.org"
ttl = "24h"
urls = ["stun:a", "turn:b:3478?transport=udp", "turns:[::1]:443?transport=tcp"]
[log]
level = "debug"
format = "json"
"""
    environment = "\0TURNPIKE_REALM=x\nTURNPIKE_LISTEN__UDP=127.0.0.1:1, [::1]:2\nTURNPIKE_STUN__CLASSIC=true\n" \
        "TURNPIKE_RELAY__EXTERNAL=10.0.0.1=1.2.3.4\nTURNPIKE_AUTH__SECRET=0123456789abcdef\n" \
        "TURNPIKE_LIMITS__ALLOCATIONS=5\nTURNPIKE_LISTEN_TCP=1\nTURNPIKE_LISTN__TCP=1\n"
    wrong = """relm = 1
log = "x"
listen = [{ udp = 1 }]
[server]
workers = "4"
coalesce = 100
[relay]
ports = "9-1"
addresses = ["0.0.0.0", 1]
external = { x = "y" }
[peers]
allow = ["10.0.0.1/8", "::ffff:0:0/96"]
[auth.secret]
id = "x"
[[auth.user]]
name = "x"
key = "0x00"
[[ice.key]]
[plan.default]
bytes = "1GB"
"""
    keys = (good.replace("[server]", "[[server]]"), "realm = 'x'\nrealm = 'y'\n", "a.b.c.d.e = 1\n", "a = " + "[" * 300,
            "x = 1979-05-27T07:32:00Z\ny = 1.5\nz = inf\n", "\"\\u0000\" = 1\n", "# only a comment", "")
    return {"good": good.encode(), "environment": (good + environment).encode(), "only-environment": environment.encode(),
            "wrong": wrong.encode()} | {f"odd-{index}": text.encode() for index, text in enumerate(keys)}


def main():
    targets = {"message": messages(), "channel_data": channel_datas(), "stream_framer": streams(),
               "address": addresses(), "config": configs()}
    for target, seeds in targets.items():
        folder = FUZZ / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            (folder / f"seed-{name}").write_bytes(content)


if __name__ == "__main__":
    main()
