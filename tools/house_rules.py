#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules, as a test: tools/house_rules.py [ROOT] prints FILE:LINE: rule: what is wrong; exit 1 if any.

A rule is a function from the tree (and one file of it) to findings; tools/house_rules_test.py shows each one
failing. The layers are in docs/layers.txt, the reasons in CONTRIBUTING.md.
"""

import os
import re
import sys
from pathlib import Path

PURE_LAYERS = ("base", "crypto", "stun", "auth", "turn")
LINES_MAX = 400
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", ".cache"}
TEXT_SUFFIXES = {".cpp", ".hpp", ".c", ".h", ".py", ".sh", ".cmake", ".txt", ".md", ".toml", ".json", ".yml",
                 ".js", ".html", ".dict", ".service", ".in", ""}

# (what a foreign header looks like, the files that may include it, as prefixes below src/ and include/)
FOREIGN_HOMES = (
    (r"uv\.h", ("net/",)),
    (r"openssl/.*", ("crypto/", "net/tls_", "net/dtls_")),
    (r"toml\+\+/.*", ("control/config", "control/toml")),
    (r"systemd/.*", ("control/systemd", "control/journal")),
    (r"(sys/socket|netinet/.*|arpa/inet|netdb|net/if|linux/(errqueue|if_packet|filter))\.h",
     ("net/", "relay/", "base/address", "control/host")),
    (r"tl/expected\.hpp", ("base/result",)),
    (r"boost/.*", PURE_LAYERS + ("net/", "relay/", "control/")),
    (r"(CLI/.*|nlohmann/.*)", ("cli/", "app/")),
    (r"sqlite3\.h", ("control/sqlite",)),
)

# (pattern, reason, files exempt from it as prefixes); in the pure layers only.
PURE_BANS = (
    (r"\b(steady|system|high_resolution)_clock::now\b", "time is an argument (Now)", ()),
    (r"\b(gettimeofday|clock_gettime|time)\s*\(\s*(nullptr|NULL|0|&|CLOCK)", "time is an argument (Now)", ()),
    (r"\bs?rand\s*\(|\brandom_device\b|\bmt19937", "randomness is an argument (RandomSource)", ()),
    (r"\bgetenv\s*\(", "the environment is read in app/ and control/", ()),
    (r"\b(throw|try|catch)\b", "pure layers return Result, they do not throw", ()),
    (r"\bstd::(mutex|shared_mutex|lock_guard|unique_lock|scoped_lock|condition_variable|thread|jthread)\b",
     "pure layers know no threads; shared data lives in LockGuarded", ("base/lock_guarded",)),
    (r"^\s*#\s*include\s*<(iostream|fstream|thread|mutex|random|ctime)>",
     "pure layers do no I/O, time, threads or randomness", ("base/lock_guarded",)),
    (r"^\s*#\s*include\s*\"base/log\.hpp\"", "pure layers do not log", ()),
)
PURE_EXEMPT = ("base/log",)

# Everywhere in our C++, tests included. A private constructor needs new: straight into a unique_ptr is fine. libuv
# frees its handles in a callback, so the class that wraps them is the one place that news and deletes.
BANS = (
    (r"(?<!operator )\bnew\b(?!\s*\((?!std::nothrow))",
     "no new: use std::make_unique or a container", ("net/uv_handle",)),
    (r"(?<!operator )(?<!= )(?<!=)\bdelete\b", "no delete: use std::unique_ptr", ("net/uv_handle",)),
    (r"\busing\s+namespace\s+(?!std::(\w+::)*\w*literals)", "no using namespace", ()),
    (r"\b(std::this_thread::sleep_(for|until)|usleep|nanosleep)\b", "no sleep: wait for the condition", ()),
)
OWNED_NEW = re.compile(r"\bunique_ptr<[^()]*\(new\b")
# The data plane never throws: docs/adr, errors are Results.
NO_THROW_LAYERS = ("net", "relay")

SPDX = "SPDX-License-Identifier: Apache-2.0"
# Places of one machine: a home, a scratch worktree. Not preceded by a name, so URLs and includes are fine.
MACHINE_PATH = re.compile(r"(?<![\w.~>)}\]*-])/(?:home/\w+|Users/\w+|root|work|tmp/wt)/")
UNNUMBERED = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\s*\(#\d+\))")

LEXEMES = re.compile(
    r"""(?P<raw>(?:u8|[uUL])?R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<number>\b\d[\w']*)
      | (?P<char>'(?:\\.|[^'\\\n])+')
      | (?P<comment>//[^\n]*|/\*.*?\*/)""", re.S | re.X)


def code_of(text):
    """C++ without its comments and the insides of its literals; every line keeps its number."""
    def blank(match):
        if match.lastgroup == "number":
            return match.group()
        if match.lastgroup == "string" and re.search(r"#\s*include\s*$", text[:match.start()].rsplit("\n", 1)[-1]):
            return match.group()
        return ("" if match.lastgroup == "comment" else '""') + "\n" * match.group().count("\n")
    return LEXEMES.sub(blank, text)


class File:
    """One file of the tree: `path` relative to the root, `layer` and `place` (path below src/ or include/)."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.lines = text.splitlines()
        self.is_cpp = path.endswith((".cpp", ".hpp"))
        self.code = code_of(text).splitlines() if self.is_cpp else []
        top, _, self.place = path.partition("/")
        self.is_product = self.is_cpp and top in ("src", "include")
        self.layer = self.place.split("/")[0] if self.is_product else None

    def starts_with(self, places):
        return any(self.place.startswith(place) for place in places)


class Tree:
    """All text files below a root, and the layers."""

    def __init__(self, files, layers_text):
        self.files = [File(path, text) for path, text in sorted(files.items())]
        self.paths = set(files)
        self.layers = parse_layers(layers_text)

    @classmethod
    def read(cls, root):
        files = {}
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
            for name in names:
                path = Path(folder, name)
                relative = path.relative_to(root).as_posix()
                if name in SKIPPED_FOLDERS or path.suffix not in TEXT_SUFFIXES or "/corpus/" in relative:
                    continue
                try:
                    files[relative] = path.read_text(encoding="utf-8")
                except (UnicodeDecodeError, OSError):
                    continue  # a binary without a suffix, a dangling link
        return cls(files, files["docs/layers.txt"])


def parse_layers(text):
    layers = {}
    for line in text.splitlines():
        name, colon, uses = line.split("#")[0].partition(":")
        if colon:
            layers[name.strip()] = set(layers) if uses.strip() == "everything" else set(uses.split())
    return layers


def rule_layers(tree, file):
    """An include of another layer must be allowed by docs/layers.txt."""
    if not file.layer:
        return
    if file.layer not in tree.layers:
        yield 1, f"layer {file.layer} is not in docs/layers.txt"
        return
    for number, line in enumerate(file.code, 1):
        match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if not match:
            continue
        layer, slash, _ = match.group(1).partition("/")
        if not slash or layer not in tree.layers:
            yield number, f'include "{match.group(1)}" by its layer: "layer/file.hpp"'
        elif layer != file.layer and layer not in tree.layers[file.layer]:
            yield number, f"{file.layer} may not use {layer} (docs/layers.txt)"


def rule_foreign(_tree, file):
    """Each foreign library has one home."""
    if not file.layer:
        return
    for number, line in enumerate(file.code, 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^">]+)[>"]', line)
        for pattern, homes in FOREIGN_HOMES:
            if match and re.fullmatch(pattern, match.group(1)) and not file.starts_with(homes):
                yield number, f"<{match.group(1)}> has its home in {', '.join(homes)}"


def rule_pure(_tree, file):
    """Pure layers: no clock, randomness, log, thread, environment or exception."""
    if file.layer not in PURE_LAYERS or file.starts_with(PURE_EXEMPT):
        return
    for number, line in enumerate(file.code, 1):
        for pattern, reason, exempt in PURE_BANS:
            if re.search(pattern, line) and not file.starts_with(exempt):
                yield number, reason


def rule_no_throw(_tree, file):
    """net and relay return Result, like the pure layers."""
    if file.layer in NO_THROW_LAYERS:
        for number, line in enumerate(file.code, 1):
            if re.search(r"\b(throw|try|catch)\b", line):
                yield number, "the data plane returns Result, it does not throw"


def rule_banned(_tree, file):
    """Owners instead of new and delete; names instead of using namespace; conditions instead of sleeps."""
    for number, line in enumerate(file.code, 1):
        if line.lstrip().startswith("#"):
            continue
        line = OWNED_NEW.sub("", line)
        for pattern, reason, exempt in BANS:
            if re.search(pattern, line) and not file.starts_with(exempt):
                yield number, reason


UNORDERED = re.compile(r"\bunordered_(?:flat_|node_)?(?:map|set)\s*<.*>\s*(\w+)\s*[;={]")


def rule_unordered_iteration(tree, file):
    """Pure layers do not iterate over hash tables: the order differs from run to run."""
    if file.layer not in PURE_LAYERS:
        return
    stem = file.place.rsplit(".", 1)[0]
    own = [other for other in tree.files if other.is_product and other.place.rsplit(".", 1)[0] == stem]
    tables = set(UNORDERED.findall("\n".join(line for other in own for line in other.code)))
    for number, line in enumerate(file.code, 1):
        match = re.search(r"\bfor\s*\([^;]*:\s*(?:\w+(?:\.|->))?(\w+)\s*\)", line)
        if match and match.group(1) in tables:
            yield number, f"iterating over {match.group(1)}, an unordered table, is not deterministic"


def rule_length(_tree, file):
    """A file past 400 lines hides a seam."""
    if file.is_product and len(file.lines) > LINES_MAX:
        yield len(file.lines), f"{len(file.lines)} lines, at most {LINES_MAX}: look for the seam"


def rule_spdx(_tree, file):
    """The licence stands at the top: first line of C++, first three of a script."""
    script = file.path.endswith((".py", ".sh")) or file.text.startswith("#!")
    if file.text and (file.is_cpp or script) and not any(
            SPDX in line for line in file.lines[:1 if file.is_cpp else 3]):
        yield 1, f"no {SPDX} line"


def rule_pragma_once(_tree, file):
    """Headers are guarded by #pragma once."""
    if file.path.endswith(".hpp") and "#pragma once" not in file.lines:
        yield 1, "no #pragma once"


def rule_unit_test(tree, file):
    """Each source of a pure layer has a unit test of its name."""
    if file.layer in PURE_LAYERS and file.path.endswith(".cpp"):
        wanted = f"tests/unit/{file.place[:-4]}_test.cpp"
        if wanted not in tree.paths:
            yield 1, f"no {wanted}"


def rule_unnumbered_todo(_tree, file):
    """A note for later names its issue."""
    if file.is_cpp or file.path.endswith((".py", ".sh", ".cmake", ".js")) or file.path.endswith("CMakeLists.txt"):
        for number, line in enumerate(file.lines, 1):
            if UNNUMBERED.search(line) and not file.path.startswith("tools/house_rules"):
                yield number, "a note for later needs an issue number: (#12)"


def rule_machine_path(_tree, file):
    """No path of the machine somebody happened to write on."""
    for number, line in enumerate(file.lines, 1):
        match = MACHINE_PATH.search(line)
        if match and not file.path.startswith("tools/house_rules"):
            yield number, f"a path of one machine: {match.group()}"


FILE_RULES = (rule_layers, rule_foreign, rule_pure, rule_no_throw, rule_banned, rule_unordered_iteration, rule_length,
              rule_spdx, rule_pragma_once, rule_unit_test, rule_unnumbered_todo, rule_machine_path)


def layer_cycles(layers):
    """Layers that reach themselves, and layers used but not defined."""
    for layer, uses in layers.items():
        for used in sorted(uses - set(layers)):
            yield f"{layer} uses {used}, which is no layer"
        reached, todo = set(), list(uses)
        while todo:
            used = todo.pop()
            if used not in reached:
                reached.add(used)
                todo.extend(layers.get(used, ()))
        if layer in reached:
            yield f"{layer} uses itself in a circle"


def cmake_differences(layers, cmake):
    """turnpike_layer(... USES ...) in CMakeLists.txt links exactly what docs/layers.txt allows."""
    for match in re.finditer(r"turnpike_layer\(\s*(\w+)([^)]*)\)", cmake):
        uses = re.search(r"\bUSES\s+(.*?)(?:\bFOREIGN\b|$)", match.group(2), re.S)
        linked = set(uses.group(1).split()) if uses else set()
        if linked != layers.get(match.group(1)):
            yield f"layer {match.group(1)} links {' '.join(sorted(linked)) or 'nothing'}, docs/layers.txt differs"


def findings(tree):
    for message in layer_cycles(tree.layers):
        yield "docs/layers.txt", 1, "layers", message
    cmake = next((file.text for file in tree.files if file.path == "CMakeLists.txt"), "")
    for message in cmake_differences(tree.layers, cmake):
        yield "CMakeLists.txt", 1, "layers", message
    for file in tree.files:
        for rule in FILE_RULES:
            for number, message in rule(tree, file):
                yield file.path, number, rule.__name__[len("rule_"):].replace("_", "-"), message


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    tree = Tree.read(root)
    count = 0
    for path, number, rule, message in findings(tree):
        print(f"{path}:{number}: {rule}: {message}")
        count += 1
    sources = sum(file.is_cpp for file in tree.files)
    print(f"house rules: {count} findings in {len(tree.files)} files, {sources} of them C++")
    return 1 if count or not sources else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
