# SPDX-License-Identifier: Apache-2.0
"""Two relayed addresses for one allocation: ADDITIONAL-ADDRESS-FAMILY, RFC 8656 §7.2 and §8."""

import unittest

import stun
from testcase import TurnpikeTestCase

DUAL = (stun.ADDITIONAL_ADDRESS_FAMILY, stun.family(stun.IPV6))
IPV4 = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(stun.IPV4))
IPV6 = (stun.REQUESTED_ADDRESS_FAMILY, stun.family(stun.IPV6))
LOOPBACK = {"allow": ["127.0.0.0/8", "::1/128"]}


class Dual(TurnpikeTestCase):
    config = {"relay": {"addresses": ["127.0.0.1", "::1"]}, "peers": LOOPBACK,
              "listen": {"udp": ["127.0.0.1:0", "[::1]:0"], "tcp": ["127.0.0.1:0", "[::1]:0"]}}

    def dual(self, **options):
        client = self.allocated(DUAL, **options)
        self.assertCountEqual([host for host, _ in client.relayed], ["127.0.0.1", "::1"])
        return client

    def test_both_addresses_relay(self):
        for kind in ("udp", "tcp"):
            for index in (0, 1):
                with self.subTest(kind=kind, index=index):
                    client = self.dual(kind=kind, index=index)
                    peers = [self.peer("127.0.0.1"), self.peer("::1")]
                    self.assertSuccess(client.create_permission(*(p.address for p in peers)))
                    for number, peer in enumerate(peers, 0x4000):
                        self.assertRelays(client, peer)
                        self.assertSuccess(client.channel_bind(number, peer.address))
                        self.assertRelays(client, peer, number)
                    client.close()

    def test_no_error_code_when_both_are_there(self):
        client = self.client()
        answer = self.assertSuccess(client.allocate(DUAL))
        self.assertNotIn(stun.ADDRESS_ERROR_CODE, answer.types())
        self.assertEqual(len(answer.all(stun.LIFETIME)), 1)

    def test_refresh_without_family_is_for_both(self):
        client = self.dual()
        self.assertEqual(self.assertSuccess(client.refresh(1000)).number(stun.LIFETIME), 1000)
        self.assertSuccess(client.refresh(0))
        for family in (IPV4, IPV6):
            self.assertError(client.refresh(600, family), 437)

    def test_deleting_one_family_leaves_the_other(self):
        for gone, gone_host, kept, kept_host in ((IPV4, "127.0.0.1", IPV6, "::1"),
                                                 (IPV6, "::1", IPV4, "127.0.0.1")):
            with self.subTest(gone=gone_host):
                client, lost, peer = self.dual(), self.peer(gone_host), self.peer(kept_host)
                self.assertSuccess(client.channel_bind(0x4000, lost.address))
                self.assertSuccess(client.channel_bind(0x4001, peer.address))
                self.assertRelays(client, lost, 0x4000)
                answer = self.assertSuccess(client.refresh(0, gone))
                self.assertEqual(answer.number(stun.LIFETIME), 0)
                client.send_channel(0x4000, b"gone")
                client.send_to(lost.address, b"gone")
                self.assertRelays(client, peer, 0x4001)
                self.assertError(client.create_permission(gone_host), 443)
                self.assertError(client.channel_bind(0x4002, lost.address), 443)
                self.assertError(client.refresh(600, gone), 443)
                self.assertSuccess(client.refresh(700, kept))
                self.assertSuccess(client.refresh(700))
                # The number of the lost channel is free again.
                self.assertSuccess(client.channel_bind(0x4000, (kept_host, peer.address[1] ^ 1)))
                self.assertSuccess(client.refresh(0, kept))
                self.assertError(client.refresh(), 437)
                client.allocated = False

    def test_a_single_ipv6_allocation(self):
        client, peer = self.allocated(IPV6), self.peer("::1")
        self.assertEqual(client.relayed[0][0], "::1")
        self.assertSuccess(client.create_permission("::1"))
        self.assertRelays(client, peer)
        self.assertError(client.create_permission("127.0.0.1"), 443)
        self.assertError(client.refresh(600, IPV4), 443)

    def test_without_a_wish_it_is_ipv4(self):
        for index in (0, 1):
            client = self.allocated(index=index)
            self.assertEqual([host for host, _ in client.relayed], ["127.0.0.1"])

    def test_even_port_with_two_families(self):
        client = self.allocated(DUAL, (stun.EVEN_PORT, stun.even_port(False)))
        self.assertEqual([port % 2 for _, port in client.relayed], [0, 0])

    def test_relayed_ports_come_back(self):
        for _ in range(100):
            self.dual().close()


class OnlyIpv4(TurnpikeTestCase):
    def test_partial_failure_says_440_of_ipv6(self):
        client, peer = self.client(), self.peer()
        answer = self.assertSuccess(client.allocate(DUAL))
        self.assertEqual([host for host, _ in client.relayed], ["127.0.0.1"])
        value = answer.get(stun.ADDRESS_ERROR_CODE)
        self.assertEqual((value[0], (value[2] & 7) * 100 + value[3]), (stun.IPV6, 440))
        self.assertSuccess(client.create_permission(peer.address))
        self.assertRelays(client, peer)
        self.assertError(client.create_permission("2606:4700::1111"), 443)


class OnlyIpv6(TurnpikeTestCase):
    config = {"relay": {"addresses": ["::1"]}, "peers": LOOPBACK}

    def test_ipv4_is_not_supported(self):
        self.assertError(self.client().allocate(), 440)
        self.assertError(self.client().allocate(IPV4), 440)

    def test_ipv6_is(self):
        client, peer = self.allocated(IPV6), self.peer("::1")
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        self.assertRelays(client, peer, 0x4000)


class Exhausted(TurnpikeTestCase):
    """Two ports for each family."""

    ports = 2
    config = {"relay": {"addresses": ["127.0.0.1", "::1"]}, "peers": LOOPBACK}

    def test_partial_failure_says_508(self):
        for taken, family in ((IPV6, stun.IPV6), (IPV4, stun.IPV4)):
            with self.subTest(family=family):
                holders, client = [self.allocated(taken) for _ in range(2)], self.client()
                answer = self.assertSuccess(client.allocate(DUAL))
                self.assertEqual(len(client.relayed), 1)
                value = answer.get(stun.ADDRESS_ERROR_CODE)
                self.assertEqual((value[0], (value[2] & 7) * 100 + value[3]), (family, 508))
                for closing in holders + [client]:
                    closing.close()

    def test_neither_is_508(self):
        holders = [self.allocated(DUAL) for _ in range(2)]
        self.assertError(self.client().allocate(DUAL), 508)
        for holder in holders:
            holder.close()


if __name__ == "__main__":
    unittest.main()
