#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the tests under the sanitizers of a preset: tools/sanitize.sh asan|tsan [CTEST-OPTION...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: tools/sanitize.sh asan|tsan [CTEST-OPTION...]}
shift
jobs=${JOBS:-$(nproc)}

tools/deps.sh build test
cmake --preset "$preset"
cmake --build "build/$preset" -j "$jobs"

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
runner=()
# ThreadSanitizer of g++ 12 aborts where the kernel randomizes addresses more than it knows.
if [[ $preset == tsan ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
  runner=(setarch "$(uname -m)" -R)
fi
"${runner[@]}" ctest --test-dir "build/$preset" --output-on-failure -j "$jobs" "$@"
