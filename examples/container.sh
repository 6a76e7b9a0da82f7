#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# container.sh - a program in a container has one netmap port and nothing else:
# no network, no /dev, no netmapd, no process but its own, no file but the
# program and its libraries. The port is opened outside and passed in (pass.c);
# no step takes root.
#
#	./container.sh vale0:c ./take 1000
set -eu

port=$1
shift
root=$(mktemp -d)
trap 'rmdir "$root"' EXIT
# shellcheck disable=SC2016  # for the shell in the container
"$(dirname "$0")/pass" "$port" \
	unshare --user --map-root-user --mount --pid --fork --kill-child \
	--net --ipc --uts sh -euc '
	root=$1
	shift
	mount -t tmpfs container "$root"
	# The program, and what it is linked with.
	cp -L --parents "$1" $(ldd "$1" | grep -o "/[^ ]*") "$root"
	exec unshare --root "$root" "$@"' container "$root" "$@"
