# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping, and every way of not starting."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest

import harness
import server_config
import stun
from testcase import TurnpikeTestCase
from transports import TcpTransport, UdpTransport
from turn_client import TurnClient


class Stop(TurnpikeTestCase):
    own_server = True

    def test_sigterm_with_allocations_ends_well(self):
        for workers in (1, 2):
            server = self.start_server({"server": {"workers": workers}})
            udp, tcp, peer = self.allocated(), self.allocated(kind="tcp"), self.peer()
            self.assertSuccess(udp.channel_bind(0x4000, peer.address))
            udp.allocated = tcp.allocated = False
            server.process.send_signal(signal.SIGTERM)
            server.wait_for_notify("STOPPING=1")
            self.assertEqual(server.wait(), 0)
            self.assertTrue(tcp.transport.is_closed_by_server())

    def test_sigint_is_the_same(self):
        server = self.start_server()
        server.process.send_signal(signal.SIGINT)
        server.wait_for_notify("STOPPING=1")
        self.assertEqual(server.wait(), 0)

    def test_stopping_at_once(self):
        for _ in range(5):
            self.assertEqual(self.start_server().stop(), 0)

    def test_a_restarted_server_takes_the_same_ports(self):
        server = self.start_server()
        udp, tcp = self.address("udp"), self.address("tcp")
        lingering = self.allocated(kind="tcp")
        lingering.allocated = False
        self.assertEqual(server.stop(), 0)
        self.start_server({"listen": {"udp": ["%s:%d" % udp], "tcp": ["%s:%d" % tcp]}})
        self.assertEqual((self.address("udp"), self.address("tcp")), (udp, tcp))
        self.assertSuccess(self.client().binding())


class Notify(TurnpikeTestCase):
    environment = {"WATCHDOG_USEC": "200000"}

    def test_watchdog(self):
        for _ in range(3):
            self.server.wait_for_notify("WATCHDOG=1")
        self.server.reload()
        self.server.wait_for_notify("WATCHDOG=1")


