#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run whole Linux guests, one kind after the other, and compare for every exit
# reason what KVM counted with what its tracepoint kvm:kvm_exit reported: not
# one exit more or less.  Meanwhile the host's total must never go backwards, and the
# time of all vCPUs must be accounted for, to the cycle, whenever it is read.
#
# Needs the lab host's command "guest", or GUEST_RUN, a command that boots a
# guest and ends it.  NESTED_RUN is a command that a guest with KVM runs its own guests
# by, in place of "guest": a selftest, where VM entries of a guest take very long.
set -u

counts=/sys/kernel/debug/kvm_exits
time=/sys/module/kvm/parameters/exit_counters_time
time_before=
instance=/sys/kernel/tracing/instances/exit_counts_guests_$$
event=$instance/events/kvm/kvm_exit
trigger=hist:keys=exit_reason:size=512
work=
monitor=
number=0
status=0

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
	no_vms_are_shown || skip "other VMs are running"
	: "${GUEST_RUN=}"
	guest=${GUEST_RUN:-guest}
	command -v "${guest%% *}" >/dev/null ||
		skip "no command '${guest%% *}'; see GUEST_RUN in run --help"
}

# Directories of VMs that have ended go a moment later.
no_vms_are_shown()
{
	tries=600
	while [ -n "$(ls "$counts/vms")" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return
		sleep 0.1
	done
}

# $no_ledger is why there is none, if there is none.
switch_ledger_on()
{
	no_ledger=
	if [ ! -e "$time" ]; then
		no_ledger="this KVM keeps no ledger"
		return
	fi
	read -r time_before <"$time"
	{ echo Y >"$time"; } 2>/dev/null || no_ledger="this host's TSC is not stable"
}

clean_up()
{
	[ -z "$monitor" ] || kill "$monitor"
	[ -z "$time_before" ] || echo "$time_before" >"$time"
	disarm
	[ ! -d "$instance" ] || rmdir "$instance"
	rm -rf "$work"
}

disarm()
{
	[ ! -s "$event/trigger" ] || grep -q '^#' "$event/trigger" ||
		echo "!$trigger" >"$event/trigger"
}

# "reason exits", one a line; a reason as the hardware gives it, in 32 bits
counted()
{
	awk '
	function unsigned(text,   i, value) {
		if (text ~ /^-[0-9]/)
			return 4294967296 + text
		if (text !~ /^0x/)
			return text
		for (i = 3; i <= length(text); i++)
			value = 16 * value + index("0123456789abcdef", substr(text, i, 1)) - 1
		return value
	}
	$1 != "#" { print unsigned($1), $3 }' "$counts/reasons"
}

# The same, of "{ exit_reason:         48 } hitcount:          7"
traced()
{
	sed -n 's/^{ exit_reason: *\([0-9]*\) *} hitcount: *\([0-9]*\).*/\1 \2/p' "$1"
}

# compare BEFORE AFTER TRACED: a line for each reason that differs, then a sum.
# Bit 31 of VMX's reasons tells that the VM entry failed.  What no counter is
# named after is unknown.
compare()
{
	awk '
	FILENAME == ARGV[1]	{ counted[$1] -= $2 }
	FILENAME == ARGV[2]	{ counted[$1] += $2 }
	FILENAME == ARGV[3]	{
		reason = $1 in counted ? $1 : $1 % 65536
		traced[reason in counted ? reason : "-"] += $2
	}
	END {
		for (reason in counted) {
			sum += counted[reason]
			kinds += counted[reason] > 0
			if (counted[reason] != traced[reason] + 0)
				printf "# reason %s: counted %d, traced %d\n", reason,
					counted[reason], traced[reason]
		}
		printf "# %d exits of %d reasons\n", sum, kinds
	}' "$@"
}

# Readings of "states", of all VMs and of each, one after the other.  Every one balances:
# the states are what was booked, to the cycle.  No state ever has less than before, and
# what the VMs had is the host's when they have ended.  awk counts to 2^53: a month.
balances()
{
	awk '
	function complain(what)
	{
		printf "# %s: %s\n", of, what
		complaints++
	}
	function cycles(number)
	{
		return sprintf("%.0f", number)
	}

	{ gsub(",", "") }
	/^# all VMs/	{ of = "all VMs" }
	/^# VM/		{ of = $2 " " $3 }
	/^# state/	{ sum = states = 0 }
	$1 ~ /^[0-9]+$/	{
		if ($3 + 0 < last[of, $1] + 0)
			complain($2 " had " last[of, $1] " cycles, and then " $3)
		if (!(of in readings) && of == "all VMs")
			first[$1] = $3
		last[of, $1] = $3
		sum += $3
		states++
	}
	/^# sum/	{
		if (sum != $3 || sum != $5 || $7 != 0 || $9 != 0)
			complain("the states are " cycles(sum) " cycles, but " $0)
		if (states != 7)
			complain(states " states")
		readings[of]++
	}
	END {
		for (of in readings) {
			nr += readings[of]
			vms += of != "all VMs"
			for (state = 0; state < 7 && of != "all VMs"; state++)
				of_vms[state] += last[of, state]
		}
		of = "all VMs"
		for (state = 0; state < 7; state++)
			if (last[of, state] - first[state] < of_vms[state])
				complain("state " state " has " \
					cycles(last[of, state] - first[state]) \
					" cycles more, its VMs had " cycles(of_vms[state]))
		printf "# %d readings, %d of them of %d VMs; %s cycles in guests\n", nr,
			nr - readings[of], vms, cycles(last[of, 0] - first[0])
		exit !(!complaints && vms && readings[of] >= 10 && last[of, 0] > first[0])
	}' "$1"
}

