#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What README.md says to do by hand, on a KVM host as people have it: patched modules, their
# tests, a lab in this host's own KVM, and everything back.  Prints TAP.
set -u
# shellcheck disable=SC2034 # of lab/lib.sh
program=by_hand_test
lab=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=lab/lib.sh
. "$lab/lib.sh"

[ $# -eq 4 ] || {
	echo "Usage: lab/system/by_hand_test.sh DISK FILES DIRECTORY RELEASE" >&2
	exit 2
}
# shellcheck disable=SC2034 # by what is checked
disk=$1 files=$2 directory=$(readlink -m "$3") newest=$4
# shellcheck source=lab/system/system.sh
. "$lab/system/system.sh"

in_clone()
{
	on_host "cd /root/kvm-exits && $1"
}

echo 1..18
check 'a host with Debian starts' 'start_host "$disk" "$files"'
[ $failed -eq 0 ] || exit
check 'its kernel is updated' 'on_host "apt-get -q update &&
	apt-get -q -y install linux-image-$newest linux-headers-$newest"'
check 'and started' '"$machine" reboot "$host" && runs_kernel "$newest" && keeps_its_own'
check 'git clone' 'on_host "git clone -q /srv/kvm-exits.git /root/kvm-exits"'
check 'make modules' 'in_clone "make modules"'
check 'make modules_install' 'in_clone "make modules_install"'
check 'a guest of virsh runs' start_guest
check 'make reload refuses' '! in_clone "make reload" && keeps_its_own'
check 'the guest ends' stop_guest
check 'make reload' 'in_clone "make reload"'
check 'KVM counts' counts
check 'a guest is told' \
	'start_guest && answered 0x4ffffff0 "0x00: .*ebx=0x454d564b" && stop_guest'
check 'make kselftest' 'in_clone "make kselftest" >"$directory/kselftest.tap" 2>&1
	tail -n 1 "$directory/kselftest.tap"
	grep -E "^# [1-9][0-9]* passed, 0 failed" "$directory/kselftest.tap" ||
		{ grep "^not ok" "$directory/kselftest.tap"; false; }'
# It takes too long to compile the command in emulation, so that is brought along.  What is typed
# before there is a prompt may get lost.
check 'make lab, in the KVM of this host' 'in_clone "
	mkdir -p build/tools && cp /srv/tools/kvm-exits build/tools
	: >/tmp/screen
	{
		until grep -q \"lab host:\" /tmp/screen; do sleep 1; done
		echo \"guest run cpuid -1 -l 0x4ffffff0; exit\"
	} | timeout 3600 script -qefc \"make lab LAB=amd\" /tmp/screen" | tr -d "\r" |
	tee /dev/stderr | grep "0x4ffffff0 0x00: .*ebx=0x454d564b"'
check 'make modules_uninstall reload' 'in_clone "make modules_uninstall reload"'
check 'KVM is its own again' keeps_its_own
check 'all files are as their packages have them' packages_are_whole
check 'no kernel has complained' check_console
[ $failed -eq 0 ]
