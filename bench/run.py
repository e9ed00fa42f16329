#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs turnpike and Debian's coturn in turn under the same load on the same cores, and prints a Markdown table.

The server has one core, turnpike-load another. Each round starts every server anew; the medians of the rounds count.
CPU is what the server process used, so that a busy machine disturbs it less than it disturbs packets a second.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import scenarios as loads
import table
from servers import HOST, PASSWORD, SERVERS, USER, Missing, place

BUSY_PERCENT = 5
ROOT = Path(__file__).resolve().parent.parent


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round: shows that it works, proves nothing")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this load alone; may be repeated")
    parser.add_argument("--list", action="store_true", help="list the loads")
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the table")
    parser.add_argument("--rounds", type=int, help="rounds for each server (default 3)")
    parser.add_argument("--duration", type=float, help="seconds measured in each (default 4)")
    parser.add_argument("--server", action="append", choices=[server.name for server in SERVERS],
                        help="this server alone; may be repeated")
    parser.add_argument("--server-core", type=int, default=0, help="core of the server (default 0)")
    parser.add_argument("--load-core", type=int, default=1, help="core of turnpike-load (default 1)")
    parser.add_argument("--nice", type=int, default=0, help="priority of both, such as -10, on a busy machine (root)")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="where the programs are")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench" / "results.json", help="JSON file")
    settings = parser.parse_args()
    settings.rounds = settings.rounds or (1 if settings.quick else 3)
    settings.duration = settings.duration or (1 if settings.quick else 4)
    settings.turnpike = settings.build.resolve() / "turnpike"
    settings.load = settings.build.resolve() / "turnpike-load"
    settings.folder = settings.output.resolve().parent
    return settings


def check_cores(settings, notes):
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        settings.server_core = settings.load_core = None
        notes.append("Only one core: server and load share it, so packets a second mean little.")
    elif not {settings.server_core, settings.load_core} <= cores:
        sys.exit(f"bench: this process may run on the cores {sorted(cores)} only: --server-core, --load-core")


def available_servers(settings, notes):
    servers = {}
    for server in SERVERS:
        if settings.server and server.name not in settings.server:
            continue
        try:
            servers[server] = server.version(settings)
        except Missing as missing:
            notes.append(str(missing) + ".")
            print(f"SKIP bench: {missing}", file=sys.stderr)
    return servers


def run_once(settings, scenario, server):
    """One load on a freshly started server: the tool's JSON."""
    arguments = [str(argument) for argument in scenario.instead.get(server.name, scenario.arguments)]
    if scenario.timed:
        arguments += ["--duration", f"{settings.duration}s", "--warmup", "0.5s"]
    with server(settings) as running:
        command = [settings.load, "--json", "--quiet", "--user", USER, "--password", PASSWORD,
                   "--server-pid", str(running.pid), *arguments, f"{HOST}:{running.port}"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False,
                                preexec_fn=place(settings.load_core, settings.nice))
    values = json.loads(answer.stdout) if answer.stdout else {}
    if answer.returncode != 0:
        faults = {key: values[key] for key in ("relayed", "lost", "misrouted", "corrupted") if key in values}
        raise RuntimeError(" ".join([answer.stderr.strip(), str(faults), *values.get("notes", []), "(",
                                     *map(str, command[1:]), ")"]))
    if "memory_bytes_per_source" in values:
        values["memory_grown_kib"] = (values["memory_after_bytes"] - values["memory_before_bytes"]) / 1024
    return values


def run_rounds(settings, scenario, servers, failures):
    """All rounds of one load, the servers taking turns in who is first."""
    runs = {server.name: [] for server in servers}
    order = list(servers)
    for number in range(settings.rounds):
        for server in order:
            print(f"bench: {scenario.name}, round {number + 1} of {settings.rounds}, {server.name}", file=sys.stderr)
            try:
                runs[server.name].append(run_once(settings, scenario, server))
            except RuntimeError as error:
                failures.append(f"{scenario.name} on {server.name}: {error}")
                print(f"bench: {failures[-1]}", file=sys.stderr)
        order.reverse()
    return runs


def busy_note(all_runs):
    """Says which figures a busy machine has spoilt; None when it was quiet."""
    busy = [load for load, runs in all_runs.items()
            if any((median_of(values, "server_waited_percent") or 0) > BUSY_PERCENT for values in runs.values())]
    return busy and (f"Other programs held the server's core for more than {BUSY_PERCENT} % of the time in "
                     f"{', '.join(busy)}: delays and packets a second mean little there, CPU/packet may be too high.")


def median_of(runs, key):
    values = [run[key] for run in runs if key in run]
    return statistics.median(values) if values else None


def judge(metric_goal, ours, theirs):
    return metric_goal.met(ours, theirs) if metric_goal and ours is not None else None


def rows_of(scenario, runs):
    for metric in scenario.metrics:
        ours, theirs = (median_of(runs.get(name, []), metric.key) for name in ("turnpike", "coturn"))
        yield {"load": scenario.name, "title": metric.title, "key": metric.key, "unit": metric.unit,
               "digits": metric.digits, "turnpike": ours, "coturn": theirs,
               "ratio": ours / theirs if ours is not None and theirs else None,
               "goal": metric.goal.text if metric.goal else None, "met": judge(metric.goal, ours, theirs)}


def growth_rows(all_runs):
    for growth in loads.GROWTHS:
        if growth.first in all_runs and growth.second in all_runs:
            percent = {}
            for name in ("turnpike", "coturn"):
                first, second = (median_of(all_runs[load].get(name, []), growth.key)
                                 for load in (growth.first, growth.second))
                percent[name] = (second / first - 1) * 100 if first and second else None
            yield {"load": growth.second, "title": growth.title, "key": growth.key, "unit": "% more", "digits": 0,
                   **percent, "ratio": None, "goal": growth.goal.text,
                   "met": judge(growth.goal, percent["turnpike"], percent["coturn"])}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release()}


def chosen_loads(settings):
    everything = list(loads.scenarios())
    names = [scenario.name for scenario in everything]
    if settings.list:
        print("\n".join(names))
        sys.exit(0)
    for name in settings.only:
        if name not in names:
            sys.exit(f"bench: there is no load '{name}'; there are: {', '.join(names)}")
    return [scenario for scenario in everything if not settings.only or scenario.name in settings.only]


def main():
    settings = parse_arguments()
    chosen = chosen_loads(settings)
    notes, failures, all_runs, rows = [], [], {}, []
    if not settings.load.exists():
        sys.exit(f"bench: {settings.load} is not built: make build")
    settings.folder.mkdir(parents=True, exist_ok=True)
    check_cores(settings, notes)
    servers = available_servers(settings, notes)
    for scenario in chosen:
        all_runs[scenario.name] = run_rounds(settings, scenario, servers, failures)
        rows += rows_of(scenario, all_runs[scenario.name])
    rows += growth_rows(all_runs)
    notes += filter(None, [busy_note(all_runs)])
    results = {"machine": machine(), "servers": list(servers.values()), "rounds": settings.rounds,
               "seconds": settings.duration, "notes": notes, "failures": failures, "rows": rows, "runs": all_runs}
    settings.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1) if settings.json else table.markdown(results))
    print(f"bench: all values are in {settings.output}", file=sys.stderr)
    return 1 if failures or not servers else 0


if __name__ == "__main__":
    sys.exit(main())
