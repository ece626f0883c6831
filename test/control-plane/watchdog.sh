#!/bin/sh
# Stops the processes of one local control plane and removes its directory, as soon as standard input closes: because
# its owner closes it, or because the owner has ended, for whatever reason.
# Usage: watchdog.sh DIRECTORY
directory=$1
cat >/dev/null

command_line() {
  if [ -r "/proc/$1/cmdline" ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -o command= -p "$1"; fi 2>/dev/null
}

# A recorded id may long since belong to another program; those of this control plane name its directory.
ours() {
  [ -n "$1" ] && command_line "$1" | grep -qF -- "$directory"
}

# The process that creates the cluster is about to record its id.
tries=0
while [ -f "$directory/creating.pid" ] && [ ! -s "$directory/creating.pid" ] && [ $tries -lt 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done

# A cluster that is still being created records its processes one by one: let it finish, then stop them all.
tries=0
while [ -f "$directory/creating.pid" ] && ours "$(cat "$directory/creating.pid")" && [ $tries -lt 600 ]; do
  sleep 0.1
  tries=$((tries + 1))
done

tries=0
while [ $tries -lt 100 ]; do
  left=0
  for file in "$directory"/*.pid "$directory"/clusters/*/pids/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    if ours "$pid"; then
      left=1
      kill -KILL "$pid"
    fi
  done
  [ $left = 0 ] && break
  sleep 0.1
  tries=$((tries + 1))
done

# The control groups of a real node's pods are removed when they are empty, the innermost first.
tries=0
while [ $tries -lt 100 ]; do
  groups=$(find /sys/fs/cgroup -depth -type d -path "*/$(basename "$directory")-*" 2>/dev/null)
  [ -z "$groups" ] && break
  echo "$groups" | xargs rmdir 2>/dev/null
  sleep 0.1
  tries=$((tries + 1))
done
# The addresses of its istiods: see istiod-address.ts.
if command -v ip >/dev/null; then
  ip address flush dev lo label "lo:${directory#"${directory%??????}"}" 2>/dev/null
fi
rm -rf "$directory"
