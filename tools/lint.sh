#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lints: tools/lint.sh [rules|format|headers|cppcheck|tidy|mend [FILE...]]; without a name, all of them, quickest first.
# A tool that is missing, or a clang-format of another version, is a printed SKIP outside CI and a failure in CI.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}

skip() {
  if [[ ${CI:-} == true ]]; then
    echo "lint: $*: needed in CI" >&2
    exit 1
  fi
  echo "SKIP lint: $*"
}

# The newest name first that Debian gives to LLVM 14's tool; other versions format differently.
llvm14() {
  local name
  for name in "$1-14" "$1"; do
    if command -v "$name" >/dev/null && "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
      echo "$name"
      return
    fi
  done
  return 1
}

sources() { git ls-files -co --exclude-standard -- '*.cpp' '*.hpp'; }

# clang's database of compile commands: what clang-tidy, clang-format and the headers are read with.
configure() {
  cmake --preset clang -DTURNPIKE_TESTS=OFF -DCMAKE_VERIFY_INTERFACE_HEADER_SETS=ON >build/lint.log 2>&1 ||
    { cat build/lint.log >&2; exit 1; }
}

lint_rules() { python3 tools/house_rules.py; }

lint_format() {
  local tool
  tool=$(llvm14 clang-format) || { skip "clang-format 14 is not here"; return 0; }
  if (( $# == 0 )); then
    mapfile -t files < <(sources)
    set -- "${files[@]}"
  fi
  if ! "$tool" --dry-run --Werror "$@" 2>build/lint.log; then
    sed -n 's/^\(.*\):[0-9]*:[0-9]*: error.*/\1/p' build/lint.log | sort -u >&2
    echo "lint: these differ from clang-format; make format mends them" >&2
    exit 1
  fi
  echo "format: $# files"
}

# What make format calls.
lint_mend() {
  local tool
  tool=$(llvm14 clang-format) || { echo "lint: clang-format 14 is not here" >&2; exit 1; }
  sources | xargs "$tool" -i
}

# Every public header compiles alone.
lint_headers() {
  configure
  cmake --build build/clang -j "$jobs" --target all_verify_interface_header_sets | tail -n 1
}

lint_cppcheck() {
  command -v cppcheck >/dev/null || { skip "cppcheck is not here"; return 0; }
  # Wrong about a std::unique_ptr<T[]>, a struct of two pointers, members that need each other; clang-tidy knows better.
  cppcheck --quiet -j "$jobs" --std=c++20 --language=c++ --enable=warning,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem --suppress=objectIndex \
    --suppress=passedByValue --suppress=useInitializationList --error-exitcode=1 -I include -I src src
  echo "cppcheck: done"
}

lint_tidy() {
  local tool
  tool=$(llvm14 clang-tidy) || { skip "clang-tidy 14 is not here"; return 0; }
  configure
  if (( $# == 0 )); then
    set -- "^$PWD/(src|tools)/"
  fi
  # Its standard error only counts the warnings of foreign headers; its standard output echoes each command.
  "run-$tool" -clang-tidy-binary "$tool" -p build/clang -quiet -j "$jobs" "$@" 2>build/lint.log |
    sed -E 's/\x1b\[[0-9;]*m//g; /^clang-tidy(-14)? /d; /^$/d' ||
    { echo "lint: clang-tidy found the above" >&2; exit 1; }
  echo "clang-tidy: done"
}

mkdir -p build
if (( $# )); then
  "lint_$1" "${@:2}"
else
  for lint in rules format headers cppcheck tidy; do
    "lint_$lint"
  done
fi
