# SPDX-License-Identifier: Apache-2.0
"""turnutils_uclient's own bad behaviour: corrupted messages, wrong channels, half-made sessions, wrong passwords.

What the attackers report does not matter. Whoever behaves loses nothing meanwhile, and the server lives on.
"""

import subprocess

import server
from uclient import CHANNEL_ENVIRONMENT, Call, UclientTest

COPIES = 3
ATTACKS = (
    "-R -y -c",              # one message in ten has bytes of it overwritten
    "-R -y -c -t",
    "-N -y",                 # channel numbers and peers at random
    "-N -y -t",
    "-O -y -m 20",           # allocates, does not wait for answers, goes away
    "-O -y -m 20 -t",
    "-B -y -z 0 -n 100",     # closes its sockets in mid-stream
    "-B -y -z 0 -n 100 -t",
)


class Hostile(UclientTest):
    relay_ports = "63000-64499"
    calls = {
        "bystanders": Call("-y", clients=8, messages=50),
        "bystanders_over_tcp": Call("-t -y", clients=8, messages=50),
        "bystanders_with_an_echo": Call("-s", clients=8, messages=50),
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for copy in range(COPIES):
            for number, flags in enumerate(ATTACKS):
                cls.attack(f"attacker{number}x{copy}", flags.split())

    @classmethod
    def attack(cls, user, flags):
        port = cls.turn.ports["tcp" if "-t" in flags else "udp", "127.0.0.1"]
        attacker = subprocess.Popen(
            [cls.tool, "-u", user, "-W", server.SECRET, "-n", "20", "-z", "5", *flags, "-p", str(port), "127.0.0.1"],
            env=CHANNEL_ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(attacker.wait)
        cls.addClassCleanup(attacker.kill)

    def test_those_who_come_later(self):
        for name in self.calls:
            self.runs[name].report()
        call = Call("-y", clients=8)
        self.check_run(call, self.run_call("later", call))


if __name__ == "__main__":
    server.main()
