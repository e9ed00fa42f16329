# SPDX-License-Identifier: Apache-2.0
"""RFC 3489 clients: no magic cookie, a transaction id of 128 bits, MAPPED-ADDRESS in the answer."""

import os
import struct
import unittest

import stun
from testcase import TurnpikeTestCase
from transports import UdpTransport


def classic_request(attributes=b"", message_type=0x0001):
    return struct.pack("!HH", message_type, len(attributes)) + b"\x01" + os.urandom(15) + attributes


class Classic(TurnpikeTestCase):
    config = {"stun": {"classic": True},
              "listen": {"udp": ["127.0.0.1:0", "[::1]:0"], "tcp": ["127.0.0.1:0"]}}

    def test_mapped_address(self):
        for index in (0, 1):
            transport = self.transport(index=index)
            request = classic_request()
            transport.send(request)
            answer = transport.receive()
            message_type, length = struct.unpack("!HH", answer[:4])
            self.assertEqual((message_type, length), (0x0101, len(answer) - 20))
            self.assertEqual(answer[4:20], request[4:20])
            attribute_type, size = struct.unpack("!HH", answer[20:24])
            self.assertEqual(attribute_type, stun.MAPPED_ADDRESS)
            self.assertEqual(stun.decode_address(answer[24:24 + size]), transport.local_address())

    def test_answers_stay_small(self):
        transport = self.transport()
        request = classic_request()
        transport.send(request)
        self.assertLessEqual(len(transport.receive()) + 28, 2.5 * (len(request) + 28))

    def test_no_answer_is_ever_redirected(self):
        victim = UdpTransport(self.address())
        self.addCleanup(victim.close)
        client = self.client()
        address = stun.encode_address(victim.local_address())
        for attribute in (struct.pack("!HH", stun.RESPONSE_ADDRESS, len(address)) + address,
                          struct.pack("!HHI", stun.CHANGE_REQUEST, 4, 6)):
            client.transport.send(classic_request(attribute))
        fence = stun.Message(stun.BINDING).encode()
        client.transport.send(fence)
        while client.transport.receive()[8:20] != fence[8:20]:
            continue
        self.assertEqual(victim.waiting(), [])

    def test_only_binding_requests(self):
        client = self.client()
        self.assertUnanswered(client, *(
            classic_request(message_type=number)
            for number in (0x0003, 0x0101, 0x0111, 0x0011, 0x0002, 0x0004)))

    def test_new_clients_are_served_too(self):
        client = self.client()
        self.assertEqual(self.assertSuccess(client.binding()).types(), [stun.XOR_MAPPED_ADDRESS])


class NotClassic(TurnpikeTestCase):
    def test_no_answer_by_default(self):
        self.assertUnanswered(self.client(), classic_request(), classic_request())


if __name__ == "__main__":
    unittest.main()
