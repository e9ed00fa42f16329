# SPDX-License-Identifier: Apache-2.0
"""The server under test, and what every interop test needs around it.

`start()` runs the turnpike of $TURNPIKE_BIN. With TURNPIKE_INTEROP_SERVER=coturn it runs Debian's coturn
in its place: a test that fails against both blames itself, one that fails against turnpike alone blames us.
"""

import base64
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "blackbox"))

import harness

REALM = "turn.test"
SECRET = "s3cret"
USER, PASSWORD = "alice", "wonderland"
START_SECONDS = 20
STOP_SECONDS = 10
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def credential(user, ttl=3600):
    """A time-limited credential as an SFU mints it: username and HMAC-SHA1 password."""
    username = f"{int(time.time()) + ttl}:{user}"
    digest = hmac.new(SECRET.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def require(name, path=None):
    """The path of a foreign program. Without it the test is skipped, or fails where CI=true."""
    found = shutil.which(path or name)
    if found:
        return found
    if os.environ.get("CI") == "true":
        raise AssertionError(f"{name} is missing, and CI must not skip it")
    print(f"SKIP: {name} is not installed", flush=True)
    raise unittest.SkipTest(f"{name} is not installed")


def free_udp_ports(host, count):
    """The first of `count` consecutive UDP ports that nobody has on `host`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(100):
        taken = []
        try:
            for index in range(count):
                taken.append(socket.socket(family, socket.SOCK_DGRAM))
                taken[index].bind((host, taken[0].getsockname()[1] + index if index else 0))
            return taken[0].getsockname()[1]
        except OSError:
            continue
        finally:
            for each in taken:
                each.close()
    raise AssertionError(f"no {count} free ports on {host}")


def wait_for_echo(host, port, process):
    """Returns when the echo server of `process` answers at `host` and `port`."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.05)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                probe.sendto(b"ping", (host, port))
                if probe.recv(16) == b"ping":
                    return
            except OSError:
                continue
    raise AssertionError(f"no echo at {host} port {port}")


def main():
    """unittest.main(), with an exit code of its own when there was nothing that could run."""
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    # A class that skips as a whole counts one skip and runs none of its tests.
    sys.exit(SKIPPED if result.skipped and len(result.skipped) >= result.testsRun else 0)


def start(relay_ports, loopback_peers=False):
    """The server asked for by the environment, ready for clients.

    Clients of one server reach each other whatever the peer rules; `loopback_peers` opens them for echo peers.
    """
    if os.environ.get("TURNPIKE_INTEROP_SERVER") == "coturn":
        return Coturn(relay_ports)
    return Turnpike(relay_ports, loopback_peers)


class Turnpike:
    """The built binary; `ports` maps (transport, host) to the port it listens on."""

    def __init__(self, relay_ports, loopback_peers):
        if not harness.BINARY:
            raise AssertionError("TURNPIKE_BIN names no binary to test")
        addresses = ["127.0.0.1:0", "[::1]:0"]
        self._server = harness.Server({
            "realm": REALM,
            "server": {"workers": 2},
            "listen": {"udp": addresses, "tcp": addresses},
            "relay": {"addresses": ["127.0.0.1", "::1"], "ports": relay_ports},
            "peers": {"allow": ["127.0.0.0/8", "::1/128"] if loopback_peers else []},
            "auth": {"secret": [{"id": "t", "value": SECRET}],
                     "user": [{"name": USER, "password": PASSWORD}]},
            "limits": {"allocations_per_user": 100, "unauthenticated_per_second": 0}})
        try:
            self._server.start()
        except BaseException:
            print(self.log(), file=sys.stderr)
            self._server.discard()
            raise
        self.ports = {(transport, host): port for transport in ("udp", "tcp")
                      for host, port in self._server.addresses(transport)}

    def alive(self):
        return self._server.process.poll() is None

    def log(self):
        return self._server.text()[-6000:]

    def stop(self):
        """A server that died before, does not stop cleanly or that a sanitizer complained about fails the test."""
        try:
            alive, status = self.alive(), self._server.stop()
            self._server.check_log()
            if not alive or status != 0:
                raise AssertionError(f"status {status} {'at' if alive else 'before'} SIGTERM")
        except BaseException:
            print(self.log(), file=sys.stderr)
            raise
        finally:
            self._server.discard()


class Coturn:
    """Debian's turnserver, the reference. It takes secrets or users, not both, and needs loopback peers in any case."""

    def __init__(self, relay_ports):
        binary = require("turnserver")
        self._directory = Path(tempfile.mkdtemp(prefix="interop-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        low, high = relay_ports.split("-")
        options = ["use-auth-secret", f"static-auth-secret={SECRET}",
                   "listening-ip=127.0.0.1", "listening-ip=::1", f"listening-port={port}",
                   "relay-ip=127.0.0.1", "relay-ip=::1", f"min-port={low}", f"max-port={high}",
                   f"realm={REALM}", "no-tls", "no-dtls", "no-cli", "no-rfc5780", "allow-loopback-peers",
                   "log-file=stdout", f"pidfile={self._directory}/pid", f"userdb={self._directory}/db"]
        config, self._log = self._directory / "turnserver.conf", self._directory / "log"
        config.write_text("\n".join(options) + "\n")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([binary, "-c", str(config)], stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log)
        self.ports = {(transport, host): port for transport in ("udp", "tcp") for host in ("127.0.0.1", "::1")}
        for host in ("127.0.0.1", "::1"):
            self._wait_listening(host, port)

    def _wait_listening(self, host, port):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.alive():
            try:
                socket.create_connection((host, port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError("coturn does not listen")

    def alive(self):
        return self._process.poll() is None

    def log(self):
        return self._log.read_text(errors="replace")[-6000:]

    def stop(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._directory)
