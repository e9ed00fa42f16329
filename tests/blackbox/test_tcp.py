# SPDX-License-Identifier: Apache-2.0
"""TCP clients: framing that survives any split, bounded queues, garbage."""

import select
import socket
import struct
import unittest

import harness
import stun
from testcase import TurnpikeTestCase

MIB = 1024 * 1024


class Framing(TurnpikeTestCase):
    def bound(self):
        client, peer = self.allocated(kind="tcp"), self.peer()
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        return client, peer

    def assertBindingAnswer(self, client, request):
        answer = stun.parse(client.transport.receive())
        self.assertEqual(answer.transaction_id, request[8:20])
        self.assertSuccess(answer)

    def test_a_split_at_every_byte(self):
        # Each piece ends behind a whole request, whose answer tells that the server has read it.
        client, peer = self.bound()
        frames = [
            stun.Message(stun.BINDING).encode(fingerprint=True),
            stun.channel_data(0x4000, b"seven b", padded=True),
            stun.Message(stun.SEND, stun.INDICATION, [
                (stun.XOR_PEER_ADDRESS, peer.address), (stun.DATA, b"sent")]).encode(),
            client.signed(stun.REFRESH, [(stun.LIFETIME, stun.uint32(700))])]
        for frame in frames:
            for split in range(1, len(frame)):
                request = stun.Message(stun.BINDING).encode()
                client.transport.send_raw(request + frame[:split])
                self.assertBindingAnswer(client, request)
                client.transport.send_raw(frame[split:])
                if frame is frames[1]:
                    self.assertEqual(peer.receive()[0], b"seven b")
                elif frame is frames[2]:
                    self.assertEqual(peer.receive()[0], b"sent")
                else:
                    answer = self.assertSuccess(stun.parse(client.transport.receive()))
                    self.assertEqual(answer.transaction_id, frame[8:20])

    def test_byte_by_byte(self):
        client = self.client("tcp")
        for _ in range(5):
            request = stun.Message(stun.BINDING).encode()
            for byte in request:
                client.transport.send_raw(bytes([byte]))
            self.assertBindingAnswer(client, request)

    def test_coalesced_frames(self):
        client, peer = self.bound()
        requests = [stun.Message(stun.BINDING).encode() for _ in range(100)]
        payloads = [bytes([i]) * i for i in range(100)]
        client.transport.send_raw(b"".join(
            request + stun.channel_data(0x4000, payload, padded=True)
            for request, payload in zip(requests, payloads)))
        for request in requests:
            self.assertBindingAnswer(client, request)
        self.assertEqual([peer.receive()[0] for _ in payloads], payloads)

    def test_padding_of_channel_data(self):
        client, peer = self.bound()
        for length in range(0, 9):
            payload = b"p" * length
            # TcpTransport pads; the server's own frames must be padded for its framer to go on.
            client.send_channel(0x4000, payload)
            self.assertEqual(peer.receive()[0], payload)
            peer.send(payload, client.relayed[0])
            self.assertEqual(client.receive().payload, payload)
            self.assertSuccess(client.binding())

    def test_the_largest_frames_hide_nothing(self):
        # A 16-bit sum of header and length wraps: what is inside must not be read as a frame.
        inner = stun.Message(stun.BINDING)
        for header, size in ((struct.pack("!HH", 0x4000, 0xFFFF), 4 + 0x10000),
                             (struct.pack("!HH", 0x4000, 0xFFFE), 4 + 0x10000),
                             (struct.pack("!HH", 0x4000, 0xFFFC), 4 + 0xFFFC),
                             (stun.Message(stun.BINDING).encode()[:2] + b"\xff\xfc", 20 + 0xFFFC)):
            with self.subTest(header=header.hex()):
                client, _ = self.bound()
                body = header + inner.encode() * 4000
                fence = stun.Message(stun.BINDING).encode()
                try:
                    client.transport.send_raw(body[:size] + fence)
                    answer = stun.parse(client.transport.receive())
                except ConnectionError:
                    continue  # Ended at the false header: nothing inside was read either.
                self.assertEqual(answer.transaction_id, fence[8:20])

    def test_a_frame_claiming_more_than_comes_is_not_answered(self):
        client = self.client("tcp")
        request = stun.Message(stun.BINDING).encode()
        longer = request[:2] + struct.pack("!H", 400) + request[4:]
        client.transport.send_raw(longer)
        client.transport.socket.shutdown(socket.SHUT_WR)
        self.assertTrue(client.transport.is_closed_by_server())

    def test_garbage_closes_the_connection(self):
        for garbage in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01",
                        b"\xff" * 64, b"\x80\x00\x00\x00", b"\x50\x00\x00\x04abcd",
                        b"\x7f\xff\x00\x04abcd", b"\x00\x01\x00\x00" + b"no cookie here..",
                        b"\x00\x01\x00\x03\x21\x12\xa4\x42" + bytes(15)):
            with self.subTest(garbage=garbage):
                client = self.client("tcp")
                client.transport.send_raw(garbage)
                self.assertTrue(client.transport.is_closed_by_server())
        self.assertSuccess(self.client("tcp").binding())

    def test_garbage_behind_good_frames_closes_too(self):
        client, _ = self.bound()
        client.transport.send_raw(b"\xff" * 8)
        client.allocated = False
        self.assertTrue(client.transport.is_closed_by_server())

    def test_stun_that_is_only_wrong_inside_does_not_close(self):
        client = self.client("tcp")
        client.transport.send_raw(stun.Message(0x0AB).encode())
        client.transport.send_raw(stun.Message(stun.BINDING, stun.INDICATION).encode())
        self.assertSuccess(client.binding())


