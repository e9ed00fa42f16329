# SPDX-License-Identifier: Apache-2.0
"""A send error towards one peer costs that datagram and nothing else."""

import unittest

import namespace_cases
import stun
from testcase import TurnpikeTestCase

class SendErrors(namespace_cases.Survives, TurnpikeTestCase):
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


class RouteErrors(unittest.TestCase):
    def test_in_a_network_namespace(self):
        namespace_cases.run_in_namespace(self, "RouteErrors")


if __name__ == "__main__":
    unittest.main()
