# SPDX-License-Identifier: Apache-2.0
"""Thousands of damaged messages, the same at every run: no crash, no flood, no large answer."""

import random
import struct
import unittest

import stun
from testcase import TurnpikeTestCase

ASKED = (stun.REQUESTED_TRANSPORT, stun.requested_transport())
METHODS = (stun.BINDING, stun.ALLOCATE, stun.REFRESH, stun.SEND, stun.DATA_METHOD,
           stun.CREATE_PERMISSION, stun.CHANNEL_BIND, stun.CONNECT, 0x0AB)
TYPES = (stun.MAPPED_ADDRESS, stun.CHANGE_REQUEST, stun.USERNAME, stun.MESSAGE_INTEGRITY,
         stun.ERROR_CODE, stun.UNKNOWN_ATTRIBUTES, stun.CHANNEL_NUMBER, stun.LIFETIME,
         stun.XOR_PEER_ADDRESS, stun.DATA, stun.REALM, stun.NONCE, stun.XOR_RELAYED_ADDRESS,
         stun.REQUESTED_ADDRESS_FAMILY, stun.EVEN_PORT, stun.REQUESTED_TRANSPORT,
         stun.DONT_FRAGMENT, stun.MESSAGE_INTEGRITY_SHA256, stun.PASSWORD_ALGORITHM, stun.USERHASH,
         stun.XOR_MAPPED_ADDRESS, stun.RESERVATION_TOKEN, stun.ADDITIONAL_ADDRESS_FAMILY,
         stun.PASSWORD_ALGORITHMS, stun.FINGERPRINT, stun.SOFTWARE, 0x7FFF, 0xFFFF)


LENGTHS = (0, 1, 3, 4, 0x7FFF, 0xFFFF)
SIZES = (0, 1, 2, 3, 4, 5, 8, 12, 20, 32, 100)
# What a signed message of the test must not hold twice, or not at random.
RESERVED = (stun.USERNAME, stun.REALM, stun.NONCE, stun.LIFETIME, stun.MESSAGE_INTEGRITY,
            stun.MESSAGE_INTEGRITY_SHA256, stun.FINGERPRINT, stun.PASSWORD_ALGORITHM, stun.USERHASH)


def mutate(dice, data):
    """One to four wounds: flipped bits, cuts, repeats, false lengths."""
    data = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        kind = dice.randrange(6)
        position = dice.randrange(len(data)) if data else 0
        if kind == 0 and data:
            data[position] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del data[position:]
        elif kind == 2:
            data[position:position] = dice.randbytes(dice.randint(1, 40))
        elif kind == 3:
            data[position:position] = data[position:position + dice.randint(1, 64)]
        elif kind == 4 and len(data) >= 4:
            offset = 4 * dice.randrange(len(data) // 4)
            data[offset + 2:offset + 4] = struct.pack("!H", dice.choice(LENGTHS))
        elif kind == 5 and data:
            data[position] = dice.randrange(256)
    return bytes(data[:1500])


def random_attributes(dice):
    return [(dice.choice(TYPES), dice.randbytes(dice.choice(SIZES)))
            for _ in range(dice.randint(0, 6))]


class Malformed(TurnpikeTestCase):
    seed = 8489

    def storm(self, client, messages):
        """Sends all; every answer must be whole and small, and the log stays quiet."""
        records = len(self.server.log())
        sent = received = 0
        for start in range(0, len(messages), 50):
            batch = messages[start:start + 50]
            for message in batch:
                client.transport.send(message)
                sent += len(message) + 28
            fence = stun.Message(stun.BINDING).encode()
            client.transport.send(fence)
            frame = client.transport.receive()
            while frame[8:20] != fence[8:20]:
                received += len(frame) + 28
                if not stun.is_channel_data(frame):
                    self.assertNotEqual(stun.parse(frame).message_class, stun.REQUEST)
                frame = client.transport.receive()
        self.assertLess(len(self.server.log()) - records, 100, "a log flood")
        return received / sent

    def test_mutated_unauthenticated_messages(self):
        dice = random.Random(self.seed)
        messages = []
        for _ in range(6000):
            message = stun.Message(dice.choice(METHODS), dice.choice((0, 0, 0, 0, 1, 2, 3)),
                                   random_attributes(dice), dice.randbytes(12))
            key = dice.choice((None, None, b"key"))
            good = message.encode(key, fingerprint=dice.random() < 0.3)
            messages.append(mutate(dice, good) if dice.random() < 0.8 else good)
        self.assertLessEqual(self.storm(self.client(), messages), 2.5)
        self.assertSuccess(self.allocated().refresh())

    def test_random_bytes_of_every_first_byte(self):
        dice = random.Random(self.seed + 1)
        messages = [bytes([first]) + dice.randbytes(dice.randrange(60))
                    for first in range(256) for _ in range(8)]
        self.assertLessEqual(self.storm(self.client(), messages), 2.5)

    def test_every_short_length(self):
        whole = stun.Message(stun.ALLOCATE, attributes=[ASKED]).encode(b"key", fingerprint=True)
        client = self.client()
        self.assertUnanswered(client, *(whole[:length] for length in range(1, len(whole))))

    def test_signed_messages_of_a_user_with_random_attributes(self):
        # Behind authentication nothing may break either.
        dice = random.Random(self.seed + 2)
        client, peer = self.allocated(), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        messages = []
        for _ in range(1500):
            attributes = [attribute for attribute in random_attributes(dice)
                          if attribute[0] not in RESERVED]
            method = dice.choice((stun.ALLOCATE, stun.REFRESH, stun.CREATE_PERMISSION,
                                  stun.CHANNEL_BIND, stun.SEND, stun.CONNECT))
            messages.append(client.signed(method, attributes))
        for _ in range(1500):
            messages.append(mutate(dice, dice.choice((
                stun.channel_data(0x4000, dice.randbytes(20)),
                stun.Message(stun.SEND, stun.INDICATION, [
                    (stun.XOR_PEER_ADDRESS, peer.address), (stun.DATA, b"data")]).encode(),
                client.signed(stun.CHANNEL_BIND, [
                    (stun.CHANNEL_NUMBER, stun.channel_number(0x4000)),
                    (stun.XOR_PEER_ADDRESS, peer.address)])))))
        self.storm(client, messages)
        self.assertSuccess(client.refresh())

    def test_streams_of_garbage(self):
        dice = random.Random(self.seed + 3)
        for _ in range(150):
            transport = self.transport("tcp")
            good = stun.Message(stun.ALLOCATE, attributes=random_attributes(dice)).encode()
            try:
                transport.send_raw(mutate(dice, good * 3) or b"\x00")
            except ConnectionError:
                pass  # Closed by the server while the rest was on its way.
            transport.close()
        self.assertSuccess(self.client("tcp").binding())


if __name__ == "__main__":
    unittest.main()
