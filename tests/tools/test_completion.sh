#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Completion offers what the programs take.
#
# usage: test_completion.sh PKT_GEN BRIDGE COMPLETION_FOLDER
# shellcheck disable=SC1091  # they are given
set -eu

pkt_gen=$1
bridge=$2
. "$3/pkt-gen"
. "$3/bridge"
. "$3/netmap"
compopt() { :; } # which only works while one types

# complete FUNCTION COMMAND WORD...: offers for the last word.
offers() {
	local function=$1
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	"$function" "$1"
	printf '%s\n' "${COMPREPLY[@]}"
}

# has TEXT WORD: a line of the text.
has() {
	grep -qxF -- "$2" <<<"$1" || {
		echo "'$2' is not offered, but:"
		echo "$1"
		exit 1
	}
}

# Each offer is an option of the program, and each of its options is offered.
check_options() {
	local function=$1 program=$2 want

	want=$("$program" --help | grep -oE -- '^ +(-[[:alnum:]], )?--[a-z0-9-]+' |
		grep -oE -- '--[a-z0-9-]+' | sort)
	[ "$(offers "$function" "$program" -- | sort)" = "$want" ]
}

check_options _pkt_gen "$pkt_gen"
check_options _netmap_bridge "$bridge"
has "$(offers _pkt_gen "$pkt_gen" -f '')" rxseq
has "$(offers _pkt_gen "$pkt_gen" --function = t)" txseq
has "$(offers _pkt_gen "$pkt_gen" --function =)" pong
has "$(offers _pkt_gen "$pkt_gen" -i l)" lo
has "$(offers _pkt_gen "$pkt_gen" -i '')" vale0:
has "$(offers _netmap_bridge "$bridge" '')" lo
has "$(offers _netmap netmap status l)" lo
has "$(offers _netmap netmap '')" status
[ -z "$(offers _netmap netmap stop l)" ]
[ -z "$(offers _pkt_gen "$pkt_gen" -n '')" ]
[ -z "$(offers _netmap_bridge "$bridge" -b '')" ]
