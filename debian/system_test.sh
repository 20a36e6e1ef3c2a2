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

configure_prometheus()
{
	on_host 'cat >/etc/prometheus/prometheus.yml <<-\EOF
		global: {scrape_interval: 2s}
		rule_files: [/usr/share/kvm-exits/kvm-exits.rules.yml]
		scrape_configs:
		- {job_name: kvm, static_configs: [{targets: ["127.0.0.1:9770"]}]}
		EOF
		systemctl restart prometheus'
}

# until_it_says PATTERN COMMAND: on the host, which may need a while
until_it_says()
{
	for _ in $(seq 120); do
		! on_host "$2" | grep "$1" || return 0
		on_host 'sleep 1'
	done
	return 1
}

prometheus_scrapes()
{
	until_it_says ',"1"\]' 'curl -sG http://127.0.0.1:9090/api/v1/query -d query=up'
}

exporter_has_exits()
{
	until_it_says '^kvm_vm_exits_total{vm="web",.*} [1-9]' \
		'curl -s -m 20 http://127.0.0.1:9770/metrics'
}

# What Prometheus has of a metric, and what debugfs has of it: "REASON EXITS", if there are some
exits_in_prometheus()
{
	on_host "curl -sG http://127.0.0.1:9090/api/v1/query --data-urlencode 'query=$1 > 0'" |
		sed 's/"\]}/&\n/g' |
		sed -n 's/.*"reason":"\([^"]*\)".*"value":\[[^,]*,"\([0-9]*\)"\]}$/\1 \2/p' | sort
}

exits_in_debugfs()
{
	on_host "awk '\$1 != \"#\" && \$3 > 0 { print \$2, \$3 }' $1" | sort
}

# The guest stands still meanwhile.
prometheus_has_debugfs()
{
	on_host 'virsh -q suspend web'
	for _ in $(seq 20); do
		seen=$(exits_in_prometheus "$1")
		wanted=$(exits_in_debugfs "$2")
		[ -z "$wanted" ] || [ "$seen" != "$wanted" ] || break
		on_host 'sleep 1' # a scrape is due
	done
	on_host 'virsh -q resume web'
	echo "debugfs: $wanted"
	echo "Prometheus: $seen"
	[ -n "$wanted" ] && [ "$seen" = "$wanted" ]
}

echo 1..45
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
check 'no exporter listens' '! on_host "systemctl is-active kvm-exits-exporter.socket"'
check 'it does by its socket' 'on_host "systemctl -q enable --now kvm-exits-exporter.socket &&
	! systemctl is-active kvm-exits-exporter.service"'
check 'apt installs Prometheus' 'on_host "apt-get -q -y install --no-install-recommends \
	prometheus curl" >"$directory/prometheus.log" 2>&1 ||
	{ cat "$directory/prometheus.log"; false; }'
check 'which scrapes the exporter' 'configure_prometheus && prometheus_scrapes'
check 'and has its rules' \
	'until_it_says KvmExitStorm "curl -s http://127.0.0.1:9090/api/v1/rules"'
check 'PromQL gives the numbers of debugfs' \
	'prometheus_has_debugfs kvm_exits_total /sys/kernel/debug/kvm_exits/reasons'
check 'and those of the VM' "prometheus_has_debugfs 'kvm_vm_exits_total{vm=\"web\"}' \
	'/sys/kernel/debug/kvm_exits/vms/*/reasons'"
# CAP_DAC_READ_SEARCH, CAP_PERFMON and CAP_BPF
check 'the exporter is nobody, with three capabilities' 'on_host "grep -E \"^(Uid|CapEff):\" \
	/proc/\$(systemctl show -P MainPID kvm-exits-exporter)/status" | tee /dev/stderr |
	tr -d "\t\n" | grep -xE "Uid:6[0-9]{19}CapEff:000000c000000004"'
check 'systemd finds it exposed by 2.0 at most' \
	'on_host "systemd-analyze security --threshold=20 --no-pager kvm-exits-exporter.service"'
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
	grep -w web'
# Debian's perf_event_open() wants CAP_SYS_ADMIN above that.
check 'and so has the exporter' 'on_host "sysctl -qw kernel.perf_event_paranoid=2
	systemctl restart kvm-exits-exporter.service" && exporter_has_exits'
check 'the guest ends' stop_guest

check 'both packages are purged' 'on_host "apt-get -q -y purge kvm-exits kvm-exits-dkms" \
	>"$directory/purge.log" 2>&1 || { cat "$directory/purge.log"; false; }'
check 'all files are as their packages have them' packages_are_whole
check 'nothing is left' 'on_host "! ls -d /lib/modules/*/updates /usr/src/kvm-exits* \
	/var/lib/dkms/kvm-exits"'
check 'no kernel has complained' check_console
[ $failed -eq 0 ]
