#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows tools/rfc_coverage.py finding what it is there to find."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import rfc_coverage

CODE = "Handled Server::handle_thing(Request& request) {}\n"
UNIT = "TEST(Thing, IsDone) {\n}\n"
BLACKBOX = "class Things(TestCase):\n    def test_thing(self):\n        pass\n"
HEAD = "| § | Rule | Code | Test |\n|---|---|---|---|\n"


class RfcCoverage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("src/turn/thing.cpp", CODE)
        self.write("include/turn/thing.hpp", "constexpr int kThings = 1;\n")
        self.write("tests/unit/turn/thing_test.cpp", UNIT)
        self.write("tests/blackbox/test_thing.py", BLACKBOX)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def findings(self, *rows, elsewhere=""):
        self.write("docs/rfc-coverage.md", HEAD + "".join(f"| 1 | a rule | {row} |\n" for row in rows))
        self.write("docs/adr/0001-thing.md", elsewhere)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = rfc_coverage.main([str(self.root)])
        lines = output.getvalue().splitlines()[:-1]
        self.assertEqual(code, 1 if lines or not rows else 0)
        return lines

    def test_what_is_there_is_right(self):
        self.assertEqual(self.findings(
            "`turn/thing.cpp:handle_thing`, `turn/thing.hpp:kThings` | `unit/turn/thing_test.cpp:IsDone`",
            "`turn/thing.cpp:handle_thing` | `blackbox/test_thing.py:test_thing`",
            "`turn/thing.cpp:handle_thing` | `blackbox/test_thing.py:Things`",
            "`turn/thing.cpp:handle_thing` | no test: it cannot be seen",
            "not done: never sent | "), [])

    def test_no_rules_are_a_failure(self):
        self.assertEqual(self.findings(), [])

    def test_names_that_are_not_there(self):
        good = "`unit/turn/thing_test.cpp:IsDone`"
        for row in (f"`turn/other.cpp:handle_thing` | {good}",
                    f"`turn/thing.cpp:handle` | {good}",
                    "`turn/thing.cpp:handle_thing` | `unit/turn/thing_test.cpp:Is`",
                    "`turn/thing.cpp:handle_thing` | `unit/turn/thing_test.cpp:Thing`",
                    "`turn/thing.cpp:handle_thing` | `blackbox/test_thing.py:test_other`",
                    "`turn/thing.cpp:handle_thing` | `sim/thing.cpp:IsDone`"):
            self.assertEqual(len(self.findings(row)), 1, row)

    def test_a_rule_without_code_or_test(self):
        for row in ("handle_thing | `unit/turn/thing_test.cpp:IsDone`",
                    "`turn/thing.cpp:handle_thing` | ",
                    "`turn/thing.cpp:handle_thing` | `turn/thing.cpp:handle_thing`",
                    "`turn/thing.cpp:handle_thing` | no test: ",
                    "not done: | no test: why"):
            self.assertEqual(len(self.findings(row)), 1, row)

    def test_other_documents_are_read_too(self):
        row = "not done: why | "
        self.assertEqual(self.findings(row, elsewhere="as `turn/thing.hpp:kThings` says"), [])
        self.assertEqual(self.findings(row, elsewhere="text\nas `turn/thing.hpp:kOther` says"),
                         ["docs/adr/0001-thing.md:2: turn/thing.hpp has no kOther"])


if __name__ == "__main__":
    unittest.main()
