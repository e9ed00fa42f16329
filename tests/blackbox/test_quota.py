# SPDX-License-Identifier: Apache-2.0
"""Limits: allocations of a user and of the server, and the pool of relayed ports."""

import time
import unittest

import server_config
import stun
from testcase import TurnpikeTestCase
from turn_client import Credentials


class PerUser(TurnpikeTestCase):
    config = {"limits": {"allocations_per_user": 2}}

    def test_486_and_recovery(self):
        first, second, third = self.allocated(), self.allocated(kind="tcp"), self.client()
        for _ in range(3):
            self.assertError(third.allocate(), 486)
        # Others are not held back.
        self.allocated(user="bob")
        self.assertSuccess(first.refresh(0))
        self.assertSuccess(third.allocate())
        self.assertError(first.allocate(), 486)
        for client in (second, third):
            self.assertSuccess(client.refresh())

    def test_every_cycle_gives_back_what_it_took(self):
        for _ in range(120):
            client = self.allocated(user="bob")
            self.assertSuccess(client.refresh(0))
            client.transport.close()

    def test_refused_allocates_count_nothing(self):
        for _ in range(10):
            self.assertError(self.client(user="bob").request(stun.ALLOCATE), 400)
            self.assertError(self.client(user="bob").allocate(
                (stun.RESERVATION_TOKEN, b"12345678")), 508)
        clients = [self.allocated(user="bob") for _ in range(2)]
        for client in clients:
            client.close()

    def test_a_user_is_one_user_under_every_expiry(self):
        now = int(time.time())
        names = ["%d:heidi" % (now + 3600), "%d:heidi" % (now + 7200), "heidi:%d" % (now + 3600)]
        clients = [self.client(user=Credentials(
            name, stun.time_limited_password(server_config.SECRET, name))) for name in names]
        self.assertSuccess(clients[0].allocate())
        self.assertSuccess(clients[1].allocate())
        self.assertError(clients[2].allocate(), 486)


class PerUserOnTwoWorkers(TurnpikeTestCase):
    config = {"server": {"workers": 2}, "limits": {"allocations_per_user": 2}}

    def test_the_limit_is_the_server_s_not_the_worker_s(self):
        # Enough clients that both workers are asked.
        answers = [self.client().allocate() for _ in range(12)]
        self.assertEqual([answer.error_code for answer in answers].count(None), 2)
        self.assertEqual([answer.error_code for answer in answers].count(486), 10)


class WholeServer(TurnpikeTestCase):
    config = {"server": {"workers": 2}, "limits": {"allocations": 3}}

    def test_508_and_recovery(self):
        clients = [self.client(user=user) for user in ("alice", "bob") * 4]
        answers = [client.allocate() for client in clients]
        self.assertEqual([answer.error_code for answer in answers],
                         [None] * 3 + [508] * 5)
        self.assertSuccess(clients[1].refresh(0))
        self.assertSuccess(clients[5].allocate())
        self.assertError(clients[6].allocate(), 508)


class Ports(TurnpikeTestCase):
    ports = 6

    def test_508_when_the_pool_is_empty_and_recovery(self):
        for _ in range(3):
            clients = [self.client() for _ in range(6)]
            for client in clients:
                self.assertSuccess(client.allocate())
            self.assertEqual({client.relayed[0][1] for client in clients},
                             set(range(self.server.ports.first, self.server.ports.last + 1)))
            late = self.client()
            self.assertError(late.allocate(), 508)
            self.assertError(late.allocate((stun.EVEN_PORT, stun.even_port(False))), 508)
            # The others do not notice.
            peer = self.peer()
            for client in clients:
                self.assertSuccess(client.create_permission(peer.address))
                self.assertRelays(client, peer)
            self.assertSuccess(clients[3].refresh(0))
            self.assertSuccess(late.allocate())
            for client in clients + [late]:
                client.close()

    def test_a_port_that_another_process_holds_is_skipped(self):
        squatter = self.peer("127.0.0.1", self.server.ports.first + 2)
        clients = [self.client() for _ in range(6)]
        answers = [client.allocate() for client in clients]
        self.assertEqual([answer.error_code for answer in answers].count(None), 5)
        self.assertEqual([answer.error_code for answer in answers].count(508), 1)
        squatter.close()
        # The refused client succeeds once the port is free.
        refused = next(c for c, answer in zip(clients, answers) if answer.error_code == 508)
        self.assertSuccess(refused.allocate())
        self.assertEqual(refused.relayed[0][1], self.server.ports.first + 2)


if __name__ == "__main__":
    unittest.main()
