#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing to build, test or lint: tools/deps.sh GROUP...
# Groups: build, test, lint, bench. Says what and why before it installs; silent when nothing is missing.
set -euo pipefail

# One package a line; a|b: any of them will do, the first one the distribution knows is installed.
declare -Ar packages=(
  [build]="g++ cmake ninja-build pkg-config|pkgconf ccache libuv1-dev libssl-dev libsystemd-dev
           libsqlite3-dev libtomlplusplus-dev libexpected-dev libboost1.81-dev|libboost-dev
           libcli11-dev nlohmann-json3-dev"
  [test]="libcpputest-dev cpputest coturn libnice-dev libglib2.0-dev chromium python3 openssl iproute2"
  [lint]="clang|clang-14 clang-tidy|clang-tidy-14 clang-format|clang-format-14 cppcheck
          libclang-rt-14-dev|libclang-rt-dev python3"
  [bench]="coturn python3"
)
declare -Ar reasons=(
  [build]="to build turnpike"
  [test]="to run the tests, interop with coturn's client, libnice and Chromium among them"
  [lint]="to format, lint and fuzz"
  [bench]="to compare with coturn"
)
# What must compile for a group when packages cannot tell (other distributions).
declare -Ar headers=(
  [build]="uv.h openssl/evp.h systemd/sd-daemon.h toml++/toml.h tl/expected.hpp
           boost/unordered/unordered_flat_map.hpp CLI/CLI.hpp nlohmann/json.hpp"
  [test]="CppUTest/TestHarness.h"
)
declare -Ar programs=(
  [build]="cmake ninja pkg-config"
  [test]="python3 openssl ip unshare"
  [lint]="clang++ clang-tidy clang-format cppcheck python3"
  [bench]="turnserver python3"
)

# Sorted names of the installed packages among those given.
installed() {
  # dpkg-query fails when it does not know a name, and still lists the others.
  { dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/^installed //p'
}

missing_packages() {  # group -> alternatives of which none is installed
  local group=$1 have alternatives name
  have=" $(installed $(tr '|' ' ' <<<"${packages[$group]}") | tr '\n' ' ') "
  for alternatives in ${packages[$group]}; do
    for name in ${alternatives//|/ }; do
      [[ $have == *" $name "* ]] && continue 2
    done
    echo "$alternatives"
  done
}

compiles() {  # group -> true when its headers and programs are there, wherever they come from
  local group=$1 name source=""
  for name in ${programs[$group]:-}; do
    command -v "$name" >/dev/null || return 1
  done
  [[ -n ${headers[$group]:-} ]] || return 0
  command -v "${CXX:-c++}" >/dev/null || return 1
  for name in ${headers[$group]}; do
    source+="#include <$name>"$'\n'
  done
  "${CXX:-c++}" -std=c++20 -x c++ -fsyntax-only - <<<"$source" 2>/dev/null
}

known_to_apt() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }

choose() {  # alternatives... -> one name each
  local alternatives name
  for alternatives in "$@"; do
    for name in ${alternatives//|/ }; do
      known_to_apt "$name" && echo "$name" && continue 2
    done
    echo "deps: this distribution has no ${alternatives//|/ or }; going on, the build tells what it lacks" >&2
  done
}

# Debian starts a service as soon as its package is installed; a TURN server nobody configured must not
# take port 3478. policy-rc.d is Debian's way to say so; one that is already there is left alone.
without_starting_services() {
  local policy=/usr/sbin/policy-rc.d had_coturn status=0
  had_coturn=$(installed coturn)
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    trap "$as_root rm -f $policy" EXIT
  fi
  "$@" || status=$?
  if [[ -z $had_coturn && -n $(installed coturn) ]] && command -v systemctl >/dev/null; then
    $as_root systemctl disable --quiet coturn.service >/dev/null 2>&1 || true  # nor at the next boot
  fi
  return $status
}

needed=()
for group in "$@"; do
  [[ -n ${packages[$group]:-} ]] || { echo "deps: no such group: $group" >&2; exit 2; }
  if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    mapfile -t missing < <(missing_packages "$group")
    (( ${#missing[@]} )) || continue
    echo "deps: needed ${reasons[$group]}: ${missing[*]%%|*}"
    needed+=("${missing[@]}")
  elif ! compiles "$group"; then
    echo "deps: this is no Debian; please install what these Debian packages hold," \
      "needed ${reasons[$group]}:" ${packages[$group]} >&2
    exit 1
  fi
done
(( ${#needed[@]} )) || exit 0

as_root=""
if (( EUID != 0 )); then
  if ! command -v sudo >/dev/null; then
    echo "deps: cannot install them: not root, and there is no sudo. As root, run: tools/deps.sh $*" >&2
    exit 1
  fi
  as_root="sudo"
  echo "deps: installing them with apt-get through sudo, which may ask for your password"
fi

$as_root apt-get update -qq
mapfile -t names < <(choose "${needed[@]}" | sort -u)
(( ${#names[@]} )) || exit 0
log=$(mktemp)
echo "deps: apt-get install ${names[*]}"
if ! without_starting_services $as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${names[@]}" >"$log" 2>&1; then
  cat "$log" >&2
  echo "deps: apt-get failed, see above" >&2
  exit 1
fi
rm -f "$log"
