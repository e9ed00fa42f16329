#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds turnpike and runs it with a development configuration in build/run/, made at the first run and kept.
# TURNPIKE_RUN_PORT chooses another port than 3478. Ctrl-C stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly turnpike=build/release/turnpike config=build/run/turnpike.toml secret=build/run/secret

# The port asked for, else the one in the configuration of an earlier run.
port=${TURNPIKE_RUN_PORT:-}
if [[ -z $port && -f $config ]]; then
  port=$(sed -n 's/^udp *=.*:\([0-9]*\)".*/\1/p' $config)
fi
readonly port=${port:-3478}

build() {
  tools/deps.sh build
  # A folder that make test configured stays as it is.
  [[ -f build/release/build.ninja ]] || cmake --preset release -DTURNPIKE_TESTS=OFF -DTURNPIKE_TOOLS=OFF
  cmake --build build/release -j "${JOBS:-$(nproc)}" --target turnpike
}

# Where to listen: every address of this machine.
addresses() {
  echo "0.0.0.0:$port"
  if [[ -n $(cat /proc/net/if_inet6 2>/dev/null) ]]; then
    echo "[::]:$port"
  fi
}

write_config() {
  mkdir -p build/run
  if [[ ! -s $secret ]]; then
    (umask 077 && head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >$secret)
  fi
  [[ -s $config ]] && return
  local listen
  listen=$(addresses | sed 's/.*/"&"/' | paste -sd,)
  cat >$config <<TOML
# Development configuration, written by tools/run.sh; yours to edit, it is not written again.
realm = "turnpike.localhost"

[listen]
udp = [$listen]
tcp = [$listen]

[relay]
addresses = ["auto"]

# Peers on this machine, which a server on the internet must not relay to. Peers in a private network need
# its range here too, such as "192.168.0.0/16".
[peers]
allow = ["127.0.0.0/8", "::1/128"]

[[auth.secret]]
id = "development"
file = "$PWD/$secret"

[log]
level = "info"
format = "text"
TOML
}

# Prints who holds the port, as "udp, by turnserver (pid 12)", a line each; nothing when it is free.
holders() {
  local protocol state inode pid
  for protocol in udp udp6 tcp tcp6; do
    [[ -r /proc/net/$protocol ]] || continue
    state=07  # what the kernel calls an unconnected UDP socket
    [[ $protocol == tcp* ]] && state=0A  # a listening one
    while read -r inode; do
      pid=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | head -n 1 | cut -d/ -f3)
      if [[ -n $pid ]]; then
        echo "${protocol%6}, by $(cat /proc/"$pid"/comm) (pid $pid)"
      else
        echo "${protocol%6}, by a process of another user"
      fi
    done < <(awk -v port="$(printf ':%04X' "$port")" -v state=$state \
      'substr($2, length($2) - 4) == port && $4 == state { print $10 }' /proc/net/$protocol)
  done | sort -u
}

field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" <<<"$2" | head -n 1; }

print_paste_lines() {
  local credential username password
  credential=$($turnpike credential dev --ttl 24h --json --config $config)
  username=$(field username "$credential")
  password=$(field password "$credential")
  cat <<TEXT

turnpike is ready on port $port, UDP and TCP, at 127.0.0.1 $(hostname -I 2>/dev/null)
Configuration: $config    Ctrl-C stops it.

What a browser needs, the argument of new RTCPeerConnection():
$credential

A credential, good for a day:
  username: $username
  password: $password

Try it in another terminal (turnutils_uclient comes with Debian's coturn: tools/deps.sh test; -s because
it takes channel numbers from RFC 5766, three in four of which RFC 8656 has withdrawn):
  turnutils_uclient -y -s -u '$username' -w '$password' -p $port 127.0.0.1

TEXT
}

build
write_config
if [[ -n ${TURNPIKE_RUN_PORT:-} ]]; then
  # The environment goes before the file, which may hold another port.
  TURNPIKE_LISTEN__UDP=$(addresses | paste -sd,)
  export TURNPIKE_LISTEN__UDP TURNPIKE_LISTEN__TCP=$TURNPIKE_LISTEN__UDP
fi
taken=$(holders)
if [[ -n $taken ]]; then
  echo "run: port $port is taken:" >&2
  sed 's/^/  /' <<<"$taken" >&2
  echo "run: stop it, or choose another port: TURNPIKE_RUN_PORT=3480 make run" >&2
  exit 1
fi

# Ctrl-C reaches the server too, being in the same process group: it says goodbye and its output ends.
trap : INT
exec 3< <(exec $turnpike serve --config $config 2>&1)
server=$!
trap 'kill -TERM $server 2>/dev/null || true' TERM HUP
ready=""
while IFS= read -r line <&3; do
  echo "$line"
  if [[ -z $ready && $line == *ready* ]]; then
    ready=yes
    print_paste_lines
  fi
done
wait $server
