# SPDX-License-Identifier: Apache-2.0
"""The tests' own STUN implementation against the vectors of RFC 5769 and RFC 8489 appendix B."""

import hmac
import unittest

import stun

PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"
USER = "\u30de\u30c8\u30ea\u30c3\u30af\u30b9"

REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004e57a3bcf"
)
RESPONSE_IPV4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96"
)
RESPONSE_IPV6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004c8fb0b4c"
)
LONG_TERM = bytes.fromhex(
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"
    "0014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
)


class Rfc5769(unittest.TestCase):
    def test_sample_request(self):
        message = stun.parse(REQUEST)
        self.assertEqual((message.method, message.message_class), (stun.BINDING, stun.REQUEST))
        self.assertEqual(message.get(stun.USERNAME), b"evtj:h6vY")
        self.assertTrue(message.verify_integrity(PASSWORD))
        self.assertTrue(message.verify_fingerprint())
        self.assertFalse(message.verify_integrity(b"another"))

    def test_ipv4_response(self):
        message = stun.parse(RESPONSE_IPV4)
        self.assertEqual(message.message_class, stun.SUCCESS)
        self.assertEqual(message.address(stun.XOR_MAPPED_ADDRESS), ("192.0.2.1", 32853))
        self.assertTrue(message.verify_integrity(PASSWORD))
        self.assertTrue(message.verify_fingerprint())

    def test_ipv6_response(self):
        message = stun.parse(RESPONSE_IPV6)
        expected = ("2001:db8:1234:5678:11:2233:4455:6677", 32853)
        self.assertEqual(message.address(stun.XOR_MAPPED_ADDRESS), expected)
        self.assertTrue(message.verify_integrity(PASSWORD))
        self.assertTrue(message.verify_fingerprint())

    def test_long_term_request_is_rebuilt_byte_for_byte(self):
        message = stun.Message(stun.BINDING, transaction_id=LONG_TERM[8:20])
        message.add(stun.USERNAME, USER).add(stun.NONCE, b"f//499k954d6OL34oL9FSTvy64sA")
        message.add(stun.REALM, "example.org")
        key = stun.long_term_key(USER, "example.org", "TheMatrIX")
        self.assertEqual(message.encode(key), LONG_TERM)
        self.assertTrue(stun.parse(LONG_TERM).verify_integrity(key))

    def test_one_flipped_bit_breaks_the_fingerprint(self):
        for position in range(20, len(RESPONSE_IPV4) - 8):
            damaged = bytearray(RESPONSE_IPV4)
            damaged[position] ^= 1
            try:
                self.assertFalse(stun.parse(bytes(damaged)).verify_fingerprint())
            except stun.ParseError:
                continue


class Rfc8489(unittest.TestCase):
    def test_userhash_and_key_of_appendix_b(self):
        expected = "4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
        self.assertEqual(stun.userhash(USER, "example.org").hex(), expected)

    def test_sha256_vector_of_appendix_b(self):
        # The vector as printed: its length field is 20 too large, and its HMAC was made over that.
        nonce = b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"
        message = stun.Message(stun.BINDING, transaction_id=LONG_TERM[8:20])
        message.add(stun.USERHASH, stun.userhash(USER, "example.org")).add(stun.NONCE, nonce)
        covered = bytearray(message.add(stun.REALM, "example.org").encode())
        covered[2:4] = bytes.fromhex("009c")
        key = stun.long_term_key(USER, "example.org", "TheMatrIX", stun.ALGORITHM_SHA256)
        expected = "e4686c8f0edeb59013e07090010a93efccbccc544c0a45d9f830aa6d6f735a01"
        self.assertEqual(hmac.digest(key, bytes(covered), "sha256").hex(), expected)

    def test_key_of_section_9_2_2(self):
        key = stun.long_term_key("user", "realm", "pass")
        self.assertEqual(key.hex(), "8493fbc53ba582fb4c044c456bdc40eb")

    def test_integrity_sha256_is_found_where_it_stands(self):
        key = stun.long_term_key("user", "realm", "pass", stun.ALGORITHM_SHA256)
        built = stun.Message(stun.REFRESH, attributes=[(stun.LIFETIME, stun.uint32(7))])
        message = stun.parse(built.encode(key, stun.MESSAGE_INTEGRITY_SHA256, fingerprint=True))
        self.assertTrue(message.verify_integrity(key, stun.MESSAGE_INTEGRITY_SHA256))
        self.assertFalse(message.verify_integrity(key))
        self.assertTrue(message.verify_fingerprint())

    def test_nonce_features(self):
        self.assertEqual(stun.nonce_features(b"obMatJos2AAAAxyz"), "0" * 24)
        self.assertEqual(stun.nonce_features(b"obMatJos2gAAAxyz"), "1" + "0" * 23)
        self.assertEqual(stun.nonce_features(b"obMatJos2wAAAxyz"), "11" + "0" * 22)
        self.assertIsNone(stun.nonce_features(b"f//499k954d6OL34oL9FSTvy64sA"))

    def test_message_types_of_the_text(self):
        self.assertEqual(stun.message_type(stun.BINDING, stun.REQUEST), 0x0001)
        self.assertEqual(stun.message_type(stun.BINDING, stun.SUCCESS), 0x0101)
        self.assertEqual(stun.message_type(stun.ALLOCATE, stun.ERROR), 0x0113)
        for number in range(0x4000):
            self.assertEqual(stun.message_type(*stun.split_message_type(number)), number)

    def test_password_algorithms_pad_their_parameters(self):
        value = stun.password_algorithm(2, b"abc") + stun.password_algorithm(1)
        self.assertEqual(value, bytes.fromhex("000200036162630000010000"))
        self.assertEqual(stun.split_password_algorithms(value), [2, 1])


class Framing(unittest.TestCase):
    def test_frames_are_cut_at_any_split(self):
        frames = [stun.channel_data(0x4000, b"abc", padded=True), RESPONSE_IPV4,
                  stun.channel_data(0x4001, b"", padded=True), REQUEST]
        for step in (1, 3, 7, 1000):
            framer, found, stream = stun.StreamFramer(), [], b"".join(frames)
            for start in range(0, len(stream), step):
                framer.feed(stream[start:start + step])
                found.extend(iter(framer.next, None))
            self.assertEqual(found, frames)


if __name__ == "__main__":
    unittest.main()
