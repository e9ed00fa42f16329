# SPDX-License-Identifier: Apache-2.0
"""EVEN-PORT with the R bit and RESERVATION-TOKEN: RFC 8656 §7.2."""

import unittest

import stun
from testcase import TurnpikeTestCase

EVEN_AND_NEXT = (stun.EVEN_PORT, stun.even_port(True))


def with_token(token):
    return (stun.RESERVATION_TOKEN, token)


class Reservation(TurnpikeTestCase):
    # A reservation counts as an allocation until it expires.
    config = {"limits": {"allocations_per_user": 100}}

    def reserving(self, **options):
        client = self.allocated(EVEN_AND_NEXT, **options)
        self.assertEqual(client.relayed[0][1] % 2, 0)
        self.assertEqual(len(client.reservation_token), 8)
        return client

    def test_the_next_port_for_another_five_tuple(self):
        for first_kind in ("udp", "tcp"):
            for second_kind in ("udp", "tcp"):
                with self.subTest(first=first_kind, second=second_kind):
                    first = self.reserving(kind=first_kind)
                    second = self.allocated(with_token(first.reservation_token), kind=second_kind)
                    host, port = first.relayed[0]
                    self.assertEqual(second.relayed, [(host, port + 1)])
                    self.assertIsNone(second.reservation_token)
                    peer = self.peer()
                    for client in (first, second):
                        self.assertSuccess(client.create_permission(peer.address))
                        self.assertRelays(client, peer)
                        client.close()

    def test_a_token_works_once(self):
        first = self.reserving()
        self.allocated(with_token(first.reservation_token))
        self.assertError(self.client().allocate(with_token(first.reservation_token)), 508)

    def test_a_token_is_of_one_user(self):
        first = self.reserving()
        self.assertError(self.client(user="bob").allocate(with_token(first.reservation_token)), 508)
        # The theft did not spoil it.
        self.allocated(with_token(first.reservation_token))

    def test_altered_tokens(self):
        first = self.reserving()
        for position in range(8):
            altered = bytearray(first.reservation_token)
            altered[position] ^= 1
            self.assertError(self.client().allocate(with_token(bytes(altered))), 508)
        self.allocated(with_token(first.reservation_token))

    def test_tokens_differ(self):
        tokens = {self.reserving().reservation_token for _ in range(5)}
        self.assertEqual(len(tokens), 5)

    def test_the_reservation_outlives_the_allocation_that_made_it(self):
        first = self.reserving()
        host, port = first.relayed[0]
        self.assertSuccess(first.refresh(0))
        second = self.allocated(with_token(first.reservation_token))
        self.assertEqual(second.relayed, [(host, port + 1)])


class TwoWorkers(Reservation):
    """Whichever worker serves the second 5-tuple, the token is good."""

    config = {"server": {"workers": 2}, "limits": {"allocations_per_user": 100}}

    def test_every_pair_of_workers(self):
        # The kernel picks the worker by 5-tuple: 16 pairs of clients meet every combination.
        for _ in range(16):
            first = self.reserving()
            second = self.allocated(with_token(first.reservation_token))
            host, port = first.relayed[0]
            self.assertEqual(second.relayed, [(host, port + 1)])
            peer = self.peer()
            self.assertSuccess(second.create_permission(peer.address))
            self.assertRelays(second, peer)
            first.close()
            second.close()


class Quota(TurnpikeTestCase):
    config = {"limits": {"allocations_per_user": 2}}

    def test_a_reservation_counts_as_an_allocation(self):
        first = self.allocated(EVEN_AND_NEXT)
        self.assertError(self.client().allocate(), 486)
        # Taking it up costs nothing more.
        self.allocated(with_token(first.reservation_token)).close()
        self.assertError(self.client().allocate(EVEN_AND_NEXT), 486)
        self.allocated().close()


class OnePair(TurnpikeTestCase):
    """The whole pool is a pair of ports."""

    ports = 2

    def test_a_reserved_port_is_given_to_nobody_else(self):
        first = self.allocated(EVEN_AND_NEXT)
        self.assertEqual(first.relayed[0][1], self.server.ports.first)
        self.assertError(self.client().allocate(), 508)
        self.assertError(self.client().allocate((stun.EVEN_PORT, stun.even_port(False))), 508)
        second = self.allocated(with_token(first.reservation_token))
        self.assertEqual(second.relayed[0][1], self.server.ports.first + 1)
        for client in (first, second):
            self.assertSuccess(client.refresh(0))
        # Both are back: the pair can be had again.
        again = self.allocated(EVEN_AND_NEXT)
        self.allocated(with_token(again.reservation_token)).close()
        again.close()

    def test_a_pair_that_cannot_be_had_whole_is_refused(self):
        # Random ports: take one until it is the odd one, then no pair is left.
        odd = self.allocated()
        for _ in range(64):
            if odd.relayed[0][1] % 2 == 1:
                break
            self.assertSuccess(odd.refresh(0))
            self.assertSuccess(odd.allocate())
        self.assertError(self.client().allocate(EVEN_AND_NEXT), 508)
        self.allocated().close()


if __name__ == "__main__":
    unittest.main()
