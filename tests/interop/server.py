# SPDX-License-Identifier: Apache-2.0
"""The server under test, and what every interop test needs around it.

`start()` runs the turnpike of $TURNPIKE_BIN. With TURNPIKE_INTEROP_SERVER=coturn it runs Debian's coturn
in its place: a test that fails against both blames itself, one that fails against turnpike alone blames us.
"""

import base64
import hashlib
import hmac
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

REALM = "turn.test"
SECRET = "s3cret"
USER, PASSWORD = "alice", "wonderland"
START_SECONDS = 60
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


class Server:
    """A child process with its directory and its log; `ports` maps (transport, host) to the port."""

    stopped_status = 0

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="interop-"))
        self.ports = {}
        self.lines = []
        self.arrival = threading.Condition()
        self.process = None

    def run(self, command, env=None):
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace")
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.arrival:
                self.lines.append(line)
                self.arrival.notify_all()

    def wait_for_log(self, satisfied, seconds):
        """True once `satisfied` holds; it is asked again after every line of the log."""
        with self.arrival:
            return self.arrival.wait_for(satisfied, seconds)

    def alive(self):
        return self.process.poll() is None

    def log(self, lines=60):
        return "".join(self.lines[-lines:])

    def stop(self):
        """SIGTERM. A server that was already dead, does not go or goes with an error fails the test."""
        died = not self.alive()
        self._end()
        if died or self.process.returncode != self.stopped_status:
            when = "before" if died else "at"
            raise AssertionError(f"status {self.process.returncode} {when} SIGTERM\n{self.log()}")

    def _end(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(STOP_SECONDS)
        self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def fail(self, why):
        """For a server that could not be started."""
        self._end()
        raise AssertionError(f"{why}\n{self.log()}")


class Turnpike(Server):
    """The built binary on ports of the kernel's choice, learned from its log."""

    CONFIG = """realm = "{realm}"
[server]
workers = 2
[listen]
udp = ["127.0.0.1:0", "[::1]:0"]
tcp = ["127.0.0.1:0", "[::1]:0"]
[relay]
addresses = ["127.0.0.1", "::1"]
ports = "{relay_ports}"
[peers]
allow = {allow}
[[auth.secret]]
id = "t"
value = "{secret}"
[[auth.user]]
name = "{user}"
password = "{password}"
[limits]
allocations_per_user = 100
unauthenticated_per_second = 0
[admin]
socket = "{directory}/admin.sock"
[log]
level = "info"
format = "json"
"""

    def __init__(self, relay_ports, loopback_peers):
        binary = os.environ.get("TURNPIKE_BIN")
        if not binary:
            raise AssertionError("TURNPIKE_BIN names no binary to test")
        super().__init__()
        config = self.directory / "turnpike.toml"
        config.write_text(self.CONFIG.format(
            realm=REALM, allow=json.dumps(["127.0.0.0/8", "::1/128"] if loopback_peers else []),
            relay_ports=relay_ports, secret=SECRET, user=USER, password=PASSWORD,
            directory=self.directory))
        notify = self.directory / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(str(notify))
            self.run([binary, "serve", "--config", str(config)], {**os.environ, "NOTIFY_SOCKET": str(notify)})
            self._wait_ready(ready)
        self._learn_ports()

    def _wait_ready(self, ready):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.alive():
            if select.select([ready], [], [], 0.1)[0] and b"READY=1" in ready.recv(4096).split(b"\n"):
                return
        self.fail("turnpike did not become ready")

    def _learn_ports(self):
        # READY comes over another channel than the log, so the log may still be on its way.
        if not self.wait_for_log(self._all_listeners_logged, START_SECONDS):
            self.fail("turnpike did not log its four listeners")

    def _all_listeners_logged(self):
        for line in self.lines:
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("message") == "listening":
                host, port = entry["address"].rsplit(":", 1)
                self.ports[entry["transport"], host.strip("[]")] = int(port)
        return len(self.ports) == 4


class Coturn(Server):
    """Debian's turnserver, the reference. It takes secrets or users, not both, and needs loopback peers in any case."""

    stopped_status = -signal.SIGTERM

    def __init__(self, relay_ports):
        binary = require("turnserver")
        super().__init__()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        low, high = relay_ports.split("-")
        options = ["use-auth-secret", f"static-auth-secret={SECRET}",
                   "listening-ip=127.0.0.1", "listening-ip=::1", f"listening-port={port}",
                   "relay-ip=127.0.0.1", "relay-ip=::1", f"min-port={low}", f"max-port={high}",
                   f"realm={REALM}", "no-tls", "no-dtls", "no-cli", "no-rfc5780", "allow-loopback-peers",
                   "log-file=stdout", f"pidfile={self.directory}/pid", f"userdb={self.directory}/db"]
        config = self.directory / "turnserver.conf"
        config.write_text("\n".join(options) + "\n")
        self.run([binary, "-c", str(config)])
        for host in ("127.0.0.1", "::1"):
            self._wait_listening(host, port)
            self.ports.update({("udp", host): port, ("tcp", host): port})

    def _wait_listening(self, host, port):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.alive():
            try:
                socket.create_connection((host, port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.fail("coturn does not listen")
