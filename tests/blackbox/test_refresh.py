# SPDX-License-Identifier: Apache-2.0
"""Refresh: RFC 8656 §8.2."""

import unittest

import stun
from testcase import TurnpikeTestCase
from turn_client import TurnClient


class Refresh(TurnpikeTestCase):
    def test_lifetime_lies_between_the_default_and_the_maximum(self):
        client = self.allocated()
        for asked, granted in ((None, 600), (1, 600), (1000, 1000), (0xFFFFFFFF, 3600)):
            with self.subTest(asked=asked):
                self.assertEqual(client.refresh(asked).number(stun.LIFETIME), granted)

    def test_zero_deletes_for_good(self):
        for kind in ("udp", "tcp"):
            with self.subTest(kind=kind):
                client = self.allocated(kind=kind)
                answer = self.assertSuccess(client.refresh(0))
                self.assertEqual(answer.number(stun.LIFETIME), 0)
                self.assertError(client.refresh(), 437)
                self.assertError(client.refresh(0), 437)
                self.assertError(client.create_permission("127.0.0.1"), 437)
                self.assertError(client.channel_bind(0x4000, ("127.0.0.1", 9)), 437)

    def test_after_deletion_nothing_is_relayed(self):
        client, peer = self.allocated(), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        relayed = client.relayed[0]
        self.assertSuccess(client.refresh(0))
        peer.send(b"late", relayed)
        client.send_channel(0x4000, b"late")
        client.send_to(peer.address, b"late")
        self.assertUnanswered(client)
        # A new allocation starts without the permissions and channels of the old one.
        self.assertSuccess(client.allocate())
        client.send_channel(0x4000, b"unbound")
        client.send_to(peer.address, b"forbidden")
        self.assertSuccess(client.create_permission(peer.address))
        client.send_to(peer.address, b"now")
        self.assertEqual(peer.receive()[0], b"now")

    def test_deletion_gives_the_five_tuple_free(self):
        client = self.allocated()
        for _ in range(5):
            self.assertSuccess(client.refresh(0))
            self.assertSuccess(client.allocate())

    def test_without_allocation(self):
        self.assertError(self.client().refresh(), 437)
        self.assertError(self.client().refresh(0), 437)

    def test_another_user_of_the_five_tuple(self):
        client = self.allocated()
        intruder = TurnClient(client.transport, ("bob", "builder"))
        self.assertError(intruder.refresh(0), 441)
        self.assertError(intruder.refresh(), 441)
        self.assertError(intruder.create_permission("127.0.0.1"), 441)
        self.assertError(intruder.channel_bind(0x4000, ("127.0.0.1", 9)), 441)
        self.assertSuccess(client.refresh())

    def test_requested_family_must_be_the_allocation_s(self):
        client = self.allocated()
        wanted = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(stun.IPV4))
        other = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(stun.IPV6))
        self.assertSuccess(client.refresh(700, wanted))
        self.assertError(client.refresh(700, other), 443)
        self.assertError(client.refresh(0, other), 443)
        self.assertSuccess(client.refresh())

    def test_lifetime_behind_message_integrity_is_ignored(self):
        client = self.allocated()
        request = stun.append_attribute(client.signed(stun.REFRESH), stun.LIFETIME, stun.uint32(0))
        answer = self.assertSuccess(client.transact(request))
        self.assertEqual(answer.number(stun.LIFETIME), 600)
        self.assertSuccess(client.refresh())

    def test_unauthenticated_refresh_is_challenged(self):
        client = self.allocated()
        bare = stun.Message(stun.REFRESH, attributes=[(stun.LIFETIME, stun.uint32(0)),
                                                      (stun.SOFTWARE, "x" * 40)])
        self.assertError(client.transact(bare.encode()), 401)
        self.assertSuccess(client.refresh())

    def test_allocation_is_of_one_five_tuple(self):
        client = self.allocated()
        stranger = self.client()
        self.assertError(stranger.refresh(0), 437)
        self.assertSuccess(client.refresh())


if __name__ == "__main__":
    unittest.main()
