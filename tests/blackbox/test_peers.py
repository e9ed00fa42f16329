# SPDX-License-Identifier: Apache-2.0
"""Which peers the relay refuses: special-purpose ranges, embedded IPv4, its own addresses."""

import unittest

import stun
from testcase import TurnpikeTestCase
from turn_client import TurnClient

DUAL = (stun.ADDITIONAL_ADDRESS_FAMILY, stun.family(stun.IPV6))

DENIED_IPV4 = """
0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255 127.0.0.2
127.255.255.254 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.0
192.0.0.9 192.0.0.170 192.0.0.192 192.0.0.255 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
192.88.99.2 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
""".split()

# The neighbours just outside: ordinary addresses.
ALLOWED_IPV4 = """
1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255
192.0.1.0 192.0.3.0 192.31.195.255 192.31.197.0 192.52.192.255 192.52.194.0 192.88.98.255
192.88.100.0 192.167.255.255 192.169.0.0 192.175.47.255 192.175.49.0 198.17.255.255 198.20.0.0
198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255
""".split()

DENIED_IPV6 = """
:: ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:8.8.8.8 ::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8 64:ff9b::127.0.0.1 64:ff9b::8.8.8.8
64:ff9b::a9fe:a9fe 64:ff9b:1::10.0.0.1 64:ff9b:1:ffff::8.8.8.8 100::1 100:0:0:1::1 200::1 1fff::1
2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1 2001:1::2 2001:1::3 2001:2::1 2001:3::1
2001:4:112::1 2001:10::1 2001:20::1 2001:30::1 2001:1ff:ffff::1 2001:db8::1 2001:db8:ffff::1
2002:7f00:1::1 2002:a00:1::1 2002:a9fe:a9fe::1 2002:808:808::1 2620:4f:8000::1 3fff::1
3fff:fff::1 4000::1 5f00::1 8000::1 c000::1 e000::1 f000::1 f800::1 fc00::1 fd00::1
fd00:ec2::254 fd20:ce::254 fe00::1 fe80::1 fe80::5efe:10.0.0.1 fec0::1 ff02::1 ff0e::1
2600::5efe:127.0.0.1 2600::5efe:10.0.0.1 2600:1:2:3:200:5efe:192.168.1.1
2a00::200:5efe:169.254.169.254
""".split()

ALLOWED_IPV6 = """
2000::1 2001:200::1 2001:4860:4860::8888 2001:db7::1 2001:db9::1 2003::1 2600::1 2606:4700::1111
2620:4f:7fff::1 2620:4f:8001::1 2a00::1 3ffe:ffff::1 3fff:1000::1 2600::5efe:8.8.8.8
2600::200:5efe:8.8.8.8
""".split()


class BuiltIn(TurnpikeTestCase):
    config = {"peers": {"allow": []}, "relay": {"addresses": ["127.0.0.1", "::1"]}}

    def test_create_permission(self):
        client = self.allocated(DUAL)
        for host in DENIED_IPV4 + DENIED_IPV6:
            with self.subTest(host=host):
                self.assertError(client.create_permission(host), 403)
                self.assertError(client.create_permission("8.8.8.8", host), 403)

    def test_channel_bind(self):
        client = self.allocated(DUAL)
        for index, host in enumerate(DENIED_IPV4 + DENIED_IPV6):
            with self.subTest(host=host):
                self.assertError(client.channel_bind(0x4000 + index, (host, 3478)), 403)

    def test_ordinary_neighbours_of_the_ranges_are_allowed(self):
        hosts = ALLOWED_IPV4 + ALLOWED_IPV6
        for start in range(0, len(hosts), 20):
            # Nothing is sent to them: a permission is only a promise.
            client = self.allocated(DUAL)
            for index, host in enumerate(hosts[start:start + 20]):
                with self.subTest(host=host):
                    self.assertSuccess(client.create_permission(host))
                    self.assertSuccess(client.channel_bind(0x4000 + index, (host, 3478)))
            client.close()

    def test_send_to_what_cannot_have_a_permission(self):
        client, peer = self.allocated(DUAL), self.peer("127.0.0.2")
        sixth = self.peer("::1")
        for host in ("127.0.0.2", "::ffff:127.0.0.2", "::127.0.0.2", "64:ff9b::127.0.0.2"):
            client.send_to((host, peer.address[1]), b"through the back door")
        client.send_to(sixth.address, b"own address, no relayed port")
        self.assertUnanswered(client)
        peer.send(b"no permission either", client.relayed[0])
        self.assertUnanswered(client)
        self.assertNothingArrived(peer, sixth)

    def test_own_address_is_a_peer_only_on_relayed_ports(self):
        client, service = self.allocated(DUAL), self.peer("127.0.0.1")
        listener = self.address()
        # The relay's address may have a permission: that is how two clients meet.
        self.assertSuccess(client.create_permission("127.0.0.1", "::1"))
        for address in (service.address, listener, ("127.0.0.1", 1), ("::1", 3478),
                        ("127.0.0.1", self.server.ports.last + 1),
                        ("127.0.0.1", self.server.ports.first - 1)):
            with self.subTest(address=address):
                self.assertError(client.channel_bind(0x4000, address), 403)
                client.send_to(address, b"to a service of this host")
        self.assertUnanswered(client)
        self.assertNothingArrived(service)

    def assertNothingArrived(self, *peers):
        for peer in peers:
            self.assertTrue(peer.is_idle())

    def test_refused_peers_leave_no_trace(self):
        client = self.allocated(DUAL)
        self.assertError(client.channel_bind(0x4000, ("10.0.0.1", 9)), 403)
        self.assertSuccess(client.channel_bind(0x4000, ("8.8.8.8", 9)))


