#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# ovs.sh - Open vSwitch with its switch in user space, between two devices, in the
# network namespace of the caller; until standard input ends. Says "ready", or why
# not.
#
# usage: ovs.sh DEVICE DEVICE
set -eu

PATH=$PATH:/usr/sbin:/sbin
for tool in ovsdb-tool ovsdb-server ovs-vswitchd ovs-vsctl; do
	if ! command -v "$tool" >/dev/null; then
		echo "$tool is not installed (openvswitch-switch)"
		exit 1
	fi
done

dir=$(mktemp -d)
pids=
clean_up() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap clean_up EXIT
export OVS_RUNDIR="$dir" OVS_LOGDIR="$dir" OVS_DBDIR="$dir"

ovsdb-tool create "$dir/conf.db" \
	/usr/share/openvswitch/vswitch.ovsschema 2>"$dir/err" ||
	{ tail -n 1 "$dir/err"; exit 1; }
ovsdb-server --remote="punix:$dir/db.sock" --unixctl="$dir/db.ctl" \
	"$dir/conf.db" >"$dir/db.log" 2>&1 &
pids=$!
until [ -S "$dir/db.sock" ]; do
	kill -0 "$pids" || { tail -n 1 "$dir/db.log"; exit 1; }
	sleep 0.05
done
ovs-vswitchd --disable-system --unixctl="$dir/vswitchd.ctl" \
	"unix:$dir/db.sock" >"$dir/vswitchd.log" 2>&1 &
pids="$! $pids"
ovs-vsctl --timeout=10 --db="unix:$dir/db.sock" -- --may-exist add-br bovs \
	-- set bridge bovs datapath_type=netdev \
	-- add-port bovs "$1" -- add-port bovs "$2" 2>"$dir/err" ||
	{ tail -n 1 "$dir/err"; exit 1; }
echo ready
cat >/dev/null
