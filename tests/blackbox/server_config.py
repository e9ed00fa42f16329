# SPDX-License-Identifier: Apache-2.0
"""The configuration the tests start from, written as TOML, and the ports they may use."""

import copy
import errno
import json
import os
import socket

PORTS_PER_SERVER = 60

REALM = "example.org"
SECRET = "north-star-of-2026-polaris"
OLD_SECRET = "southern-cross-of-2025-acrux"

DEFAULT_CONFIG = {
    "realm": REALM,
    "server": {"workers": 1},
    "listen": {"udp": ["127.0.0.1:0"], "tcp": ["127.0.0.1:0"]},
    "relay": {"addresses": ["127.0.0.1"]},
    "peers": {"allow": ["127.0.0.0/8"]},
    "auth": {
        "secret": [{"id": "new", "value": SECRET}, {"id": "old", "value": OLD_SECRET}],
        "user": [{"name": "alice", "password": "wonderland"},
                 {"name": "bob", "password": "builder"}],
    },
    "limits": {"unauthenticated_per_second": 0},
    "log": {"level": "info", "format": "json"},
}


def merged(base, changes):
    """`base` with the tables of `changes` laid over it; a value of None removes a key."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def _toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s = %s" % (json.dumps(k), _toml_value(v))
                                  for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(_toml_value(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def to_toml(config):
    """Two levels of tables; lists of tables inside a section become [[section.key]]."""
    lines = ["%s = %s" % (key, _toml_value(value))
             for key, value in config.items() if not isinstance(value, dict)]
    for section, table in config.items():
        if not isinstance(table, dict):
            continue
        lines.append("[%s]" % section)
        arrays = {key: rows for key, rows in table.items()
                  if isinstance(rows, list) and rows and isinstance(rows[0], dict)}
        lines += ["%s = %s" % (key, _toml_value(value))
                  for key, value in table.items() if key not in arrays]
        for key, rows in arrays.items():
            for row in rows:
                lines.append("[[%s.%s]]" % (section, key))
                lines += ["%s = %s" % (name, _toml_value(value)) for name, value in row.items()]
    return "\n".join(lines) + "\n"


class PortRange:
    """Ports for relayed addresses that no other test on this machine uses at the same time.

    They lie outside the range the kernel hands out to sockets bound to port 0. A slot of ports is
    claimed by an abstract socket, which the kernel drops with the process.
    """

    SLOT = 64
    FIRST = 10240

    def __init__(self, count):
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as ephemeral:
            lowest = int(ephemeral.read().split()[0])
        slots = (max(lowest, 2 * self.FIRST) - self.FIRST) // self.SLOT
        for attempt in range(slots):
            slot = (os.getpid() + attempt) % slots
            self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                self._claim.bind("\0turnpike-blackbox-ports-%d" % slot)
            except OSError as error:
                self._claim.close()
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            self.first = self.FIRST + slot * self.SLOT
            self.last = self.first + count - 1
            # The last port of the slot belongs to no pool: nobody ever listens there.
            self.closed_port = self.first + self.SLOT - 1
            return
        raise RuntimeError("no free range of ports")

    def __str__(self):
        return "%d-%d" % (self.first, self.last)

    def __contains__(self, port):
        return self.first <= port <= self.last

    def release(self):
        self._claim.close()
