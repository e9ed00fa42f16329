# SPDX-License-Identifier: Apache-2.0
"""What a forged source address can be made to receive: never more than 2.5 times what was sent.

Counted on the wire, IP and UDP headers included, for every kind of answer that needs no credential.
"""

import time
import unittest

import namespace_cases
import stun
from testcase import TurnpikeTestCase
from transports import UdpTransport

RATIO_MAX = 2.5
HEADERS = {"127.0.0.1": 20 + 8, "::1": 40 + 8}
ASKED = (stun.REQUESTED_TRANSPORT, stun.requested_transport())
METHODS = (stun.BINDING, stun.ALLOCATE, stun.REFRESH, stun.CREATE_PERMISSION, stun.CHANNEL_BIND,
           stun.CONNECT, stun.SEND, stun.DATA_METHOD, 0x0AB)


class Ratio(TurnpikeTestCase):
    config = {"listen": {"udp": ["127.0.0.1:0", "[::1]:0"]}}

    def assertSmall(self, client, request):
        """Sends, checks the size of what comes back, and returns the answer or None."""
        answer = self.answer_or_none(client, request)
        if answer is not None:
            headers = HEADERS[client.transport.local_address()[0]]
            ratio = (len(answer.raw) + headers) / (len(request) + headers)
            self.assertLessEqual(ratio, RATIO_MAX, "%s drew %s" % (request.hex(), answer.raw.hex()))
        return answer

    def each_family(self):
        for index in (0, 1):
            with self.subTest(address=self.address("udp", index)):
                yield self.client(index=index)

    def test_binding(self):
        for client in self.each_family():
            for fingerprint in (False, True):
                request = stun.Message(stun.BINDING).encode(fingerprint=fingerprint)
                self.assertSuccess(self.assertSmall(client, request))

    def test_every_method_bare_and_with_growing_ballast(self):
        for client in self.each_family():
            for method in METHODS:
                for size in range(0, 160, 4):
                    ballast = [(stun.SOFTWARE, "s" * size)] if size else []
                    self.assertSmall(client, stun.Message(method, attributes=ballast).encode())

    def test_unknown_attributes_never_make_a_list_larger_than_the_request(self):
        for client in self.each_family():
            for count in (1, 2, 3, 10, 60, 300):
                unknown = [(0x7000 + i, b"") for i in range(count)]
                for method in METHODS:
                    self.assertSmall(client, stun.Message(method, attributes=unknown).encode())

    def test_a_usual_first_allocate_is_answered(self):
        # What pion, libwebrtc and coturn's client send first has at least REQUESTED-TRANSPORT.
        for client in self.each_family():
            request = stun.Message(stun.ALLOCATE, attributes=[ASKED]).encode()
            answer = self.assertSmall(client, request)
            self.assertIsNotNone(answer)
            self.assertError(answer, 401)

    def test_refused_credentials(self):
        for client in self.each_family():
            client.challenge()
            for name in ("alice", "x", "nobody of that name"):
                for leave_out in ((), (stun.NONCE,), (stun.REALM,), (stun.USERNAME,)):
                    for nonce in (client.nonce, b"x", b""):
                        message = stun.Message(stun.ALLOCATE, attributes=[
                            attribute for attribute in (
                                (stun.USERNAME, name), (stun.REALM, client.realm),
                                (stun.NONCE, nonce)) if attribute[0] not in leave_out])
                        for kind in (stun.MESSAGE_INTEGRITY, stun.MESSAGE_INTEGRITY_SHA256):
                            answer = self.assertSmall(client, message.encode(b"no key", kind))
                            self.assertIn(answer.error_code, (400, 401, 438))

    def test_integrity_alone(self):
        for client in self.each_family():
            for method in METHODS:
                self.assertSmall(client, stun.Message(method).encode(b"no key"))


