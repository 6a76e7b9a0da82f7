#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Runs the example of a man page.
#
# usage: test_examples.sh EXAMPLE.sh PKT_GEN BRIDGE
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
example=$1
shift
for program in "$@"; do
	ln -s "$(realpath "$program")" "$dir/"
done
PATH=$dir:$PATH timeout 120 bash -e "$example" 2>&1 | tee "$dir/out"
[ "${PIPESTATUS[0]}" -eq 0 ]
grep -qE '1 streams, 0 lost|[1-9][0-9]* answered' "$dir/out"
