# SPDX-License-Identifier: Apache-2.0
"""The STUN and TURN wire format, a second time.

Written from the texts of RFC 8489 and RFC 8656 and sharing nothing with the server, so that an
encoding both sides of a test got wrong in the same way is unlikely.
"""

import base64
import hashlib
import hmac
import ipaddress
import os
import struct
import zlib

MAGIC_COOKIE = 0x2112A442
HEADER_SIZE = 20

# Classes, RFC 8489 §5.
REQUEST, INDICATION, SUCCESS, ERROR = 0, 1, 2, 3

# Methods, RFC 8489 §18.2, RFC 8656 §17.
BINDING, ALLOCATE, REFRESH, SEND, DATA_METHOD = 0x001, 0x003, 0x004, 0x006, 0x007
CREATE_PERMISSION, CHANNEL_BIND, CONNECT = 0x008, 0x009, 0x00A

# Attributes, RFC 8489 §18.3, RFC 8656 §18, RFC 3489 §11.2.
MAPPED_ADDRESS, RESPONSE_ADDRESS, CHANGE_REQUEST = 0x0001, 0x0002, 0x0003
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, UNKNOWN_ATTRIBUTES = 0x0006, 0x0008, 0x0009, 0x000A
CHANNEL_NUMBER, LIFETIME, XOR_PEER_ADDRESS, DATA = 0x000C, 0x000D, 0x0012, 0x0013
REALM, NONCE, XOR_RELAYED_ADDRESS = 0x0014, 0x0015, 0x0016
REQUESTED_ADDRESS_FAMILY, EVEN_PORT, REQUESTED_TRANSPORT = 0x0017, 0x0018, 0x0019
DONT_FRAGMENT, MESSAGE_INTEGRITY_SHA256 = 0x001A, 0x001C
PASSWORD_ALGORITHM, USERHASH, XOR_MAPPED_ADDRESS, RESERVATION_TOKEN = 0x001D, 0x001E, 0x0020, 0x0022
ADDITIONAL_ADDRESS_FAMILY, ADDRESS_ERROR_CODE, PASSWORD_ALGORITHMS = 0x8000, 0x8001, 0x8002
ICMP, SOFTWARE, FINGERPRINT = 0x8004, 0x8022, 0x8028

IPV4, IPV6 = 0x01, 0x02
UDP_PROTOCOL, TCP_PROTOCOL = 17, 6
ALGORITHM_MD5, ALGORITHM_SHA256 = 0x0001, 0x0002
NONCE_COOKIE = b"obMatJos2"

_FINGERPRINT_XOR = 0x5354554E
_INTEGRITY = {MESSAGE_INTEGRITY: hashlib.sha1, MESSAGE_INTEGRITY_SHA256: hashlib.sha256}


class ParseError(ValueError):
    """The bytes are no STUN message."""


def message_type(method, message_class):
    """The 14 bits of RFC 8489 figure 3: M11-M7 C1 M6-M4 C0 M3-M0."""
    return (
        (method & 0x00F)
        | (method & 0x070) << 1
        | (method & 0xF80) << 2
        | (message_class & 0b01) << 4
        | (message_class & 0b10) << 7
    )


def split_message_type(number):
    method = (number & 0x000F) | (number & 0x00E0) >> 1 | (number & 0x3E00) >> 2
    return method, (number & 0x0010) >> 4 | (number & 0x0100) >> 7


def padding_of(length):
    return -length % 4


def _mask(address_size, transaction_id):
    return (struct.pack("!I", MAGIC_COOKIE) + transaction_id)[:address_size]


def encode_address(address, transaction_id=None):
    """MAPPED-ADDRESS of (host, port), XORed when a transaction id is given (RFC 8489 §14.2)."""
    ip, port = ipaddress.ip_address(address[0]), address[1]
    packed, family = ip.packed, IPV4 if ip.version == 4 else IPV6
    if transaction_id is not None:
        port ^= MAGIC_COOKIE >> 16
        packed = bytes(a ^ b for a, b in zip(packed, _mask(len(packed), transaction_id)))
    return struct.pack("!BBH", 0, family, port) + packed


def decode_address(value, transaction_id=None):
    """The (host, port) of a MAPPED-ADDRESS, or of an XOR one when a transaction id is given."""
    if len(value) < 4:
        raise ParseError("address attribute of %d bytes" % len(value))
    zero, family, port = struct.unpack("!BBH", value[:4])
    packed = value[4:]
    if zero != 0 or (family, len(packed)) not in ((IPV4, 4), (IPV6, 16)):
        raise ParseError("address of family %d, %d bytes" % (family, len(packed)))
    if transaction_id is not None:
        port ^= MAGIC_COOKIE >> 16
        packed = bytes(a ^ b for a, b in zip(packed, _mask(len(packed), transaction_id)))
    return str(ipaddress.ip_address(packed)), port


