#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Records the captures of this folder again: real traffic of real programs
# between two network namespaces.
#
#      namespace "left"                            namespace "right"
#   +---------------------+                     +---------------------+
#   | ping, iperf3 client |                     |       iperf3 server |
#   |   10.9.0.1          |                     |          10.9.0.2   |
#   |   fd09::1           |                     |          fd09::2    |
#   |  02:00:00:00:00:0a  |                     |  02:00:00:00:00:0b  |
#   |       veth-l  ======+=====================+======  veth-r       |
#   +----------|----------+    no offloads,     +---------------------+
#              |               MTU 1500 or 9000
#           tcpdump  (whole frames)
#
# Offloads are off on both ends, so that a frame in the capture is a frame as
# it would be on a wire: at most MTU + 14 bytes, with its checksums filled in.
#
# Usage: record.sh [FOLDER]      (default: the folder of this script)
# Needs: iproute2 ethtool iputils-ping iperf3 tcpdump. As a plain user it works
# where user namespaces are allowed. Nothing outside its namespaces is touched.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}

if [ "${RECORD_STAGE:-}" != inside ]; then
	for tool in ip ethtool ping iperf3 tcpdump; do
		PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null ||
			{ echo "record.sh: $tool is missing" >&2; exit 1; }
	done
	userns=
	[ "$(id -u)" = 0 ] || userns=--map-root-user
	RECORD_STAGE=inside exec unshare $userns --net --mount --pid --fork \
		--kill-child "$0" "$out"
fi

export PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs none /run
mount -t proc none /proc

left()  { ip netns exec left "$@"; }
right() { ip netns exec right "$@"; }

# wait_for COMMAND...: until it succeeds, at most 10 s
wait_for()
{
	local deadline=$((SECONDS + 10))

	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] ||
			{ echo "record.sh: gave up: $*" >&2; exit 1; }
	done
}

listening() { right ss -Htln "sport = :5201" | grep -q LISTEN; }
capturing() { grep -q "listening on" /run/tcpdump.log; }
counter() { left cat "/sys/class/net/veth-l/statistics/$1"; }
frames_in() { tcpdump -n -r "$1" 2>/dev/null | wc -l; }
# every frame that crossed the interface is in the file
complete()
{
	local crossed=$(($(counter rx_packets) + $(counter tx_packets)))

	[ "$(frames_in "$1")" = $crossed ]
}
no_tentative() { ! "$1" ip -6 addr show dev "$2" tentative | grep -q inet6; }

link_up() # MTU
{
	ip netns add left
	ip netns add right
	ip link add veth-l netns left address 02:00:00:00:00:0a mtu "$1" \
		type veth peer name veth-r netns right \
		address 02:00:00:00:00:0b mtu "$1"
	for side in left right; do
		for feature in tso gso gro rx tx sg; do
			$side ethtool -K "veth-${side:0:1}" $feature off \
				>/dev/null 2>&1 || true
		done
		$side ip link set lo up
	done
}

addresses()
{
	for side in left right; do
		n=1
		[ $side = left ] || n=2
		$side ip addr add 10.9.0.$n/24 dev "veth-${side:0:1}"
		$side ip addr add fd09::$n/64 dev "veth-${side:0:1}"
		$side ip link set "veth-${side:0:1}" up
	done
	wait_for no_tentative left veth-l
	wait_for no_tentative right veth-r
}

link_down()
{
	ip netns del left
	ip netns del right
}

# record FILE MTU COMMAND...: what COMMAND and the set-up of the link put on
# the wire, from the first frame (the interfaces announcing themselves) on
record()
{
	local file=$1 mtu=$2 dumper
	shift 2

	link_up "$mtu"
	left ip link set veth-l up
	: >/run/tcpdump.log
	ip netns exec left tcpdump -i veth-l -n -s 0 -U -B 65536 -Z root -w "/run/$file" \
		2>/run/tcpdump.log &
	dumper=$!
	wait_for capturing
	addresses
	ip netns exec right iperf3 -s -1 >/dev/null 2>&1 &
	server=$!
	wait_for listening
	left "$@"
	kill "$server" 2>/dev/null || true
	wait "$server" || true
	wait_for complete "/run/$file"
	kill $dumper
	wait $dumper || true
	grep -q "^0 packets dropped by kernel" /run/tcpdump.log ||
		{ cat /run/tcpdump.log >&2; exit 1; }
	mv "/run/$file" "$out/$file"
	link_down
}

pings()
{
	local size

	for size in 0 1 18 56 100 512 1000 1472; do
		ping -q -n -c 20 -i 0.01 -s $size 10.9.0.2
		ping -q -n -c 20 -i 0.01 -s $size fd09::2
	done
	# larger than the MTU: IP fragments, and a broadcast nobody answers
	ping -q -n -c 5 -i 0.01 -s 4000 10.9.0.2
	ping -q -n -c 3 -i 0.01 -W 0.1 -b 10.9.0.255 || true
}

export -f pings

record ping.pcap  1500 bash -c pings >/dev/null
record tcp.pcap   1500 iperf3 -c 10.9.0.2 -n 2500K >/dev/null
record udp.pcap   1500 iperf3 -c 10.9.0.2 -u -l 18 -b 4M -n 150K >/dev/null
record jumbo.pcap 9000 iperf3 -c fd09::2 -n 1700K >/dev/null

for file in "$out"/*.pcap; do
	echo "$file: $(frames_in "$file") frames, $(stat -c %s "$file") bytes"
done
