# SPDX-License-Identifier: Apache-2.0
"""Allocate: RFC 8656 §7.2, step by step."""

import unittest

import stun
from testcase import TurnpikeTestCase

ASKED = (stun.REQUESTED_TRANSPORT, stun.requested_transport())
FAMILY_IPV4 = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(stun.IPV4))
FAMILY_IPV6 = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(stun.IPV6))
ADDITIONAL_IPV6 = (stun.ADDITIONAL_ADDRESS_FAMILY, stun.family(stun.IPV6))
EVEN = (stun.EVEN_PORT, stun.even_port(False))
EVEN_AND_NEXT = (stun.EVEN_PORT, stun.even_port(True))
TOKEN = (stun.RESERVATION_TOKEN, b"8 bytes!")


class Success(TurnpikeTestCase):
    def test_answer_over_udp_and_tcp(self):
        for kind in ("udp", "tcp"):
            for modern in (False, True):
                with self.subTest(kind=kind, modern=modern):
                    client = self.client(kind, modern=modern)
                    answer = self.assertSuccess(client.allocate())
                    host, port = answer.address(stun.XOR_RELAYED_ADDRESS)
                    self.assertEqual(host, "127.0.0.1")
                    self.assertIn(port, self.server.ports)
                    self.assertEqual(answer.address(stun.XOR_MAPPED_ADDRESS),
                                     client.transport.local_address())
                    self.assertEqual(answer.number(stun.LIFETIME), 600)
                    self.assertNotIn(stun.RESERVATION_TOKEN, answer.types())
                    self.assertNotIn(stun.SOFTWARE, answer.types())

    def test_lifetime_lies_between_the_default_and_the_maximum(self):
        for asked, granted in ((0, 600), (1, 600), (600, 600), (601, 601), (1800, 1800),
                               (3600, 3600), (3601, 3600), (0xFFFFFFFF, 3600)):
            with self.subTest(asked=asked):
                client = self.allocated((stun.LIFETIME, stun.uint32(asked)))
                self.assertEqual(client.lifetime, granted)
                client.close()

    def test_relayed_addresses_are_unique(self):
        clients = [self.allocated(user=user) for user in ("alice", "bob") for _ in range(10)]
        self.assertEqual(len({client.relayed[0] for client in clients}), len(clients))

    def test_even_port_without_reservation(self):
        for _ in range(8):
            client = self.allocated(EVEN)
            self.assertEqual(client.relayed[0][1] % 2, 0)
            self.assertIsNone(client.reservation_token)

    def test_requested_family_ipv4(self):
        self.assertEqual(self.allocated(FAMILY_IPV4).relayed[0][0], "127.0.0.1")

    def test_dont_fragment_is_supported(self):
        self.allocated((stun.DONT_FRAGMENT, b""))

    def test_fingerprint_and_integrity_together(self):
        client = self.client()
        answer = self.assertSuccess(client.request(stun.ALLOCATE, [ASKED], fingerprint=True))
        client.allocated = True
        self.assertTrue(answer.verify_fingerprint())

    def test_a_relayed_address_works_as_soon_as_it_is_answered(self):
        for _ in range(10):
            client, peer = self.allocated(), self.peer()
            self.assertSuccess(client.create_permission(peer.address))
            peer.send(b"at once", client.relayed[0])
            self.assertEqual(client.receive().payload, b"at once")
            client.close()


