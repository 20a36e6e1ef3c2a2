#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The package on a KVM host with Secure Boot: what it does before its key is let in, and
# after that, which is done at the serial console as its owner would.  Prints TAP.
set -u
# shellcheck disable=SC2034 # of lab/lib.sh
program=secure_boot_test
lab=$(cd "$(dirname "$0")/../lab" && pwd)
# shellcheck source=lab/lib.sh
. "$lab/lib.sh"

[ $# -eq 3 ] || { echo "Usage: debian/secure_boot_test.sh DISK FILES DIRECTORY" >&2; exit 2; }
# shellcheck disable=SC2034 # by what is checked
disk=$1 files=$2 directory=$(readlink -m "$3")
# shellcheck disable=SC2034 # of start_host()
start_options=--secure-boot
# shellcheck source=lab/system/system.sh
. "$lab/system/system.sh"
need socat socat

# shows TEXT [TIMES]: on the console since the reboot; a menu is drawn again for each key.
shows()
{
	timeout 300 sh -c 'until [ "$(tail -c +"$1" "$2" | grep -ao "$3" | wc -l)" -ge "$4" ]; do
		sleep 0.5; done' sh "$((from + 1))" "$host/console.log" "$1" "${2:-1}" || {
		echo "the console does not show '$1'"
		return 1
	}
}

# press KEYS TEXT [TIMES]: at the console, which shows TEXT then
press()
{
	printf '%b' "$1" >&5
	shift
	shows "$@"
}

# What shim shows at the next boot, once mokutil has told it of a new key
let_key_in()
{
	down='\033[B'
	from=$(stat -c %s "$host/console.log")
	"$machine" reboot "$host" &
	rebooting=$!
	# One connection for all: what is not read when one ends is lost.
	rm -f "$directory/keys"
	mkfifo "$directory/keys"
	socat - "unix-connect:$host/console" <"$directory/keys" >/dev/null &
	exec 5>"$directory/keys"
	shows 'Press any key' && press '\r' 'Enroll hash from disk' &&
		press "$down" 'Enroll hash from disk' 2 && press '\r' 'View key 0' &&
		press "$down" 'View key 0' 2 && press '\r' 'Enroll the key' && shows ' Yes ' &&
		press "$down" ' Yes ' 2 && press '\r' Password && press 'secret12\r' ' Reboot ' &&
		press '\r' GRUB && exec 5>&- && wait $rebooting
}

echo 1..14
check 'a host with Debian starts' 'start_host "$disk" "$files"'
[ $failed -eq 0 ] || exit
check 'its kernel is locked down' 'on_host "cat /sys/kernel/security/lockdown" |
	grep -F "[integrity]"'
check 'apt installs both packages' install_packages
check 'and says that the kernel keeps its own KVM' 'grep "keeps its own KVM: Secure Boot is on" \
	"$directory/install.log" | grep "^kvm-exits-dkms: $(on_host "uname -r")"'
check 'and how to let the key in' 'grep "mokutil --import /var/lib/dkms/mok.pub" \
	"$directory/install.log"'
check 'there is no patched KVM' '! on_host "ls /lib/modules/*/updates"'
check 'the key is to be let in' \
	'on_host "printf \"secret12\\nsecret12\\n\" | mokutil --import /var/lib/dkms/mok.pub"'
check 'and is, at the next boot' let_key_in
check 'its KVM is its own' keeps_its_own
check 'dpkg-reconfigure builds the patched one' 'on_host "dpkg-reconfigure kvm-exits-dkms"'
check 'kvm-exits reload swaps' 'on_host "kvm-exits reload"'
check 'KVM counts' counts
check 'and still is locked down' 'on_host "cat /sys/kernel/security/lockdown" |
	grep -F "[integrity]"'
check 'no kernel has complained' check_console
[ $failed -eq 0 ]
