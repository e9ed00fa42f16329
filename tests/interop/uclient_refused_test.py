# SPDX-License-Identifier: Apache-2.0
"""turnutils_uclient where it must not get what it asks for."""

import subprocess

import server
from uclient import Call, UclientTest


class Refused(UclientTest):
    """With the built-in peer rules: loopback is closed, other clients of the server are not."""

    relay_ports = "64500-64699"
    loopback_peers = False
    calls = {"client_to_client": Call("-y"), "client_to_client_over_tcp": Call("-t -y -s")}

    def refused(self, *arguments):
        port = self.turn.ports["udp", "127.0.0.1"]
        done = subprocess.run(
            [self.tool, *arguments, "-p", str(port), "127.0.0.1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=20, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertTrue(self.turn.alive(), self.turn.log())
        return done.stdout

    def check_no_allocation(self, user, *password):
        self.assertIn("Cannot complete Allocation", self.refused("-y", "-u", user, *password), self.turn.log())

    def test_secret_of_somebody_else(self):
        self.check_no_allocation("test", "-W", "other")

    def test_wrong_password_of_a_known_user(self):
        self.check_no_allocation(server.USER, "-w", "looking-glass")

    def test_unknown_user(self):
        self.check_no_allocation("bob", "-w", server.PASSWORD)

    def test_expired_credential(self):
        username, password = server.credential("test", ttl=-60)
        self.check_no_allocation(username, "-w", password)

    def test_peer_on_loopback(self):
        if isinstance(self.turn, server.Coturn):
            self.skipTest("coturn was told to allow it")
        peer = self.peers["127.0.0.1"].port
        for method in ((), ("-s",)):
            with self.subTest(method=method):
                output = self.refused(
                    *method, "-u", "test", "-W", server.SECRET, "-e", "127.0.0.1", "-r", str(peer))
                self.assertIn("error 403", output)


if __name__ == "__main__":
    server.main()
