#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What is set aside must be that, and nothing else.  Prints TAP.
set -eu

[ $# -eq 1 ] || { echo "usage: set-aside-races_test.sh DIRECTORY" >&2; exit 2; }
out=$1/races
mkdir -p "$1"
count=0
failures=0

# check NAME HAVE WANT
check()
{
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - races: $1"
	else
		failures=$((failures + 1))
		echo "not ok $count - races: $1"
		echo "# have: $2"
		echo "# want: $3"
	fi
}

# race FUNCTION FUNCTION: as KCSAN reports it, a module's name behind its functions
race()
{
	first="${1%% *}+0x1/0x2${1#"${1%% *}"}"
	second="${2%% *}+0x1/0x2${2#"${2%% *}"}"
	line=$(printf '%66s' '' | tr ' ' =)
	printf '%s\n' "$line" "BUG: KCSAN: data-race in $first / $2" '' \
		'write to 0xffff of 8 bytes by task 1 on cpu 0:' " $first" '' \
		'read to 0xffff of 8 bytes by task 2 on cpu 1:' " $second" '' \
		'Reported by Kernel Concurrency Sanitizer on:' 'CPU: 0 PID: 1' \
		'Workqueue: events of_kvm [kvm]' "$line"
}

tab=$(printf '\t')
printf '%s\n' '# The first that matches counts.' '!.*_counted.*' '' \
	'.*_known \[kvm]' "${tab}is known" >"$out.known"
{
	echo "a line before"
	race scheduler timer
	race 'kvm_reader [kvm]' timer
	race 'kvm_reader [kvm]' 'kvm_known [kvm]'
	race 'kvm_counted [kvm]' 'kvm_known [kvm]'
	race 'kvm_client [kvm_exits]' timer
	race timer scheduler | head -n 6
} >"$out.console"
"$(dirname "$0")/set-aside-races" "$out.known" "$out.report" <"$out.console" >"$out.left"
check "what is left" "$(sed -n 's/.*KCSAN: data-race in //p' "$out.left")" \
	"kvm_reader+0x1/0x2 [kvm] / timer
kvm_counted+0x1/0x2 [kvm] / kvm_known [kvm]
kvm_client+0x1/0x2 [kvm_exits] / timer
timer+0x1/0x2 / scheduler"
check "what is set aside" "$(awk -F '  +|\t' '{ print $3 ": " $4 }' "$out.report" | sort)" \
	"kvm_reader [kvm] / kvm_known [kvm]: is known
scheduler / timer: not about KVM"
check "lines keep their numbers" "$(wc -l <"$out.left")" "$(wc -l <"$out.console")"

echo "1..$count"
[ $failures -eq 0 ]