class Connection(TurnpikeTestCase):
    config = {"limits": {"allocations_per_user": 1, "unauthenticated_per_second": 0}}

    def test_closing_the_connection_ends_the_allocation(self):
        for reset in (False, True):
            client = self.allocated(kind="tcp")
            if reset:
                client.transport.socket.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.allocated = False
            client.transport.close()
            # 486 until the server has seen the end of the connection.
            other = self.client()
            answer = other.allocate()
            while answer.error_code == 486:
                answer = other.allocate()
            self.assertSuccess(answer)
            self.assertSuccess(other.refresh(0))

    def test_a_half_closed_connection_is_answered_before_it_ends(self):
        client = self.client("tcp")
        request = stun.Message(stun.BINDING).encode()
        client.transport.send_raw(request)
        client.transport.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.transport.receive()[8:20], request[8:20])
        self.assertTrue(client.transport.is_closed_by_server())

    def test_many_connections_at_once(self):
        clients = [self.client("tcp") for _ in range(100)]
        for client in clients:
            self.assertSuccess(client.binding())


class SlowReader(TurnpikeTestCase):
    def test_a_reader_that_stops_reading_costs_no_memory(self):
        client, peer, other = self.client("tcp"), self.peer(), self.allocated()
        client.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.assertSuccess(client.allocate())
        self.assertSuccess(client.channel_bind(0x4000, peer.address))
        client.allocated = False
        before = self.server.rss_bytes()
        for i in range(40 * MIB // 1200):
            peer.send(bytes(1200), client.relayed[0])
            if i % 64 == 0:
                # Keeps the relay socket's buffer from overflowing: the server has read this far.
                self.assertSuccess(other.refresh())
        grown = self.server.rss_bytes() - before
        if not harness.is_sanitized():
            self.assertLess(grown, 8 * MIB)
        # Whatever was sent arrived whole; the stream was never torn in the middle of a frame.
        try:
            while True:
                number, payload, _ = stun.split_channel_data(client.transport.receive())
                self.assertEqual((number, payload), (0x4000, bytes(1200)))
                if not select.select([client.transport.socket], [], [], 0)[0]:
                    break
        except ConnectionError:
            pass
        self.assertSuccess(other.refresh())
        self.assertRelaysTo(other)

    def assertRelaysTo(self, client):
        peer = self.peer()
        self.assertSuccess(client.create_permission(peer.address))
        self.assertRelays(client, peer)


if __name__ == "__main__":
    unittest.main()
