# SPDX-License-Identifier: Apache-2.0
"""Send errors that need routes; test_send_errors.py runs this in a network namespace."""

import os
import subprocess
import unittest

from testcase import TurnpikeTestCase


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


if __name__ == "__main__":
    unittest.main()