def uint32(number):
    return struct.pack("!I", number)


def channel_number(number):
    return struct.pack("!HH", number, 0)


def family(number):
    """REQUESTED-ADDRESS-FAMILY and ADDITIONAL-ADDRESS-FAMILY."""
    return struct.pack("!B3x", number)


def requested_transport(protocol=UDP_PROTOCOL):
    return struct.pack("!B3x", protocol)


def even_port(reserve_next):
    return b"\x80" if reserve_next else b"\x00"


def icmp(icmp_type, code, error_data=0):
    """RFC 8656 figure 11 as drawn: 16 reserved bits, a type of 7 bits and a code of 9."""
    return struct.pack("!HHI", 0, icmp_type << 9 | code, error_data)


def password_algorithm(number, parameters=b""):
    value = struct.pack("!HH", number, len(parameters)) + parameters
    return value + bytes(padding_of(len(parameters)))


def split_password_algorithms(value):
    """The algorithm numbers of a PASSWORD-ALGORITHMS value, in its order (RFC 8489 §14.11)."""
    numbers = []
    while value:
        number, length = struct.unpack("!HH", value[:4])
        value = value[4 + length + padding_of(length):]
        numbers.append(number)
    return numbers


def nonce_features(nonce):
    """The 24 security feature bits of a nonce cookie, bit 0 first; None without a cookie."""
    if not nonce.startswith(NONCE_COOKIE) or len(nonce) < len(NONCE_COOKIE) + 4:
        return None
    coded = base64.b64decode(nonce[len(NONCE_COOKIE):len(NONCE_COOKIE) + 4], validate=True)
    return format(int.from_bytes(coded, "big"), "024b")


def long_term_key(username, realm, password, algorithm=ALGORITHM_MD5):
    """RFC 8489 §18.5.1, for names that OpaqueString leaves alone."""
    text = ":".join((username, realm, password)).encode()
    return (hashlib.md5 if algorithm == ALGORITHM_MD5 else hashlib.sha256)(text).digest()


def userhash(username, realm):
    return hashlib.sha256((username + ":" + realm).encode()).digest()


def time_limited_password(secret, username):
    """What a web service and the relay both compute from the shared secret."""
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()


def _attribute(attribute_type, value):
    return struct.pack("!HH", attribute_type, len(value)) + value + bytes(padding_of(len(value)))


def _header(number, length, transaction_id):
    return struct.pack("!HHI", number, length, MAGIC_COOKIE) + transaction_id


def append_integrity(message, attribute_type, key, length=None):
    """`message` with an integrity attribute over all of it; `length` truncates a SHA-256 one."""
    size = _INTEGRITY[attribute_type]().digest_size if length is None else length
    covered = message[:2] + struct.pack("!H", len(message) - HEADER_SIZE + 4 + size) + message[4:]
    digest = hmac.new(key, covered, _INTEGRITY[attribute_type]).digest()[:size]
    return covered + _attribute(attribute_type, digest)


def append_fingerprint(message):
    covered = message[:2] + struct.pack("!H", len(message) - HEADER_SIZE + 8) + message[4:]
    return covered + _attribute(FINGERPRINT, uint32(zlib.crc32(covered) ^ _FINGERPRINT_XOR))


def append_attribute(message, attribute_type, value):
    """An attribute behind whatever stands there, the integrity attribute too, length corrected."""
    added = _attribute(attribute_type, value)
    length = len(message) - HEADER_SIZE + len(added)
    return message[:2] + struct.pack("!H", length) + message[4:] + added


