#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Runs the example of a man page, which is to say something.
#
# usage: test_examples.sh EXAMPLE.sh PATTERN PROGRAM...
#   PATTERN  a line of the output has it (grep -E)
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
example=$(realpath "$1")
pattern=$2
shift 2
for program in "$@"; do
	ln -s "$(realpath "$program")" "$dir/"
done
cd "$dir"
PATH=$dir:$PATH TMPDIR=$dir timeout 120 bash -e "$example" 2>&1 | tee out
[ "${PIPESTATUS[0]}" -eq 0 ]
grep -qE "$pattern" out
