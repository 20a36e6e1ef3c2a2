#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The packages on a KVM host as people have it, from the first install to the purge, with
# two updates of its kernel: one that they know, and one that they do not.  Prints TAP.
set -u
# shellcheck disable=SC2034 # of lab/lib.sh
program=system_test
lab=$(cd "$(dirname "$0")/../lab" && pwd)
# shellcheck source=lab/lib.sh
. "$lab/lib.sh"

[ $# -eq 5 ] || {
	echo "Usage: debian/system_test.sh DISK FILES DIRECTORY RELEASE UNKNOWN-RELEASE" >&2
	exit 2
}
# shellcheck disable=SC2034 # by what is checked
disk=$1 files=$2 directory=$(readlink -m "$3") after=$4 unknown=$5
# shellcheck source=lab/system/system.sh
. "$lab/system/system.sh"

echo 1..34
check 'a host with Debian starts' 'start_host "$disk" "$files"'
[ $failed -eq 0 ] || exit
check 'all of its services run' 'on_host "systemctl is-system-running || systemctl --failed" |
	tee /dev/stderr | grep -qx running'
check 'its KVM is its own' keeps_its_own
check 'its files are as its packages have them' packages_are_whole
# shellcheck disable=SC2034 # by what is checked
before=$(on_host 'uname -r')

check 'apt installs both packages' install_packages
check 'and says what is next' 'grep "^kvm-exits-dkms: next, while no VM runs:" \
	"$directory/install.log" && grep "$before has the patched KVM" "$directory/install.log"'
check 'nothing was swapped' keeps_its_own
check 'a guest of virsh runs' start_guest
check 'which is told nothing' 'answered 0x4ffffff0 "0x00: eax=0x0* ebx=0x0* "'
check 'kvm-exits calls it by its name, by BPF' 'on_host "kvm-exits list" |
	tee /dev/stderr | grep -w web'
check 'kvm-exits reload refuses' '! on_host "kvm-exits reload" && keeps_its_own'
check 'the guest ends' stop_guest
check 'kvm-exits reload swaps' 'on_host "kvm-exits reload"'
check 'KVM counts' counts
check 'a guest of virsh runs' start_guest
check 'and is told of its exits' 'answered 0x4ffffff0 "0x00: .*ebx=0x454d564b" &&
	answered 0x4fffffff "0x00: eax=0x0000[0-9a-f]*[1-9a-f]" &&
	answered 0x4ffffffd "0x78: eax=0x0000[0-9a-f]* ebx=0x0* ecx=0x0* edx=0x0*$" &&
	answered 0x4ffffffd "0x1bc: eax=0x00000000 .*edx=0xffffffff"'
check 'kvm-exits calls it by its name' 'on_host "kvm-exits list --json" |
	tee /dev/stderr | grep -w web'
check 'kvm-exits doctor has no complaint' 'on_host "kvm-exits doctor"'
check 'the guest ends' stop_guest
check 'and the host says so' 'on_host "dmesg" | grep "kvm_exits: VM .* ended: "'

check 'the kernel is updated' 'on_host "apt-get -q -y install \
	linux-image-$after linux-headers-$after" \
	>"$directory/update.log" 2>&1 || { cat "$directory/update.log"; false; }'
check 'the host starts again' '"$machine" reboot "$host"'
check 'with that kernel' 'runs_kernel "$after"'
check 'whose KVM counts' counts
check 'a guest is told' 'start_guest && answered 0x4ffffff0 "0x00: .*ebx=0x454d564b" && stop_guest'

check 'a kernel that the packages do not know is installed' 'on_host "apt-get -q -y install \
	linux-image-$unknown linux-headers-$unknown" >"$directory/unknown.log" 2>&1 ||
	{ cat "$directory/unknown.log"; false; }'
check 'apt says that it keeps its own KVM' 'grep "^kvm-exits: .* keeps its own KVM" \
	"$directory/unknown.log"'
check 'the host starts again' '"$machine" reboot "$host"'
check 'with its own KVM' 'runs_kernel "$unknown" && keeps_its_own'
check 'kvm-exits has it by BPF' 'start_guest && on_host "kvm-exits list" | tee /dev/stderr |
	grep -w web && stop_guest'

check 'both packages are purged' 'on_host "apt-get -q -y purge kvm-exits kvm-exits-dkms" \
	>"$directory/purge.log" 2>&1 || { cat "$directory/purge.log"; false; }'
check 'all files are as their packages have them' packages_are_whole
check 'nothing is left' 'on_host "! ls -d /lib/modules/*/updates /usr/src/kvm-exits* \
	/var/lib/dkms/kvm-exits"'
check 'no kernel has complained' check_console
[ $failed -eq 0 ]
