# SPDX-License-Identifier: Apache-2.0
"""PASSWORD-ALGORITHMS, MESSAGE-INTEGRITY-SHA256, USERHASH and bid-down: RFC 8489 §9.2."""

import unittest

import stun
from testcase import TurnpikeTestCase

ASKED = (stun.REQUESTED_TRANSPORT, stun.requested_transport())
SHA256_ONLY = stun.password_algorithm(stun.ALGORITHM_SHA256)
MD5_ONLY = stun.password_algorithm(stun.ALGORITHM_MD5)


class PasswordAlgorithms(TurnpikeTestCase):
    def challenged(self, **options):
        client = self.client(modern=True, **options)
        client.challenge()
        return client

    def ask(self, client, algorithms, algorithm, integrity=stun.MESSAGE_INTEGRITY_SHA256, key=None):
        message = stun.Message(stun.ALLOCATE, attributes=[
            ASKED, (stun.USERNAME, client.credentials.username), (stun.REALM, client.realm),
            (stun.NONCE, client.nonce)])
        if algorithms is not None:
            message.add(stun.PASSWORD_ALGORITHMS, algorithms)
        if algorithm is not None:
            message.add(stun.PASSWORD_ALGORITHM, algorithm)
        return client.transact(message.encode(key or client.key(), integrity))

    def key(self, client, algorithm):
        username, password = client.credentials
        return stun.long_term_key(username, client.realm.decode(), password, algorithm)

    def test_a_challenge_offers_sha256_first_and_says_so_in_the_nonce(self):
        client = self.challenged()
        self.assertEqual(stun.split_password_algorithms(client.offered),
                         [stun.ALGORITHM_SHA256, stun.ALGORITHM_MD5])
        self.assertEqual(stun.nonce_features(client.nonce)[0], "1")
        self.assertEqual(stun.nonce_features(client.nonce)[2:], "0" * 22)

    def test_sha256_throughout(self):
        for kind in ("udp", "tcp"):
            client, peer = self.client(kind, modern=True), self.peer()
            # TurnClient insists on MESSAGE-INTEGRITY-SHA256 in every answer.
            self.assertSuccess(client.allocate())
            self.assertEqual(client.algorithm(), stun.ALGORITHM_SHA256)
            self.assertSuccess(client.create_permission(peer.address))
            self.assertSuccess(client.channel_bind(0x4000, peer.address))
            self.assertError(client.create_permission("10.0.0.1"), 403)
            self.assertRelays(client, peer, 0x4000)
            answer = self.assertSuccess(client.refresh(0))
            self.assertNotIn(stun.MESSAGE_INTEGRITY, answer.types())

    def test_md5_may_be_picked_from_the_list(self):
        client = self.challenged()
        key = self.key(client, stun.ALGORITHM_MD5)
        answer = self.assertSuccess(self.ask(client, client.offered, MD5_ONLY, key=key))
        self.assertTrue(answer.verify_integrity(key, stun.MESSAGE_INTEGRITY_SHA256))
        self.assertNotIn(stun.MESSAGE_INTEGRITY, answer.types())

    def test_clients_that_name_no_algorithm_are_answered_with_sha1(self):
        client = self.client()
        answer = self.assertSuccess(client.allocate())
        self.assertTrue(answer.verify_integrity(client.key(), stun.MESSAGE_INTEGRITY))
        self.assertNotIn(stun.MESSAGE_INTEGRITY_SHA256, answer.types())

    def test_one_attribute_without_the_other(self):
        client = self.challenged()
        self.assertError(self.ask(client, client.offered, None), 400)
        self.assertError(self.ask(client, None, SHA256_ONLY), 400)

    def test_an_altered_list_is_a_bid_down(self):
        client = self.challenged()
        for altered in (MD5_ONLY, SHA256_ONLY, MD5_ONLY + SHA256_ONLY, client.offered + MD5_ONLY,
                        b"", client.offered[:-1], b"\x00\x09\x00\x00" + client.offered):
            with self.subTest(altered=altered.hex()):
                key = self.key(client, stun.ALGORITHM_MD5)
                self.assertError(self.ask(client, altered, MD5_ONLY, key=key), 400)

    def test_an_algorithm_that_was_not_offered(self):
        client = self.challenged()
        for algorithm in (stun.password_algorithm(3), stun.password_algorithm(0), b"", b"\x00\x02"):
            with self.subTest(algorithm=algorithm.hex()):
                self.assertError(self.ask(client, client.offered, algorithm), 400)

    def test_a_nonce_whose_features_were_cleared_is_not_ours(self):
        # Whoever strips PASSWORD-ALGORITHMS from the challenge must clear the bit as well.
        client = self.challenged()
        start = len(stun.NONCE_COOKIE)
        client.nonce = client.nonce[:start] + b"AAAA" + client.nonce[start + 4:]
        key = self.key(client, stun.ALGORITHM_MD5)
        self.assertError(self.ask(client, None, None, stun.MESSAGE_INTEGRITY, key), 438)

    def test_the_wrong_key_for_the_algorithm(self):
        client = self.challenged()
        md5, sha256 = (self.key(client, number)
                       for number in (stun.ALGORITHM_MD5, stun.ALGORITHM_SHA256))
        self.assertError(self.ask(client, client.offered, SHA256_ONLY, key=md5), 401)
        self.assertError(self.ask(client, client.offered, MD5_ONLY, key=sha256), 401)

    def test_sha256_decides_when_both_integrity_attributes_are_there(self):
        client = self.challenged()
        message = client.add_credentials(stun.Message(stun.ALLOCATE, attributes=[ASKED])).encode()
        right, wrong = client.key(), b"x" * 32
        both = stun.append_integrity(message, stun.MESSAGE_INTEGRITY, right)
        forged = stun.append_integrity(both, stun.MESSAGE_INTEGRITY_SHA256, wrong)
        self.assertError(client.transact(forged), 401)
        good = stun.append_integrity(both, stun.MESSAGE_INTEGRITY_SHA256, right)
        self.assertSuccess(client.transact(good))

    def test_a_truncated_sha256_value_is_refused(self):
        client = self.challenged()
        message = client.add_credentials(stun.Message(stun.ALLOCATE, attributes=[ASKED])).encode()
        for length in (0, 4, 16, 28):
            cut = stun.append_integrity(
                message, stun.MESSAGE_INTEGRITY_SHA256, client.key(), length)
            with self.subTest(length=length):
                self.assertRefusedOrDropped(client, cut, 400, 401)

    def test_every_later_challenge_offers_the_algorithms_too(self):
        client = self.challenged()
        client.nonce = client.nonce[:-1]
        answer = self.assertError(client.transact(client.signed(stun.ALLOCATE, [ASKED])), 438)
        self.assertEqual(answer.get(stun.PASSWORD_ALGORITHMS), client.offered)
        client.learn(answer)
        self.assertSuccess(client.allocate())


