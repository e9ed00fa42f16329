# SPDX-License-Identifier: Apache-2.0
"""Tests that change routes and addresses: run by others in a network namespace of their own."""

import os
import shutil
import socket
import subprocess
import sys
import time
import unittest

import harness
import stun
from testcase import TurnpikeTestCase, require


def run_in_namespace(test, case):
    """Runs one class of this file where only loopback exists and nothing can be harmed."""
    allowed = shutil.which("unshare") and shutil.which("ip") and subprocess.run(
        ["unshare", "-Urn", "ip", "link", "set", "lo", "up"], capture_output=True,
        check=False).returncode == 0
    require(test, allowed, "a network namespace (unshare, ip)")
    inner = subprocess.run(
        ["unshare", "-Urn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh",
         sys.executable, os.path.abspath(__file__), case],
        capture_output=True, text=True, check=False)
    test.assertEqual(inner.returncode, 0, inner.stdout + inner.stderr)
    test.assertNotIn("Ran 0 tests", inner.stderr)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def wait_until_reachable(server, hosts):
    """Until datagrams from all the hosts reach the server's address: the kernel sets up IPv6 in its own time."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as receiver:
        receiver.bind((server, 0))
        receiver.settimeout(0.05)
        for host in hosts:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
                sender.bind((host, 0))
                deadline = time.monotonic() + harness.PATIENCE_SECONDS
                while True:
                    sender.sendto(b"there?", receiver.getsockname())
                    try:
                        if receiver.recvfrom(16)[1][:2] == sender.getsockname()[:2]:
                            break
                    except socket.timeout:
                        if time.monotonic() > deadline:
                            raise


class Survives:
    """Shared steps: whatever is sent to the bad peer, the good one goes on being served."""

    def assertSurvives(self, client, bad, payload=b"into the wall"):
        good = self.peer()
        self.assertSuccess(client.create_permission(bad, good.address))
        self.assertRelays(client, good)
        for _ in range(5):
            client.send_to(bad, payload)
            self.assertRelaysDespiteIcmp(client, good)
        self.assertSuccess(client.channel_bind(0x4001, good.address))
        self.assertSuccess(client.channel_bind(0x4000, bad))
        for _ in range(5):
            for _ in range(8):
                client.send_channel(0x4000, payload)
            self.assertRelaysDespiteIcmp(client, good, 0x4001)
        self.assertSuccess(client.refresh())

    def assertRelaysDespiteIcmp(self, client, peer, channel=None):
        """As assertRelays, but ICMP indications about the bad peer may come in between."""
        payload = os.urandom(8).hex().encode()
        if channel is None:
            client.send_to(peer.address, payload)
        else:
            client.send_channel(channel, payload)
        received, sender = peer.receive()
        self.assertEqual(received, payload)
        peer.send(payload, sender)
        back = client.receive()
        while back.channel is None and back.payload is None:
            back = client.receive()
        self.assertEqual(back.payload, payload)


class RouteErrors(Survives, TurnpikeTestCase):
    """Routes that refuse, of every kind the kernel knows; only loopback leads anywhere."""

    config = {"peers": {"allow": ["127.0.0.0/8", "10.0.0.0/8"]}}

    def test_no_route(self):
        self.assertSurvives(self.allocated(), ("8.8.8.8", 9))

    def test_refusing_routes(self):
        for kind in ("unreachable", "prohibit", "blackhole"):
            with self.subTest(kind=kind):
                ip("route", "add", kind, "10.1.0.0/16")
                self.assertSurvives(self.allocated(), ("10.1.2.3", 9))
                ip("route", "del", kind, "10.1.0.0/16")

    def test_a_route_that_goes_and_comes_back(self):
        client, peer = self.allocated(), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        self.assertRelays(client, peer, 0x4000)
        ip("route", "add", "prohibit", "10.2.0.0/16")
        self.assertSuccess(client.create_permission("10.2.0.1"))
        client.send_to(("10.2.0.1", 9), b"refused")
        self.assertRelays(client, peer, 0x4000)
        ip("route", "del", "prohibit", "10.2.0.0/16")
        self.assertRelays(client, peer, 0x4000)

    def test_dont_fragment_is_on_the_datagram_it_is_asked_for_and_on_no_other(self):
        client, peer = self.allocated(), self.peer()
        self.assertSuccess(client.create_permission(peer.address))
        ip("link", "set", "lo", "mtu", "1280")
        self.addCleanup(ip, "link", "set", "lo", "mtu", "65536")
        large = bytes(i % 251 for i in range(1400))
        for _ in range(3):
            client.send_to(peer.address, large)
            client.send_to(peer.address, large, (stun.DONT_FRAGMENT, b""))
            client.send_to(peer.address, b"small", (stun.DONT_FRAGMENT, b""))
            # The first leaves in fragments, the second cannot leave whole and is dropped.
            self.assertEqual([peer.receive()[0] for _ in range(2)], [large, b"small"])
        self.assertRelaysDespiteIcmp(client, peer)


class BudgetByPrefix(TurnpikeTestCase):
    """IPv6 sources are counted by /64: whoever has one address has 2^64 of them."""

    LIMIT = 20
    SERVER = "2001:db8:ffff::1"
    config = {"limits": {"unauthenticated_per_second": LIMIT},
              "listen": {"udp": ["[%s]:0" % SERVER], "tcp": []}}
    NEIGHBOURS = ["2001:db8:1:2::%x" % (1 << bit) for bit in range(0, 16, 2)]
    STRANGER = "2001:db8:1:3::1"

    @classmethod
    def setUpClass(cls):
        for host in [cls.SERVER, cls.STRANGER, *cls.NEIGHBOURS]:
            ip("address", "add", host + "/128", "dev", "lo", "nodad")
        wait_until_reachable(cls.SERVER, [cls.SERVER, cls.STRANGER, *cls.NEIGHBOURS])
        super().setUpClass()

    def test_a_64_is_one_source(self):
        fence = self.allocated()
        neighbours = [self.transport(source=(host, 0)) for host in self.NEIGHBOURS]
        before = time.monotonic()
        for _ in range(40):
            for transport in neighbours:
                transport.send(stun.Message(stun.BINDING).encode())
            self.assertSuccess(fence.refresh())
        answered = sum(len(transport.waiting()) for transport in neighbours)
        self.assertGreaterEqual(answered, 1)
        self.assertLessEqual(answered, self.LIMIT * (time.monotonic() - before + 2))
        self.assertSuccess(self.client(source=(self.STRANGER, 0)).binding())


if __name__ == "__main__":
    unittest.main()
