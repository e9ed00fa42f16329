#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Line and branch coverage of each layer by the tests: tools/coverage.py BUILD_FOLDER

Reads what a --coverage build left there (gcov). Branches that only an exception takes do not count: the pure layers
do not throw. Fails when a layer falls below its floor in tools/coverage_floors.txt, a ratchet that only rises.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "tools" / "coverage_floors.txt"


def gcov(data_file):
    report = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", data_file],
                            capture_output=True, check=True, text=True, cwd=data_file.parent).stdout
    for document in report.splitlines():
        yield from json.loads(document)["files"]


def counts(build):
    """file -> line number -> (most executions, [most executions of each branch]), over all objects."""
    files = defaultdict(dict)
    data_files = sorted(build.rglob("*.gcda"))
    if not data_files:
        sys.exit(f"coverage: no .gcda below {build}: run the tests of a coverage build first")
    for data_file in data_files:
        for entry in gcov(data_file):
            path = Path(entry["file"])
            if not path.is_relative_to(ROOT / "src") and not path.is_relative_to(ROOT / "include"):
                continue
            lines = files[path.relative_to(ROOT)]
            for line in entry["lines"]:
                branches = [branch["count"] for branch in line["branches"] if not branch["throw"]]
                executed, known = lines.get(line["line_number"], (0, []))
                # A header's line has other branches in other objects; the richest account of it counts.
                if len(known) == len(branches):
                    known = [max(pair) for pair in zip(known, branches)]
                elif len(branches) > len(known):
                    known = branches
                lines[line["line_number"]] = (max(executed, line["count"]), known)
    return files


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def floors():
    """layer -> lowest branch coverage allowed, in percent."""
    lines = (line.split("#")[0].split() for line in FLOORS.read_text(encoding="utf-8").splitlines())
    return {line[0]: float(line[1]) for line in lines if line}


def main(arguments):
    build = Path(arguments[0] if arguments else ROOT / "build" / "coverage").resolve()
    totals = defaultdict(lambda: [0, 0, 0, 0])
    for path, lines in counts(build).items():
        total = totals[path.parts[1]]
        for executed, branches in lines.values():
            total[0] += executed > 0
            total[1] += 1
            total[2] += sum(count > 0 for count in branches)
            total[3] += len(branches)
    failed = False
    print(f"{'layer':10} {'lines':>8} {'branches':>9} {'floor':>6}")
    minimum = floors()
    for layer, (lines_hit, lines_all, branches_hit, branches_all) in sorted(totals.items()):
        branch = percent(branches_hit, branches_all)
        floor = minimum.get(layer, 0.0)
        below = branch < floor
        failed |= below
        print(f"{layer:10} {percent(lines_hit, lines_all):7.1f}% {branch:8.1f}% {floor:5.1f}%"
              f"{'  below its floor' if below else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
