# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium with iceTransportPolicy "relay": data channels through the server, and a refusal."""

import unittest

import server
from chromium import browser

RELAY_PORTS = "64900-65499"
PAGE_SECONDS = 60
CALLS = {"udp": ("udp", "127.0.0.1"), "tcp": ("tcp", "127.0.0.1"),
         "udp_over_ipv6": ("udp", "::1"), "tcp_over_ipv6": ("tcp", "::1")}
MESSAGES = 100  # as in page.html


class Chromium(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tool = server.require("chromium")
        cls.turn = server.start(RELAY_PORTS)
        cls.addClassCleanup(cls.turn.stop)
        username, password = server.credential("browser")
        cases = [{"name": name, "kind": "call", "iceServer": cls.ice_server(*where, username, password)}
                 for name, where in CALLS.items()]
        cases.append({"name": "refused", "kind": "gather",
                      "iceServer": cls.ice_server("udp", "127.0.0.1", username, "wrong")})
        cls.outcomes = browser.outcomes(tool, cases, PAGE_SECONDS)

    @classmethod
    def ice_server(cls, transport, host, username, password):
        name = f"[{host}]" if ":" in host else host
        url = f"turn:{name}:{cls.turn.ports[transport, host]}?transport={transport}"
        return {"urls": url, "username": username, "credential": password}

    def check_call(self, name):
        outcome = self.outcomes[name]
        about = f"{outcome}\n{self.turn.log()}"
        self.assertIsNone(outcome["failure"], about)
        # 701 is the browser's own, for an interface that has no way to the server.
        self.assertEqual([each for each in outcome["errors"] if each["errorCode"] != 701], [], about)
        self.assertEqual(outcome["received"], [MESSAGES, MESSAGES], about)
        self.assertEqual(len(outcome["pairs"]), 2, about)
        low, high = map(int, RELAY_PORTS.split("-"))
        for pair in outcome["pairs"]:
            self.assertEqual((pair["local"], pair["remote"]), ("relay", "relay"), about)
            self.assertEqual(pair["relayProtocol"], CALLS[name][0], about)
            self.assertTrue(low <= pair["localPort"] <= high and low <= pair["remotePort"] <= high, about)

    def test_udp(self):
        self.check_call("udp")

    def test_tcp(self):
        self.check_call("tcp")

    def test_udp_over_ipv6(self):
        self.check_call("udp_over_ipv6")

    def test_tcp_over_ipv6(self):
        self.check_call("tcp_over_ipv6")

    def test_wrong_password_is_an_error_401(self):
        outcome = self.outcomes["refused"]
        about = f"{outcome}\n{self.turn.log()}"
        self.assertIsNone(outcome["failure"], about)
        self.assertIn(401, [each["errorCode"] for each in outcome["errors"]], about)
        self.assertEqual(outcome["candidates"], [], about)


if __name__ == "__main__":
    server.main()
