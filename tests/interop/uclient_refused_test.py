# SPDX-License-Identifier: Apache-2.0
"""turnutils_uclient where it must not get what it asks for."""

import subprocess

import server
from uclient import CALL_SECONDS, CHANNEL_ENVIRONMENT, Call, Peer, UclientTest


class Refused(UclientTest):
    """With the built-in peer rules: loopback is closed, other clients of the server are not."""

    relay_ports = "64500-64699"
    loopback_peers = False
    calls = {"client_to_client": Call("-y"), "client_to_client_over_tcp": Call("-t -y -s")}

    def uclient(self, *arguments, environment=None):
        port = self.turn.ports["udp", "127.0.0.1"]
        done = subprocess.run(
            [self.tool, *arguments, "-p", str(port), "127.0.0.1"], env={**CHANNEL_ENVIRONMENT, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=CALL_SECONDS, check=False)
        self.assertTrue(self.turn.alive(), self.turn.log())
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def check_no_allocation(self, user, *password):
        self.assertIn("Cannot complete Allocation", self.uclient("-y", "-u", user, *password), self.turn.log())

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
        # On an address that the server relays from, 127.0.0.1, a permission alone would be granted.
        peer = Peer(server.require("turnutils_peer"), "127.0.0.2")
        self.addCleanup(peer.stop)
        for method, request in (((), "channel bind: error 403"), (("-s",), "create permission error 403")):
            with self.subTest(request=request):
                output = self.uclient(
                    *method, "-u", "test", "-W", server.SECRET, "-e", "127.0.0.2", "-r", str(peer.port))
                self.assertIn(request, output)

    def test_channel_number_of_rfc_5766(self):
        if isinstance(self.turn, server.Coturn):
            self.skipTest("coturn 4.6 goes by RFC 5766")
        output = self.uclient("-y", "-u", "test", "-W", server.SECRET, environment={"CHANNEL_NUMBERS": "rfc5766"})
        self.assertIn("channel bind: error 400", output)


if __name__ == "__main__":
    server.main()