class LongRealm(Ratio):
    """With the longest realm most challenges are too large: those requests get no answer."""

    config = {"realm": "r" * 127, "listen": {"udp": ["127.0.0.1:0", "[::1]:0"]}}

    def test_a_usual_first_allocate_is_answered(self):
        for client in self.each_family():
            bare = stun.Message(stun.ALLOCATE, attributes=[ASKED])
            self.assertIsNone(self.assertSmall(client, bare.encode()))
            larger = stun.Message(stun.ALLOCATE, attributes=[ASKED, (stun.SOFTWARE, "s" * 100)])
            self.assertError(self.assertSmall(client, larger.encode()), 401)


class Budget(TurnpikeTestCase):
    LIMIT = 20
    config = {"limits": {"unauthenticated_per_second": LIMIT}}

    def fence(self):
        """A client on the same listener, answered whatever the budget says, being authenticated."""
        client = self.client(source=("127.0.0.99", 0))
        self.assertSuccess(client.allocate())
        return client

    def flood(self, transports, request, count, fence):
        """How many of `count` requests were answered, and the seconds they took."""
        before = time.monotonic()
        for index in range(count):
            transports[index % len(transports)].send(request)
            if index % 64 == 63:
                self.assertSuccess(fence.refresh())
        self.assertSuccess(fence.refresh())
        answered = sum(len(transport.waiting()) for transport in transports)
        return answered, time.monotonic() - before

    def sources(self, host, count=4):
        transports = [UdpTransport(self.address(), (host, 0)) for _ in range(count)]
        for transport in transports:
            self.addCleanup(transport.close)
        return transports

    def test_beyond_the_budget_of_a_source_nothing_is_answered(self):
        fence = self.fence()
        requests = {
            "binding": stun.Message(stun.BINDING).encode(),
            "challenge": stun.Message(stun.ALLOCATE, attributes=[ASKED]).encode(),
            "refused": stun.Message(stun.ALLOCATE, attributes=[
                ASKED, (stun.USERNAME, "x"), (stun.REALM, "example.org"),
                (stun.NONCE, "y")]).encode(b"k"),
            "unknown": stun.Message(stun.BINDING, attributes=[(0x7F01, b"")]).encode()}
        for index, (name, request) in enumerate(requests.items()):
            with self.subTest(request=name):
                # Four sockets, one address: the budget is the address's.
                transports = self.sources("127.0.%d.1" % (index + 1))
                answered, seconds = self.flood(transports, request, 2000, fence)
                self.assertGreaterEqual(answered, 1)
                self.assertLessEqual(answered, self.LIMIT * (seconds + 2))

    def test_binding_and_challenge_share_a_budget(self):
        fence = self.fence()
        transports = self.sources("127.0.20.1")
        binding = stun.Message(stun.BINDING).encode()
        challenge = stun.Message(stun.ALLOCATE, attributes=[ASKED]).encode()
        before = time.monotonic()
        answered = sum(self.flood(transports, request, 200, fence)[0]
                       for request in (binding, challenge, binding, challenge))
        self.assertLessEqual(answered, self.LIMIT * (time.monotonic() - before + 2))

    def test_other_sources_and_users_are_served_during_a_flood(self):
        fence = self.fence()
        self.flood(self.sources("127.0.30.1"), stun.Message(stun.BINDING).encode(), 500, fence)
        for host in ("127.0.30.2", "127.0.31.1"):
            self.assertSuccess(self.client(source=(host, 0)).binding())
        # Whoever has authenticated is not held back by the flood of its own address.
        client = self.allocated(source=("127.0.32.1", 0))
        self.flood(self.sources("127.0.32.1"), stun.Message(stun.BINDING).encode(), 500, fence)
        for _ in range(2 * self.LIMIT):
            self.assertSuccess(client.refresh())


class BudgetByPrefix(unittest.TestCase):
    def test_in_a_network_namespace(self):
        namespace_cases.run_in_namespace(self, "BudgetByPrefix")


if __name__ == "__main__":
    unittest.main()