class Message:
    """A STUN message: what is to be encoded, or what was parsed."""

    def __init__(self, method, message_class=REQUEST, attributes=(), transaction_id=None):
        self.method = method
        self.message_class = message_class
        self.transaction_id = transaction_id or os.urandom(12)
        self.attributes = []
        self.raw = b""
        self.padding_is_zero = True
        self.offsets = {}
        for attribute_type, value in attributes:
            self.add(attribute_type, value)

    def add(self, attribute_type, value=b""):
        """Appends; a (host, port) becomes an XOR address, text UTF-8."""
        if isinstance(value, tuple):
            value = encode_address(value, self.transaction_id)
        elif isinstance(value, str):
            value = value.encode()
        self.attributes.append((attribute_type, value))
        return self

    def encode(self, key=None, integrity=MESSAGE_INTEGRITY, fingerprint=False):
        body = b"".join(_attribute(*attribute) for attribute in self.attributes)
        number = message_type(self.method, self.message_class)
        message = _header(number, len(body), self.transaction_id) + body
        if key is not None:
            message = append_integrity(message, integrity, key)
        return append_fingerprint(message) if fingerprint else message

    def types(self):
        return [attribute_type for attribute_type, _ in self.attributes]

    def all(self, attribute_type):
        return [value for found, value in self.attributes if found == attribute_type]

    def get(self, attribute_type):
        """The first value of that type, or None."""
        return next(iter(self.all(attribute_type)), None)

    def address(self, attribute_type):
        value = self.get(attribute_type)
        return None if value is None else decode_address(value, self.transaction_id)

    def addresses(self, attribute_type):
        return [decode_address(value, self.transaction_id) for value in self.all(attribute_type)]

    def number(self, attribute_type):
        value = self.get(attribute_type)
        return None if value is None else int.from_bytes(value, "big")

    @property
    def error_code(self):
        """300 to 699, or None without ERROR-CODE."""
        value = self.get(ERROR_CODE)
        return None if value is None else (value[2] & 7) * 100 + value[3]

    @property
    def reason_phrase(self):
        return self.get(ERROR_CODE)[4:].decode()

    def verify_integrity(self, key, attribute_type=MESSAGE_INTEGRITY):
        """True when the parsed message carries that integrity attribute and `key` made it."""
        if attribute_type not in self.offsets:
            return False
        covered = self.raw[:self.offsets[attribute_type]]
        again = append_integrity(covered, attribute_type, key)
        return again[len(covered) + 4:] == self.get(attribute_type)

    def verify_fingerprint(self):
        """True when FINGERPRINT is the last attribute and right."""
        covered = self.raw[:-8]
        return self.types()[-1:] == [FINGERPRINT] and append_fingerprint(covered) == self.raw


def parse(data):
    """One whole STUN message, or ParseError."""
    if len(data) < HEADER_SIZE:
        raise ParseError("%d bytes" % len(data))
    number, length, cookie = struct.unpack("!HHI", data[:8])
    if number & 0xC000 or cookie != MAGIC_COOKIE or length % 4 or length + HEADER_SIZE != len(data):
        raise ParseError("no STUN header: %s" % data[:HEADER_SIZE].hex())
    message = Message(*split_message_type(number), transaction_id=data[8:HEADER_SIZE])
    message.raw = data
    offset = HEADER_SIZE
    while offset < len(data):
        attribute_type, size = struct.unpack("!HH", data[offset:offset + 4])
        end = offset + 4 + size
        if end + padding_of(size) > len(data):
            raise ParseError("attribute 0x%04x of %d bytes" % (attribute_type, size))
        message.offsets.setdefault(attribute_type, offset)
        message.attributes.append((attribute_type, data[offset + 4:end]))
        message.padding_is_zero &= not any(data[end:end + padding_of(size)])
        offset = end + padding_of(size)
    return message


def is_channel_data(frame):
    """RFC 8656 table 3: a first byte of 64 to 79."""
    return len(frame) >= 4 and 64 <= frame[0] <= 79


def channel_data(number, payload, padded=False):
    frame = struct.pack("!HH", number, len(payload)) + payload
    return frame + bytes(padding_of(len(payload))) if padded else frame


def split_channel_data(frame):
    """(channel number, payload, bytes behind the payload)."""
    number, length = struct.unpack("!HH", frame[:4])
    if len(frame) < 4 + length:
        raise ParseError("ChannelData of %d bytes claims %d" % (len(frame), length))
    return number, frame[4:4 + length], frame[4 + length:]


class StreamFramer:
    """Cuts the bytes of a TCP connection into STUN and padded ChannelData messages."""

    def __init__(self):
        self._bytes = b""

    def feed(self, data):
        self._bytes += data

    def next(self):
        """The next whole frame, or None."""
        if len(self._bytes) < 4:
            return None
        first, length = struct.unpack("!HH", self._bytes[:4])
        if first & 0xC000 == 0:
            size = HEADER_SIZE + length
        elif first & 0xC000 == 0x4000:
            size = 4 + length + padding_of(length)
        else:
            raise ParseError("neither STUN nor ChannelData: %s" % self._bytes[:20].hex())
        if len(self._bytes) < size:
            return None
        frame, self._bytes = self._bytes[:size], self._bytes[size:]
        return frame