class Listen(TurnpikeTestCase):
    own_server = True

    def test_listening_is_logged_before_ready(self):
        server = self.start_server({"listen": {"udp": ["127.0.0.1:0", "[::1]:0"],
                                               "tcp": ["127.0.0.1:0", "[::1]:0"]}})
        for transport in ("udp", "tcp"):
            addresses = server.addresses(transport)
            self.assertEqual([host for host, _ in addresses], ["127.0.0.1", "::1"])
            for address in addresses:
                make = UdpTransport if transport == "udp" else TcpTransport
                connection = make(address)
                self.addCleanup(connection.close)
                self.assertSuccess(TurnClient(connection).binding())

    def test_ipv6_any_leaves_ipv4_to_others(self):
        port = self.free_port(socket.SOCK_DGRAM)
        self.start_server({"listen": {"udp": ["0.0.0.0:%d" % port, "[::]:%d" % port],
                                      "tcp": []}})
        for host in ("127.0.0.1", "::1"):
            connection = UdpTransport((host, port))
            self.addCleanup(connection.close)
            answer = TurnClient(connection).binding()
            self.assertEqual(answer.address(stun.XOR_MAPPED_ADDRESS), connection.local_address())

    def free_port(self, kind):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def refused(self, config, status):
        server = harness.Server(config)
        self.addCleanup(server.discard)
        server.spawn()
        self.assertEqual(server.wait(), status, server.text())
        self.assertNotIn(["READY=1"], server.notify.received)
        return server.text()

    def test_a_port_in_use_is_named_with_its_error(self):
        for kind, name in ((socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")):
            for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                with socket.socket(family, kind) as holder:
                    holder.bind((host, 0))
                    if kind == socket.SOCK_STREAM:
                        holder.listen()
                    port = holder.getsockname()[1]
                    address = "%s:%d" % (host if ":" not in host else "[%s]" % host, port)
                    with self.subTest(address=address, transport=name):
                        text = self.refused({"listen": {name: [address]}}, 1)
                        self.assertIn(address, text)
                        self.assertRegex(text, "EADDRINUSE|[Aa]ddress (already )?in use")

    def test_a_second_server_on_the_same_ports_is_refused(self):
        # The workers share their ports by SO_REUSEPORT, which must not let another process in.
        self.start_server()
        for transport in ("udp", "tcp"):
            address = "%s:%d" % self.address(transport)
            with self.subTest(transport=transport):
                text = self.refused({"listen": {transport: [address]}}, 1)
                self.assertIn(address, text)
        self.assertSuccess(self.client().binding())

    def test_an_address_that_is_not_ours(self):
        text = self.refused({"listen": {"udp": ["192.0.2.77:3478"]}}, 1)
        self.assertIn("192.0.2.77:3478", text)
        self.assertRegex(text, "EADDRNOTAVAIL|[Cc]annot assign|not available")


class Configuration(unittest.TestCase):
    """Every error of a file in one pass, with its place, and nothing started."""

    BAD = """realm = ""
reaml = "x"
[server]
workers = "many"
[listen]
udp = ["not an address", "127.0.0.1:99999"]
[relay]
addresses = ["127.0.0.1"]
ports = "9-1"
[peers]
allow = ["10.0.0.0/33"]
[limits]
allocations_per_usr = 3
lifetime_max = "1 fortnight"
[log]
level = "loud"
"""

    def write(self, text):
        directory = tempfile.TemporaryDirectory(prefix="turnpike-")
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, "turnpike.toml")
        with open(path, "w", encoding="utf-8") as target:
            target.write(text)
        return path

    def assertPlaces(self, text, path, lines):
        found = {int(line) for line in re.findall(re.escape(path) + r":(\d+):\d+: error: ", text)}
        self.assertEqual(found, set(lines), text)

    def test_all_errors_at_once(self):
        path = self.write(self.BAD)
        lines = [number for number, line in enumerate(self.BAD.splitlines(), 1)
                 if "=" in line and "addresses" not in line]
        for verb in ("serve", "check-config"):
            with self.subTest(verb=verb):
                result = harness.run_turnpike(verb, "--config", path)
                self.assertEqual(result.returncode, 78)
                text = result.stdout + result.stderr
                self.assertPlaces(text, path, lines)
                # The nearest known key is suggested.
                self.assertRegex(text, "reaml.*realm")
                self.assertRegex(text, "allocations_per_usr.*allocations_per_user")

    def test_errors_of_syntax(self):
        path = self.write("realm = \"x\"\n[listen\n")
        result = harness.run_turnpike("serve", "--config", path)
        self.assertEqual(result.returncode, 78)
        self.assertRegex(result.stdout + result.stderr, re.escape(path) + r":\d+:\d+: error: ")

    def test_a_good_file(self):
        ports = {"relay": {"ports": "20000-20063"}}
        config = server_config.merged(server_config.DEFAULT_CONFIG, ports)
        path = self.write(server_config.to_toml(config))
        result = harness.run_turnpike("check-config", "--config", path)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("error", result.stdout + result.stderr)

    def test_a_missing_file(self):
        for verb in ("serve", "check-config"):
            result = harness.run_turnpike(verb, "--config", "/nonexistent/turnpike.toml")
            self.assertEqual(result.returncode, 78)
            self.assertIn("/nonexistent/turnpike.toml", result.stderr)


class Environment(TurnpikeTestCase):
    environment = {"TURNPIKE_REALM": "from.environment",
                   "TURNPIKE_LISTEN__UDP": "127.0.0.1:0,[::1]:0",
                   "TURNPIKE_LIMITS__ALLOCATIONS_PER_USER": "1"}

    def test_environment_beats_the_file(self):
        self.assertEqual([host for host, _ in self.server.wait_for_listeners("udp", 2)],
                         ["127.0.0.1", "::1"])
        client = self.client()
        self.assertEqual(client.challenge().get(stun.REALM), b"from.environment")
        self.assertSuccess(client.allocate())
        self.assertError(self.client().allocate(), 486)

    def test_a_bad_value_is_an_error_of_the_configuration(self):
        result = harness.run_turnpike(
            "check-config", "--config", self.server.path,
            environment=dict(self.environment, TURNPIKE_SERVER__WORKERS="many"))
        self.assertEqual(result.returncode, 78)
        self.assertIn("TURNPIKE_SERVER__WORKERS", result.stdout + result.stderr)


class Usage(unittest.TestCase):
    def test_help(self):
        for arguments in (("--help",), ("serve", "--help"), ("credential", "--help"),
                          ("check-config", "--help")):
            with self.subTest(arguments=arguments):
                result = harness.run_turnpike(*arguments)
                self.assertEqual(result.returncode, 0)
                self.assertIn("turnpike", result.stdout.lower())
        everything = harness.run_turnpike("--help").stdout
        for verb in ("serve", "check-config", "credential"):
            self.assertIn(verb, everything)

    def test_version(self):
        result = harness.run_turnpike("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"\d+\.\d+\.\d+")

    def test_wrong_usage(self):
        for arguments in ((), ("frobnicate",), ("serve", "--nope"), ("serve", "surplus"),
                          ("credential",), ("credential", "alice", "--ttl", "1 fortnight")):
            with self.subTest(arguments=arguments):
                result = harness.run_turnpike(*arguments)
                self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
                self.assertNotEqual(result.stderr, "")


class WithoutSystemd(unittest.TestCase):
    def test_no_notify_socket_is_no_error(self):
        server = harness.Server()
        self.addCleanup(server.discard)
        environment = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
        process = subprocess.Popen([harness.BINARY, "serve", "--config", server.path],
                                   env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stderr:
            if json.loads(line)["message"] == "ready":
                break
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        self.assertEqual(process.wait(harness.PATIENCE_SECONDS), 0)


if __name__ == "__main__":
    unittest.main()
