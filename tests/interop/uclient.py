# SPDX-License-Identifier: Apache-2.0
"""coturn's turnutils_uclient as a test client: its command lines, and what its report must say.

Its exit status says little: it is 0 with half of the packets lost. The report at the end counts, but cuts
what was received down to what was sent; duplicates show in the lines that it prints each second only.
"""

import os
import re
import subprocess
import threading
import unittest
from dataclasses import dataclass

import server

CALL_SECONDS = 40
EACH_SECOND = re.compile(r"start_mclient: msz=\d+, tot_send_msgs=(\d+), tot_recv_msgs=(\d+)")
TOTALS = re.compile(r"start_mclient: tot_send_msgs=(\d+), tot_recv_msgs=(\d+)\s*$", re.MULTILINE)
LOST = re.compile(r"Total lost packets (\d+) \(.*total send dropped (\d+) ")
# For calls that bind channels: channel_numbers.cpp tells why.
CHANNEL_ENVIRONMENT = {**os.environ, "LD_PRELOAD": os.environ.get("CHANNEL_NUMBERS_SO", "")}
COMPLAINT = re.compile(r"error|wrong|unexpected|cannot", re.IGNORECASE)
# An answer that came after the client had asked again (it waits 500 ms), and a port that the kernel gave it
# anew while the server still holds the allocation of its last owner. Both are a matter of a loaded machine.
OF_NO_CONCERN = r"Received wrong response (tid|method)|error 437 "


@dataclass(frozen=True)
class Call:
    """One run: `flags` as on the command line, `clients` its -m, `messages` its -n, `interval_ms` its -z.

    `host` is the server's and, without -y, the echo peer's address (`peer` to have another one).
    `refusals`: what further complaints may say, of flags that make requests which have to be refused.
    """

    flags: str
    clients: int = 1
    messages: int = 20
    interval_ms: int = 5
    host: str = "127.0.0.1"
    peer: str = ""
    static_user: bool = False
    refusals: str = ""

    def has(self, flag):
        return flag in self.flags.split()

    def transport(self):
        return "tcp" if self.has("-t") else "udp"

    def sessions(self):
        """What the client makes of -m: RTCP doubles a session unless -c, the callee of -y doubles it too."""
        unit = (1 if self.has("-c") else 2) * (2 if self.has("-y") else 1)
        return -(-self.clients // unit) * unit

    def expected(self):
        return self.sessions() * self.messages


class Run:
    """A running turnutils_uclient; nearly all of its life is waiting, so many run side by side."""

    def __init__(self, tool, call, login, turn, peers):
        command = [tool, *call.flags.split(), *login]
        if not call.has("-y"):
            host = call.peer or call.host
            command += ["-e", host, "-r", str(peers[host].port)]
        command += ["-m", str(call.clients), "-n", str(call.messages), "-z", str(call.interval_ms),
                    "-p", str(turn.ports[call.transport(), call.host]), call.host]
        self.command = " ".join(command)
        self.text = ""
        self.process = subprocess.Popen(
            command, env=None if call.has("-s") else CHANNEL_ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def _collect(self):
        try:
            self.text, _ = self.process.communicate(timeout=CALL_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.text = self.process.communicate()[0] + f"\nkilled after {CALL_SECONDS} s"

    def report(self):
        """(sent, received, lost, dropped), once the client has ended; None where it did not get that far."""
        self.thread.join()
        totals, lost = TOTALS.search(self.text), LOST.search(self.text)
        if not totals or not lost:
            return None
        return tuple(map(int, totals.groups() + lost.groups()))

    def duplicated(self):
        return any(int(received) > int(sent) for sent, received in EACH_SECOND.findall(self.text))

    def complaints(self):
        return [line for line in self.text.splitlines() if COMPLAINT.search(line)]


class Peer:
    """coturn's turnutils_peer: an echo behind the relay, on a port for RTP and the next one for RTCP."""

    def __init__(self, tool, host):
        self.port = server.free_udp_ports(host, 2)
        self.process = subprocess.Popen(
            [tool, "-L", host, "-p", str(self.port)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for port in (self.port, self.port + 1):
            server.wait_for_echo(host, port, self.process)

    def stop(self):
        self.process.kill()
        self.process.wait()


class UclientTest(unittest.TestCase):
    """Runs all of a subclass's `calls` side by side against one server; each is a test with its name."""

    calls = {}
    relay_ports = ""
    loopback_peers = True

    def __init_subclass__(cls):
        for name in cls.calls:
            setattr(cls, f"test_{name}", lambda self, name=name: self.check(name))

    @classmethod
    def setUpClass(cls):
        if not CHANNEL_ENVIRONMENT["LD_PRELOAD"]:
            raise AssertionError("CHANNEL_NUMBERS_SO does not name the built channel_numbers.cpp")
        cls.tool, peer_tool = server.require("turnutils_uclient"), server.require("turnutils_peer")
        cls.runs = {}
        cls.turn = server.start(cls.relay_ports, cls.loopback_peers)
        cls.addClassCleanup(cls.turn.stop)
        cls.peers = {}
        for host in ("127.0.0.1", "::1"):
            cls.peers[host] = Peer(peer_tool, host)
            cls.addClassCleanup(cls.peers[host].stop)
        for name, call in cls.calls.items():
            cls.runs[name] = cls.run_call(name, call)

    @classmethod
    def run_call(cls, name, call):
        return Run(cls.tool, call, cls.login(name, call), cls.turn, cls.peers)

    @classmethod
    def login(cls, name, call):
        if call.static_user:
            return ["-u", server.USER, "-w", server.PASSWORD]
        return ["-u", name, "-W", server.SECRET]

    @classmethod
    def tearDownClass(cls):
        for run in cls.runs.values():
            run.report()

    def check(self, name):
        call, run = self.calls[name], self.runs[name]
        if call.static_user and isinstance(self.turn, server.Coturn):
            self.skipTest("coturn knows either secrets or users")
        self.check_run(call, run)

    def check_run(self, call, run):
        report = run.report()
        about = f"\n{run.command}\n{run.text[-3000:]}\n--- server ---\n{self.turn.log()}"
        self.assertEqual(report, (call.expected(), call.expected(), 0, 0), "sent, received, lost, dropped" + about)
        self.assertFalse(run.duplicated(), "more received than sent" + about)
        expected = re.compile("|".join(filter(None, (OF_NO_CONCERN, call.refusals))))
        surprises = [line for line in run.complaints() if not expected.search(line)]
        self.assertEqual(surprises, [], about)
        self.assertTrue(self.turn.alive(), about)
