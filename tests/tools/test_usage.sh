#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Wrong use is exit 2 with one sentence that has what was given in it; failure
# is exit 1 with one sentence; help and version are exit 0.
#
# usage: test_usage.sh PKT_GEN BRIDGE
set -u

export NETMAP_SOCKET=/nonexistent/netmapd.sock NETMAP_HOME=netmapd
export NETMAPD=/nonexistent
failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

bad() {
	echo "$*"
	sed 's/^/    /' "$dir/err"
	failed=1
}

# expect STATUS TEXT PROGRAM ARGUMENT...
expect() {
	local want=$1 text=$2 status=0
	shift 2

	"$@" >"$dir/out" 2>"$dir/err" || status=$?
	[ $status -eq "$want" ] || bad "exit $status, not $want: $*"
	grep -qF -- "$text" "$dir/err" || bad "no '$text': $*"
	[ "$want" -eq 1 ] || [ "$(wc -l <"$dir/err")" -eq 1 ] ||
		bad "not one line: $*"
}

p=$1
expect 2 '-i is missing' "$p"
expect 2 '-f fly' "$p" -i null -f fly
expect 2 'no option -Q' "$p" -Q
expect 2 'no option --quick' "$p" --quick
expect 2 'argument is missing' "$p" -i
expect 2 '-n -1' "$p" -i null -n -1
expect 2 '-b 8193: not a number from 1 to 8192' "$p" -i null -b 8193
expect 2 '-p 257' "$p" -i null -p 257
expect 2 '-l 65536' "$p" -i null -l 65536
expect 2 '-l 41: shorter' "$p" -i null -f tx -l 41
expect 2 '61: shorter' "$p" -i null -f tx -6 -l 61
expect 2 '49: shorter' "$p" -i null -f txseq -l 49
expect 2 '-d 10.0.0.300' "$p" -i null -d 10.0.0.300
expect 2 'an IPv6 address, but IPv4' "$p" -i null -4 -d fd00::1
expect 2 '-D 1:2:3' "$p" -i null -D 1:2:3
expect 2 '-H 11' "$p" -i null -H 11
expect 2 '-F 65' "$p" -i null -f tx -F 65
expect 2 '-F 3: a frame of 60 bytes has 1 slots of 60' \
	"$p" -i null -f tx -F 3 -M 60 -l 60
expect 2 '-o 8192' "$p" -i null -o 8192
expect 2 '-o 128' "$p" -i null -o 128
expect 2 '-C 1,2,3,4,5' "$p" -i null -C 1,2,3,4,5
expect 2 'tx and txseq only' "$p" -i null -f rx -F 2
expect 2 'for rx only' "$p" -i null -f tx --write x
expect 2 'one argument too many' "$p" null vale0:a x
expect 2 'there is a port already' "$p" -i null vale0:a
expect 1 'vale0:a' "$p" -i vale0:a
expect 1 '/nonexistent' "$p" -i pcap:/nonexistent/file
expect 1 '/nonexistent/file' "$p" -i null -f tx -P /nonexistent/file
expect 1 'has no slots' "$p" -i null -f tx -F 2
expect 1 'serves one thread, not 2' "$p" -i pcap:x -f tx -p 2

b=$2
expect 2 '-i is missing' "$b"
expect 2 'c: a third port' "$b" -i a -i b c
expect 2 '-b 0' "$b" -b 0 vale0:a vale0:b
expect 2 '-L' "$b" -L vale0:a vale0:b
expect 2 'no option --loops' "$b" --loops vale0:a
expect 1 'vale0:a' "$b" vale0:a vale1:b

for program in "$p" "$b"; do
	for option in --help -h --version; do
		"$program" "$option" >"$dir/out" 2>"$dir/err" ||
			bad "exit $?: $program $option"
		[ -s "$dir/out" ] || bad "nothing on stdout: $option"
		[ ! -s "$dir/err" ] || bad "something on stderr: $option"
	done
	! "$program" --help | grep -q '.\{81\}' || bad "lines of more than 80"
done
exit $failed
