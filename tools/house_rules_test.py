#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each house rule finds what it is for, and lets the proper way pass."""

import unittest

from house_rules import Tree, code_of, findings

LAYERS = "base:\nstun: base\nturn: base stun\nnet: base\nrelay: base stun turn net\ncontrol: base\napp: everything\n"
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = SPDX + "#pragma once\n"


def found(path, text, layers=LAYERS, **others):
    """The rules that fire on `path`, when it is the tree's only file (apart from its unit test and `others`)."""
    files = {"CMakeLists.txt": "", path: text}
    if path.startswith("src/"):
        files["tests/unit/" + path[len("src/"):].replace(".cpp", "_test.cpp")] = SPDX
    files.update(others.pop("others", {}))
    return {rule for where, _, rule, _ in findings(Tree(files, layers)) if where == path}


class HouseRules(unittest.TestCase):
    def assert_finds(self, rule, path, body):
        top = HEADER if path.endswith(".hpp") else SPDX
        self.assertEqual({rule}, found(path, top + body + "\n"), body)

    def assert_passes(self, path, body):
        top = HEADER if path.endswith(".hpp") else SPDX
        self.assertEqual(set(), found(path, top + body + "\n"), body)

    def test_a_layer_includes_only_the_layers_it_may_use(self):
        self.assert_finds("layers", "src/stun/a.cpp", '#include "turn/server.hpp"')
        self.assert_finds("layers", "include/net/a.hpp", '#  include "stun/types.hpp"')
        self.assert_finds("layers", "src/stun/a.cpp", '#include "types.hpp"')
        self.assert_finds("layers", "src/session/a.cpp", "int a;")
        self.assert_passes("src/turn/a.cpp", '#include "stun/types.hpp"\n#include "turn/server.hpp"\n#include <span>')
        self.assert_passes("src/app/main.cpp", '#include "relay/worker.hpp"')
        self.assert_passes("src/stun/a.cpp", '// #include "turn/server.hpp"')

    def test_layers_have_no_circle_and_are_what_cmake_links(self):
        self.assertIn("layers", found("docs/layers.txt", "", layers="base: net\nnet: base\n"))
        self.assertIn("layers", found("docs/layers.txt", "", layers="base: nothing\n"))
        self.assertEqual({"layers"}, found("CMakeLists.txt", "turnpike_layer(stun USES base turn)"))
        self.assertEqual({"layers"}, found("CMakeLists.txt", "turnpike_layer(turn USES base FOREIGN boost)"))
        self.assertEqual(set(), found("CMakeLists.txt", "turnpike_layer(turn USES stun base FOREIGN boost)"))

    def test_a_foreign_header_has_one_home(self):
        for path, header in (("src/relay/a.cpp", "uv.h"), ("src/turn/a.cpp", "openssl/evp.h"),
                             ("src/app/a.cpp", "toml++/toml.h"), ("src/net/a.cpp", "systemd/sd-daemon.h"),
                             ("src/control/a.cpp", "sys/socket.h"), ("include/stun/a.hpp", "netinet/in.h"),
                             ("include/stun/a.hpp", "tl/expected.hpp"), ("src/control/a.cpp", "CLI/CLI.hpp"),
                             ("src/control/a.cpp", "nlohmann/json.hpp"), ("src/control/store.cpp", "sqlite3.h")):
            self.assert_finds("foreign", path, f"#include <{header}>")
        for path, header in (("src/net/a.cpp", "uv.h"), ("src/crypto/a.cpp", "openssl/evp.h"),
                             ("src/control/config_file.cpp", "toml++/toml.h"), ("src/base/address.cpp", "netinet/in.h"),
                             ("include/base/result.hpp", "tl/expected.hpp"), ("src/relay/a.cpp", "sys/socket.h"),
                             ("tests/unit/net/a_test.cpp", "uv.h")):
            if path.startswith("src/crypto"):
                self.assertEqual(set(), found(path, SPDX + f"#include <{header}>\n", LAYERS + "crypto: base\n"))
            else:
                self.assert_passes(path, f"#include <{header}>")

    def test_pure_layers_take_time_and_randomness_as_arguments_and_do_not_throw(self):
        for body in ("auto t = std::chrono::steady_clock::now();", "auto t = system_clock::now();", "int i = rand();",
                     "srand(1);", "std::random_device seed;", 'auto* home = std::getenv("HOME");', "throw 1;",
                     "try { f(); } catch (...) {}", "std::mutex mutex_;", "std::thread worker;", "#include <iostream>",
                     '#include "base/log.hpp"', "auto t = time(nullptr);"):
            self.assert_finds("pure", "src/stun/a.cpp", body)
        self.assert_passes("src/base/log.cpp", "#include <iostream>\n#include <mutex>")
        self.assert_passes("include/base/lock_guarded.hpp", "#include <mutex>\nstd::mutex mutex_;")
        self.assert_passes("src/stun/a.cpp", 'int strand(); auto text = "we throw rand() here"; // throw, try, catch')
        self.assert_passes("src/control/a.cpp", "auto t = std::chrono::steady_clock::now(); throw 1;")

    def test_the_data_plane_does_not_throw(self):
        self.assert_finds("no-throw", "src/relay/a.cpp", "if (bad) throw 1;")
        self.assert_passes("src/relay/a.cpp", "auto t = std::chrono::steady_clock::now();")

    def test_owners_instead_of_new_and_delete(self):
        for body in ("auto* a = new int;", "auto* a = new (std::nothrow) int;", "delete a;", "delete[] a;",
                     "using namespace std;", "std::this_thread::sleep_for(1s);", "usleep(10);"):
            self.assert_finds("banned", "src/net/a.cpp", body)
            self.assert_finds("banned", "tests/unit/net/a_test.cpp", body)
        self.assert_passes("include/net/uv_handle.hpp", "auto* a = new int; delete a;")
        self.assert_passes("src/net/a.cpp", "std::unique_ptr<A> a(new A(1)); return std::unique_ptr<A>(new A);")
        self.assert_passes("src/net/a.cpp", "#include <new>\n#undef new\nA(const A&) = delete;\n::new (place) int(1);")
        self.assert_passes("tests/main.cpp", "void* operator new(std::size_t size);\nvoid operator delete(void* p);")
        self.assert_passes("src/net/a.cpp", "using namespace std::chrono_literals;  // new, delete")
        self.assert_passes("src/net/a.cpp", "int renewed = new_size + 1'000; f(\"new\", 'n', 1'0);")

    def test_pure_layers_do_not_iterate_over_unordered_tables(self):
        header = HEADER + "class A { boost::unordered_flat_map<Key, std::vector<int>> by_peer_; int list_; };\n"
        loop = SPDX + "void f() { for (const auto& [key, value] : by_peer_) g(key); }\n"
        self.assertEqual({"unordered-iteration"},
                         found("src/turn/a.cpp", loop, others={"include/turn/a.hpp": header}))
        self.assertEqual(set(), found("src/turn/a.cpp", loop.replace("by_peer_", "list_"),
                                      others={"include/turn/a.hpp": header}))

    def test_long_files_are_found(self):
        self.assert_finds("length", "src/net/a.cpp", "int a;\n" * 400)
        self.assert_passes("src/net/a.cpp", "int a;\n" * 390)
        self.assert_passes("tests/unit/net/a_test.cpp", "int a;\n" * 500)

    def test_the_licence_line_stands_at_the_top(self):
        self.assertEqual({"spdx"}, found("src/net/a.cpp", "int a;\n" + SPDX))
        self.assertEqual({"spdx"}, found("tools/a.py", "print(1)\n"))
        self.assertEqual({"spdx"}, found("tools/hooks/pre-commit", "#!/bin/sh\nexit 0\n"))
        self.assertEqual(set(), found("tools/a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nexit 0\n"))

    def test_headers_are_guarded(self):
        self.assertEqual({"pragma-once"}, found("include/net/a.hpp", SPDX + "int a;\n"))

    def test_a_pure_source_has_a_unit_test(self):
        files = {"src/stun/a.cpp": SPDX, "CMakeLists.txt": ""}
        self.assertEqual(["unit-test"], [rule for _, _, rule, _ in findings(Tree(files, LAYERS))])
        files["tests/unit/stun/a_test.cpp"] = SPDX
        self.assertEqual([], list(findings(Tree(files, LAYERS))))

    def test_a_note_for_later_names_its_issue(self):
        for word in ("TODO", "FIXME", "XXX"):
            self.assert_finds("unnumbered-todo", "src/net/a.cpp", f"// {word}: later")
            self.assert_passes("src/net/a.cpp", f"// {word} (#12): later")

    def test_no_path_of_one_machine(self):
        for path in ("/home/joe/turnpike", "/root/.cache", "/work/main", "/tmp/wt/x", "/Users/joe/src"):
            self.assertEqual({"machine-path"}, found("docs/a.md", f"see {path}/a\n"), path)
        self.assertEqual(set(), found("docs/a.md", "https://example.org/work/a, net/root/, /tmp/x, src/home/a/\n"))

    def test_literals_and_comments_are_no_code(self):
        code = code_of('a = R"x(throw " )x"; b = "\\"new"; c = \'"\'; /* delete\n delete */ d = 1\'000; // e\n')
        for word in ("throw", "new", "delete", "// e"):
            self.assertNotIn(word, code)
        self.assertIn("d = 1'000;", code)
        self.assertEqual(2, code.count("\n"))


if __name__ == "__main__":
    unittest.main()
