# SPDX-License-Identifier: Apache-2.0
"""The base of the black-box tests: one server a class, clients and peers that clean up."""

import os
import sys
import unittest

import harness
import server_config
import stun
from transports import Peer, TcpTransport, UdpTransport
from turn_client import Credentials, TurnClient, describe

USERS = {user["name"]: Credentials(user["name"], user["password"])
         for user in server_config.DEFAULT_CONFIG["auth"]["user"]}


def require(test, present, what):
    """A missing tool: a skip on a developer's machine, a failure in CI."""
    if not present:
        if os.environ.get("CI") == "true":
            test.fail("%s is missing" % what)
        print("SKIP: %s is missing" % what, file=sys.stderr)
        test.skipTest("%s is missing" % what)


class TurnpikeTestCase(unittest.TestCase):
    """`config` is laid over the default configuration; `own_server` gives each test its own."""

    config = {}
    environment = {}
    ports = server_config.PORTS_PER_SERVER
    own_server = False
    server = None

    @classmethod
    def setUpClass(cls):
        if not cls.own_server:
            cls.server = cls._started(cls.config)

    @classmethod
    def tearDownClass(cls):
        if not cls.own_server:
            cls._ended(cls.server)

    @classmethod
    def _started(cls, config):
        server = harness.Server(config, cls.environment, cls.ports)
        try:
            return server.start()
        except BaseException:
            print(server.text(), file=sys.stderr)
            server.discard()
            raise

    @staticmethod
    def _ended(server):
        try:
            status = server.stop()
            server.check_log()
            if status != 0:
                raise AssertionError("exit status %d" % status)
        except BaseException:
            print(server.text(), file=sys.stderr)
            raise
        finally:
            server.discard()

    def start_server(self, config=None):
        """A server for this test alone, which must end well too."""
        self.server = self._started(config or {})
        self.addCleanup(self._ended, self.server)
        return self.server

    def run(self, result=None):
        result = result if result is not None else self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before and self.server is not None:
            print("--- log of the server in %s" % self.id(), file=sys.stderr)
            print(self.server.text()[-20000:], file=sys.stderr)
        return result

    # Arranging

    def address(self, transport="udp", index=0):
        return self.server.addresses(transport)[index]

    def transport(self, kind="udp", source=None, index=0):
        make = UdpTransport if kind == "udp" else TcpTransport
        transport = make(self.address(kind, index), source)
        self.addCleanup(transport.close)
        return transport

    def client(self, kind="udp", user="alice", modern=False, source=None, index=0):
        """A client that has not asked anything yet; `user` is a name or Credentials."""
        credentials = USERS[user] if isinstance(user, str) else user
        client = TurnClient(self.transport(kind, source, index), credentials, modern)
        self.addCleanup(client.close)
        return client

    def allocated(self, *attributes, **options):
        client = self.client(**options)
        self.assertSuccess(client.allocate(*attributes))
        return client

    def peer(self, host="127.0.0.1", port=0):
        peer = Peer(host, port)
        self.addCleanup(peer.close)
        return peer

    # Asserting

    def assertSuccess(self, answer):
        self.assertEqual(answer.message_class, stun.SUCCESS, describe(answer))
        return answer

    def assertError(self, answer, code):
        self.assertEqual((answer.message_class, answer.error_code), (stun.ERROR, code),
                         describe(answer))
        return answer

    def assertUnanswered(self, client, *messages):
        """None of those gets an answer: the next thing to come is the answer to a later Binding.

        One worker serves a 5-tuple in order, so the Binding is a fence.
        """
        for message in messages:
            client.transport.send(message)
        before = client.queued()
        fence = stun.Message(stun.BINDING).encode()
        client.transport.send(fence)
        frame = client.transport.receive()
        self.assertEqual(frame[8:20], fence[8:20], "answered: %s" % frame.hex())
        self.assertEqual(client.queued(), before)

    def answer_or_none(self, client, request):
        """The answer to `request`, or None when the fence behind it is answered first."""
        fence = stun.Message(stun.BINDING).encode()
        client.transport.send(request)
        client.transport.send(fence)
        frame = client.transport.receive()
        if frame[8:20] == fence[8:20]:
            return None
        self.assertEqual(frame[8:20], request[8:20])
        self.assertEqual(client.transport.receive()[8:20], fence[8:20], "two answers")
        return stun.parse(frame)

    def assertRefusedOrDropped(self, client, request, *codes):
        answer = self.answer_or_none(client, request)
        if answer is not None:
            self.assertIn(answer.error_code, codes, describe(answer))

    def assertRelays(self, client, peer, channel=None):
        """Data passes in both directions, unharmed, from and to the relayed address."""
        payload = os.urandom(20).hex().encode()
        if channel is None:
            client.send_to(peer.address, payload)
        else:
            client.send_channel(channel, payload)
        received, sender = peer.receive()
        self.assertEqual(received, payload)
        self.assertIn(sender, client.relayed)
        peer.send(payload[::-1], sender)
        back = client.receive()
        self.assertEqual(back.payload, payload[::-1])
        if back.channel is None:
            self.assertEqual(back.peer, peer.address)
        else:
            self.assertEqual(back.channel, channel)
