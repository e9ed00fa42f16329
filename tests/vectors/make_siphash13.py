#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes siphash13.txt: SipHash-1-3 of 00 01 02 ... for lengths 0 to 63, by a model of its own.

The model is first held against CPython, whose bytes are hashed by SipHash-1-3 under a key that PYTHONHASHSEED gives
(Python/bootstrap_hash.c: a linear congruential generator). No output is written unless every one of them agrees.
"""
import os
import subprocess
import sys

MASK = (1 << 64) - 1
INITIAL = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def rotate(word, count):
    return ((word << count) | (word >> (64 - count))) & MASK


def siphash13(key, data):
    words = [int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")] * 2
    a, b, c, d = (word ^ initial for word, initial in zip(words, INITIAL))

    def mix(a, b, c, d):
        a, c = (a + b) & MASK, (c + d) & MASK
        b, d = rotate(b, 13) ^ a, rotate(d, 16) ^ c
        a = rotate(a, 32)
        c, a = (c + b) & MASK, (a + d) & MASK
        b, d = rotate(b, 17) ^ c, rotate(d, 21) ^ a
        return a, b, rotate(c, 32), d

    blocks = data + bytes(7 - len(data) % 8) + bytes([len(data) % 256])
    for at in range(0, len(blocks), 8):
        word = int.from_bytes(blocks[at : at + 8], "little")
        a, b, c, d = mix(a, b, c, d ^ word)
        a ^= word
    c ^= 0xFF
    for _ in range(3):
        a, b, c, d = mix(a, b, c, d)
    return a ^ b ^ c ^ d


def cpython_key(seed):
    key = bytearray()
    for _ in range(16):
        seed = (seed * 214013 + 2531011) & 0xFFFFFFFF
        key.append((seed >> 16) & 0xFF)
    return bytes(key)


def agrees_with_cpython(seed, data):
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    run = [sys.executable, "-c", f"print(hash({data!r}))"]
    printed = subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout
    return int(printed) & MASK == siphash13(cpython_key(seed), data)


def main():
    if sys.hash_info.algorithm != "siphash13":
        sys.exit("this Python does not hash with SipHash-1-3 (3.11 and newer do)")
    for seed in (1, 4711, 4294967295):
        for length in (1, 7, 8, 9, 15, 16, 31, 63):
            if not agrees_with_cpython(seed, bytes(range(length))):
                sys.exit(f"the model and CPython differ: seed {seed}, length {length}")
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "siphash13.txt")
    with open(path, "w", encoding="ascii") as out:
        out.write("# SipHash-1-3 of 00 01 02 ..., made by make_siphash13.py and checked there against CPython.\n")
        out.write("# length  key 00 .. 00       key 00 01 .. 0f\n")
        for length in range(64):
            data = bytes(range(length))
            zero, counting = siphash13(bytes(16), data), siphash13(bytes(range(16)), data)
            out.write(f"{length} {zero:016x} {counting:016x}\n")


if __name__ == "__main__":
    main()