class SmallRequests(TurnpikeTestCase):
    """A challenge that would be too large for its request leaves PASSWORD-ALGORITHMS out."""

    config = {"realm": "a-realm-of-forty-characters.example.org."}

    def test_the_nonce_never_claims_what_the_challenge_does_not_carry(self):
        seen = set()
        for length in range(0, 200, 4):
            client = self.client()
            request = stun.Message(stun.ALLOCATE, attributes=[ASKED])
            if length != 0:
                request.add(stun.SOFTWARE, "s" * length)
            answer = self.assertError(client.transact(request.encode()), 401)
            offered = stun.PASSWORD_ALGORITHMS in answer.types()
            claimed = stun.nonce_features(answer.get(stun.NONCE))[0] == "1"
            self.assertEqual(offered, claimed)
            seen.add(offered)
            client.learn(answer)
            client.modern = True
            self.assertSuccess(client.allocate())
            client.close()
        self.assertEqual(seen, {False, True})


class Userhash(TurnpikeTestCase):
    config = {"auth": {"secret": None}}

    def test_known_users_may_stay_anonymous(self):
        for kind in ("udp", "tcp"):
            client = self.client(kind, modern=True)
            client.challenge()
            self.assertEqual(stun.nonce_features(client.nonce)[:2], "11")
            self.assertSuccess(client.allocate())
            peer = self.peer()
            self.assertSuccess(client.create_permission(peer.address))
            self.assertRelays(client, peer)

    def test_unknown_hashes_and_wrong_lengths(self):
        client = self.client(modern=True)
        client.challenge()
        for value in (b"\x00" * 32, stun.userhash("nobody", "example.org"),
                      stun.userhash("alice", "example.org")[:31], b""):
            with self.subTest(value=value.hex()):
                message = stun.Message(stun.ALLOCATE, attributes=[
                    ASKED, (stun.USERHASH, value), (stun.REALM, client.realm),
                    (stun.NONCE, client.nonce), (stun.PASSWORD_ALGORITHMS, client.offered),
                    (stun.PASSWORD_ALGORITHM, SHA256_ONLY)])
                answer = client.transact(message.encode(client.key(), client.integrity()))
                self.assertIn(answer.error_code, (400, 401))

    def test_old_clients_send_their_name(self):
        self.allocated()

    def test_the_user_is_the_same_by_name_and_by_hash(self):
        client = self.allocated(modern=True)
        by_name = stun.Message(stun.REFRESH, attributes=[
            (stun.USERNAME, "alice"), (stun.REALM, client.realm), (stun.NONCE, client.nonce),
            (stun.PASSWORD_ALGORITHMS, client.offered), (stun.PASSWORD_ALGORITHM, SHA256_ONLY)])
        self.assertSuccess(client.transact(by_name.encode(client.key(), client.integrity())))


class WithoutAlgorithms(TurnpikeTestCase):
    """A user of whom only the HA1 is known cannot use SHA-256, so nobody is offered it."""

    config = {"auth": {"user": [
        {"name": "alice", "key": "md5:8a40e0ba8a4a8d1f0b2f3fdc2b2c7d6f"},
        {"name": "bob", "password": "builder"}]}}

    def test_nothing_is_offered(self):
        client = self.client(user="bob", modern=True)
        answer = client.challenge()
        self.assertNotIn(stun.PASSWORD_ALGORITHMS, answer.types())
        self.assertEqual(stun.nonce_features(answer.get(stun.NONCE))[0], "0")
        self.assertSuccess(client.allocate())


if __name__ == "__main__":
    unittest.main()
