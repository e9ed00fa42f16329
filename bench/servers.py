# SPDX-License-Identifier: Apache-2.0
"""The two servers that are measured: how each is configured, started on its core, and stopped."""

import os
import re
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import time

USER = "bench"
PASSWORD = "bench"
REALM = "bench.example.org"
HOST = "127.0.0.1"
START_SECONDS = 30
DESCRIPTORS = 65_536

TURNPIKE_CONFIG = """\
# Written by bench/run.py.
realm = "{realm}"
[server]
workers = 1
[listen]
udp = ["{host}:{port}"]
tcp = ["{host}:{port}"]
[relay]
addresses = ["{host}"]
[peers]
allow = ["127.0.0.0/8"]
[[auth.user]]
name = "{user}"
password = "{password}"
[limits]
allocations_per_user = 0
unauthenticated_per_second = 0
[log]
level = "error"
"""


class Missing(Exception):
    """A program that is not on this machine."""


def prefer_own_group(nice):
    """Linux shares the processor between terminal sessions first: nice counts within one unless the session has it too."""
    os.setsid()
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write(str(nice))
    except OSError:
        pass  # a kernel without such groups


def place(core, nice):
    """What a child does before it becomes the program: its core, its priority, enough descriptors."""
    def settle():
        if core is not None:
            os.sched_setaffinity(0, {core})
        if nice:
            os.setpriority(os.PRIO_PROCESS, 0, nice)
            prefer_own_group(nice)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        limit = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return settle


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((HOST, 0))
        return udp.getsockname()[1]


class Server:
    """One run of a server process; a context manager that gives it with `pid` and `port` once it answers."""

    name = ""

    def __init__(self, settings):
        self.settings = settings
        self.port = free_port()
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        log = self.settings.folder / f"{self.name}.log"
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                cwd=self.settings.folder, preexec_fn=place(self.settings.server_core, self.settings.nice))
        try:
            self.wait_until_it_answers(log)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until_it_answers(self, log):
        """Asks with a Binding request (RFC 8489) until one is answered."""
        end = time.monotonic() + START_SECONDS
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(0.05)
            while time.monotonic() < end:
                if self.process.poll() is not None:
                    break
                try:
                    udp.sendto(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + secrets.token_bytes(12), (HOST, self.port))
                    if udp.recv(1500)[:2] == b"\x01\x01":
                        return
                except OSError:
                    pass  # refused or silent: not yet
        raise RuntimeError(f"{self.name} does not answer; its output is in {log}")


class Turnpike(Server):
    name = "turnpike"

    @staticmethod
    def version(settings):
        if not settings.turnpike.exists():
            raise Missing(f"{settings.turnpike} is not built: make build")
        answer = subprocess.run([settings.turnpike, "--version"], capture_output=True, text=True, check=False)
        return answer.stdout.strip() or "turnpike"

    def command(self):
        config = self.settings.folder / "turnpike.toml"
        config.write_text(TURNPIKE_CONFIG.format(host=HOST, port=self.port, user=USER, password=PASSWORD, realm=REALM),
                          encoding="utf-8")
        return [self.settings.turnpike, "serve", "--config", config]


class Coturn(Server):
    name = "coturn"

    @staticmethod
    def program():
        return shutil.which("turnserver")

    @staticmethod
    def version(_settings):
        if not Coturn.program():
            raise Missing("coturn (turnserver) is not installed; its columns stay empty")
        answer = subprocess.run([Coturn.program(), "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"\d+\.\d+\.\d+", answer.stdout + answer.stderr)
        return f"coturn {found.group()}" if found else "coturn"

    def command(self):
        # One relay thread, no TLS, no log, no database of an earlier run: as lean as it gets.
        database = self.settings.folder / "coturn.sqlite"
        database.unlink(missing_ok=True)
        return [self.program(), "-n", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers", "-m", "1",
                "-L", HOST, "-E", HOST, "-p", str(self.port), "-a", "--lt-cred-mech", "-u", f"{USER}:{PASSWORD}",
                "-r", REALM, "--no-stdout-log", "-l", "/dev/null", "--simple-log", "-b", database,
                "--pidfile", self.settings.folder / "coturn.pid"]


SERVERS = (Turnpike, Coturn)
