# SPDX-License-Identifier: Apache-2.0
"""Whoever has not authenticated costs no memory: 100,000 sources leave the size alone."""

import random
import socket
import struct
import unittest

import harness
import server_config
import stun
from testcase import TurnpikeTestCase

SOURCES = 100000
WINDOW = 64
GROWTH_MAX = 1024 * 1024


class ManySources:
    """One socket that sends from any loopback address, by IP_PKTINFO."""

    IP_PKTINFO = 8

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("0.0.0.0", 0))
        self.socket.settimeout(20)
        self.server = server

    def send(self, source, data):
        info = struct.pack("@I4s4s", 0, socket.inet_aton(source), bytes(4))
        self.socket.sendmsg([data], [(socket.IPPROTO_IP, self.IP_PKTINFO, info)], 0, self.server)

    def receive(self):
        return self.socket.recv(2048)

    def close(self):
        self.socket.close()


class Spoof(TurnpikeTestCase):
    # The default budget: each source sends too little to exceed it.
    config = {"limits": {"unauthenticated_per_second": None}}

    def flood(self, many, sources):
        """Sends from each source, in windows whose answers tell that they are worked off."""
        binding = stun.Message(stun.BINDING).encode()
        allocate = stun.Message(stun.ALLOCATE, attributes=[
            (stun.REQUESTED_TRANSPORT, stun.requested_transport())]).encode()
        forged = stun.Message(stun.ALLOCATE, attributes=[
            (stun.USERNAME, "alice"), (stun.REALM, server_config.REALM), (stun.NONCE, "n" * 29)])
        requests = (binding, allocate, forged.encode(b"no key"))
        for start in range(0, len(sources), WINDOW):
            window = sources[start:start + WINDOW]
            for index, source in enumerate(window):
                many.send(source, requests[index % 3])
            for _ in window:
                many.receive()

    def test_a_hundred_thousand_sources(self):
        many = ManySources(self.address())
        self.addCleanup(many.close)
        dice = random.Random(3489)
        numbers = dice.sample(range(0x7F000100, 0x7FFFFF00), SOURCES + SOURCES // 10)
        sources = [socket.inet_ntoa(struct.pack("!I", number)) for number in numbers]
        self.flood(many, sources[:SOURCES // 10])
        before = self.server.rss_bytes()
        self.flood(many, sources[SOURCES // 10:])
        grown = self.server.rss_bytes() - before
        if not harness.is_sanitized():
            self.assertLess(grown, GROWTH_MAX)
        self.assertSuccess(self.allocated().refresh())
        self.assertLess(len(self.server.log()), 200, "a log flood")


if __name__ == "__main__":
    unittest.main()
