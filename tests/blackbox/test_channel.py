# SPDX-License-Identifier: Apache-2.0
"""Channels: RFC 8656 §12."""

import struct
import unittest

import stun
from testcase import TurnpikeTestCase


class ChannelBind(TurnpikeTestCase):
    def test_data_in_both_directions(self):
        for kind in ("udp", "tcp"):
            for number in (0x4000, 0x4ABC, 0x4FFF):
                with self.subTest(kind=kind, number=number):
                    client, peer = self.allocated(kind=kind), self.peer()
                    self.assertSuccess(client.channel_bind(number, peer.address))
                    self.assertRelays(client, peer, number)
                    client.close()

    def test_numbers_out_of_range(self):
        client, peer = self.allocated(), self.peer()
        for number in (0x0000, 0x0001, 0x3FFF, 0x5000, 0x7FFE, 0x7FFF, 0x8000, 0xFFFF):
            with self.subTest(number=hex(number)):
                self.assertError(client.channel_bind(number, peer.address), 400)

    def test_number_bound_to_another_peer(self):
        client = self.allocated()
        self.assertSuccess(client.channel_bind(0x4000, ("127.0.0.1", 1001)))
        self.assertError(client.channel_bind(0x4000, ("127.0.0.1", 1002)), 400)
        self.assertError(client.channel_bind(0x4000, ("127.0.0.2", 1001)), 400)

    def test_peer_bound_to_another_number(self):
        client = self.allocated()
        self.assertSuccess(client.channel_bind(0x4000, ("127.0.0.1", 1001)))
        self.assertError(client.channel_bind(0x4001, ("127.0.0.1", 1001)), 400)
        self.assertSuccess(client.channel_bind(0x4001, ("127.0.0.1", 1002)))

    def test_rebinding_the_same_pair(self):
        client, peer = self.allocated(), self.peer()
        for _ in range(3):
            self.assertSuccess(client.channel_bind(0x4000, peer.address))
            self.assertRelays(client, peer, 0x4000)

    def test_missing_and_malformed_attributes(self):
        client = self.allocated()
        peer = (stun.XOR_PEER_ADDRESS, ("127.0.0.1", 1001))
        number = (stun.CHANNEL_NUMBER, stun.channel_number(0x4000))
        for attributes in ([], [peer], [number], [(stun.CHANNEL_NUMBER, b"\x40\x00"), peer],
                           [number, (stun.XOR_PEER_ADDRESS, b"\x00\x01\x00")]):
            with self.subTest(attributes=attributes):
                self.assertError(client.request(stun.CHANNEL_BIND, attributes), 400)

    def test_reserved_bytes_of_the_number_are_ignored(self):
        answer = self.allocated().request(stun.CHANNEL_BIND, [
            (stun.CHANNEL_NUMBER, b"\x40\x00\xff\xff"), (stun.XOR_PEER_ADDRESS, ("127.0.0.1", 7))])
        self.assertSuccess(answer)

    def test_peer_of_the_other_family(self):
        self.assertError(self.allocated().channel_bind(0x4000, ("2606:4700::1111", 9)), 443)

    def test_without_allocation(self):
        self.assertError(self.client().channel_bind(0x4000, ("127.0.0.1", 9)), 437)

    def test_binding_installs_a_permission_for_the_whole_address(self):
        client, bound, neighbour = self.allocated(), self.peer(), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, bound.address))
        self.assertRelays(client, neighbour)

    def test_a_bound_peer_answers_on_its_channel_even_to_a_send_indication(self):
        client, peer = self.allocated(), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        client.send_to(peer.address, b"ask")
        self.assertEqual(peer.receive()[0], b"ask")
        peer.send(b"answer", client.relayed[0])
        received = client.receive()
        self.assertEqual((received.channel, received.payload), (0x4000, b"answer"))

    def test_channels_of_two_allocations_are_unrelated(self):
        first, second = self.allocated(), self.allocated()
        for client in (first, second):
            peer = self.peer()
            self.assertSuccess(client.channel_bind(0x4000, peer.address))
            self.assertRelays(client, peer, 0x4000)


