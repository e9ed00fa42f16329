# SPDX-License-Identifier: Apache-2.0
"""What is measured, and what turnpike is to reach."""

from dataclasses import dataclass, field
from typing import Callable, Optional

# One socket for all clients, or the tool would cost more than the server and could not saturate it.
SHARED = ("--sockets", "shared")
# Another address than the relay's: turnpike takes every port of its range on that for a relayed address of its own.
PEER = ("--peer", "127.0.0.2")
# Without it the server is charged for waking the tool up, which no client on a network costs it.
SPIN = ("--spin",)


@dataclass
class Goal:
    """How the two medians are judged: `text` for people, `met(turnpike, coturn)`; coturn may be None."""
    text: str
    met: Callable[[float, Optional[float]], Optional[bool]]


def at_most_times(factor):
    return Goal(f"≤ {factor:g} ×", lambda ours, theirs: None if not theirs else ours <= factor * theirs)


def at_least_times(factor):
    return Goal(f"≥ {factor:g} ×", lambda ours, theirs: None if not theirs else ours >= factor * theirs)


def at_most(limit, text):
    return Goal(f"≤ {text}", lambda ours, _theirs: ours <= limit)


def at_most_above(extra, text):
    return Goal(f"≤ coturn + {text}", lambda ours, theirs: None if theirs is None else ours <= theirs + extra)


@dataclass
class Metric:
    """One row of the table: a value of the tool's JSON."""
    title: str
    key: str
    unit: str
    goal: Optional[Goal] = None
    digits: int = 2


@dataclass
class Scenario:
    """One load. `arguments` are the tool's; `timed` ones take --duration and --warmup."""
    name: str
    arguments: tuple
    metrics: list
    timed: bool = True
    # Arguments that differ for a server: coturn keeps state for every stranger, it gets fewer of them.
    instead: dict = field(default_factory=dict)


@dataclass
class Growth:
    """A row made of two scenarios of one server: how much the second costs more than the first, in percent."""
    title: str
    first: str
    second: str
    key: str
    goal: Goal


def saturated(clients, size, train):
    title = f"echo, saturated, {clients:,} allocations, {size:,} bytes, " + (
        "single packets" if train == 1 else f"trains of {train}")
    return Scenario(
        f"echo-{clients}-{size}" + ("" if train == 1 else f"-train{train}"),
        ("--clients", clients, "--size", size, "--train", train, "--in-flight", max(256, 64 * train), *SHARED, *PEER),
        [Metric(title, "cpu_us_per_packet", "us CPU/packet", at_most_times(0.6 if train == 1 else 0.35)),
         Metric("  relayed a second", "relayed_per_second", "packets/s", digits=0)])


def paced(name, clients, relayed_per_second, metrics):
    # An echo passes the relay twice.
    return Scenario(name, ("--clients", clients, "--rate", relayed_per_second / 2, *SHARED, *SPIN, *PEER), metrics)


def scenarios():
    rate, spread_rate = 20_000, 50_000
    spread = f"echo, {spread_rate:,} packets/s, "
    yield from (saturated(clients, size, train) for train in (1, 8) for clients in (100, 1000) for size in (172, 1200))
    yield paced("rate", 100, rate, [
        Metric(f"echo, {rate:,} packets/s, 100 allocations", "cpu_us_per_packet", "us CPU/packet", at_most_times(0.5)),
        Metric("  p99 of the round trip", "latency_p99_us", "us", at_most_above(200, "200 us"), 0),
        Metric("  p50 of the round trip", "latency_p50_us", "us", digits=0)])
    for clients in (100, 10_000):
        yield paced(f"spread-{clients}", clients, spread_rate, [
            Metric(f"{spread}{clients:,} allocations", "cpu_us_per_packet", "us CPU/packet")])
    yield Scenario("idle", ("--idle-allocations", 5000, *SHARED), [
        Metric("memory of an idle allocation", "memory_bytes_per_allocation", "bytes", at_most(3072, "3,072 bytes"), 0),
        Metric("CPU of an allocation, challenge included", "cpu_us_per_allocation", "us CPU", at_most_times(0.35))],
        timed=False)
    yield Scenario("cycles-new", ("--allocate-cycles", "--fresh", "--clients", 64, *SHARED), [
        Metric("Allocate + Refresh(0), new clients", "cycles_per_second", "cycles/s", at_least_times(4), 0),
        Metric("  CPU of a cycle", "cpu_us_per_cycle", "us CPU")])
    yield Scenario("cycles-same", ("--allocate-cycles", "--clients", 64, *SHARED), [
        Metric("Allocate + Refresh(0), same clients", "cycles_per_second", "cycles/s", digits=0),
        Metric("  CPU of a cycle", "cpu_us_per_cycle", "us CPU")])
    yield Scenario("sources", ("--sources", 1_000_000), [
        Metric("memory of a source that never authenticates", "memory_bytes_per_source", "bytes",
               at_most(0.5, "0.5 bytes"), 3),
        Metric("  memory grown by all of them", "memory_grown_kib", "KiB", digits=0),
        Metric("  CPU of a challenge", "cpu_us_per_request", "us CPU")],
        timed=False, instead={"coturn": ("--sources", 50_000)})


GROWTHS = [Growth("CPU/packet, 100 → 10,000 allocations at the same rate", "spread-100", "spread-10000",
                  "cpu_us_per_packet", at_most(15, "15 %"))]
