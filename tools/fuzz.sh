#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs each fuzzer of build/fuzz for so many seconds: tools/fuzz.sh SECONDS [TARGET...]
# New finds go to build/fuzz/finds/<target>/, crashes to build/fuzz/crashes/ and make it fail. To keep a find or a
# crash for good, copy it to fuzz/corpus/<target>/, which the tests replay.
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:?usage: tools/fuzz.sh SECONDS [TARGET...]}
shift

if (( $# == 0 )); then
  for source in fuzz/*_fuzzer.cpp; do
    [[ -e $source ]] || { echo "fuzz: there are no targets"; exit 0; }
    target=${source#fuzz/}
    set -- "$@" "${target%_fuzzer.cpp}"
  done
fi

failed=()
for target in "$@"; do
  finds=build/fuzz/finds/$target
  mkdir -p "$finds" build/fuzz/crashes
  options=(-max_total_time="$duration" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
    -artifact_prefix="build/fuzz/crashes/$target-")
  [[ -f fuzz/$target.dict ]] && options+=(-dict="fuzz/$target.dict")
  corpora=("$finds")
  [[ -d fuzz/corpus/$target ]] && corpora+=("fuzz/corpus/$target")
  echo "fuzz: $target for $duration s"
  if "build/fuzz/fuzz-$target" "${options[@]}" "${corpora[@]}" >"build/fuzz/$target.log" 2>&1; then
    grep -E 'stat::(number_of_executed_units|new_units_added|peak_rss_mb)' "build/fuzz/$target.log" || true
  else
    tail -n 40 "build/fuzz/$target.log" >&2
    failed+=("$target")
  fi
done

if (( ${#failed[@]} )); then
  echo "fuzz: ${failed[*]} failed; the input is in build/fuzz/crashes/, replay it with build/fuzz/fuzz-TARGET FILE" >&2
  exit 1
fi
echo "fuzz: no crash in $# targets"
