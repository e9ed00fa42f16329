# SPDX-License-Identifier: Apache-2.0
"""The long-term credential mechanism, RFC 8489 §9.2, and time-limited credentials."""

import hashlib
import time
import unittest

import server_config
import stun
from testcase import TurnpikeTestCase
from turn_client import Credentials

ASKED = (stun.REQUESTED_TRANSPORT, stun.requested_transport())


def minted(username, secret=server_config.SECRET):
    return Credentials(username, stun.time_limited_password(secret, username))


def in_an_hour():
    return int(time.time()) + 3600


class Challenge(TurnpikeTestCase):
    def test_contents(self):
        answer = self.client().challenge()
        self.assertEqual(answer.get(stun.REALM), server_config.REALM.encode())
        self.assertEqual(answer.reason_phrase, "")
        self.assertIsNotNone(stun.nonce_features(answer.get(stun.NONCE)))
        for absent in (stun.SOFTWARE, stun.USERNAME, stun.USERHASH, stun.MESSAGE_INTEGRITY,
                       stun.MESSAGE_INTEGRITY_SHA256):
            self.assertNotIn(absent, answer.types())

    def test_every_request_but_binding_is_challenged(self):
        for method in (stun.ALLOCATE, stun.REFRESH, stun.CREATE_PERMISSION, stun.CHANNEL_BIND):
            with self.subTest(method=method):
                self.assertEqual(self.client().challenge(method).error_code, 401)

    def test_no_two_sources_get_the_same_nonce(self):
        nonces = {self.client().challenge().get(stun.NONCE) for _ in range(10)}
        self.assertEqual(len(nonces), 10)