class Order(TurnpikeTestCase):
    """What comes first when several things are wrong: RFC 8656 §5, §10.2, §12.2."""

    config = {"peers": {"allow": []}, "limits": {"permissions_per_allocation": 1,
                                                 "channels_per_allocation": 1}}
    forbidden = (stun.XOR_PEER_ADDRESS, ("10.0.0.1", 9))
    other_family = (stun.XOR_PEER_ADDRESS, ("::1", 9))
    malformed = (stun.XOR_PEER_ADDRESS, b"\x00\x01\x00")

    def test_mismatch_before_everything(self):
        client = self.client()
        for attributes in ([], [self.forbidden], [self.malformed], [self.other_family]):
            self.assertError(client.request(stun.CREATE_PERMISSION, attributes), 437)

    def test_wrong_credentials_before_bad_request(self):
        client = self.allocated()
        intruder = TurnClient(client.transport, ("bob", "builder"))
        for attributes in ([], [self.forbidden], [self.malformed]):
            self.assertError(intruder.request(stun.CREATE_PERMISSION, attributes), 441)

    def test_bad_request_before_family_and_forbidden(self):
        client = self.allocated()
        for attributes in ([self.forbidden, self.malformed], [self.other_family, self.malformed]):
            self.assertError(client.request(stun.CREATE_PERMISSION, attributes), 400)

    def test_family_before_forbidden(self):
        client = self.allocated()
        self.assertError(client.request(stun.CREATE_PERMISSION, [self.other_family]), 443)
        number = (stun.CHANNEL_NUMBER, stun.channel_number(0x4000))
        self.assertError(client.request(stun.CHANNEL_BIND, [number, self.other_family]), 443)

    def test_bad_channel_number_before_forbidden(self):
        client = self.allocated()
        for peer in (self.forbidden, self.other_family):
            number = (stun.CHANNEL_NUMBER, stun.channel_number(0x5000))
            self.assertError(client.request(stun.CHANNEL_BIND, [number, peer]), 400)

    def test_forbidden_before_capacity(self):
        client = self.allocated()
        self.assertSuccess(client.channel_bind(0x4000, ("8.8.8.8", 9)))
        self.assertError(client.create_permission("10.0.0.1"), 403)
        self.assertError(client.channel_bind(0x4001, ("10.0.0.1", 9)), 403)
        self.assertError(client.create_permission("1.1.1.1"), 508)
        self.assertError(client.channel_bind(0x4001, ("8.8.8.8", 10)), 508)


class Configured(TurnpikeTestCase):
    config = {"peers": {"allow": ["10.0.0.0/8", "127.0.0.3/32", "fd00::/8"],
                        "deny": ["8.8.8.0/24", "10.1.0.0/16", "2606:4700::/32"]},
              "relay": {"addresses": ["127.0.0.1", "::1"]}}

    def test_allow_opens_exactly_its_range(self):
        client = self.allocated(DUAL)
        self.assertSuccess(client.create_permission("10.0.0.1", "10.255.255.255", "fd00::1"))
        for host in ("172.16.0.1", "192.168.0.1", "127.0.0.2", "127.0.0.4", "fc00::1", "fe80::1"):
            self.assertError(client.create_permission(host), 403)
        peer = self.peer("127.0.0.3")
        self.assertSuccess(client.create_permission(peer.address))
        self.assertRelays(client, peer)

    def test_deny_closes_ordinary_addresses_and_beats_allow(self):
        client = self.allocated(DUAL)
        for host in ("8.8.8.8", "8.8.8.255", "10.1.0.0", "10.1.255.255", "2606:4700::1111"):
            self.assertError(client.create_permission(host), 403)
            self.assertError(client.channel_bind(0x4000, (host, 9)), 403)
        self.assertSuccess(client.create_permission("8.8.9.0", "10.2.0.1", "2606:4701::1"))

    def test_an_opened_range_does_not_open_its_ipv6_disguises(self):
        client = self.allocated(DUAL)
        for host in ("::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1",
                     "::ffff:127.0.0.3"):
            self.assertError(client.create_permission(host), 403)

    def test_every_opened_range_is_a_warning_at_start(self):
        warnings = [str(record) for record in self.server.log()
                    if record["level"].startswith("warn")]
        for opened in self.config["peers"]["allow"]:
            self.assertTrue(any(opened in warning for warning in warnings), opened)


if __name__ == "__main__":
    unittest.main()
