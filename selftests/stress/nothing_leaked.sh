#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The last test on a host that is for nothing else: unloads KVM.  Whatever ran
# before, of all VMs nothing is left.  Prints TAP; busybox is enough.
set -u

debugfs=/sys/kernel/debug
output=$(mktemp)
trap 'rm -f "$output"' EXIT
number=0 failed=0

# check DESCRIPTION COMMAND: fails if the command prints anything, or fails
check()
{
	number=$((number + 1))
	if eval "$2" >"$output" 2>&1 && [ ! -s "$output" ]; then
		echo "ok $number $1"
	else
		sed 's/^/# /' "$output"
		echo "not ok $number $1"
		failed=$((failed + 1))
	fi
}

entries()
{
	find "$1" -mindepth 1 -maxdepth 1 -type d
}

# What a worker of the module removes is gone a moment later.
soon()
{
	tries=100
	while [ -n "$("$@")" ] && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	"$@"
}

# kmemleak takes memory for leaked that it has not found a reference to in two
# scans, and that is older than 5 s: it may be in a register until then.
leaks()
{
	began=$(uptime_seconds)
	while [ $(($(uptime_seconds) - began)) -le 6 ]; do
		echo scan >$debugfs/kmemleak
	done
	echo scan >$debugfs/kmemleak
	cat $debugfs/kmemleak
}

uptime_seconds()
{
	cut -d. -f1 /proc/uptime
}

unload()
{
	for module in kvm_exits kvm_amd kvm_intel kvm; do
		! grep -q "^$module " /proc/modules || rmmod $module || return
	done
}

# Parameters are taken one after the other, and the last one is none: what the first one
# has asked for is not there.
fail_to_load()
{
	kvm=$(dirname "${KVM_EXITS_KO:-.}")/kvm.ko
	[ -e "$kvm" ] || return 0
	for again in 1 2 3; do
		! insmod "$kvm" exit_counters_time=Y exit_counters_cpuid=maybe 2>/dev/null ||
			echo "loaded, $again"
	done
}

# The kernel says so when it destroys a cache of objects that has some.
remaining_objects()
{
	dmesg | grep -E 'Objects remaining in|Slab cache still has objects'
	:
}

kmemleak=false
[ ! -e $debugfs/kmemleak ] || kmemleak=true

echo "1..$($kmemleak && echo 7 || echo 5)"
check 'no VM has a directory in kvm_exits' "soon entries $debugfs/kvm_exits/vms"
check 'no VM has a directory in kvm' "entries $debugfs/kvm"
! $kmemleak || check 'kmemleak finds nothing with kvm_exits loaded' leaks
check 'kvm_exits and kvm can be unloaded' unload
check 'no object remains in the caches of kvm' remaining_objects
check 'kvm does not load with a parameter that is none' fail_to_load
! $kmemleak || check 'kmemleak finds nothing without them' leaks
[ $failed -eq 0 ]
