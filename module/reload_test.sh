#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in a lab host whose /lib/modules is that of the stock kernel: `make
# modules_install reload`, and back.  Prints TAP.
set -u
# busybox's sh runs its own modprobe, whatever PATH says; Debian's runs Debian's.
[ $# -gt 0 ] || exec env PATH="/reload/bin:$PATH" /reload/bin/dash "$0" again

vendor=intel
grep -q '^flags.* svm' /proc/cpuinfo && vendor=amd
installed=/lib/modules/$(uname -r)/updates/kvm-exits
stock=/lib/modules/$(uname -r)/kernel/arch/x86/kvm
# Where dkms puts what it replaces
put_away=/var/lib/dkms/kvm-exits/original_module/$(uname -r)/$(uname -m)
number=0 failed=0

# Compressed or not
stock_module() { echo "$stock/$1".ko*; }

check()
{
	number=$((number + 1))
	if eval "$2"; then
		echo "ok $number $1"
	else
		echo "not ok $number $1"
		sed 's/^/# /' /tmp/output
		failed=$((failed + 1))
	fi
}

reload()
{
	dash /reload/reload >/tmp/output 2>&1
}

loaded() { grep -q "^$1 " /proc/modules; }
patched() { [ -e /sys/module/kvm/parameters/exit_counters_cpuid ]; }

install_new()
{
	dash /reload/install "$1" "$(uname -r)" >/tmp/output 2>&1
}

: >/tmp/output
echo 1..17
check 'there is nothing to install' '! install_new /nonexistent && [ ! -e "$installed" ]'
check 'installs' 'install_new /reload/new'
check 'the installed modules come first' '[ "$(modinfo -n kvm)" = "$installed/kvm.ko" ]'
rmmod kvm_exits kvm_$vendor kvm
insmod "$(stock_module kvm)"
insmod "$(stock_module kvm-$vendor)"
check 'starts from the stock modules' 'loaded kvm_$vendor && ! patched'
check 'swaps them' 'reload && loaded kvm_$vendor && loaded kvm_exits && patched'

guest start
check 'refuses while a VM runs, and names the process' \
	'! reload && grep -qw "$(guest pid)" /tmp/output && [ "$(wc -l </tmp/output)" -eq 1 ]'
check 'and leaves it running' 'guest exec true && patched'
guest stop

exec 3</sys/kernel/debug/kvm_exits/total
check 'refuses while a file of kvm_exits is open' '! reload && loaded kvm_$vendor && loaded kvm'
exec 3<&-

echo garbage >"$installed/kvm-$vendor.ko"
check 'says so when the new ones do not load' \
	'! reload && grep -q "the kernel.s own are back" /tmp/output'
check 'and puts the stock ones back' 'loaded kvm_$vendor && ! patched'
check 'which run a guest' 'guest run true'
mkdir -p "$put_away"
mv "$stock"/*.ko* "$put_away"
check 'also those that dkms has put away' '! reload && loaded kvm_$vendor && ! patched &&
	grep -q "the kernel.s own are back" /tmp/output'
mv "$put_away"/*.ko* "$stock"
check 'uninstalls' 'install_new --remove && [ "$(modinfo -n kvm)" = "$(stock_module kvm)" ]'
check 'and loads the stock ones after that' \
	'reload && loaded kvm_$vendor && ! loaded kvm_exits && ! patched'
rmmod kvm_$vendor kvm

# refuse KVM KVM-VENDOR: for what kvm.ko exports, not for something else
refuse()
{
	insmod "$1"
	dmesg -c >/dev/null
	! insmod "$2" 2>/dev/null && ! loaded kvm_$vendor && rmmod kvm
	refused=$?
	dmesg | tee /tmp/output |
		grep -qE "kvm_$vendor: (disagrees about version of|Unknown) symbol kvm_" &&
		[ $refused -eq 0 ]
}
check 'the patched kvm refuses what is of the stock one' \
	'refuse /reload/new/kvm.ko "$(stock_module kvm-$vendor)"'
check 'the stock kvm refuses what is of the patched one' \
	'refuse "$(stock_module kvm)" /reload/new/kvm-$vendor.ko'
check 'the ledger is on if KVM is loaded so, and nothing is if that fails' \
	'! insmod /reload/new/kvm.ko exit_counters_time=Y exit_counters_cpuid=maybe 2>/tmp/output &&
	! loaded kvm && insmod /reload/new/kvm.ko exit_counters_time=Y &&
	[ "$(cat /sys/module/kvm/parameters/exit_counters_time)" = Y ] && rmmod kvm'
[ $failed -eq 0 ]