# result DESCRIPTION: of the command before
result()
{
	if [ $? -eq 0 ]; then
		verdict=ok
	else
		verdict="not ok"
		status=1
	fi
	number=$((number + 1))
	echo "$verdict $number $*"
}

# skip_one DESCRIPTION WHY
skip_one()
{
	number=$((number + 1))
	echo "ok $number $1 # SKIP $2"
}

# scenario DESCRIPTION FUNCTION: three test points.  All VMs have ended when it is
# over, as what a running one does between the two readings is anybody's guess.
scenario()
{
	echo "$trigger" >"$event/trigger"
	counted >"$work/before"
	cat "$counts/states" >"$work/states"
	"$2" >"$work/output" 2>&1
	ran=$?
	[ $ran -eq 0 ] || kill_guests
	wait_until no_vm
	counted >"$work/after"
	cat "$event/hist" >"$work/hist"
	disarm
	# The last reading is of VMs that have ended.
	cat "$counts/states" >>"$work/states"
	mv "$work/states" "$work/states.scenario"

	[ $ran -eq 0 ] || sed 's/^/# /' "$work/output"
	[ $ran -eq 0 ]
	result "$1"

	traced "$work/hist" >"$work/traced"
	compare "$work/before" "$work/after" "$work/traced" | tee "$work/compared"
	! grep -q '^# reason' "$work/compared" && grep -q '^ *Dropped: 0$' "$work/hist" &&
		awk '{ exit !($2 >= 1000 && $5 >= 5) }' "$work/compared"
	result "$1: counters equal the tracepoint for every reason, of 5 or more"

	if [ -n "$no_ledger" ]; then
		skip_one "$1: where the time went balances" "$no_ledger"
		return
	fi
	balances "$work/states.scenario"
	result "$1: where the time went balances, whenever it is read"
}

no_vm()
{
	[ -z "$(ls "$counts/vms")" ]
}

# wait_until CONDITION: for a minute
wait_until()
{
	for _ in $(seq 600); do
		! "$1" || return 0
		usleep 100000
	done
	return 1
}

kill_guests()
{
	for file in /run/guest/*/pid; do
		[ ! -e "$file" ] || kill -9 "$(cat "$file")" 2>/dev/null
	done
}

guest_run()
{
	$GUEST_RUN </dev/null
}

boot_and_reboot()
{
	guest start && guest reboot && guest exec true && guest stop
}

# What a shell does that makes a vCPU exit: wake others, sleep, write to a
# device, touch new memory, read the counts.  Each on a vCPU of its own, if there
# are four.
load='
on()
{
	vcpu=$(($1 % $(nproc)))
	shift
	taskset $((1 << vcpu)) "$@"
}
mkfifo /tmp/there /tmp/back
on 0 sh -c "while read -r word; do echo \$word; done" </tmp/there >/tmp/back &
on 1 sh -c "
	exec 3>/tmp/there 4</tmp/back
	for i in \$(seq 150); do echo \$i >&3; read -r word <&4; done" &
on 2 sh -c "for i in \$(seq 25); do usleep 1000; cpuid -1 -r -l 0x4fffffff; done" >/dev/null &
on 3 sh -c "for i in \$(seq 25); do echo \$i of 25; done >/dev/ttyS0
	dd if=/dev/zero of=/tmp/zeros bs=1M count=8 2>/dev/null" &
wait
rm /tmp/there /tmp/back /tmp/zeros'

four_vcpus()
{
	guest start --cpus 4 && guest exec --time-limit 600 sh -c "$load" && guest stop
}

at_work()
{
	[ "$(cat "$counts"/vms/*/total)" -gt $((total + 500)) ]
}

