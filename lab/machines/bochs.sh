# SPDX-License-Identifier: GPL-2.0-only
# A lab host in Bochs. Part of lab/run.
# shellcheck shell=sh disable=SC2154,SC2034 # the variables are those of lab/run

# ht: with one CPU, Bochs says "hyper-threading" and gives no topology for it,
# which the kernel warns of. pti: it has the kernel check the page tables for
# W+X a second time, 3 s.
machine_args="clearcpuid=ht pti=off 8250.nr_uarts=3"

# Physical addresses. The kernel is linked to run at $kernel_address.
setup_address=$((0x90000))
stub_address=$((0x100000))
command_line_offset=$((0xe000))

check_machine()
{
	need bochs bochs
	need as binutils
	need script bsdutils
	need_file /usr/share/bochs/BIOS-bochs-latest bochsbios
	need_file /usr/share/vgabios/vgabios.bin vgabios
	need_file /usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so bochs-term
	$interactive && need socat socat
	return 0
}

# What Bochs puts into memory before the machine starts; bochs-boot.S jumps.
make_memory()
{
	kernel_address=$(readelf -lW vmlinux | awk '$1 == "LOAD" { print $4; exit }')
	entry=$(readelf -hW vmlinux | awk '/Entry point/ { print $4 }')
	objcopy -O binary vmlinux kernel
	as --defsym STUB_ADDR=$stub_address --defsym KERNEL_ENTRY="$entry" -o boot.o \
		"$lab/machines/bochs-boot.S"
	objcopy -O binary -j .text.stub boot.o stub
	objcopy -O binary -j .text.sector boot.o floppy
	truncate -s 1440K floppy

	# The kernel clears its bss, which is not in the file, before it reads
	# the initramfs.
	kernel_end=$(readelf -lW vmlinux |
		awk '$1 == "LOAD" { print "echo $((" $4 " + " $6 "))" }' | sh | sort -n | tail -n 1)
	initrd_address=$(((kernel_end + 0xfffff) & ~0xfffff))
	truncate -s $((initrd_address - kernel_address)) kernel
	make_setup
	cat kernel initrd >memory
	memory_end=$((kernel_address + $(stat -c %s memory)))
	[ $memory_end -lt $(((memory - 128) << 20)) ] ||
		die "--memory $memory is too little for these images"
	rm -f vmlinux kernel
}

# The real-mode part of the bzImage with its header filled in as a boot loader
# does (Documentation/arch/x86/boot.rst), and the command line behind its heap.
make_setup()
{
	sectors=$(od -An -tu1 -j497 -N1 "$vmlinuz_path")
	head -c $(((sectors + 1) * 512)) "$vmlinuz_path" >setup
	truncate -s $command_line_offset setup
	printf '%s\0' "$kernel_args" >>setup
	put 528 1 255					# type_of_loader: other
	put 529 1 129					# loadflags: high, heap
	put 532 4 $stub_address				# code32_start
	put 536 4 "$initrd_address"			# ramdisk_image
	put 540 4 "$(stat -c %s initrd)"		# ramdisk_size
	put 548 2 $((command_line_offset - 0x200))	# heap_end_ptr
	put 552 4 $((setup_address + command_line_offset)) # cmd_line_ptr
}

# put OFFSET SIZE VALUE: a little-endian number into the setup
put()
{
	bytes='' value=$3
	for _ in $(seq "$2"); do
		bytes=$bytes\\$(printf %03o $((value & 255)))
		value=$((value >> 8))
	done
	# shellcheck disable=SC2059 # the format is the data
	printf "$bytes" | dd of=setup bs=1 seek="$1" conv=notrunc status=none
}

# make_config COM1
make_config()
{
	cat >bochsrc <<CONFIG
config_interface: textconfig
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
cpu: model=corei7_haswell_4770, count=1, ips=100000000, reset_on_triple_fault=0
clock: sync=none
memory: guest=$memory, host=$memory
optramimage1: file=setup, address=$(printf 0x%x $setup_address)
optramimage2: file=stub, address=$(printf 0x%x $stub_address)
optramimage3: file=memory, address=$kernel_address
floppya: 1_44=floppy, status=inserted
boot: floppy
ata0: enabled=0
ata1: enabled=0
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
mouse: enabled=0
com1: enabled=1, $1
com2: enabled=1, mode=file, dev=output
com3: enabled=1, mode=file, dev=results
log: bochs.log
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
CONFIG
	# Bochs reads an image into memory in one piece, but gives each 128 KB
	# block its place when it is first touched. So touch them in order.
	seq -f 'xp /1bx %.0f' $((kernel_address)) $((0x20000)) "$memory_end" >commands
	echo c >>commands
}

# The debugger in Debian's Bochs wants a terminal for its screen. Bochs 3.0 does not
# start it by itself, and 2.7, which does, has no such option.
bochs_on_terminal()
{
	debugger=
	! bochs --help 2>&1 | grep -q -e -debugger || debugger=-debugger
	exec setsid env TERM=vt100 script -qfec \
		"echo \$\$ >pid; exec bochs $debugger -q -f bochsrc -rc commands" /dev/null \
		</dev/null >screen 2>&1
}

make_machine()
{
	vmlinuz_path=$(readlink -f "$vmlinuz")
	cd "$work" || exit
	ln -s ../output ../console.log .
	make_memory
}

start_machine()
{
	make_config mode=file,dev=console.log
	bochs_on_terminal &
	emulator=$!
}

run_on_terminal()
{
	make_config mode=term,dev=tty
	(until [ -e tty ]; do sleep 0.1; done; bochs_on_terminal) &
	emulator=$!
	socat -,raw,echo=0 PTY,link=tty,raw,echo=0,wait-slave
}

alive()
{
	kill -0 "$emulator" 2>/dev/null
}

# Its debugger does not listen while it runs.
keep_cpus()
{
	:
}

# script(1) gives Bochs a session of its own
stop_machine()
{
	[ -n "${emulator-}" ] || return 0
	[ ! -s "$work/pid" ] || kill -KILL "$(cat "$work/pid")" 2>/dev/null || :
	kill -KILL "-$emulator" 2>/dev/null || :
	wait "$emulator" 2>/dev/null || :
	rm -f "$work/pid"
}
