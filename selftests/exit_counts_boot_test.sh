#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Boot a whole Linux guest, and compare for every exit reason what KVM counted
# with what its tracepoint kvm:kvm_exit reported: not one exit more or less.
#
# GUEST_RUN is a command that boots a guest and ends it, see "run --help".
set -u

counts=/sys/kernel/debug/kvm_exits
instance=/sys/kernel/tracing/instances/exit_counts_boot_$$
event=$instance/events/kvm/kvm_exit
trigger=hist:keys=exit_reason:size=256
work=

skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

require()
{
	[ -e "$counts/reasons" ] || skip "kvm_exits is not loaded"
	[ -d /sys/kernel/tracing/instances ] || skip "no tracefs"
	[ -e /sys/kernel/tracing/events/kvm/kvm_exit/hist ] || skip "no hist triggers"
	[ -z "$(ls "$counts/vms")" ] || skip "other VMs are running"
	command -v "${GUEST_RUN%% *}" >/dev/null || skip "no command '$GUEST_RUN'"
}

clean_up()
{
	[ ! -e "$event/trigger" ] || echo "!$trigger" >"$event/trigger"
	[ ! -d "$instance" ] || rmdir "$instance"
	rm -rf "$work"
}

# "reason exits", one a line
counted()
{
	awk '$1 != "#" { print ($1 == "-" ? 86 : $1), $3 }' "$counts/reasons"
}

# The same, of "{ exit_reason:  48 } hitcount:  7". Bit 31 tells that the VM
# entry failed; what is above the highest reason is one.
traced()
{
	awk '/exit_reason:/ {
		reason = $3 % 65536
		exits[reason > 86 ? 86 : reason] += $6
	}
	END { for (reason in exits) print reason, exits[reason] }' "$1"
}

# compare BEFORE AFTER TRACED: a line for each reason that differs, then a sum
compare()
{
	awk '
	FILENAME == ARGV[1]	{ counted[$1] -= $2 }
	FILENAME == ARGV[2]	{ counted[$1] += $2 }
	FILENAME == ARGV[3]	{ traced[$1] += $2 }
	END {
		for (reason in traced)
			counted[reason] += 0
		for (reason in counted) {
			sum += counted[reason]
			kinds += counted[reason] > 0
			if (counted[reason] != traced[reason] + 0)
				printf "# reason %d: counted %d, traced %d\n", reason,
					counted[reason], traced[reason]
		}
		printf "# %d exits of %d reasons\n", sum, kinds
	}' "$@"
}

# result NUMBER DESCRIPTION: of the command before
result()
{
	if [ $? -eq 0 ]; then
		echo "ok $1 $2"
	else
		echo "not ok $1 $2"
		status=1
	fi
}

: "${GUEST_RUN:=guest run true}"
echo "TAP version 13"
require
echo "1..4"
status=0
work=$(mktemp -d)
trap clean_up EXIT
mkdir "$instance"
echo "$trigger" >"$event/trigger"
counted >"$work/before"

$GUEST_RUN </dev/null
result 1 "$GUEST_RUN"

counted >"$work/after"
cat "$event/hist" >"$work/hist"
grep -q '^ *Dropped: 0$' "$work/hist"
result 2 "the trace is complete"

traced "$work/hist" >"$work/traced"
compare "$work/before" "$work/after" "$work/traced" | tee "$work/compared"
! grep -q '^# reason' "$work/compared"
result 3 "counters equal the tracepoint for every reason"

awk '{ exit !($2 >= 1000 && $5 >= 5) }' "$work/compared"
result 4 "at least 1000 exits of 5 reasons, as a boot takes"
exit $status
