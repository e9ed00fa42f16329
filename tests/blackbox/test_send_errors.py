# SPDX-License-Identifier: Apache-2.0
"""A send error towards one peer costs that datagram and nothing else."""

import os
import shutil
import subprocess
import sys
import unittest

import stun
from testcase import TurnpikeTestCase

NAMESPACE = "TURNPIKE_TEST_NAMESPACE"


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


class SendErrors(Survives, TurnpikeTestCase):
    def test_connection_refused(self):
        for kind in ("udp", "tcp"):
            self.assertSurvives(self.allocated(kind=kind),
                                ("127.0.0.1", self.server.ports.closed_port))

    def test_broadcast_is_not_permitted(self):
        # sendto() a broadcast address without SO_BROADCAST is EACCES.
        self.assertSurvives(self.allocated(), ("127.255.255.255", 9))

    def test_port_zero(self):
        # sendto() port 0 is EINVAL.
        client = self.allocated()
        good = self.peer()
        self.assertSuccess(client.create_permission("127.0.0.1"))
        for _ in range(5):
            client.send_to(("127.0.0.1", 0), b"to port 0")
            self.assertRelaysDespiteIcmp(client, good)

    def test_message_too_long(self):
        # A ChannelData of a TCP client can hold more than a UDP datagram: EMSGSIZE.
        client, peer, good = self.allocated(kind="tcp"), self.peer("127.0.0.2"), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        self.assertSuccess(client.channel_bind(0x4001, good.address))
        for length in (65508, 65535):
            client.send_channel(0x4000, bytes(length))
            self.assertRelaysDespiteIcmp(client, good, 0x4001)
            client.send_channel(0x4000, b"short again")
            self.assertEqual(peer.receive()[0], b"short again")

    def test_dont_fragment_beyond_the_mtu(self):
        # Loopback takes 65,536 bytes: with DF set, 65,507 of data are one too many after all.
        client, peer = self.allocated(kind="tcp"), self.peer()
        self.assertSuccess(client.create_permission(peer.address))
        client.send_to(peer.address, bytes(65507), (stun.DONT_FRAGMENT, b""))
        client.send_to(peer.address, b"fence")
        received = peer.receive()[0]
        self.assertIn(received, (b"fence", bytes(65507)))
        if received != b"fence":
            self.assertEqual(peer.receive()[0], b"fence")


@unittest.skipUnless(os.environ.get(NAMESPACE), "runs inside a network namespace of its own")
class RouteErrors(Survives, TurnpikeTestCase):
    """Routes that refuse, of every kind the kernel knows; only loopback leads anywhere."""

    config = {"peers": {"allow": ["127.0.0.0/8", "10.0.0.0/8"]}}

    def test_no_route(self):
        self.assertSurvives(self.allocated(), ("8.8.8.8", 9))

    def test_refusing_routes(self):
        for kind in ("unreachable", "prohibit", "blackhole"):
            with self.subTest(kind=kind):
                subprocess.run(["ip", "route", "add", kind, "10.1.0.0/16"], check=True)
                self.assertSurvives(self.allocated(), ("10.1.2.3", 9))
                subprocess.run(["ip", "route", "del", kind, "10.1.0.0/16"], check=True)

    def test_a_route_that_goes_and_comes_back(self):
        client, peer = self.allocated(), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        self.assertRelays(client, peer, 0x4000)
        subprocess.run(["ip", "route", "add", "prohibit", "10.2.0.0/16"], check=True)
        self.assertSuccess(client.create_permission("10.2.0.1"))
        client.send_to(("10.2.0.1", 9), b"refused")
        self.assertRelays(client, peer, 0x4000)
        subprocess.run(["ip", "route", "del", "prohibit", "10.2.0.0/16"], check=True)
        self.assertRelays(client, peer, 0x4000)


class InANamespace(TurnpikeTestCase):
    """Runs RouteErrors again where routes can be changed without harm."""

    own_server = True

    @unittest.skipIf(os.environ.get(NAMESPACE), "already inside")
    def test_route_errors(self):
        tools = shutil.which("unshare") and shutil.which("ip")
        allowed = tools and subprocess.run(
            ["unshare", "-Urn", "ip", "link", "set", "lo", "up"], capture_output=True,
            check=False).returncode == 0
        self.require(allowed, "a network namespace (unshare, ip)")
        inner = subprocess.run(
            ["unshare", "-Urn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh",
             sys.executable, os.path.abspath(__file__), "RouteErrors"],
            env=dict(os.environ, **{NAMESPACE: "1"}), capture_output=True, text=True, check=False)
        self.assertEqual(inner.returncode, 0, inner.stdout + inner.stderr)


if __name__ == "__main__":
    unittest.main()
