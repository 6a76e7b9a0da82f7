# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# For tests that start programs beside netmapd, in TAP. Sets $dir, a folder that
# goes with the test; programs linked in $dir/bin are found.

dir=$(mktemp -d)
chmod 755 "$dir"
mkdir "$dir/bin"
PATH=$dir/bin:$PATH
pids=()
n=0
failed=0

end() {
	local pid

	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait
	rm -rf "$dir"
}
trap end EXIT

# until_true COMMAND...: true once it is; false after 30 seconds.
until_true() {
	local i

	for ((i = 0; i < 600; i++)); do
		"$@" && return
		read -rt 0.05 <>/dev/zero || :
	done
	return 1
}

# start NAME PROGRAM ARGUMENT...: in the background; its output is $dir/NAME.
start() {
	local name=$1
	shift
	timeout 60 "$@" >"$dir/$name" 2>&1 <"${input:-/dev/null}" &
	pids+=($!)
}

exists() {
	vale-ctl | grep -q "^$1 "
}

# port NAME: waits until it is there.
port() {
	until_true exists "$1"
}

# ended NAME: the program that was started last ends well.
ended() {
	wait "${pids[-1]}" && return
	sed "s/^/# $1: /" "$dir/$1"
	return 1
}

# says NAME TEXT: a line of its output begins so.
says() {
	grep -q -- "^$2" "$dir/$1" && return
	sed "s/^/# $1: /" "$dir/$1"
	return 1
}

# claim TEXT COMMAND...: one test.
claim() {
	local text=$1
	shift
	n=$((n + 1))
	if "$@" 2>"$dir/error"; then
		echo "ok $n $text"
	else
		echo "not ok $n $text"
		sed 's/^/# /' "$dir/error"
		failed=1
	fi
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid"
		wait "$pid"
	done 2>/dev/null
	pids=()
}

# skip TEXT REASON
skip() {
	n=$((n + 1))
	echo "ok $n $1 # SKIP $2"
}

# Has users who may make containers; why not is in $dir/no.
has_containers() {
	unshare --user --map-root-user --mount --pid --fork --net true \
		2>"$dir/no"
}

# programs FILE...: found by their names from now on.
programs() {
	local file

	for file in "$@"; do
		ln -s "$(realpath "$file")" "$dir/bin/"
	done
}

# Ends the test.
finish() {
	echo "1..$n"
	[ "$failed" -eq 0 ]
}
