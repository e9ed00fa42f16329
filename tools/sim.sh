#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The seeded simulation: for DURATION seconds (default 180) over new seeds, or one seed again: tools/sim.sh SEED.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -gt 0 ] && [ -n "$1" ]; then
  export TURNPIKE_SIM_SEED="$1"
else
  export TURNPIKE_SIM_SECONDS="${DURATION:-180}"
fi
exec build/release/turnpike-unit-tests -sg Simulation -v
