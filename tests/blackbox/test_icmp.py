# SPDX-License-Identifier: Apache-2.0
"""Unreachable peers are told to the client: RFC 8656 §11.5 and §18.13."""

import unittest

import stun
from testcase import TurnpikeTestCase


class Unreachable(TurnpikeTestCase):
    config = {"relay": {"addresses": ["127.0.0.1", "::1"]},
              "peers": {"allow": ["127.0.0.0/8", "::1/128"]}}

    # Type and code of "port unreachable": RFC 792, RFC 4443 §3.1.
    CASES = ((stun.IPV4, "127.0.0.1", 3, 3), (stun.IPV6, "::1", 1, 4))

    def assertIcmp(self, client, peer, icmp_type, code):
        indication = client.next_indication()
        self.assertEqual((indication.method, indication.message_class),
                         (stun.DATA_METHOD, stun.INDICATION))
        self.assertCountEqual(indication.types(), [stun.XOR_PEER_ADDRESS, stun.ICMP])
        self.assertEqual(indication.get(stun.ICMP), stun.icmp(icmp_type, code))
        host, port = indication.address(stun.XOR_PEER_ADDRESS)
        self.assertEqual(host, peer[0])
        self.assertIn(port, (0, peer[1]))

    def allocated_for(self, family, kind="udp"):
        return self.allocated((stun.REQUESTED_ADDRESS_FAMILY, stun.family(family)), kind=kind)

    def test_closed_port(self):
        for kind in ("udp", "tcp"):
            for family, host, icmp_type, code in self.CASES:
                with self.subTest(kind=kind, host=host):
                    client = self.allocated_for(family, kind)
                    closed = (host, self.server.ports.closed_port)
                    self.assertSuccess(client.create_permission(closed))
                    for _ in range(3):
                        client.send_to(closed, b"anyone there?")
                        self.assertIcmp(client, closed, icmp_type, code)

    def test_a_data_indication_even_when_a_channel_is_bound(self):
        for family, host, icmp_type, code in self.CASES:
            client = self.allocated_for(family)
            closed = (host, self.server.ports.closed_port)
            self.assertSuccess(client.channel_bind(0x4000, closed))
            client.send_channel(0x4000, b"anyone there?")
            self.assertIcmp(client, closed, icmp_type, code)

    def test_other_peers_of_the_allocation_go_on(self):
        for family, host, icmp_type, code in self.CASES:
            client, peer = self.allocated_for(family), self.peer(host)
            closed = (host, self.server.ports.closed_port)
            self.assertSuccess(client.channel_bind(0x4000, closed))
            self.assertSuccess(client.channel_bind(0x4001, peer.address))
            for _ in range(20):
                client.send_channel(0x4000, b"anyone there?")
                self.assertIcmp(client, closed, icmp_type, code)
                self.assertRelays(client, peer, 0x4001)

    def test_trains_to_a_closed_port_and_an_open_one(self):
        client, peer = self.allocated_for(stun.IPV4), self.peer()
        closed = ("127.0.0.1", self.server.ports.closed_port)
        self.assertSuccess(client.channel_bind(0x4000, closed))
        self.assertSuccess(client.channel_bind(0x4001, peer.address))
        for i in range(32):
            client.send_channel(0x4000, b"lost")
            client.send_channel(0x4001, bytes([i]))
        self.assertEqual([peer.receive()[0] for _ in range(32)], [bytes([i]) for i in range(32)])
        self.assertIcmp(client, closed, 3, 3)


if __name__ == "__main__":
    unittest.main()
