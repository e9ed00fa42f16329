# SPDX-License-Identifier: Apache-2.0
"""Binding: RFC 8489 §6.3, over UDP and TCP, IPv4 and IPv6."""

import unittest

import stun
from testcase import TurnpikeTestCase
from transports import TcpTransport, UdpTransport
from turn_client import TurnClient, check_well_formed


class Binding(TurnpikeTestCase):
    config = {"listen": {"udp": ["127.0.0.1:0", "[::1]:0"], "tcp": ["127.0.0.1:0", "[::1]:0"]}}

    def test_success_carries_the_source_address_and_nothing_else(self):
        for kind in ("udp", "tcp"):
            for index in (0, 1):
                with self.subTest(kind=kind, index=index):
                    client = self.client(kind, index=index)
                    answer = self.assertSuccess(client.binding())
                    self.assertEqual(answer.types(), [stun.XOR_MAPPED_ADDRESS])
                    self.assertEqual(answer.address(stun.XOR_MAPPED_ADDRESS),
                                     client.transport.local_address())

    def test_fingerprint_is_answered_with_fingerprint(self):
        answer = self.assertSuccess(self.client().binding(fingerprint=True))
        self.assertEqual(answer.types(), [stun.XOR_MAPPED_ADDRESS, stun.FINGERPRINT])
        self.assertTrue(answer.verify_fingerprint())

    def test_wrong_fingerprint_is_dropped(self):
        client = self.client()
        damaged = bytearray(stun.Message(stun.BINDING).encode(fingerprint=True))
        damaged[-1] ^= 0x01
        self.assertUnanswered(client, bytes(damaged))

    def test_unknown_comprehension_required_attributes_are_listed_in_420(self):
        unknown = [(0x7F01, b"abc"), (0x8F02, b"optional"), (0x0055, b"")]
        answer = self.assertError(self.client().binding(unknown), 420)
        listed = answer.get(stun.UNKNOWN_ATTRIBUTES)
        self.assertEqual(listed, bytes.fromhex("7f010055"))

    def test_unknown_comprehension_optional_attributes_are_ignored(self):
        self.assertSuccess(self.client().binding([(0x8F02, b"optional"), (0xFFFE, b"")]))

    def test_known_but_unexpected_attributes_are_ignored(self):
        client = self.client()
        self.assertSuccess(client.binding([
            (stun.USERNAME, "nobody"), (stun.LIFETIME, stun.uint32(5)), (stun.DATA, b"x" * 9)]))

    def test_attributes_behind_message_integrity_are_ignored(self):
        client = self.client()
        request = stun.Message(stun.BINDING, attributes=[(stun.USERNAME, "x")]).encode(b"any key")
        self.assertSuccess(client.transact(stun.append_attribute(request, 0x7F01, b"unknown")))

    def test_indication_is_not_answered(self):
        self.assertUnanswered(self.client(), stun.Message(stun.BINDING, stun.INDICATION).encode())

    def test_responses_are_not_answered(self):
        client = self.client()
        mapped = [(stun.XOR_MAPPED_ADDRESS, client.transport.local_address())]
        self.assertUnanswered(client, *(
            stun.Message(method, message_class, mapped).encode()
            for method in (stun.BINDING, stun.ALLOCATE, stun.REFRESH, stun.SEND, 0x0AB)
            for message_class in (stun.SUCCESS, stun.ERROR)))

    def test_unknown_methods_are_dropped(self):
        client = self.client()
        self.assertUnanswered(client, *(
            stun.Message(method, stun.REQUEST).encode() for method in (0x000, 0x002, 0x0AB, 0xFFF)))

    def test_redirecting_attributes_of_rfc_3489_never_redirect(self):
        # An answer may refuse them, but it comes from the address asked, to the address that asked.
        client, other = self.client(), self.client()
        answer = client.binding([
            (stun.RESPONSE_ADDRESS, stun.encode_address(other.transport.local_address())),
            (stun.CHANGE_REQUEST, stun.uint32(6))])
        self.assertIn(answer.error_code, (None, 420))
        self.assertUnanswered(other)

    def test_many_requests_of_one_client(self):
        client = self.client()
        for _ in range(200):
            self.assertSuccess(client.binding())


class AnyAddress(TurnpikeTestCase):
    config = {"server": {"workers": 2}, "listen": {"udp": ["0.0.0.0:0"], "tcp": ["0.0.0.0:0"]}}

    def test_the_answer_comes_from_the_address_that_was_asked(self):
        for kind, make in (("udp", UdpTransport), ("tcp", TcpTransport)):
            port = self.address(kind)[1]
            for host in ("127.0.0.1", "127.0.0.2", "127.9.8.7"):
                with self.subTest(kind=kind, host=host):
                    # A connected socket drops what comes from elsewhere.
                    transport = make((host, port))
                    self.addCleanup(transport.close)
                    answer = TurnClient(transport).binding()
                    self.assertEqual(answer.address(stun.XOR_MAPPED_ADDRESS),
                                     transport.local_address())

    def test_every_worker_answers(self):
        # The kernel spreads 5-tuples over the workers' sockets: 64 clients reach both.
        for client in [self.client() for _ in range(64)]:
            self.assertSuccess(client.binding())


class Software(TurnpikeTestCase):
    config = {"server": {"software": "turnpike under test"}}

    def test_software_is_not_told_before_authentication(self):
        client = self.client()
        self.assertNotIn(stun.SOFTWARE, client.binding().types())
        self.assertNotIn(stun.SOFTWARE, client.challenge().types())

    def test_software_is_told_to_users_when_configured(self):
        answer = check_well_formed(self.client().allocate())
        self.assertEqual(answer.get(stun.SOFTWARE), b"turnpike under test")


if __name__ == "__main__":
    unittest.main()
