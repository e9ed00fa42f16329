# SPDX-License-Identifier: Apache-2.0
"""Permissions: RFC 8656 §9 and §10.2."""

import unittest

import stun
from testcase import TurnpikeTestCase
from transports import UdpTransport


class Permission(TurnpikeTestCase):
    def test_nothing_passes_without_a_permission(self):
        client, stranger, friend = self.allocated(), self.peer("127.0.0.2"), self.peer("127.0.0.1")
        self.assertSuccess(client.create_permission(friend.address))
        stranger.send(b"not permitted", client.relayed[0])
        friend.send(b"permitted", client.relayed[0])
        received = client.receive()
        self.assertEqual((received.payload, received.peer), (b"permitted", friend.address))
        client.send_to(stranger.address, b"not permitted")
        self.assertSuccess(client.create_permission(stranger.address))
        client.send_to(stranger.address, b"permitted")
        self.assertEqual(stranger.receive(), (b"permitted", client.relayed[0]))

    def test_a_permission_is_of_an_address_not_of_a_port(self):
        client = self.allocated()
        self.assertSuccess(client.create_permission(("127.0.0.1", 1)))
        for _ in range(3):
            self.assertRelays(client, self.peer("127.0.0.1"))

    def test_several_peers_in_one_request(self):
        client = self.allocated()
        hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        self.assertSuccess(client.create_permission(*hosts))
        for host in hosts:
            self.assertRelays(client, self.peer(host))

    def test_permissions_of_two_allocations_are_unrelated(self):
        first, second, peer = self.allocated(), self.allocated(), self.peer("127.0.0.4")
        self.assertSuccess(first.create_permission(peer.address))
        peer.send(b"for nobody", second.relayed[0])
        second.send_to(peer.address, b"from nobody")
        self.assertUnanswered(second)
        self.assertRelays(first, peer)

    def test_over_tcp(self):
        client, peer = self.allocated(kind="tcp"), self.peer()
        self.assertSuccess(client.create_permission(peer.address))
        self.assertRelays(client, peer)

    def test_bad_requests(self):
        client = self.allocated()
        self.assertError(client.request(stun.CREATE_PERMISSION), 400)
        for value in (b"", b"\x00\x01\x00", b"\x00\x01\x00\x00\x7f\x00\x00", bytes(12),
                      b"\x00\x01" + bytes(18), b"\x00\x02" + bytes(6), b"\x00\x03" + bytes(6)):
            with self.subTest(value=value.hex()):
                answer = client.request(stun.CREATE_PERMISSION, [(stun.XOR_PEER_ADDRESS, value)])
                self.assertError(answer, 400)

    def test_peer_of_the_other_family(self):
        client = self.allocated()
        self.assertError(client.create_permission("2606:4700::1111"), 443)
        self.assertError(client.create_permission("127.0.0.1", "2606:4700::1111"), 443)

    def test_without_allocation(self):
        self.assertError(self.client().create_permission("127.0.0.1"), 437)

    def test_one_bad_peer_installs_nothing(self):
        client, peer = self.allocated(), self.peer("127.0.0.5")
        self.assertError(client.create_permission(peer.address, "10.0.0.1"), 403)
        self.assertError(client.create_permission("10.0.0.1", peer.address), 403)
        client.send_to(peer.address, b"not permitted")
        self.assertSuccess(client.create_permission(peer.address))
        client.send_to(peer.address, b"permitted")
        self.assertEqual(peer.receive()[0], b"permitted")

    def test_refreshing_a_permission(self):
        client, peer = self.allocated(), self.peer()
        for _ in range(3):
            self.assertSuccess(client.create_permission(peer.address))
            self.assertRelays(client, peer)


class PermissionLimit(TurnpikeTestCase):
    config = {"limits": {"permissions_per_allocation": 3}}

    def test_beyond_the_limit_is_508_and_old_ones_stay(self):
        client = self.allocated()
        self.assertSuccess(client.create_permission("127.0.0.1", "127.0.0.2", "127.0.0.3"))
        self.assertError(client.create_permission("127.0.0.4"), 508)
        self.assertError(client.channel_bind(0x4000, ("127.0.0.4", 9)), 508)
        self.assertSuccess(client.create_permission("127.0.0.3", "127.0.0.1"))
        self.assertSuccess(client.channel_bind(0x4000, ("127.0.0.2", 9)))
        self.assertRelays(client, self.peer("127.0.0.3"))

    def test_a_list_that_does_not_fit_installs_nothing(self):
        client, peer = self.allocated(), self.peer("127.0.0.6")
        four = [peer.address[0], "127.0.0.7", "127.0.0.8", "127.0.0.9"]
        self.assertError(client.create_permission(*four), 508)
        client.send_to(peer.address, b"not permitted")
        self.assertSuccess(client.create_permission(peer.address))
        client.send_to(peer.address, b"permitted")
        self.assertEqual(peer.receive()[0], b"permitted")

    def test_the_same_address_many_times_counts_once(self):
        client = self.allocated()
        self.assertSuccess(client.create_permission(*["127.0.0.1"] * 9))
        self.assertSuccess(client.create_permission("127.0.0.2", "127.0.0.3"))


class TwoWorkers(TurnpikeTestCase):
    config = {"server": {"workers": 2}}

    def test_permissions_on_either_worker(self):
        # 12 clients of one user: the kernel spreads them over both workers.
        for client in [self.allocated() for _ in range(12)]:
            self.assertIsInstance(client.transport, UdpTransport)
            peer = self.peer()
            self.assertSuccess(client.create_permission(peer.address))
            self.assertRelays(client, peer)


if __name__ == "__main__":
    unittest.main()
