# SPDX-License-Identifier: Apache-2.0
"""Starts the built server with a configuration of the test's own and watches it from outside.

Ready, reloading and stopping are read from a notify socket, ports and reasons from the JSON log:
nothing here waits for time to pass.
"""

import json
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time

from server_config import DEFAULT_CONFIG, PORTS_PER_SERVER, PortRange, merged, to_toml

BINARY = os.environ.get("TURNPIKE_BIN") or os.path.join(
    os.path.dirname(__file__), "..", "..", "build", "release", "turnpike")
SANITIZER_FINDING = re.compile(
    r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error|ERROR: LeakSanitizer")
# A limit for broken servers, far beyond what a sanitizer build needs.
PATIENCE_SECONDS = 60


def is_sanitized():
    """Whether the binary carries a sanitizer, whose shadow memory makes sizes meaningless."""
    with open(BINARY, "rb") as program:
        content = program.read()
    return b"__asan_init" in content or b"__tsan_init" in content


class NotifySocket:
    """The datagram socket systemd would hold."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self.received = []

    def wait_for(self, state, pidfd=None):
        """The fields of the next message that holds `state`, such as "READY=1"."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            watched = [self._socket] + ([] if pidfd is None else [pidfd])
            ready, _, _ = select.select(watched, [], [], max(0, deadline - time.monotonic()))
            if self._socket in ready:
                lines = self._socket.recv(65536).decode().splitlines()
                self.received.append(lines)
                if state in lines:
                    return dict(line.partition("=")[::2] for line in lines)
            elif ready:
                raise AssertionError("the server ended before it said %s" % state)
            else:
                raise AssertionError("no %s in %d s" % (state, PATIENCE_SECONDS))

    def close(self):
        self._socket.close()


class Server:
    """One running `turnpike serve`."""

    def __init__(self, config=None, environment=None, ports=PORTS_PER_SERVER):
        self._directory = tempfile.TemporaryDirectory(prefix="turnpike-")
        self.directory = self._directory.name
        self.path = os.path.join(self.directory, "turnpike.toml")
        self.ports = PortRange(ports)
        self.notify = NotifySocket(os.path.join(self.directory, "notify"))
        self.write_config(config or {})
        self._environment = dict(os.environ, NOTIFY_SOCKET=self.notify.path, **(environment or {}))
        self._environment.pop("WATCHDOG_PID", None)
        self._lines = []
        self._grown = threading.Condition()
        self._log_ended = False
        self.process = None
        self._pidfd = None
        self._reader = None

    def write_config(self, changes):
        self.config = merged(DEFAULT_CONFIG, {"relay": {"ports": str(self.ports)}})
        self.config = merged(self.config, changes)
        self.write_text(to_toml(self.config))

    def write_text(self, text):
        # Not readable by others, as a file with secrets should be.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as target:
            target.write(text)

    def spawn(self):
        """Starts the process without waiting for anything."""
        self.process = subprocess.Popen(
            [BINARY, "serve", "--config", self.path], env=self._environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", errors="replace")
        self._pidfd = os.pidfd_open(self.process.pid)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        return self

    def start(self):
        """Returns once the server is ready and the log up to there has been read."""
        self.spawn()
        self.wait_for_notify("READY=1")
        for transport in ("udp", "tcp"):
            self.wait_for_listeners(transport, len(self.config["listen"][transport]))
        return self

    def wait_for_notify(self, state):
        return self.notify.wait_for(state, self._pidfd)

    def _read_log(self):
        for line in self.process.stderr:
            with self._grown:
                self._lines.append(line.rstrip("\n"))
                self._grown.notify_all()
        with self._grown:
            self._log_ended = True
            self._grown.notify_all()

    def text(self):
        """Everything the server wrote to standard error so far."""
        with self._grown:
            return "\n".join(self._lines)

    def log(self):
        """The records of the log so far; a line that is no JSON object is an error."""
        with self._grown:
            lines = list(self._lines)
        return [json.loads(line) for line in lines]

    def wait_for_log(self, matches, what, start=0):
        """The first record from `start` on that `matches`; waits until there is one."""
        def found():
            return next((record for record in self.log()[start:] if matches(record)), None)

        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._grown:
            while True:
                record = found()
                if record is not None:
                    return record
                remaining = deadline - time.monotonic()
                if remaining <= 0 or self._log_ended:
                    raise AssertionError("never logged: %s" % what)
                self._grown.wait(remaining)

    def addresses(self, transport):
        """(host, port) of each listener of that transport, in the order of the log."""
        found = []
        for record in self.log():
            if record["message"] == "listening" and record["transport"] == transport:
                host, _, port = record["address"].rpartition(":")
                address = (host.strip("[]"), int(port))
                if address not in found:
                    found.append(address)
        return found

    def wait_for_listeners(self, transport, count):
        """The log reaches the test by another way than READY=1: waits for what it will say."""
        self.wait_for_log(lambda record: len(self.addresses(transport)) >= count,
                          "%d listeners for %s" % (count, transport))
        return self.addresses(transport)

    def reload(self):
        """SIGHUP; returns once the server says that it is ready again."""
        self.process.send_signal(signal.SIGHUP)
        reloading = self.wait_for_notify("RELOADING=1")
        self.wait_for_notify("READY=1")
        return reloading

    def wait(self):
        """The exit status of a server that ends by itself or has been told to."""
        status = self.process.wait(PATIENCE_SECONDS)
        self._reader.join()
        return status

    def stop(self):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def rss_bytes(self):
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def check_log(self):
        """What must hold for whatever the server wrote: no sanitizer finding, one record a line."""
        text = self.text()
        if SANITIZER_FINDING.search(text):
            raise AssertionError("a sanitizer found something")
        for record in self.log():
            missing = {"time", "level", "message"} - record.keys()
            if missing:
                raise AssertionError("log record without %s: %s" % (missing, record))

    def discard(self):
        """Ends what still runs and removes the files."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
            self._reader.join()
            self.process.stderr.close()
            os.close(self._pidfd)
        self.notify.close()
        self.ports.release()
        self._directory.cleanup()


def run_turnpike(*arguments, environment=None):
    """A verb that ends by itself."""
    return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE_SECONDS, check=False,
                          env=dict(os.environ, **(environment or {})))
