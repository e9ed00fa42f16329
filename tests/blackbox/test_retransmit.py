# SPDX-License-Identifier: Apache-2.0
"""Retransmitted requests are answered as the first time: RFC 8489 §6.3.1, RFC 8656 §5."""

import unittest

import stun
from testcase import TurnpikeTestCase

ASKED = (stun.REQUESTED_TRANSPORT, stun.requested_transport())


class Retransmission(TurnpikeTestCase):
    # One allocation a user: a retransmission that counted twice would be refused.
    config = {"limits": {"allocations_per_user": 1}}

    def challenged(self, **options):
        client = self.client(**options)
        client.challenge()
        return client

    def twice(self, client, request):
        return client.transact(request), client.transact(request)

    def assertSame(self, first, second):
        """Equal but for a LIFETIME that may have ticked, and the integrity over it."""
        def kept(answer):
            volatile = (stun.LIFETIME, stun.MESSAGE_INTEGRITY, stun.MESSAGE_INTEGRITY_SHA256)
            return [attribute for attribute in answer.attributes if attribute[0] not in volatile]

        self.assertEqual(first.types(), second.types())
        self.assertEqual(kept(first), kept(second))
        self.assertEqual(first.message_class, second.message_class)

    def test_binding(self):
        for attributes in ([], [(0x7F01, b"")]):
            client = self.client()
            request = stun.Message(stun.BINDING, attributes=attributes).encode(fingerprint=True)
            first, second = self.twice(client, request)
            self.assertEqual(first.raw, second.raw)

    def test_allocate(self):
        for modern in (False, True):
            for extra in ([], [(stun.EVEN_PORT, b"\0")], [(stun.DONT_FRAGMENT, b"")]):
                with self.subTest(modern=modern, extra=extra):
                    client = self.challenged(modern=modern)
                    request = client.signed(stun.ALLOCATE, [ASKED] + extra)
                    first, second = self.twice(client, request)
                    client.allocated = True
                    self.assertSuccess(first)
                    self.assertSame(first, second)
                    self.assertTrue(second.verify_integrity(client.key(), client.integrity()))
                    self.assertSuccess(client.refresh(0))

    def test_allocate_sent_twice_before_the_answer(self):
        client = self.challenged()
        request = client.signed(stun.ALLOCATE, [ASKED])
        client.transport.send(request)
        client.transport.send(request)
        first, second = (stun.parse(client.transport.receive()) for _ in range(2))
        client.allocated = True
        self.assertSuccess(first)
        self.assertSame(first, second)

    def test_two_different_allocates_before_the_answer(self):
        client = self.challenged()
        requests = [client.signed(stun.ALLOCATE, [ASKED]) for _ in range(2)]
        for request in requests:
            client.transport.send(request)
        answers = [stun.parse(client.transport.receive()) for _ in requests]
        client.allocated = True
        self.assertCountEqual([answer.error_code for answer in answers], [None, 437])
        self.assertSuccess(client.refresh())

    def test_refused_allocate(self):
        client = self.challenged()
        request = client.signed(stun.ALLOCATE, [ASKED, (stun.RESERVATION_TOKEN, b"12345678")])
        first, second = self.twice(client, request)
        self.assertError(first, 508)
        self.assertEqual(first.raw, second.raw)

    def test_idempotent_requests_of_an_allocation(self):
        client, peer = self.allocated(), self.peer()
        address = (stun.XOR_PEER_ADDRESS, peer.address)
        for method, attributes in (
                (stun.CREATE_PERMISSION, [address]), (stun.REFRESH, []),
                (stun.CHANNEL_BIND, [(stun.CHANNEL_NUMBER, stun.channel_number(0x4000)), address])):
            with self.subTest(method=method):
                first, second = self.twice(client, client.signed(method, attributes))
                self.assertSuccess(first)
                self.assertSame(first, second)
        self.assertRelays(client, peer, 0x4000)

    def test_deleting_twice_deletes_once(self):
        client = self.allocated()
        request = client.signed(stun.REFRESH, [(stun.LIFETIME, stun.uint32(0))])
        first, second = self.twice(client, request)
        self.assertSuccess(first)
        self.assertIn(second.error_code, (None, 437))
        self.assertSuccess(client.allocate())


class ReservingRetransmission(TurnpikeTestCase):
    ports = 2

    def test_the_token_of_the_first_answer(self):
        client = self.client()
        client.challenge()
        request = client.signed(stun.ALLOCATE, [ASKED, (stun.EVEN_PORT, stun.even_port(True))])
        first, second = client.transact(request), client.transact(request)
        client.allocated = True
        self.assertSuccess(first)
        self.assertEqual(len(first.get(stun.RESERVATION_TOKEN)), 8)
        self.assertEqual(first.get(stun.RESERVATION_TOKEN), second.get(stun.RESERVATION_TOKEN))
        self.assertEqual(first.address(stun.XOR_RELAYED_ADDRESS),
                         second.address(stun.XOR_RELAYED_ADDRESS))
        self.allocated((stun.RESERVATION_TOKEN, first.get(stun.RESERVATION_TOKEN)))


if __name__ == "__main__":
    unittest.main()
