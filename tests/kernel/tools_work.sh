#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The same pkt-gen and bridge on the module, or on netmapd: numbers over a pipe,
# pings over a bridge of two switches, frames sent from memory of the program's,
# which netmapd does not read.
set -u

# has FILE TEXT: waits for that in the output.
has() {
	i=0
	until grep -q "$2" "$1"; do
		i=$((i + 1))
		[ $i -lt 600 ] || {
			echo "no '$2' in $1:"
			cat "$1"
			exit 1
		}
		sleep 0.1
	done
}

cd /tmp || exit 1
pkt-gen -v -T 0 -i 'netmap:p{1' -f rxseq -n 100k >rx.out 2>&1 &
has rx.out 'netmap:p{1'
pkt-gen -T 0 -i 'netmap:p}1' -f txseq -n 100k || exit 1
has rx.out '1 streams, 0 lost, 0 out of order, 0 twice, 0 without'

bridge -v vale0:m vale1:m >bridge.out 2>&1 &
bridge=$!
pkt-gen -v -T 0 -i vale1:b -f pong >pong.out 2>&1 &
pong=$!
has bridge.out 'are copied'
has pong.out 'vale1:b'
pkt-gen -T 0 -i vale0:a -f ping -n 100 -l 3000 >ping.out 2>&1 || exit 1
has ping.out 'Sent 100 packets, [0-9]* answered'
kill $bridge $pong
has pong.out 'Sent back 100 packets'
has bridge.out '100 packets, 300000 bytes'

[ "${NETMAP_HOME:-}" = netmapd ] && exit
pkt-gen -v -T 0 -i vale0:b -n 600 >rx.out 2>&1 &
has rx.out 'vale0:b'
pkt-gen -T 0 -i vale0:a -f tx -n 300 -I || exit 1
pkt-gen -T 0 -i vale0:a -f tx -n 300 -I -l 1000 -d 10.0.0.1:1-99 || exit 1
has rx.out 'Received 600 packets, 318000 bytes'
wait