killed()
{
	guest start --cpus 4 || return
	total=$(cat "$counts"/vms/*/total)
	guest exec sh -c "while :; do $load
		done" &
	worker=$!
	wait_until at_work || return
	kill -9 "$(guest pid)"
	! wait "$worker"
}

# With more vCPUs, a slow host has nothing but their timer interrupts to serve.
two_at_once()
{
	guest start --name one && guest start --name two || return
	guest exec --name one --time-limit 600 sh -c "$load" &
	worker=$!
	guest exec --name two --time-limit 600 sh -c "$load" && wait "$worker" &&
		guest stop --name one && guest stop --name two
}

# A guest that is a host: KVM in it is patched as well and counts its own guest.
nested()
{
	run=${NESTED_RUN:-guest run --memory 128 --time-limit 800 cpuid -1 -r -l 0x4fffffff}
	guest start --nested --memory 1024 || return
	guest exec --time-limit 900 sh -c '
		mkdir -p /run /dev/shm
		mount -t debugfs debugfs /sys/kernel/debug
		vendor=intel
		! grep -q "^flags.* svm" /proc/cpuinfo || vendor=amd
		for name in irqbypass ccp kvm kvm-$vendor kvm_exits; do
			[ ! -e /modules/$name.ko ] || insmod /modules/$name.ko || exit
		done
		export LAB_RESULTS=/tmp
		'"$run"' || exit
		dmesg | grep "kvm_exits: VM .* ended"
		echo "exits $(cat /sys/kernel/debug/kvm_exits/total)"' >"$work/nested"
	executed=$?
	sed 's/^/# L1 and L2: /' "$work/nested" >&3
	[ "$executed" -eq 0 ] || return
	guest stop
}

# As often as the nested guest was entered, by VMLAUNCH, VMRESUME or VMRUN, it has
# exited.  The entries are counted here, the exits in there.
nested_exits_equal_entries()
{
	vmrun=128
	[ -e /sys/module/kvm_amd ] || vmrun='20 24'
	awk -v vmrun="$vmrun" -v exits="$(sed -n 's/^exits //p' "$work/nested")" '
	BEGIN			{ for (n = split(vmrun, list); n; n--) enters[list[n]] }
	!($1 in enters)		{ next }
	FILENAME == ARGV[1]	{ entries -= $2 }
	FILENAME == ARGV[2]	{ entries += $2 }
	END {
		printf "# %d entries, %d exits\n", entries, exits
		exit !(entries > 1000 && entries == exits)
	}' "$work/before" "$work/after"
	result "a guest with a guest in it: counts as many exits as it makes VM entries"
}

lab_guests()
{
	scenario "a boot and a reboot" boot_and_reboot
	scenario "4 vCPUs that wake each other, sleep, do I/O" four_vcpus
	scenario "a guest that is killed at work" killed
	scenario "two guests at once" two_at_once
	if [ ! -e /sys/firmware/initrd ]; then
		skip_one "a guest with a guest in it" "the host was not booted with retain_initrd"
	elif ! grep -qx "$(uname -r)" /guest/release; then
		skip_one "a guest with a guest in it" \
			"the guests' kernel is not this host's, whose modules it would need"
	elif ! grep -q '[Y1]' /sys/module/kvm_*/parameters/nested; then
		skip_one "a guest with a guest in it" "KVM's parameter nested is off"
	else
		scenario "a guest with a guest in it" nested
		nested_exits_equal_entries
	fi
}

# Readings of the total while VMs come and go, and of their time, which is judged later: to
# do it here would take more of this CPU than what is watched can spare.  A VM that has
# ended since its file was found has nothing to show.
watch()
{
	last=0 readings=0 backwards=0
	trap 'echo "$readings $backwards" >"$work/watched"; exit' TERM
	while :; do
		read -r now <"$counts/total"
		[ "$now" -ge "$last" ] || backwards=$((backwards + 1))
		last=$now readings=$((readings + 1))
		if [ -e "$work/states" ] && [ $((readings % 4)) -eq 0 ]; then
			cat "$counts/states" "$counts"/vms/*/states >>"$work/states" 2>/dev/null
		fi
		usleep 50000
	done
}

exec 3>&1
echo "TAP version 13"
require
work=$(mktemp -d)
trap clean_up EXIT
mkdir "$instance"
switch_ledger_on
watch &
monitor=$!

if [ -n "$GUEST_RUN" ]; then
	scenario "$GUEST_RUN" guest_run
else
	lab_guests
fi

kill "$monitor"
wait "$monitor"
monitor=
read -r readings backwards <"$work/watched"
echo "# $readings readings of the host's total"
[ "$readings" -ge 10 ] && [ "$backwards" -eq 0 ]
result "the host's total never went backwards"
echo "1..$number"
exit $status
