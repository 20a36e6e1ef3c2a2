# shellcheck shell=sh disable=SC2154 # of who sources this
# SPDX-License-Identifier: GPL-2.0-only
# What the tests on a host by mkdisk share.  Sourced after lib.sh, with $directory set.

mkdir -p "$directory"
# shellcheck source=lab/tap.sh
. "$lab/tap.sh"
host=$directory/host
machine=$lab/system/machine
trap '"$machine" stop "$host" 2>/dev/null' EXIT
trap 'exit 130' INT TERM HUP

# on_host COMMAND: as root, in sh -e
on_host()
{
	"$machine" exec --time-limit 7200 "$host" env -i HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive sh -ec "$1"
}

# start_host DISK FILE: and unpack FILE, an archive, in /srv
start_host()
{
	# shellcheck disable=SC2086 # words
	"$machine" start ${start_options-} "$host" "$@" && on_host 'tar -C /srv -xf /dev/vdb'
}

# As README.md says; what apt says is in install.log.
install_packages()
{
	on_host 'apt-get -q update && cd /srv &&
		apt-get -q -y install ./debs/kvm-exits*.deb "linux-headers-$(uname -r)"' \
		>"$directory/install.log" 2>&1 || {
		cat "$directory/install.log"
		return 1
	}
}

# All files are as their packages had them; prints what is not.
packages_are_whole()
{
	[ -z "$(on_host 'dpkg -V' | tee /dev/stderr)" ]
}

runs_kernel()
{
	[ "$(on_host 'uname -r')" = "$1" ]
}

counts()
{
	on_host 'test -e /sys/module/kvm/parameters/exit_counters_cpuid && lsmod | grep ^kvm_exits'
}

keeps_its_own()
{
	on_host 'lsmod | grep ^kvm_amd && ! test -e /sys/module/kvm/parameters/exit_counters_cpuid'
}

# The guest tells all that it has to, and stays.
start_guest()
{
	on_host 'rm -f /srv/guest/console.log
		sed "s/KERNEL/vmlinuz-$(uname -r)/" /srv/guest/guest.xml >/srv/guest/this.xml
		virsh -q create /srv/guest/this.xml
		timeout 600 sh -c "tail -F -n +1 /srv/guest/console.log 2>/dev/null |
			sed \"/guest: has told/q\""'
}

stop_guest()
{
	on_host 'virsh -q destroy web'
}

# answered LEAF PATTERN: what cpuid printed in the last guest, from the subleaf on
answered()
{
	on_host 'cat /srv/guest/console.log' | tr -d '\r' | grep -E "^ *$1 $2"
}

# No kernel of it has complained.
check_console()
{
	! grep -anE -f "$lab/judge/complaints" "$host/console.log"
}
