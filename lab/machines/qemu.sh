# SPDX-License-Identifier: GPL-2.0-only
# A lab host in QEMU: emulated (TCG), or nested in this machine's KVM. Part of
# lab/run.
# shellcheck shell=sh disable=SC2154,SC2034 # the variables are those of lab/run

# Linux warns that the microcode of the emulated CPU has no fix for SRSO.
machine_args="spec_rstack_overflow=off 8250.nr_uarts=3"

check_machine()
{
	need qemu-system-x86_64 qemu-system-x86
	need_file /usr/share/qemu/pvh.bin qemu-system-data
}

# qemu CONSOLE-ARG...
qemu()
{
	if $native; then
		set -- -accel kvm -cpu host "$@"
	else
		# The CPUs take turns: with a thread each, QEMU 7.2 now and then runs
		# code that has been overwritten.
		set -- -accel tcg,thread=single -cpu EPYC,+svm "$@"
		if $icount; then
			set -- -icount shift=0,sleep=off "$@"
		fi
	fi
	exec qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
		-smp "$cpus" -m "$memory" \
		-kernel "$work/vmlinux" -initrd "$work/initrd" -append "$kernel_args" "$@" \
		-chardev "file,id=output,path=$out/output" -serial chardev:output \
		-chardev "file,id=results,path=$work/results" -serial chardev:results
}

make_machine()
{
	mkfifo "$work/monitor.in" "$work/monitor.out"
}

start_machine()
{
	qemu -chardev "file,id=console,path=$out/console.log" -serial chardev:console \
		-chardev "pipe,id=monitor,path=$work/monitor" -mon chardev=monitor \
		</dev/null >"$work/log" 2>&1 &
	emulator=$!
}

run_on_terminal()
{
	(qemu -serial mon:stdio)
}

alive()
{
	kill -0 "$emulator" 2>/dev/null
}

# Of a machine that hangs, what its console does not tell.
keep_cpus()
{
	exec 7<"$work/monitor.out"
	printf '%s\n' "info registers -a" "info lapic" quit 1<>"$work/monitor.in"
	timeout 10 cat <&7 | tr -d '\r' >"$out/cpus"
	exec 7<&-
}

stop_machine()
{
	[ -n "${emulator-}" ] || return 0
	kill -KILL "$emulator" 2>/dev/null || :
	wait "$emulator" 2>/dev/null || :
}
