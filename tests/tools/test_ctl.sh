#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# netmap and vale-ctl, beside a netmapd of their own (NETMAP_SOCKET).
#
# usage: test_ctl.sh NETMAP VALE_CTL PKT_GEN EXAMPLE
#   EXAMPLE  the commands of vale-ctl's page
set -u
netmap=$1
vale_ctl=$2
pkt_gen=$3
example=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
failed=0

# claim TEXT COMMAND...: it succeeds
claim() {
	local text=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/out" 2>&1; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text"
		sed 's/^/# /' "$dir/out"
		failed=1
	fi
}

# says STATUS PATTERN COMMAND...
says() {
	local status=$1 pattern=$2
	shift 2
	"$@" >"$dir/said" 2>&1
	local got=$?
	cat "$dir/said"
	echo "exit status $got, wanted $status and /$pattern/"
	[ $got -eq "$status" ] && grep -qE "$pattern" "$dir/said"
}

# json PYTHON COMMAND...: what it prints is JSON of which the expression holds
json() {
	local expression=$1
	shift
	"$@" | python3 -c "import json, sys; v = json.load(sys.stdin); print(v)
assert $expression"
}

claim "status names the home and the daemon" \
	says 0 'netmapd .*process [0-9]+' "$netmap" status
claim "status does so in JSON" \
	json 'v["home"] == "netmapd" and v["running"]' "$netmap" status --json
claim "of an interface it says that those need the module" \
	says 1 '^netmap status: lo: network interfaces need the kernel module' \
	"$netmap" status lo
claim "where the device cannot be opened, that is said" \
	says 1 '^netmap status: /dev/netmap: ' \
	env NETMAP_HOME=kernel "$netmap" status netmap:lo
claim "an interface that is not there is named" \
	says 1 '^netmap status: none0: there is no such interface' \
	env NETMAP_HOME=kernel "$netmap" status none0
claim "a second interface is usage" says 2 'no such argument: b' \
	"$netmap" status a b
claim "no port is an empty list" json 'v == []' "$netmap" ports --json

claim "a persistent port is made" \
	says 0 'made; 1\+1 rings of 64\+64 slots' "$vale_ctl" -v -n v0 -C 64
claim "it is shown" says 0 'tx 1 rings of 64 slots' "$vale_ctl" -g v0
claim "it is attached" says 0 'attached' "$vale_ctl" -v -a vale0:v0
claim "it is listed" says 0 'vale0:v0 +switch 0 port 0' "$vale_ctl"
claim "and found" says 0 'switch 0 port 0' "$vale_ctl" -l vale0:v0
claim "a port that is not there is not found" \
	says 1 'has no such port' "$vale_ctl" -l vale0:v1
claim "ports has it" \
	json 'any(p["name"] == "v0" and p["tx"]["slots"] == 64 for p in v)' \
	"$netmap" ports --json
claim "it is not removed while it is attached" \
	says 1 'vale-ctl: v0: ' "$vale_ctl" -r v0
claim "errors says why" says 0 'vale-ctl\[[0-9]+\]  .*v0' "$netmap" errors
claim "it is detached" says 0 'detached' "$vale_ctl" -v -d vale0:v0
claim "it is removed" says 0 'removed' "$vale_ctl" -v -r v0
claim "what is not there is refused in a sentence" \
	says 1 'vale-ctl: vale3:x: ' "$vale_ctl" -d vale3:x

"$pkt_gen" -i vale0:a -f tx -n 0 >/dev/null 2>&1 &
sender=$!
"$pkt_gen" -i vale0:b -f rx >/dev/null 2>&1 &
receiver=$!
# Until both have opened their port.
for _ in {1..200}; do
	[ "$("$vale_ctl" | wc -l)" -lt 2 ] || break
	read -rt 0.05 <>/dev/zero || :
done
claim "top shows rates and why frames are lost" json \
	'any(r["port"] == "vale0:a" and r["per_second"]["sent"] > 0 for r in v)' \
	"$netmap" top --count=1 --interval=0.5 --json
kill "$sender" "$receiver"
wait "$sender" "$receiver" 2>/dev/null

mkdir "$dir/bin"
ln -s "$(realpath "$vale_ctl")" "$dir/bin/"
claim "the example of vale-ctl(8) runs" \
	env PATH="$dir/bin:$PATH" bash -e "$example"

claim "an unknown command is usage" says 2 'no command' "$netmap" frobnicate
claim "so is no command" says 2 usage "$netmap"
claim "and an option that is none" says 2 'no option' "$netmap" ports --frob
claim "two actions are one too many" says 2 'one action' \
	"$vale_ctl" -n a -r b
claim "letters are no numbers" says 2 'numbers' "$vale_ctl" -n a -C x
claim "help is no failure" says 0 usage "$netmap" --help
claim "nor is that of vale-ctl" says 0 usage "$vale_ctl" --help

echo "1..$n"
exit $failed
