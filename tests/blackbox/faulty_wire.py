# SPDX-License-Identifier: Apache-2.0
"""A wire between UDP clients and a server that does to ChannelData what no wire should."""

import select
import socket
import threading

CHANNEL_HEADER = 4


def is_channel_data(datagram):
    return len(datagram) > CHANNEL_HEADER and 0x40 <= datagram[0] <= 0x4F


class Wire:
    """Forwards datagrams both ways, each client from a socket of its own.

    `fault(datagram, other)` gives what leaves in place of every tenth ChannelData towards a client: a list
    of (datagram, recipient), where the recipient is None for the client it is for, or `other`, which is the
    (client, channel) of another client.
    """

    EVERY = 10

    def __init__(self, server, fault):
        self._server = server
        self._fault = fault
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(("127.0.0.1", 0))
        self.address = self._front.getsockname()
        self._backs = {}      # client: socket towards the server
        self._channels = {}   # client: the channel it sends on
        self._count = 0
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self):
        self._stop.send(b"x")
        self._thread.join()
        for end in (self._front, self._stop, self._stopped, *self._backs.values()):
            end.close()

    def _run(self):
        while True:
            clients = {back: client for client, back in self._backs.items()}
            ready, _, _ = select.select([self._stopped, self._front, *clients], [], [])
            for end in ready:
                if end is self._stopped:
                    return
                if end is self._front:
                    self._to_server(*end.recvfrom(65536))
                else:
                    self._to_client(end.recv(65536), clients[end])

    def _to_server(self, datagram, client):
        if client not in self._backs:
            self._backs[client] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._backs[client].connect(self._server)
        if is_channel_data(datagram):
            self._channels[client] = datagram[:2]
        self._backs[client].send(datagram)

    def _to_client(self, datagram, client):
        leaving = [(datagram, None)]
        if is_channel_data(datagram):
            self._count += 1
            others = [(other, channel) for other, channel in self._channels.items() if other != client]
            if self._count % self.EVERY == 0 and others:
                leaving = self._fault(datagram, others[0])
        for changed, recipient in leaving:
            self._front.sendto(changed, recipient or client)


def lose(_datagram, _other):
    return []


def double(datagram, _other):
    return [(datagram, None)] * 2


def corrupt(datagram, _other):
    return [(datagram[:-1] + bytes([datagram[-1] ^ 1]), None)]


def shorten(datagram, _other):
    length = len(datagram) - CHANNEL_HEADER - 1
    return [(datagram[:2] + length.to_bytes(2, "big") + datagram[CHANNEL_HEADER:-1], None)]


def mislead(datagram, other):
    """To another client, on that one's channel."""
    client, channel = other
    return [(channel + datagram[2:], client)]


def mix_up_channels(datagram, other):
    """To the right client, on another one's channel."""
    return [(other[1] + datagram[2:], None)]