class Refusal(TurnpikeTestCase):
    def refused(self, code, *attributes):
        with self.subTest(code=code, attributes=attributes):
            self.assertError(self.client().request(stun.ALLOCATE, attributes), code)

    def test_step_1_unauthenticated(self):
        answer = self.client().challenge()
        self.assertEqual(answer.get(stun.REALM), b"example.org")

    def test_step_2_five_tuple_in_use(self):
        client = self.allocated()
        self.assertError(client.request(stun.ALLOCATE, [ASKED]), 437)
        # Before anything the later steps would find.
        self.assertError(client.request(stun.ALLOCATE, []), 437)
        self.assertSuccess(client.refresh())

    def test_step_3_requested_transport(self):
        self.refused(400)
        self.refused(400, (stun.REQUESTED_TRANSPORT, b"\x11"))
        self.refused(442, (stun.REQUESTED_TRANSPORT, stun.requested_transport(stun.TCP_PROTOCOL)))
        self.refused(442, (stun.REQUESTED_TRANSPORT, stun.requested_transport(0)))

    def test_step_5_reservation_token(self):
        self.refused(400, ASKED, TOKEN, EVEN)
        self.refused(400, ASKED, TOKEN, FAMILY_IPV4)
        self.refused(400, ASKED, TOKEN, ADDITIONAL_IPV6)
        self.refused(508, ASKED, TOKEN)

    def test_step_6_both_families(self):
        self.refused(400, ASKED, FAMILY_IPV4, ADDITIONAL_IPV6)
        # Step 6 comes before step 7.
        self.refused(400, ASKED, FAMILY_IPV6, ADDITIONAL_IPV6)

    def test_step_7_family_not_supported(self):
        self.refused(440, ASKED, FAMILY_IPV6)
        self.refused(440, ASKED, (stun.REQUESTED_ADDRESS_FAMILY, stun.family(3)))

    def test_step_8_reserving_and_additional_family(self):
        self.refused(400, ASKED, EVEN_AND_NEXT, ADDITIONAL_IPV6)

    def test_step_9_additional_family_must_be_ipv6(self):
        self.refused(400, ASKED, (stun.ADDITIONAL_ADDRESS_FAMILY, stun.family(stun.IPV4)))

    def test_unsupported_transport_comes_before_token_and_family(self):
        tcp = (stun.REQUESTED_TRANSPORT, stun.requested_transport(stun.TCP_PROTOCOL))
        self.refused(442, tcp, TOKEN, EVEN)
        self.refused(442, tcp, FAMILY_IPV6)

    def test_unknown_attributes_are_judged_after_authentication(self):
        client = self.client()
        unknown = stun.Message(stun.ALLOCATE, attributes=[
            ASKED, (0x7F01, b"x"), (0x8F00, b"y" * 60)])
        self.assertError(client.transact(unknown.encode()), 401)
        answer = self.assertError(client.request(stun.ALLOCATE, [ASKED, (0x7F01, b"x")]), 420)
        self.assertEqual(answer.get(stun.UNKNOWN_ATTRIBUTES), b"\x7f\x01")

    def test_indications_allocate_nothing(self):
        client = self.client()
        client.challenge()
        indication = client.add_credentials(stun.Message(stun.ALLOCATE, stun.INDICATION, [ASKED]))
        self.assertUnanswered(client, indication.encode(client.key()))
        self.assertError(client.refresh(), 437)

    def test_a_refusal_leaves_the_five_tuple_free(self):
        client = self.client()
        self.assertError(client.request(stun.ALLOCATE, [ASKED, TOKEN]), 508)
        self.assertSuccess(client.allocate())

    def test_malformed_attributes_are_bad_requests(self):
        self.refused(400, ASKED, (stun.LIFETIME, b"\x00\x01"))
        self.refused(400, ASKED, (stun.EVEN_PORT, b""))
        self.refused(400, ASKED, (stun.RESERVATION_TOKEN, b"short"))
        self.refused(400, ASKED, (stun.REQUESTED_ADDRESS_FAMILY, b"\x01"))


class External(TurnpikeTestCase):
    config = {"relay": {"external": {"127.0.0.1": "198.51.100.5"}}}

    def test_clients_are_told_the_external_address(self):
        client = self.allocated()
        host, port = client.relayed[0]
        self.assertEqual(host, "198.51.100.5")
        self.assertIn(port, self.server.ports)
        peer = self.peer()
        self.assertSuccess(client.create_permission(peer.address))
        client.send_to(peer.address, b"out")
        self.assertEqual(peer.receive(), (b"out", ("127.0.0.1", port)))


class LifetimeMaximum(TurnpikeTestCase):
    config = {"limits": {"lifetime_max": "15m"}}

    def test_configured_maximum(self):
        client = self.allocated((stun.LIFETIME, stun.uint32(3600)))
        self.assertEqual(client.lifetime, 900)
        self.assertEqual(client.refresh(3600).number(stun.LIFETIME), 900)


if __name__ == "__main__":
    unittest.main()
