#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# When netmapd comes, stays and goes; and what it says where it cannot.
#
# usage: lifetime.sh NETMAPD VALE_CTL
set -u
netmapd=$1
vale_ctl=$2

dir=$(mktemp -d)
sock=$dir/netmapd.sock
export NETMAP_SOCKET=$sock NETMAP_HOME=netmapd NETMAPD=$netmapd

# The processes that serve at our socket.
served_by() {
	# Not among grep's own arguments, where it would be found.
	grep -lszxFf - /proc/[0-9]*/cmdline <<<"$sock" | grep -o '[0-9]*'
}

clean_up() {
	local pid

	for pid in $(served_by); do
		kill -9 "$pid"
	done
	rm -rf "$dir"
}
trap clean_up EXIT

fail() {
	echo "$*"
	cat "$dir/err" 2>/dev/null
	exit 1
}

now_ms() {
	local t=${EPOCHREALTIME//[^0-9]/}
	echo $((t / 1000))
}

# await COMMAND...: until it is true
await() {
	local end=$(($(now_ms) + 30000))

	until "$@"; do
		[ "$(now_ms)" -lt $end ] || fail "it does not come true: $*"
		sleep 0.02
	done
}

# switches PID: how often its threads have gone to sleep, all together
switches() {
	cat /proc/"$1"/task/*/status |
		awk '/^voluntary_ctxt_switches:/ { n += $2 } END { print n }'
}

is_gone() { [ ! -e "$sock" ] && [ -z "$(served_by)" ]; }

# refused TEXT COMMAND...: status 1, and one line that has TEXT
refused() {
	local text=$1 status=0
	shift

	"$@" 2>"$dir/err" || status=$?
	[ $status -eq 1 ] || fail "status $status: $*"
	[ "$(wc -l <"$dir/err")" -eq 1 ] || fail "not one line: $*"
	grep -qF -- "$text" "$dir/err" || fail "no '$text': $*"
	[ -z "$(served_by)" ] || [ "${pid:-}" ] || fail "it is there: $*"
}

echo "programs that come at once start one netmapd, which goes 2 s later"
programs=()
for i in 1 2 3 4 5 6; do
	"$vale_ctl" >"$dir/out$i" 2>&1 &
	programs+=($!)
done
for i in "${programs[@]}"; do
	wait "$i" || fail "a program failed: $(cat "$dir"/out*)"
done
began=$(now_ms)
"$vale_ctl" >/dev/null 2>"$dir/err" || fail "the last program failed"
[ "$(served_by | wc -l)" -eq 1 ] || fail "there are these: $(served_by)"
await is_gone
[ $(($(now_ms) - began)) -ge 2000 ] || fail "it has gone too early"

echo "it stays while a persistent port does"
"$vale_ctl" -n v0 2>"$dir/err" || fail "no persistent port"
pid=$(served_by)
idle_since=$(switches "$pid")
sleep 3
[ "$(served_by)" = "$pid" ] || fail "it has gone"
"$vale_ctl" 2>"$dir/err" >/dev/null || fail "it does not serve"
[ "$(served_by)" = "$pid" ] || fail "it is another one"

echo "idle, it takes no processor time, and at most 10 MiB"
# The call above has woken the thread that serves calls, and nothing else has.
[ $(($(switches "$pid") - idle_since)) -le 8 ] ||
	fail "switches in 3 s: $idle_since to $(switches "$pid")"
if ! grep -qa __asan_init "$netmapd"; then
	rss=$(awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status")
	[ "$rss" -le 10240 ] || fail "it takes $rss KiB"
fi

echo "there is one at a socket"
refused "serves at $sock already" "$netmapd" --foreground --socket "$sock"
[ "$(served_by)" = "$pid" ] || fail "the first has gone"
"$netmapd" --on-demand --socket "$sock" 2>"$dir/err" || fail "status $?"
[ "$(served_by)" = "$pid" ] || fail "there are two"
rm "$sock.lock"
refused "serves at $sock already" "$netmapd" --foreground --socket "$sock"
[ "$(served_by)" = "$pid" ] || fail "the first has gone, with its lock"

echo "SIGTERM ends it, and its socket"
kill "$pid"
await is_gone
pid=

echo "a killed one's socket is no obstacle"
"$vale_ctl" -n v0 2>"$dir/err" || fail "no persistent port"
kill -9 "$(served_by)"
await test -z "$(served_by)"
[ -S "$sock" ] || fail "the socket has gone by itself"
"$vale_ctl" 2>"$dir/err" >/dev/null || fail "it does not come again"
await is_gone

echo "what it lacks is said in a sentence, to who started it"
limited() {
	local what=$1 n=$2
	shift 2
	(ulimit "-$what" "$n" && exec "$@")
}
for n in 6 7 8; do
	refused 'Too many open files: ulimit -n' \
		limited n $n "$netmapd" --foreground --socket "$sock"
	[ ! -e "$sock" ] || fail "its socket is left"
	refused 'Too many open files' \
		limited n $n "$netmapd" --socket "$sock"
	[ ! -e "$sock" ] || fail "its socket is left"
done
# An instrumented program needs more than any limit.
if ! grep -qa __asan_init "$netmapd"; then
	refused 'ulimit -v' limited v 16000 "$netmapd" --socket "$sock"
	[ ! -e "$sock" ] || fail "its socket is left"
fi

echo "paths that cannot be are named"
long=$(printf '%0120d' 0)
refused 'has 134 characters and 107 are the most' \
	"$netmapd" --socket "/$long/netmapd.sock"
refused 'No such file or directory' "$netmapd" --socket "$dir/no/netmapd.sock"
refused 'has to begin with /' "$netmapd" --socket netmapd.sock

echo "a folder that is another's, or open to others, is not used"
unset NETMAP_SOCKET
export XDG_RUNTIME_DIR=$dir
if [ ! -S /run/netmap/netmapd.sock ]; then
	mkdir -m 0755 "$dir/netmap"
	refused 'has mode 0755, which lets others in' "$netmapd"
	chmod 0700 "$dir/netmap"
	if [ "$(id -u)" = 0 ]; then
		chown 1 "$dir/netmap"
		refused "is user 1's and not user 0's" "$netmapd"
		chown 0 "$dir/netmap"
		chown 1 "$dir"
		refused "is user 1's and not user 0's" "$netmapd"
		chown 0 "$dir"
	fi
fi
XDG_RUNTIME_DIR=$dir/no refused "which cannot be used (No such file" "$netmapd"
XDG_RUNTIME_DIR=/dev/null refused 'which is no directory' "$netmapd"

# A program: whatever else it says, one sentence is the library's.
said() {
	local text=$1
	shift

	if "$@" >/dev/null 2>"$dir/err"; then
		fail "it works: $*"
	fi
	[ "$(grep -c '^netmap: ' "$dir/err")" -eq 1 ] || fail "not one: $*"
	grep -qF -- "$text" "$dir/err" || fail "no '$text': $*"
}

echo "a program is told the same"
if [ ! -S /run/netmap/netmapd.sock ]; then
	XDG_RUNTIME_DIR=$dir/no said 'which cannot be used' "$vale_ctl"
	chmod 0755 "$dir/netmap"
	said 'has mode 0755, which lets others in' "$vale_ctl"
	chmod 0700 "$dir/netmap"
	if [ "$(id -u)" = 0 ]; then
		chown 1 "$dir/netmap"
		said "is user 1's and not user 0's" "$vale_ctl"
		chown 0 "$dir/netmap"
	fi
fi
export NETMAP_SOCKET=$sock
NETMAP_SOCKET=/$long/netmapd.sock said '107 are the most' "$vale_ctl"
NETMAPD=$dir/no said 'cannot be run (No such file' "$vale_ctl"
NETMAPD=/bin/false said 'ended at once (status 1)' "$vale_ctl"
"$vale_ctl" -n v0 2>"$dir/err" || fail "no persistent port"
# One is needed to be loaded at all.
for n in 4 5 6; do
	said 'ulimit -n raises their number' limited n $n "$vale_ctl"
done
exit 0
