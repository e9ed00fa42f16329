# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: a checked configuration is swapped in whole, a broken one changes nothing."""

import os
import time
import unittest

import server_config
import stun
from testcase import TurnpikeTestCase
from turn_client import Credentials


def minted(secret):
    username = "%d:grace" % (int(time.time()) + 3600)
    return Credentials(username, stun.time_limited_password(secret, username))


class Reload(TurnpikeTestCase):
    own_server = True

    def setUp(self):
        self.start_server()

    def reload_with(self, changes):
        self.server.write_config(changes)
        return self.server.reload()

    def test_notify_protocol(self):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        reloading = self.server.reload()
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.assertTrue(before <= int(reloading["MONOTONIC_USEC"]) <= after, reloading)

    def test_changed_secrets(self):
        old, new = minted(server_config.SECRET), minted("polaris-2027")
        self.allocated(user=old)
        self.assertError(self.client(user=new).allocate(), 401)
        self.reload_with({"auth": {"secret": [{"id": "newest", "value": "polaris-2027"}]}})
        for _ in range(4):
            self.allocated(user=new)
            self.assertError(self.client(user=old).allocate(), 401)

    def test_changed_users(self):
        self.allocated(user="bob")
        self.reload_with({"auth": {"user": [{"name": "alice", "password": "changed"}]}})
        self.allocated(user=Credentials("alice", "changed"))
        self.assertError(self.client(user="alice").allocate(), 401)
        self.assertError(self.client(user="bob").allocate(), 401)

    def test_changed_realm(self):
        self.reload_with({"realm": "other.example"})
        client = self.client()
        self.assertEqual(client.challenge().get(stun.REALM), b"other.example")
        self.assertSuccess(client.allocate())

    def test_changed_peers(self):
        client = self.allocated()
        self.assertError(client.create_permission("10.0.0.1"), 403)
        self.reload_with({"peers": {"allow": ["127.0.0.0/8", "10.0.0.0/8"],
                                    "deny": ["8.8.8.8/32"]}})
        self.assertSuccess(client.create_permission("10.0.0.1"))
        self.assertError(client.create_permission("8.8.8.8"), 403)

    def test_a_peer_that_is_now_denied_gets_nothing_more(self):
        client, peer = self.allocated(), self.peer("127.0.0.2")
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        self.assertRelays(client, peer, 0x4000)
        self.reload_with({"peers": {"deny": ["127.0.0.2/32"]}})
        client.send_channel(0x4000, b"denied")
        client.send_to(peer.address, b"denied")
        self.assertUnanswered(client)
        self.assertTrue(peer.is_idle())

    def test_changed_limits(self):
        self.reload_with({"limits": {"allocations_per_user": 1, "lifetime_max": "20m"}})
        client = self.allocated((stun.LIFETIME, stun.uint32(3600)))
        self.assertEqual(client.lifetime, 1200)
        self.assertError(self.client().allocate(), 486)

    def test_allocations_outlive_a_reload(self):
        clients = [self.allocated(kind=kind) for kind in ("udp", "tcp")]
        peer = self.peer()
        for client in clients:
            self.assertSuccess(client.channel_bind(0x4000, peer.address))
        for _ in range(3):
            self.server.reload()
            for client in clients:
                self.assertRelays(client, peer, 0x4000)
                self.assertSuccess(client.refresh())

    def test_a_broken_file_keeps_the_old_configuration(self):
        text = server_config.to_toml(self.server.config)
        for broken in ("realm = \n", text + "[limits2]\nx = 1\n",
                       text.replace("realm", "reaml"), ""):
            self.server.write_text(broken)
            before = len(self.server.log())
            self.server.reload()
            record = self.server.wait_for_log(
                lambda record: record["level"] == "error", "an error", before)
            self.assertIn(self.server.path, str(self.server.log()[before:]), record)
            self.assertSuccess(self.allocated().refresh(0))
        self.server.write_config({"realm": "mended.example"})
        self.server.reload()
        self.assertEqual(self.client().challenge().get(stun.REALM), b"mended.example")

    def test_a_missing_file_keeps_the_old_configuration(self):
        os.rename(self.server.path, self.server.path + ".gone")
        self.server.reload()
        self.assertSuccess(self.allocated().refresh(0))

    def test_errors_of_a_broken_file_say_line_and_column(self):
        text = server_config.to_toml(self.server.config) + "[stun]\nclasic = true\n"
        self.server.write_text(text)
        before = len(self.server.log())
        self.server.reload()
        line = text.splitlines().index("clasic = true") + 1
        self.server.wait_for_log(
            lambda record: "%s:%d:1" % (self.server.path, line) in str(record), "the place", before)


class TwoWorkers(Reload):
    """The same with two workers: each must get the new configuration."""

    def start_server(self, config=None):
        return super().start_server(server_config.merged({"server": {"workers": 2}}, config or {}))

    def reload_with(self, changes):
        return super().reload_with(server_config.merged({"server": {"workers": 2}}, changes))


class Budget(TurnpikeTestCase):
    own_server = True

    def test_changed_budget(self):
        # One worker: the refresh is a fence for what the flood was answered.
        server = self.start_server()
        server.write_config({"limits": {"unauthenticated_per_second": 1}})
        server.reload()
        client = self.allocated(source=("127.0.0.50", 0))
        flood = self.transport(source=("127.0.0.51", 0))
        for _ in range(60):
            flood.send(stun.Message(stun.BINDING).encode())
        self.assertSuccess(client.refresh())
        self.assertLess(len(flood.waiting()), 60)


if __name__ == "__main__":
    unittest.main()
