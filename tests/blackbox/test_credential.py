# SPDX-License-Identifier: Apache-2.0
"""`turnpike credential`: what it mints is what everyone else mints, and the server takes it."""

import json
import re
import shutil
import subprocess
import time
import unittest

import harness
import server_config
import stun
from testcase import TurnpikeTestCase, require
from turn_client import Credentials


class Minted(TurnpikeTestCase):
    def mint(self, *arguments):
        result = harness.run_turnpike("credential", *arguments, "--config", self.server.path)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def mint_json(self, *arguments):
        document = json.loads(self.mint(*arguments, "--json"))
        return Credentials(document["username"], document["password"])

    def test_password_is_the_hmac_of_the_newest_secret(self):
        credential = self.mint_json("alice")
        self.assertEqual(credential.password,
                         stun.time_limited_password(server_config.SECRET, credential.username))

    def test_password_is_what_openssl_makes(self):
        require(self, shutil.which("openssl"), "openssl")
        credential = self.mint_json("alice", "--ttl", "2h")
        command = "printf %s \"$1\" | openssl dgst -sha1 -hmac \"$2\" -binary | openssl base64"
        made = subprocess.run(
            ["sh", "-c", command, "sh", credential.username, server_config.SECRET],
            capture_output=True, text=True, check=True).stdout.strip()
        self.assertEqual(credential.password, made)

    def test_lifetime(self):
        for arguments, seconds in (((), 3600), (("--ttl", "90s"), 90), (("--ttl", "30m"), 1800),
                                   (("--ttl", "1h"), 3600), (("--ttl", "30d"), 30 * 86400)):
            with self.subTest(arguments=arguments):
                before = int(time.time())
                username = self.mint_json("alice", *arguments).username
                expiry, _, user = username.partition(":")
                self.assertEqual(user, "alice")
                self.assertTrue(before + seconds <= int(expiry) <= time.time() + seconds)

    def test_names_with_colons(self):
        credential = self.mint_json("@alice:example.org")
        self.assertRegex(credential.username, r"^\d+:@alice:example\.org$")
        self.allocated(user=credential)

    def test_the_server_takes_it(self):
        for kind in ("udp", "tcp"):
            self.allocated(kind=kind, user=self.mint_json("alice"))

    def test_text_for_people_holds_both(self):
        text = self.mint("alice")
        username = re.search(r"\d{10,}:alice", text).group()
        self.assertIn(stun.time_limited_password(server_config.SECRET, username), text)

    def test_secrets_never_show(self):
        for arguments in (("alice",), ("alice", "--json")):
            text = self.mint(*arguments)
            self.assertNotIn(server_config.SECRET, text)
            self.assertNotIn(server_config.OLD_SECRET, text)


class SecretFile(TurnpikeTestCase):
    own_server = True

    def test_a_secret_from_a_file_loses_its_newline(self):
        server = harness.Server()
        path = server.directory + "/secret"
        with open(path, "w", encoding="ascii") as target:
            target.write("from a file\n")
        server.write_config({"auth": {"secret": [{"id": "file", "file": path}]}})
        self.server = server
        self.addCleanup(self._ended, server)
        server.start()
        result = harness.run_turnpike("credential", "alice", "--json", "--config", server.path)
        document = json.loads(result.stdout)
        self.assertEqual(document["password"],
                         stun.time_limited_password("from a file", document["username"]))
        self.allocated(user=Credentials(document["username"], document["password"]))
        self.assertNotIn("from a file", server.text())


class WithoutSecret(TurnpikeTestCase):
    config = {"auth": {"secret": None}}

    def test_there_is_nothing_to_mint_with(self):
        result = harness.run_turnpike("credential", "alice", "--config", self.server.path)
        self.assertIn(result.returncode, (1, 78))
        self.assertIn("secret", result.stderr)


if __name__ == "__main__":
    unittest.main()
