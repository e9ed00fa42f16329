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


# A step of turn_server_fuzzer.cpp is its number and what it takes. The first byte of an input seeds the randomness.
ALICE, BOB_TCP, ALICE6, CAROL = range(4)
DO_ALLOCATE, DO_REFRESH, DO_PERMISSION, DO_BIND, DO_BINDING = range(5)
UNSIGNED, WRONG, SHA256, FINGERPRINT, AGAIN, FLIP, STALE, TRAILING = (1 << bit for bit in range(8))
TRANSPORT, LIFETIME, PEER, CHANNEL, EVEN_PORT, TOKEN, FAMILY, ADDITIONAL, DONT_FRAGMENT, DATA, RAW = range(11)
SECOND, THIRTY, THREE_HUNDRED, SIX_HUNDRED, TWO_HOURS = 1, 3, 6, 9, 11  # Places in kJumps.
UDP = bytes([TRANSPORT, 17])


def request(client, method, *attributes, flags=0, after=b""):
    return bytes([0, client, method, flags, len(attributes)]) + b"".join(attributes) + after


def to_peer(place):
    return bytes([PEER, place])


def allocate(client=ALICE, *attributes, flags=0):
    return request(client, DO_ALLOCATE, UDP, *attributes, flags=flags)


def sessions():
    permission = request(ALICE, DO_PERMISSION, to_peer(0))
    bind = request(ALICE, DO_BIND, bytes([CHANNEL, 0]), to_peer(0))
    traffic = bytes([1, ALICE, 0, 2, ALICE, 2]) + to_peer(0) + bytes([DATA, 4]) + b"data" + bytes([3, ALICE, 0])
    delete = request(ALICE, DO_REFRESH, bytes([LIFETIME, 0]))
    even = allocate(ALICE, bytes([EVEN_PORT, 0x80]))
    with_token = allocate(CAROL, bytes([TOKEN, 0]))
    dual = allocate(ALICE, bytes([ADDITIONAL, 2]))
    return {
        "lifecycle": b"\x01" + allocate() + permission + bind + traffic + delete,
        "expiry": b"\x02" + allocate() + bind + bytes([4, THREE_HUNDRED]) + traffic + bytes([4, SIX_HUNDRED]),
        "challenge": b"\x03" + allocate(flags=UNSIGNED) + allocate(flags=STALE) + allocate(flags=WRONG) + allocate(),
        "sha256": b"\x04" + allocate(flags=SHA256 | FINGERPRINT) + request(ALICE, DO_REFRESH, flags=SHA256),
        "retransmission": b"\x05" + allocate() + allocate(flags=AGAIN) + allocate(),
        "reservation": b"\x06" + even + with_token + bytes([4, THIRTY]) + delete,
        "reservation-own": b"\x07" + even + delete + allocate(ALICE, bytes([TOKEN, 0])) + bytes([4, TWO_HOURS]),
        "dual": b"\x08" + dual + request(ALICE, DO_PERMISSION, to_peer(0), to_peer(3)) + traffic
                + request(ALICE, DO_REFRESH, bytes([LIFETIME, 0]), bytes([FAMILY, 1])) + traffic,
        "dual-half": b"\x09" + bytes([6, 0, 1]) + dual + delete,
        "bind-in-use": b"\x0a" + bytes([6, 1, 5]) + allocate() + bytes([6, 1, 9]) + allocate(CAROL),
        "ports-gone": b"\x0b" + b"".join(allocate(client) for client in (ALICE, BOB_TCP, ALICE6, CAROL)) * 3,
        "forbidden": b"\x0c" + allocate() + b"".join(request(ALICE, DO_PERMISSION, to_peer(n)) for n in range(20)),
        "own-relayed": b"\x0d" + allocate() + allocate(CAROL)
                       + request(ALICE, DO_BIND, bytes([CHANNEL, 1]), to_peer(15)) + bytes([1, ALICE, 1, 3, ALICE, 15]),
        "limits": b"\x0e" + allocate() + b"".join(
            request(ALICE, DO_BIND, bytes([CHANNEL, n]), to_peer(n)) for n in (0, 1, 2, 15, 16, 17, 18)),
        "wrong-user": b"\x0f" + allocate() + request(CAROL, DO_REFRESH) + request(ALICE, DO_REFRESH, flags=WRONG),
        "reload": b"\x10" + allocate() + permission + bytes([7, 32]) + traffic + bytes([7, 24]) + delete + bytes([7, 0]),
        "strict": b"\x11" + bytes([7, 1]) + allocate(CAROL) + bytes([4, SIX_HUNDRED]) + request(CAROL, DO_REFRESH),
        "stream": b"\x12" + allocate(BOB_TCP) + bytes([8, BOB_TCP]) + allocate(BOB_TCP),
        "icmp": b"\x13" + allocate() + permission + bytes([9, ALICE, 0, 3, 4]),
        "ipv6": b"\x14" + allocate(ALICE6, bytes([FAMILY, 2])) + request(ALICE6, DO_PERMISSION, to_peer(3))
                + bytes([3, ALICE6, 3]),
        "flipped": b"\x15" + allocate() + request(ALICE, DO_REFRESH, flags=FLIP, after=bytes([60, 3])) + delete,
        "behind-integrity": b"\x16" + allocate() + request(
            ALICE, DO_REFRESH, bytes([LIFETIME, 6]), flags=TRAILING, after=bytes([LIFETIME, 0])),
        "raw-attributes": b"\x17" + allocate(ALICE, bytes([RAW, 0x80, 0x22, 5]) + b"abcde")
                          + allocate(CAROL, bytes([RAW, 0x7F, 0xFF, 0])),
        "raw-messages": b"\x18" + bytes([7, 2]) + b"".join(
            bytes([5, ALICE, len(raw)]) + raw for raw in (message(BINDING), messages()["classic"], bytes(30))),
        "shorten": b"\x19" + allocate(ALICE, bytes([LIFETIME, 6])) + request(ALICE, DO_REFRESH, bytes([LIFETIME, 3]))
                   + bytes([4, SIX_HUNDRED]) + traffic,
    }


def main():
    targets = {"message": messages(), "channel_data": channel_datas(), "stream_framer": streams(),
               "address": addresses(), "turn_server": sessions()}
    for target, seeds in targets.items():
        folder = FUZZ / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            (folder / f"seed-{name}").write_bytes(content)


if __name__ == "__main__":
    main()
