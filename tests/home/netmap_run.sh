#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# netmap-run says what it cannot run, and is otherwise the program.
#
# usage: netmap_run.sh NETMAP_RUN STATIC_PROGRAM
set -u
run=$1 static=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# claim STATUS TEXT COMMAND...: ends so, and says TEXT.
claim() {
	local wanted=$1 text=$2 status
	shift 2
	"$@" >"$dir/out" 2>&1
	status=$?
	if [ $status -ne "$wanted" ] || ! grep -q -- "$text" "$dir/out"; then
		echo "$*: status $status, wanted $wanted with \"$text\":"
		cat "$dir/out"
		failed=1
	fi
}

printf 'no program' >"$dir/text"
claim 0 'usage: netmap-run' "$run" --help
claim 2 'usage: netmap-run' "$run"
claim 2 'usage: netmap-run' "$run" --what
claim 127 'No such file' "$run" "$dir/none"
claim 127 'No such file' "$run" no-such-program-anywhere
claim 126 'Permission denied' "$run" "$dir/text"
claim 126 'statically linked' "$run" "$static"
claim 0 'libnetmap-preload.so' "$run" printenv LD_PRELOAD
claim 7 out "$run" sh -c 'echo out; exit 7'
claim 0 ':/other.so' env LD_PRELOAD=/other.so "$run" -- printenv LD_PRELOAD
claim 0 'one two' "$run" echo one two
if [ "$(id -u)" -eq 0 ] && chown 4711 "$dir/text" 2>/dev/null; then
	chmod 4755 "$dir/text"
	claim 126 'set-user-ID' "$run" "$dir/text"
fi
exit $failed
