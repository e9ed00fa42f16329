# SPDX-License-Identifier: Apache-2.0
"""turnutils_stunclient: a Binding over UDP tells each client the address it came from."""

import re
import subprocess
import unittest

import server

REFLEXIVE = re.compile(r"UDP reflexive addr: (\S+):(\d+)\s*$", re.MULTILINE)


class Stunclient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tool = server.require("turnutils_stunclient")
        cls.turn = server.start("64700-64749")
        cls.addClassCleanup(cls.turn.stop)

    def check_binding(self, host, source):
        done = subprocess.run(
            [self.tool, "-p", str(self.turn.ports["udp", host]), "-L", source, host], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=False)
        found = REFLEXIVE.search(done.stdout)
        self.assertIsNotNone(found, done.stdout + self.turn.log())
        self.assertEqual(found.group(1), source, done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_ipv4(self):
        self.check_binding("127.0.0.1", "127.0.0.1")

    def test_another_ipv4_source(self):
        self.check_binding("127.0.0.1", "127.9.8.7")

    def test_ipv6(self):
        self.check_binding("::1", "::1")


if __name__ == "__main__":
    server.main()
