# SPDX-License-Identifier: Apache-2.0
"""Two clients of one server: their relayed addresses meet inside the process and nowhere else."""

import struct
import unittest

import stun
from testcase import TurnpikeTestCase

KINDS = [(first, second) for first in ("udp", "tcp") for second in ("udp", "tcp")]


class Pair(TurnpikeTestCase):
    config = {"limits": {"allocations_per_user": 100}}

    def pair(self, first_kind="udp", second_kind="udp", *attributes):
        return self.allocated(*attributes, kind=first_kind), self.allocated(
            *attributes, kind=second_kind)

    def permitted(self, *arguments):
        first, second = self.pair(*arguments)
        self.assertSuccess(first.create_permission(second.relayed[0]))
        self.assertSuccess(second.create_permission(first.relayed[0]))
        return first, second

    def assertReaches(self, sender, receiver, payload):
        received = receiver.receive()
        self.assertEqual((received.peer, received.payload), (sender.relayed[0], payload))

    def test_send_and_data_indications(self):
        for kinds in KINDS:
            with self.subTest(kinds=kinds):
                first, second = self.permitted(*kinds)
                for length in (0, 1, 2, 3, 4, 172, 1200):
                    payload = b"d" * length
                    first.send_to(second.relayed[0], payload)
                    self.assertReaches(first, second, payload)
                    second.send_to(first.relayed[0], payload)
                    self.assertReaches(second, first, payload)
                first.close()
                second.close()

    def test_channels(self):
        for kinds in KINDS:
            with self.subTest(kinds=kinds):
                first, second = self.pair(*kinds)
                self.assertSuccess(first.channel_bind(0x4001, second.relayed[0]))
                self.assertSuccess(second.channel_bind(0x4002, first.relayed[0]))
                for length in (0, 1, 2, 3, 4, 172, 1200):
                    payload = b"c" * length
                    first.send_channel(0x4001, payload)
                    self.assertEqual(second.receive(), (None, payload, 0x4002))
                    second.send_channel(0x4002, payload)
                    self.assertEqual(first.receive(), (None, payload, 0x4001))
                first.close()
                second.close()

    def test_a_channel_on_one_side_only(self):
        first, second = self.permitted()
        self.assertSuccess(first.channel_bind(0x4001, second.relayed[0]))
        first.send_channel(0x4001, b"over the channel")
        self.assertReaches(first, second, b"over the channel")
        second.send_to(first.relayed[0], b"back")
        self.assertEqual(first.receive(), (None, b"back", 0x4001))

    def test_trains_keep_their_order(self):
        for kinds in KINDS:
            with self.subTest(kinds=kinds):
                first, second = self.pair(*kinds)
                self.assertSuccess(first.channel_bind(0x4001, second.relayed[0]))
                self.assertSuccess(second.channel_bind(0x4002, first.relayed[0]))
                train = [struct.pack("!H", i) + bytes(900) for i in range(32)]
                for payload in train:
                    first.send_channel(0x4001, payload)
                self.assertEqual([second.receive().payload for _ in train], train)
                first.close()
                second.close()

    def test_many_pairs_at_once(self):
        pairs = [self.permitted() for _ in range(8)]
        for index, (first, second) in enumerate(pairs):
            first.send_to(second.relayed[0], b"to %d" % index)
        for index, (first, second) in enumerate(pairs):
            self.assertReaches(first, second, b"to %d" % index)


class PairOfTwoWorkers(Pair):
    """The kernel spreads the clients over two workers: both cases come up in every test."""

    config = {"server": {"workers": 2}, "limits": {"allocations_per_user": 100}}


class Ipv6Pair(Pair):
    config = {"relay": {"addresses": ["127.0.0.1", "::1"]}, "limits": {"allocations_per_user": 100},
              "peers": {"allow": []}}

    def pair(self, first_kind="udp", second_kind="udp", *attributes):
        ipv6 = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(stun.IPV6))
        return super().pair(first_kind, second_kind, ipv6, *attributes)


class PairBehindNat(Pair):
    """1:1 NAT: clients know only the external addresses, and reach each other by them."""

    config = {"relay": {"external": {"127.0.0.1": "198.51.100.5"}},
              "peers": {"allow": []}, "limits": {"allocations_per_user": 100}}


class Rules(TurnpikeTestCase):
    # Loopback is closed: only the relayed addresses are peers.
    config = {"peers": {"allow": []}}

    def test_the_receiver_needs_a_permission_too(self):
        first, second = self.allocated(), self.allocated()
        self.assertSuccess(first.create_permission(second.relayed[0]))
        first.send_to(second.relayed[0], b"not wanted")
        self.assertUnanswered(first)
        self.assertSuccess(second.create_permission(first.relayed[0]))
        first.send_to(second.relayed[0], b"wanted")
        self.assertEqual(second.receive().payload, b"wanted")

    def test_the_sender_needs_a_permission(self):
        first, second = self.allocated(), self.allocated()
        self.assertSuccess(second.create_permission(first.relayed[0]))
        first.send_to(second.relayed[0], b"not permitted")
        self.assertUnanswered(first)
        self.assertUnanswered(second)

    def test_a_deleted_allocation_gets_nothing(self):
        first, second = self.allocated(), self.allocated()
        self.assertSuccess(first.channel_bind(0x4001, second.relayed[0]))
        self.assertSuccess(second.channel_bind(0x4002, first.relayed[0]))
        self.assertSuccess(second.refresh(0))
        first.send_channel(0x4001, b"late")
        first.send_to(second.relayed[0], b"late")
        self.assertUnanswered(first)
        self.assertUnanswered(second)

    def test_a_relayed_port_without_allocation_is_never_sent_to(self):
        client = self.allocated()
        ports = self.server.ports
        free = [port for port in range(ports.first, ports.last + 1)
                if port != client.relayed[0][1]][:5]
        self.assertSuccess(client.create_permission("127.0.0.1"))
        for number, port in enumerate(free, 0x4000):
            # Whoever holds such a port on this host is none of ours.
            squatter = self.peer("127.0.0.1", port)
            self.assertSuccess(client.channel_bind(number, squatter.address))
            client.send_channel(number, b"must not leave")
            client.send_to(squatter.address, b"must not leave")
            self.assertUnanswered(client)
            self.assertTrue(squatter.is_idle())
            squatter.close()

    def test_sending_to_oneself_harms_nothing(self):
        client = self.allocated()
        self.assertSuccess(client.channel_bind(0x4000, client.relayed[0]))
        for _ in range(10):
            client.send_channel(0x4000, b"me")
        self.assertSuccess(client.refresh())


if __name__ == "__main__":
    unittest.main()