class ChannelData(TurnpikeTestCase):
    def bound(self, number=0x4000, **options):
        client, peer = self.allocated(**options), self.peer()
        self.assertSuccess(client.channel_bind(number, peer.address))
        return client, peer

    def test_every_small_length(self):
        for kind in ("udp", "tcp"):
            client, peer = self.bound(kind=kind)
            for length in range(0, 40):
                payload = bytes(range(length))
                client.send_channel(0x4000, payload)
                self.assertEqual(peer.receive(), (payload, client.relayed[0]))
                peer.send(payload, client.relayed[0])
                self.assertEqual(client.receive().payload, payload)

    def test_lengths_of_real_media_and_the_largest_of_ethernet(self):
        for kind in ("udp", "tcp"):
            client, peer = self.bound(kind=kind)
            for length in (172, 1200, 1400, 1472):
                payload = bytes(i % 251 for i in range(length))
                client.send_channel(0x4000, payload)
                self.assertEqual(peer.receive()[0], payload)
                peer.send(payload, client.relayed[0])
                self.assertEqual(client.receive().payload, payload)

    def test_a_jumbo_datagram_passes_whole_or_not_at_all(self):
        client, peer = self.bound()
        payload = bytes(i % 251 for i in range(40000))
        client.send_channel(0x4000, payload)
        peer.send(payload, client.relayed[0])
        client.send_channel(0x4000, b"fence")
        received = [peer.receive()[0]]
        if received != [b"fence"]:
            received.append(peer.receive()[0])
        self.assertIn(received, ([b"fence"], [payload, b"fence"]))
        peer.send(b"fence", client.relayed[0])
        back = [client.receive().payload]
        if back != [b"fence"]:
            back.append(client.receive().payload)
        self.assertIn(back, ([b"fence"], [payload, b"fence"]))

    def test_padding_over_udp_is_allowed_and_not_relayed(self):
        client, peer = self.bound()
        client.transport.send(stun.channel_data(0x4000, b"abcde", padded=True))
        self.assertEqual(peer.receive()[0], b"abcde")

    def test_unbound_channels_and_false_lengths_are_dropped(self):
        client, peer = self.bound()
        for frame in (
                stun.channel_data(0x4001, b"unbound"),
                struct.pack("!HH", 0x4000, 8) + b"short",
                struct.pack("!HH", 0x4000, 0xFFFF) + b"short",
                struct.pack("!HH", 0x5000, 4) + b"rsvd",
                struct.pack("!HH", 0x7FFF, 4) + b"rsvd",
                b"\x40", b"\x40\x00", b"\x40\x00\x00"):
            client.transport.send(frame)
        client.send_channel(0x4000, b"fence")
        self.assertEqual(peer.receive()[0], b"fence")

    def test_another_five_tuple_cannot_use_the_channel(self):
        client, peer = self.bound()
        stranger = self.client()
        stranger.send_channel(0x4000, b"stolen")
        self.assertUnanswered(stranger)
        client.send_channel(0x4000, b"own")
        self.assertEqual(peer.receive()[0], b"own")

    def test_a_train_of_datagrams_keeps_order_and_borders(self):
        client, peer = self.bound()
        for length in (1, 172, 1200):
            train = [struct.pack("!H", i) + bytes(length) for i in range(32)]
            for payload in train:
                client.send_channel(0x4000, payload)
            self.assertEqual([peer.receive()[0] for _ in train], train)
            for payload in train:
                peer.send(payload, client.relayed[0])
            self.assertEqual([client.receive().payload for _ in train], train)

    def test_a_train_of_mixed_lengths_and_peers(self):
        client, peers = self.allocated(), [self.peer() for _ in range(4)]
        for index, peer in enumerate(peers):
            self.assertSuccess(client.channel_bind(0x4000 + index, peer.address))
        sent = [[bytes([peer, i]) + bytes((i * 97) % 1300) for i in range(16)] for peer in range(4)]
        for i in range(16):
            for peer in range(4):
                client.send_channel(0x4000 + peer, sent[peer][i])
        for peer in range(4):
            self.assertEqual([peers[peer].receive()[0] for _ in range(16)], sent[peer])


class ChannelLimit(TurnpikeTestCase):
    config = {"limits": {"channels_per_allocation": 3}}

    def test_beyond_the_limit_is_508_and_old_ones_stay(self):
        client = self.allocated()
        peers = [self.peer() for _ in range(4)]
        for index, peer in enumerate(peers[:3]):
            self.assertSuccess(client.channel_bind(0x4000 + index, peer.address))
        self.assertError(client.channel_bind(0x4003, peers[3].address), 508)
        for index, peer in enumerate(peers[:3]):
            self.assertSuccess(client.channel_bind(0x4000 + index, peer.address))
            self.assertRelays(client, peer, 0x4000 + index)


if __name__ == "__main__":
    unittest.main()
