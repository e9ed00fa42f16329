# SPDX-License-Identifier: Apache-2.0
"""Send and Data indications: RFC 8656 §11."""

import unittest

import stun
from testcase import TurnpikeTestCase


def send_indication(*attributes):
    return stun.Message(stun.SEND, stun.INDICATION, attributes).encode()


class Send(TurnpikeTestCase):
    def permitted(self, **options):
        client, peer = self.allocated(**options), self.peer()
        self.assertSuccess(client.create_permission(peer.address))
        return client, peer

    def assertOnlyFence(self, client, peer):
        """Whatever was sent before this reached the peer not at all."""
        client.send_to(peer.address, b"fence")
        self.assertEqual(peer.receive(), (b"fence", client.relayed[0]))

    def test_every_small_length_in_both_directions(self):
        for kind in ("udp", "tcp"):
            client, peer = self.permitted(kind=kind)
            for length in list(range(0, 24)) + [172, 1200, 1400]:
                payload = bytes(i % 251 for i in range(length))
                client.send_to(peer.address, payload)
                self.assertEqual(peer.receive(), (payload, client.relayed[0]))
                peer.send(payload, client.relayed[0])
                received = client.receive()
                self.assertEqual((received.peer, received.payload), (peer.address, payload))

    def test_a_data_indication_holds_what_the_rfc_says(self):
        client, peer = self.permitted()
        peer.send(b"hello", client.relayed[0])
        indication = client.next_indication()
        self.assertEqual((indication.method, indication.message_class),
                         (stun.DATA_METHOD, stun.INDICATION))
        self.assertCountEqual(indication.types(), [stun.XOR_PEER_ADDRESS, stun.DATA])

    def test_order_of_attributes_does_not_matter(self):
        client, peer = self.permitted()
        message = stun.Message(stun.SEND, stun.INDICATION)
        client.transport.send(
            message.add(stun.DATA, b"data first").add(stun.XOR_PEER_ADDRESS, peer.address).encode())
        self.assertEqual(peer.receive()[0], b"data first")

    def test_dont_fragment_is_accepted(self):
        client, peer = self.permitted()
        client.send_to(peer.address, b"whole", (stun.DONT_FRAGMENT, b""))
        self.assertEqual(peer.receive()[0], b"whole")
        client.send_to(peer.address, b"again")
        self.assertEqual(peer.receive()[0], b"again")

    def test_fingerprint_is_checked(self):
        client, peer = self.permitted()
        message = stun.Message(stun.SEND, stun.INDICATION, [
            (stun.XOR_PEER_ADDRESS, peer.address), (stun.DATA, b"printed")])
        message = message.encode(fingerprint=True)
        client.transport.send(message[:-1] + bytes([message[-1] ^ 1]))
        client.transport.send(message)
        self.assertEqual(peer.receive()[0], b"printed")
        self.assertOnlyFence(client, peer)

    def test_incomplete_indications_are_discarded(self):
        client, peer = self.permitted()
        address = (stun.XOR_PEER_ADDRESS, peer.address)
        for attributes in ([], [address], [(stun.DATA, b"to nobody")],
                           [(stun.XOR_PEER_ADDRESS, b"\x00\x01"), (stun.DATA, b"short address")],
                           [address, (stun.DATA, b"x"), (0x7F01, b"unknown")]):
            self.assertUnanswered(client, send_indication(*attributes))
        self.assertOnlyFence(client, peer)

    def test_only_the_first_of_two_peers_gets_the_data(self):
        client, first, second = self.allocated(), self.peer("127.0.0.1"), self.peer("127.0.0.2")
        self.assertSuccess(client.create_permission(first.address, second.address))
        client.transport.send(send_indication(
            (stun.XOR_PEER_ADDRESS, first.address), (stun.XOR_PEER_ADDRESS, second.address),
            (stun.DATA, b"once")))
        self.assertEqual(first.receive()[0], b"once")
        self.assertOnlyFence(client, second)
        self.assertOnlyFence(client, first)

    def test_without_allocation_it_is_ignored(self):
        client, peer = self.client(), self.peer()
        client.send_to(peer.address, b"nobody sends this")
        self.assertUnanswered(client)
        self.assertSuccess(client.allocate())
        self.assertSuccess(client.create_permission(peer.address))
        self.assertOnlyFence(client, peer)

    def test_request_class_send_is_no_send(self):
        client, peer = self.permitted()
        message = stun.Message(stun.SEND, stun.REQUEST, [
            (stun.XOR_PEER_ADDRESS, peer.address), (stun.DATA, b"as a request")])
        client.transport.send(message.encode())
        client.transport.send(client.add_credentials(message).encode(client.key()))
        # Refused or dropped, but never relayed.
        self.assertOnlyFence(client, peer)

    def test_a_client_s_data_indication_goes_nowhere(self):
        client, peer = self.permitted()
        client.transport.send(stun.Message(stun.DATA_METHOD, stun.INDICATION, [
            (stun.XOR_PEER_ADDRESS, peer.address), (stun.DATA, b"backwards")]).encode())
        self.assertOnlyFence(client, peer)

    def test_what_a_peer_sends_is_data_even_when_it_looks_like_stun(self):
        client, peer = self.permitted()
        for payload in (stun.Message(stun.BINDING).encode(), stun.channel_data(0x4000, b"inner"),
                        client.signed(stun.REFRESH, [(stun.LIFETIME, stun.uint32(0))])):
            peer.send(payload, client.relayed[0])
            self.assertEqual(client.receive().payload, payload)
        self.assertSuccess(client.refresh())


class SendIpv6(TurnpikeTestCase):
    config = {"relay": {"addresses": ["127.0.0.1", "::1"]},
              "peers": {"allow": ["127.0.0.0/8", "::1/128"]},
              "listen": {"udp": ["[::1]:0"], "tcp": ["[::1]:0"]}}

    def test_every_family_of_client_and_peer(self):
        for kind in ("udp", "tcp"):
            for family, host in ((stun.IPV4, "127.0.0.1"), (stun.IPV6, "::1")):
                with self.subTest(kind=kind, host=host):
                    wanted = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(family))
                    client, peer = self.allocated(wanted, kind=kind), self.peer(host)
                    self.assertEqual(client.relayed[0][0], host)
                    self.assertSuccess(client.create_permission(peer.address))
                    self.assertRelays(client, peer)
                    self.assertSuccess(client.channel_bind(0x4000, peer.address))
                    self.assertRelays(client, peer, 0x4000)


if __name__ == "__main__":
    unittest.main()
