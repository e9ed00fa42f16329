# SPDX-License-Identifier: Apache-2.0
"""The sockets of a test: a client's UDP or TCP transport, and a peer."""

import ipaddress
import socket

import stun

# How long an answer that must come may take: a limit for broken servers, not an expectation.
ANSWER_SECONDS = 20


class NoAnswer(AssertionError):
    """Nothing came where something had to."""


def address_family(host):
    return socket.AF_INET if ipaddress.ip_address(host).version == 4 else socket.AF_INET6


def endpoint(sockaddr):
    """(host, port) of whatever the socket module says."""
    return str(ipaddress.ip_address(sockaddr[0])), sockaddr[1]


class UdpTransport:
    """A connected UDP socket: it only sees what comes from the address it asked."""

    reliable = False

    def __init__(self, server, source=None):
        self.socket = socket.socket(address_family(server[0]), socket.SOCK_DGRAM)
        if source is not None:
            self.socket.bind(source)
        self.socket.connect(server)
        self.socket.settimeout(ANSWER_SECONDS)

    def local_address(self):
        return endpoint(self.socket.getsockname())

    def send(self, data):
        self.socket.send(data)

    def receive(self):
        try:
            return self.socket.recv(65536)
        except socket.timeout:
            raise NoAnswer("no datagram in %d s" % ANSWER_SECONDS) from None

    def waiting(self):
        """The datagrams that are there already, without waiting for any."""
        found = []
        self.socket.setblocking(False)
        try:
            while True:
                found.append(self.socket.recv(65536))
        except BlockingIOError:
            return found
        finally:
            self.socket.settimeout(ANSWER_SECONDS)

    def close(self):
        self.socket.close()


class TcpTransport:
    """A TCP connection cut into frames."""

    reliable = True

    def __init__(self, server, source=None):
        self.socket = socket.socket(address_family(server[0]), socket.SOCK_STREAM)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(ANSWER_SECONDS)
        if source is not None:
            self.socket.bind(source)
        self.socket.connect(server)
        self._framer = stun.StreamFramer()

    def local_address(self):
        return endpoint(self.socket.getsockname())

    def send(self, data):
        if stun.is_channel_data(data):
            data += bytes(stun.padding_of(len(data)))
        self.socket.sendall(data)

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive(self):
        while True:
            frame = self._framer.next()
            if frame is not None:
                return frame
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                raise NoAnswer("no whole frame in %d s" % ANSWER_SECONDS) from None
            if not data:
                raise ConnectionResetError("the server closed the connection")
            self._framer.feed(data)

    def is_closed_by_server(self):
        """Reads until the end; True when the server ended the connection, by FIN or RST."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False
        return True

    def close(self):
        self.socket.close()


class Peer:
    """A UDP socket the relay sends to."""

    def __init__(self, host="127.0.0.1", port=0):
        self.socket = socket.socket(address_family(host), socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.socket.settimeout(ANSWER_SECONDS)
        self.address = endpoint(self.socket.getsockname())

    def receive(self):
        """(payload, sender)"""
        try:
            payload, sender = self.socket.recvfrom(65536)
        except socket.timeout:
            raise NoAnswer("the peer got nothing in %d s" % ANSWER_SECONDS) from None
        return payload, endpoint(sender)

    def send(self, payload, relayed):
        self.socket.sendto(payload, relayed)

    def is_idle(self):
        """Whether nothing has arrived. Loopback delivers at once: after a fence this is final."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(65536)
            return False
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(ANSWER_SECONDS)

    def close(self):
        self.socket.close()
