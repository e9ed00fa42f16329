# SPDX-License-Identifier: Apache-2.0
"""Two libnice agents that may only use relayed candidates find each other and exchange messages."""

import os
import re
import subprocess
import unittest

import server

RELAY_PORTS = "64750-64899"
MESSAGES = 500
PAIR = re.compile(r"^pair (\S+) (\d+) (\S+) (\d+)$", re.MULTILINE)


class Libnice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tool = server.require("libnice_relay", os.environ.get("LIBNICE_RELAY"))
        cls.turn = server.start(RELAY_PORTS)
        cls.addClassCleanup(cls.turn.stop)

    def call(self, transport, host, username, password):
        return subprocess.run(
            [self.tool, host, str(self.turn.ports[transport, host]), transport, username, password, str(MESSAGES)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
            check=False)

    def check_call(self, transport, host, username, password):
        done = self.call(transport, host, username, password)
        about = done.stdout + self.turn.log()
        self.assertEqual(done.returncode, 0, about)
        self.assertEqual(done.stdout.count(f"sent {MESSAGES} received {MESSAGES}\n"), 2, about)
        low, high = map(int, RELAY_PORTS.split("-"))
        pairs = PAIR.findall(done.stdout)
        self.assertEqual(len(pairs), 2, about)
        for local, local_port, remote, remote_port in pairs:
            self.assertTrue(low <= int(local_port) <= high and low <= int(remote_port) <= high, about)
            self.assertIn((remote, remote_port, local, local_port), pairs, about)

    def test_udp(self):
        self.check_call("udp", "127.0.0.1", *server.credential("nice"))

    def test_tcp(self):
        self.check_call("tcp", "127.0.0.1", *server.credential("nice"))

    def test_udp_over_ipv6(self):
        self.check_call("udp", "::1", *server.credential("nice"))

    def test_tcp_over_ipv6(self):
        self.check_call("tcp", "::1", *server.credential("nice"))

    def test_wrong_password_gets_no_candidate(self):
        done = self.call("udp", "127.0.0.1", server.credential("nice")[0], "wrong")
        self.assertEqual(done.returncode, 1, done.stdout + self.turn.log())
        self.assertIn("no relayed address of use", done.stdout)


if __name__ == "__main__":
    server.main()
