#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether what the documents name is there: tools/rfc_coverage.py [ROOT] prints FILE:LINE: what is wrong; exit 1 if any.

A reference is `layer/file.cpp:name` (below src/ or include/) or `unit/layer/file_test.cpp:Name` (below tests/, also
blackbox/, interop/ and sim/). The code must hold the name; the tests must have a test or class of it. In
docs/rfc-coverage.md each rule names its code and its test, or says why there is none.
"""

import re
import sys
from pathlib import Path

COVERAGE = "docs/rfc-coverage.md"
DOCUMENTS = (COVERAGE, "docs/DESIGN.md", "SECURITY.md")
DOCUMENT_FOLDERS = ("docs/adr",)
TEST_FOLDERS = ("unit", "blackbox", "interop", "sim")
REFERENCE = re.compile(r"`([a-z]\w*(?:/[\w.-]+)+\.(?:cpp|hpp|py)):(\w+)`")


class Tree:
    """The files that references may name, read once each."""

    def __init__(self, root):
        self.root = root
        self.texts = {}

    def text(self, path):
        if path not in self.texts:
            file = self.root / path
            self.texts[path] = file.read_text(encoding="utf-8") if file.is_file() else None
        return self.texts[path]

    def missing(self, path, name):
        """What is wrong with a reference; nothing when it is right."""
        is_test = path.split("/")[0] in TEST_FOLDERS
        texts = [self.text(f"{folder}/{path}") for folder in (("tests",) if is_test else ("src", "include"))]
        texts = [text for text in texts if text is not None]
        if not texts:
            return f"there is no {path}"
        if not is_test:
            pattern = rf"\b{name}\b"
        elif path.endswith(".py"):
            pattern = rf"^\s*(?:def|class) {name}\b"
        else:
            pattern = rf"^\s*TEST\(\w+,\s*{name}\)"
        if not any(re.search(pattern, text, re.M) for text in texts):
            return f"{path} has no {'test ' if is_test else ''}{name}"
        return None


def bad_references(tree, text):
    for number, line in enumerate(text.splitlines(), 1):
        for path, name in REFERENCE.findall(line):
            wrong = tree.missing(path, name)
            if wrong:
                yield number, wrong


def rules(text):
    """Line number, code and test of each rule: the rows of tables of four columns, less their heads."""
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and cells[0] != "§" and not set(line) <= set("|-: "):
            yield number, cells[2], cells[3]


def is_test(path):
    return path.split("/")[0] in TEST_FOLDERS


def bad_rules(text):
    for number, code, test in rules(text):
        if re.match(r"not done: \w", code):
            continue
        if not any(not is_test(path) for path, _ in REFERENCE.findall(code)):
            yield number, "names no code, and does not say \"not done: why\""
        if not re.match(r"no test: \w", test) and not any(is_test(path) for path, _ in REFERENCE.findall(test)):
            yield number, "names no test, and does not say \"no test: why\""


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    tree = Tree(root)
    documents = [path for path in DOCUMENTS if (root / path).is_file()]
    for folder in DOCUMENT_FOLDERS:
        documents += sorted(file.relative_to(root).as_posix() for file in (root / folder).glob("*.md"))
    count = 0
    references = 0
    for document in documents:
        text = tree.text(document)
        references += len(REFERENCE.findall(text))
        found = list(bad_references(tree, text)) + (list(bad_rules(text)) if document == COVERAGE else [])
        for number, wrong in sorted(found):
            print(f"{document}:{number}: {wrong}")
            count += 1
    known = len(list(rules(tree.text(COVERAGE) or "")))
    print(f"rfc coverage: {count} findings, {known} rules, {references} references in {len(documents)} documents")
    return 1 if count or not known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
