# SPDX-License-Identifier: Apache-2.0
"""turnpike-load: what it counts is what happened, and a relay that errs does not pass."""

import json
import os
import subprocess
import unittest

import faulty_wire
import harness
import server_config
from testcase import TurnpikeTestCase, require

LOAD = os.environ.get("TURNPIKE_LOAD_BIN", "")
# Few enough for the ports of one server, slow enough for a wire in Python and a sanitized server.
CLIENTS = 5
RATE = ("--rate", "500", "--duration", "200ms", "--warmup", "50ms")


class LoadTestCase(TurnpikeTestCase):
    config = {"limits": {"allocations_per_user": 0}}

    def setUp(self):
        require(self, LOAD, "turnpike-load")

    def run_load(self, *arguments, server=None, credentials=("-u", "alice", "-w", "wonderland")):
        host, port = server or self.address()
        command = [LOAD, "-n", str(CLIENTS), "--timeout", "30s", *credentials, *arguments, "%s:%d" % (host, port)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=harness.PATIENCE_SECONDS, check=False)

    def measured(self, *arguments, status=0, **options):
        result = self.run_load("--json", *arguments, **options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return json.loads(result.stdout)

    def assertClean(self, report):
        for fault in ("lost", "duplicated", "misrouted", "corrupted"):
            self.assertEqual(report[fault], 0, (fault, report))
        self.assertGreater(report["relayed"], 0)


class Relaying(LoadTestCase):
    def test_every_mode_and_method(self):
        for transport in ((), ("--tcp",)):
            for method in ("channel", "send"):
                for mode in ("up", "down", "echo"):
                    with self.subTest(transport=transport, method=method, mode=mode):
                        address = self.address("tcp" if transport else "udp")
                        self.assertClean(self.measured(
                            "--mode", mode, "--method", method, "--size", "173", *transport, *RATE, server=address))

    def test_trains_sockets_and_peers(self):
        for arguments in (("--train", "8", "--size", "1200"), ("--sockets", "shared"), ("--peers", "each"),
                          ("--no-gro", "--train", "4"), ("--sockets", "shared", "--train", "3", "--peers", "each")):
            with self.subTest(arguments=arguments):
                self.assertClean(self.measured(*arguments, *RATE))

    def test_a_full_window_keeps_moving(self):
        report = self.measured("--in-flight", "16", "--duration", "1s", "--warmup", "0")
        self.assertClean(report)
        self.assertGreater(report["sent"], 16)

    def test_an_echo_is_two_relayed_packets(self):
        report = self.measured("--rate", "200", "--duration", "500ms", "--warmup", "0")
        self.assertGreaterEqual(report["relayed"], report["sent"])
        self.assertLessEqual(report["relayed"], 2 * report["sent"])

    def test_time_limited_credential(self):
        self.assertClean(self.measured(*RATE, credentials=("--secret", server_config.SECRET)))

    def test_measures_the_server(self):
        report = self.measured("--server-pid", str(self.server.process.pid), *RATE)
        self.assertGreater(report["cpu_us_per_packet"], 0)
        self.assertGreater(report["memory_after_bytes"], 0)

    def test_table_for_people(self):
        result = self.run_load(*RATE)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"(?m)^misrouted +0$")
        self.assertRegex(result.stdout, r"(?m)^round trip p99 +[\d.,]+ us$")


class FaultyWire(LoadTestCase):
    def over_wire(self, fault, status):
        wire = faulty_wire.Wire(self.address(), fault)
        self.addCleanup(wire.close)
        return self.measured(*RATE, server=wire.address, status=status)

    def test_loss_is_counted_and_no_error(self):
        self.assertGreater(self.over_wire(faulty_wire.lose, 0)["lost"], 0)

    def test_second_copies_are_counted(self):
        report = self.over_wire(faulty_wire.double, 0)
        self.assertGreater(report["duplicated"], 0)
        self.assertEqual(report["lost"], 0)

    def test_one_wrong_bit_fails(self):
        self.assertGreater(self.over_wire(faulty_wire.corrupt, 1)["corrupted"], 0)

    def test_a_missing_byte_fails(self):
        self.assertGreater(self.over_wire(faulty_wire.shorten, 1)["corrupted"], 0)

    def test_data_for_another_client_fails(self):
        self.assertGreater(self.over_wire(faulty_wire.mislead, 1)["misrouted"], 0)

    def test_data_on_another_channel_fails(self):
        self.assertGreater(self.over_wire(faulty_wire.mix_up_channels, 1)["misrouted"], 0)


class OtherJobs(LoadTestCase):
    def test_allocate_cycles(self):
        kept = self.measured("--allocate-cycles", "--duration", "300ms", "--warmup", "0")
        self.assertGreater(kept["cycles"], 0)
        self.assertLessEqual(kept["challenges"], CLIENTS)

    def test_cycles_of_new_clients_are_all_challenged(self):
        fresh = self.measured("--allocate-cycles", "--fresh", "--duration", "300ms", "--warmup", "0")
        self.assertGreaterEqual(fresh["challenges"], fresh["cycles"])

    def test_idle_allocations(self):
        report = self.measured("--idle-allocations", "20", "--server-pid", str(self.server.process.pid))
        self.assertEqual(report["clients"], 20)
        self.assertEqual(report["challenges"], 20)
        self.assertIn("memory_bytes_per_allocation", report)

    def test_sources(self):
        report = self.measured("--sources", "500", credentials=())
        self.assertEqual(report["answered"], 500)


class Refusals(LoadTestCase):
    def assertRefused(self, result, sentence, status=1):
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assertRegex(result.stderr, sentence)

    def test_wrong_password(self):
        self.assertRefused(self.run_load(credentials=("-u", "alice", "-w", "wrong")),
                           r"401 \(Unauthenticated\).*'alice'.*password")

    def test_peer_that_is_not_allowed(self):
        self.assertRefused(self.run_load("--peer", "127.0.0.1", server=self.start_server(
            {"peers": {"allow": []}}).addresses("udp")[0]), r"403 \(Forbidden\).*\[peers\] allow")

    def test_quota(self):
        server = self.start_server({"limits": {"allocations_per_user": 2}})
        self.assertRefused(self.run_load(server=server.addresses("udp")[0]), r"486 .*allocations_per_user")

    def test_nobody_listens(self):
        closed = ("127.0.0.1", self.server.ports.closed_port)
        self.assertRefused(self.run_load(server=closed), r"refused")
        self.assertRefused(self.run_load("--tcp", server=closed), r"TCP: .*refused")

    def test_no_answer(self):
        silent = self.peer()
        self.assertRefused(self.run_load("--timeout", "200ms", server=silent.address),
                           r"No answer to Allocate within 200 ms")

    def test_process_that_does_not_exist(self):
        self.assertRefused(self.run_load("--server-pid", "4194303"), r"no process 4194303")

    def test_command_line(self):
        for arguments, sentence in ((("--size", "3"), r"--size"), (("--mode", "sideways"), r"--mode"),
                                    (("--duration", "soon"), r"'soon' is not a time"),
                                    (("--train", "64", "--size", "8000"), r"does not fit"),
                                    (("--fresh",), r"--allocate-cycles")):
            with self.subTest(arguments=arguments):
                self.assertRefused(self.run_load(*arguments), sentence, status=2)
        self.assertRefused(self.run_load(credentials=()), r"--user and --password, or --secret", status=2)


if __name__ == "__main__":
    unittest.main()