class Checks(TurnpikeTestCase):
    """RFC 8489 §9.2.4, in its order."""

    def request(self, client, leave_out=(), key=None, replace=None):
        message = client.add_credentials(stun.Message(stun.ALLOCATE, attributes=[ASKED]))
        message.attributes = [(found, (replace or {}).get(found, value))
                              for found, value in message.attributes if found not in leave_out]
        return client.transact(message.encode(key or client.key(), client.integrity()))

    def challenged(self, **options):
        client = self.client(**options)
        client.challenge()
        return client

    def assertChallenge(self, answer, code=401):
        self.assertError(answer, code)
        self.assertEqual(answer.get(stun.REALM), server_config.REALM.encode())
        self.assertIsNotNone(answer.get(stun.NONCE))
        return answer

    def test_missing_attributes_are_400_without_realm_and_nonce(self):
        client = self.challenged()
        for missing in (stun.USERNAME, stun.REALM, stun.NONCE):
            with self.subTest(missing=missing):
                answer = self.assertError(self.request(client, leave_out=(missing,)), 400)
                for absent in (stun.USERNAME, stun.USERHASH, stun.NONCE, stun.REALM,
                               stun.MESSAGE_INTEGRITY, stun.MESSAGE_INTEGRITY_SHA256):
                    self.assertNotIn(absent, answer.types())

    def test_unknown_user_and_wrong_password_look_alike(self):
        unknown = self.challenged(user=Credentials("alicf", "wonderland"))
        wrong = self.challenged(user=Credentials("alice", "wonderlamd"))
        first = self.assertChallenge(self.request(unknown))
        second = self.assertChallenge(self.request(wrong))
        self.assertEqual(first.types(), second.types())
        self.assertEqual(len(first.raw), len(second.raw))
        self.assertEqual(first.reason_phrase, second.reason_phrase)

    def test_a_right_key_for_a_wrong_realm(self):
        client = self.challenged()
        client.realm = b"another.example"
        self.assertChallenge(self.request(client))

    def test_altered_nonces_are_stale(self):
        client = self.challenged()
        nonce = client.nonce
        for position in range(len(stun.NONCE_COOKIE) + 4, len(nonce)):
            altered = bytearray(nonce)
            altered[position] = ord("B") if altered[position] == ord("A") else ord("A")
            answer = self.request(client, replace={stun.NONCE: bytes(altered)})
            self.assertChallenge(answer, 438)
        for other in (b"", b"x", nonce[:-1], nonce + b"A", b"x" * 127, stun.NONCE_COOKIE,
                      stun.NONCE_COOKIE + b"AAAA"):
            self.assertChallenge(self.request(client, replace={stun.NONCE: other}), 438)

    def test_a_stale_nonce_is_answered_with_a_good_one(self):
        client = self.challenged()
        answer = self.request(client, replace={stun.NONCE: client.nonce[:-1]})
        self.assertChallenge(answer, 438)
        client.learn(answer)
        self.assertSuccess(client.allocate())

    def test_a_nonce_is_of_one_source(self):
        first, second = self.challenged(), self.client()
        second.learn(self.challenged().challenge())
        second.nonce = first.nonce
        self.assertChallenge(self.request(second), 438)

    def test_the_user_is_judged_before_the_nonce(self):
        client = self.challenged(user=Credentials("nobody", "x"))
        client.nonce = client.nonce[:-1]
        self.assertChallenge(self.request(client), 401)

    def test_integrity_is_judged_before_the_nonce(self):
        client = self.challenged()
        client.nonce = client.nonce[:-1]
        self.assertChallenge(self.request(client, key=b"x" * 16), 401)

    def test_one_flipped_bit_anywhere_is_refused(self):
        client = self.challenged()
        good = client.signed(stun.ALLOCATE, [ASKED])
        # Every byte of the values the integrity covers; types and lengths are test_malformed's.
        message = stun.parse(good)
        for attribute_type, value in message.attributes[:-1]:
            offset = message.offsets[attribute_type] + 4
            damaged = bytearray(good)
            damaged[offset + len(value) // 2] ^= 0x02
            answer = client.transact(bytes(damaged))
            self.assertIn(answer.error_code, (400, 401, 438), hex(attribute_type))
        self.assertSuccess(client.transact(good))
        client.allocated = True

    def test_a_cut_integrity_value_is_refused(self):
        client = self.challenged()
        message = client.add_credentials(stun.Message(stun.ALLOCATE, attributes=[ASKED])).encode()
        for length in (0, 4, 16):
            cut = stun.append_integrity(message, stun.MESSAGE_INTEGRITY, client.key(), length)
            self.assertRefusedOrDropped(client, cut, 400, 401)

    def test_attributes_behind_integrity_are_not_credentials(self):
        client = self.challenged()
        message = stun.Message(stun.ALLOCATE, attributes=[ASKED]).encode(client.key())
        for attribute in ((stun.USERNAME, b"alice"), (stun.REALM, client.realm),
                          (stun.NONCE, client.nonce)):
            message = stun.append_attribute(message, *attribute)
        self.assertError(client.transact(message), 400)

    def test_answers_are_signed_and_leave_the_credentials_out(self):
        client = self.client()
        for answer in (client.allocate(), client.refresh(),
                       client.create_permission("127.0.0.1"), client.create_permission("10.0.0.1")):
            self.assertTrue(answer.verify_integrity(client.key()))
            for absent in (stun.USERNAME, stun.USERHASH, stun.REALM, stun.NONCE):
                self.assertNotIn(absent, answer.types())


class Keys(TurnpikeTestCase):
    config = {"auth": {"user": [
        {"name": "dave", "key": "md5:" + hashlib.md5(b"dave:example.org:milk").hexdigest(),
         "key_sha256": hashlib.sha256(b"dave:example.org:milk").hexdigest()},
        {"name": "\u30de\u30c8\u30ea", "password": "M\u00fcnchen"}]}}

    def test_a_key_of_each_algorithm(self):
        for modern in (False, True):
            client = self.allocated(user=Credentials("dave", "milk"), modern=modern)
            self.assertEqual(client.algorithm(), stun.ALGORITHM_SHA256 if modern else None)
            wrong = self.client(user=Credentials("dave", "water"), modern=modern)
            self.assertError(wrong.allocate(), 401)

    def test_names_and_passwords_beyond_ascii(self):
        self.allocated(user=Credentials("\u30de\u30c8\u30ea", "M\u00fcnchen"))

    def test_users_that_were_not_configured(self):
        self.assertError(self.client(user="alice").allocate(), 401)


class Ha1Key(TurnpikeTestCase):
    config = {"auth": {"user": [
        {"name": "carol", "key": "md5:" + hashlib.md5(b"carol:example.org:tea").hexdigest()}]}}

    def test_ha1_key(self):
        for modern in (False, True):
            self.allocated(user=Credentials("carol", "tea"), modern=modern)
            wrong = self.client(user=Credentials("carol", "coffee"), modern=modern)
            self.assertError(wrong.allocate(), 401)


class TimeLimited(TurnpikeTestCase):
    def test_every_common_form(self):
        expiry = in_an_hour()
        for username in ("%d:alice" % expiry, "%d:@alice:example.org" % expiry, "%d" % expiry,
                         "alice:%d" % expiry, "%d:PA_3x9" % expiry, "%d:" % expiry):
            for secret in (server_config.SECRET, server_config.OLD_SECRET):
                with self.subTest(username=username, secret=secret):
                    client = self.allocated(user=minted(username, secret))
                    client.close()

    def test_modern_client(self):
        # A name the server has never seen cannot come as USERHASH: this client sends USERNAME.
        client = self.client(user=minted("%d:erin" % in_an_hour()), modern=True)
        client.challenge()
        message = stun.Message(stun.ALLOCATE, attributes=[
            ASKED, (stun.USERNAME, client.credentials.username), (stun.REALM, client.realm),
            (stun.NONCE, client.nonce), (stun.PASSWORD_ALGORITHMS, client.offered),
            (stun.PASSWORD_ALGORITHM, stun.password_algorithm(client.algorithm()))])
        self.assertSuccess(client.transact(message.encode(client.key(), client.integrity())))

    def test_refused_names(self):
        now = int(time.time())
        for username in ("%d:alice" % (now - 1), "%d" % (now - 400), "alice:%d" % (now - 400),
                         "0:alice", "-%d:alice" % in_an_hour(), "99999999999999999999:alice",
                         "%d" % (now + 20 * 366 * 86400)):
            with self.subTest(username=username):
                self.assertError(self.client(user=minted(username)).allocate(), 401)

    def test_foreign_secret(self):
        client = self.client(user=minted("%d:alice" % in_an_hour(), "not ours"))
        self.assertError(client.allocate(), 401)

    def test_a_digit_name_is_no_way_around_a_static_password(self):
        self.assertError(self.client(user=minted("alice")).allocate(), 401)


class Expiry(TurnpikeTestCase):
    own_server = True

    def expired(self):
        """A client whose credential has run out since its Allocate."""
        credentials = minted("%d:frank" % (int(time.time()) + 2))
        client, probe = self.allocated(user=credentials), self.client(user=credentials)
        answer = probe.allocate()
        while answer.message_class == stun.SUCCESS:
            probe.refresh(0)
            answer = probe.allocate()
        self.assertIn(answer.error_code, (401, 437))
        return client

    def test_an_expired_credential_can_still_refresh(self):
        self.start_server()
        client = self.expired()
        self.assertSuccess(client.refresh())
        peer = self.peer()
        self.assertSuccess(client.create_permission(peer.address))
        self.assertRelays(client, peer)
        self.assertSuccess(client.refresh(0))

    def test_strict_expiry(self):
        self.start_server({"auth": {"strict_expiry": True}})
        client = self.expired()
        self.assertError(client.refresh(), 401)
        # The lifetimes of all those Allocates ended by now, microseconds apart.
        self.assertSuccess(self.client().binding())
        self.allocated()


class NonceOfAnotherProcess(TurnpikeTestCase):
    own_server = True

    def test_after_a_restart_old_nonces_are_stale(self):
        server = self.start_server()
        udp = self.address()
        client = self.client()
        client.challenge()
        self.assertEqual(server.stop(), 0)
        self.start_server({"listen": {"udp": ["%s:%d" % udp]}})
        self.assertError(client.transact(client.signed(stun.ALLOCATE, [ASKED])), 438)
        self.assertSuccess(client.allocate())


class Log(TurnpikeTestCase):
    """A refused credential is logged with its reason, an ordinary challenge is not."""

    own_server = True

    def refuse(self, credentials):
        server = self.start_server()
        client = self.client(user=credentials)
        for _ in range(5):
            self.assertError(client.allocate(), 401)
        return server

    def assertLoggedOnce(self, server, reason):
        """One record of the refusal, with that reason, however often the client tried."""
        def is_refusal(record):
            return record["message"] == "credential refused"

        record = server.wait_for_log(is_refusal, "the refusal")
        self.assertIn(reason, record["reason"])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(sum(map(is_refusal, server.log())), 1, server.text())

    def test_expired(self):
        server = self.refuse(minted("%d:alice" % (int(time.time()) - 312)))
        self.assertLoggedOnce(server, "expired 31")

    def test_no_secret_matches(self):
        server = self.refuse(minted("%d:alice" % in_an_hour(), "not ours"))
        self.assertLoggedOnce(server, "secret")

    def test_the_ordinary_challenge_is_not_logged(self):
        server = self.start_server()
        for _ in range(20):
            self.client().challenge()
        before = len(server.log())
        self.allocated()
        self.assertEqual([record for record in server.log()[:before] if "401" in str(record)], [])

    def test_names_cannot_forge_log_lines(self):
        forged = "x\n{\"time\":\"\",\"level\":\"error\",\"message\":\"forged\"}\x1b[31m\x00"
        server = self.refuse(minted("%d:%s" % (int(time.time()) - 9, forged)))
        self.assertLoggedOnce(server, "expired")
        self.assertNotIn("forged", [record["message"] for record in server.log()])
        self.assertNotIn("\x1b", server.text())


if __name__ == "__main__":
    unittest.main()
