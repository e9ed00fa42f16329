# SPDX-License-Identifier: Apache-2.0
"""A TURN client for the tests: the 401 exchange, requests, data in both directions."""

import collections

import stun

Credentials = collections.namedtuple("Credentials", "username password")
PeerData = collections.namedtuple("PeerData", "peer payload channel")


class TurnClient:
    """One 5-tuple. Every answer is checked: well formed, zero padding, right integrity.

    `modern` uses the security features of RFC 8489 §9.2 the server offers, otherwise the client is
    one of RFC 5389. `request` does the 401 and 438 exchanges and returns the final answer.
    """

    def __init__(self, transport, credentials=None, modern=False):
        self.transport = transport
        self.credentials = credentials
        self.modern = modern
        self.realm = None
        self.nonce = None
        self.offered = None
        self.allocated = False
        self.lifetime = None
        self.relayed = []
        self.reservation_token = None
        self._queued = collections.deque()

    # Requests

    def algorithm(self):
        """The password algorithm this client must pick (RFC 8489 §9.2.5), None for an old one."""
        if not self.modern or self.offered is None:
            return None
        return stun.split_password_algorithms(self.offered)[0]

    def key(self):
        username, password = self.credentials
        algorithm = self.algorithm() or stun.ALGORITHM_MD5
        return stun.long_term_key(username, self.realm.decode(), password, algorithm)

    def integrity(self):
        old = self.algorithm() is None
        return stun.MESSAGE_INTEGRITY if old else stun.MESSAGE_INTEGRITY_SHA256

    def add_credentials(self, message):
        features = stun.nonce_features(self.nonce) or ""
        if self.modern and features[1:2] == "1":
            message.add(stun.USERHASH, stun.userhash(self.credentials[0], self.realm.decode()))
        else:
            message.add(stun.USERNAME, self.credentials[0])
        message.add(stun.REALM, self.realm).add(stun.NONCE, self.nonce)
        if self.algorithm() is not None:
            message.add(stun.PASSWORD_ALGORITHMS, self.offered)
            message.add(stun.PASSWORD_ALGORITHM, stun.password_algorithm(self.algorithm()))
        return message

    def signed(self, method, attributes=(), fingerprint=False):
        """The bytes of an authenticated request; `challenge` must have happened."""
        message = self.add_credentials(stun.Message(method, stun.REQUEST, attributes))
        return message.encode(self.key(), self.integrity(), fingerprint)

    def challenge(self, method=stun.ALLOCATE):
        """Asks without credentials and keeps what the 401 says."""
        bare = stun.Message(method).add(stun.REQUESTED_TRANSPORT, stun.requested_transport())
        # Room for a challenge with everything in it.
        bare.add(stun.SOFTWARE, "a client under test, of some length")
        answer = self.transact(bare.encode())
        if answer.error_code != 401:
            raise AssertionError("no challenge but %s" % describe(answer))
        self.learn(answer)
        return answer

    def learn(self, answer):
        self.realm, self.nonce = answer.get(stun.REALM), answer.get(stun.NONCE)
        self.offered = answer.get(stun.PASSWORD_ALGORITHMS)

    def transact(self, request):
        """Sends those bytes, waits for the answer with their transaction id, queues the rest."""
        self.transport.send(request)
        while True:
            frame = self.transport.receive()
            if stun.is_channel_data(frame):
                self._queued.append(frame)
                continue
            message = check_well_formed(stun.parse(frame))
            if message.message_class == stun.INDICATION:
                self._queued.append(frame)
            elif message.transaction_id == request[8:20]:
                return message

    def request(self, method, attributes=(), fingerprint=False):
        attributes = list(attributes)
        if self.nonce is None:
            self.challenge()
        answer = self.transact(self.signed(method, attributes, fingerprint))
        if answer.error_code == 438:
            self.learn(answer)
            answer = self.transact(self.signed(method, attributes, fingerprint))
        if answer.error_code not in (400, 401, 438) or self.integrity() in answer.types():
            if not answer.verify_integrity(self.key(), self.integrity()):
                raise AssertionError("unauthenticated answer: %s" % describe(answer))
        return answer

    def binding(self, attributes=(), fingerprint=False):
        return self.transact(stun.Message(stun.BINDING, stun.REQUEST, attributes).encode(
            fingerprint=fingerprint))

    def allocate(self, *attributes, transport=stun.UDP_PROTOCOL):
        asked = [(stun.REQUESTED_TRANSPORT, stun.requested_transport(transport)), *attributes]
        answer = self.request(stun.ALLOCATE, asked)
        if answer.message_class == stun.SUCCESS:
            self.allocated = True
            self.relayed = answer.addresses(stun.XOR_RELAYED_ADDRESS)
            self.lifetime = answer.number(stun.LIFETIME)
            self.reservation_token = answer.get(stun.RESERVATION_TOKEN)
        return answer

    def refresh(self, lifetime=None, *attributes):
        asked = [] if lifetime is None else [(stun.LIFETIME, stun.uint32(lifetime))]
        answer = self.request(stun.REFRESH, asked + list(attributes))
        if answer.message_class == stun.SUCCESS and lifetime == 0 and not attributes:
            self.allocated = False
        return answer

    def create_permission(self, *peers):
        addresses = [(peer, 0) if isinstance(peer, str) else peer for peer in peers]
        return self.request(stun.CREATE_PERMISSION,
                            [(stun.XOR_PEER_ADDRESS, address) for address in addresses])

    def channel_bind(self, number, peer):
        return self.request(stun.CHANNEL_BIND, [
            (stun.CHANNEL_NUMBER, stun.channel_number(number)), (stun.XOR_PEER_ADDRESS, peer)])

    # Data

    def send_to(self, peer, payload, *attributes):
        """A Send indication."""
        self.transport.send(stun.Message(stun.SEND, stun.INDICATION, [
            (stun.XOR_PEER_ADDRESS, peer), *attributes, (stun.DATA, payload)]).encode())

    def send_channel(self, number, payload):
        self.transport.send(stun.channel_data(number, payload))

    def next_frame(self):
        return self._queued.popleft() if self._queued else self.transport.receive()

    def next_indication(self):
        return check_well_formed(stun.parse(self.next_frame()))

    def receive(self):
        """The next data from a peer, whichever way it came."""
        frame = self.next_frame()
        if stun.is_channel_data(frame):
            number, payload, rest = stun.split_channel_data(frame)
            if any(rest) or len(rest) > (3 if self.transport.reliable else 0):
                raise AssertionError("bytes behind ChannelData: %r" % rest)
            return PeerData(None, payload, number)
        message = check_well_formed(stun.parse(frame))
        if (message.method, message.message_class) != (stun.DATA_METHOD, stun.INDICATION):
            raise AssertionError("no Data indication but %s" % describe(message))
        return PeerData(message.address(stun.XOR_PEER_ADDRESS), message.get(stun.DATA), None)

    def queued(self):
        """How many frames came while an answer was awaited."""
        return len(self._queued)

    def close(self):
        """Gives the allocation back, so that the next test finds the server as it was."""
        try:
            if self.allocated:
                self.refresh(0)
        except (OSError, AssertionError):
            pass  # The server may be gone already: that is its own test's business.
        finally:
            self.transport.close()


def check_well_formed(message):
    """What holds for every message of the server: zero padding, a right FINGERPRINT or none."""
    if not message.padding_is_zero:
        raise AssertionError("padding holds stale bytes: %s" % message.raw.hex())
    if stun.FINGERPRINT in message.types() and not message.verify_fingerprint():
        raise AssertionError("wrong FINGERPRINT: %s" % message.raw.hex())
    return message


def describe(message):
    names = {stun.REQUEST: "request", stun.INDICATION: "indication",
             stun.SUCCESS: "success", stun.ERROR: "error"}
    types = ", ".join("0x%04x" % found for found in message.types())
    return "method 0x%03x %s %s (%s)" % (
        message.method, names[message.message_class], message.error_code or "", types)
