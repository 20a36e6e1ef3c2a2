/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bochs puts files into the emulated memory before the machine starts. With
 * the kernel there already, uncompressed, nothing is read from an emulated
 * disk and nothing is unpacked by emulated code; two jumps remain to be made.
 *
 * .text.sector: the BIOS loads it from a floppy to 0x7c00. It enters the
 *	kernel's own real-mode setup, which lies at 0x90000 and asks the BIOS
 *	for the memory map (Documentation/arch/x86/boot.rst, "Running the
 *	kernel").
 * .text.stub: hdr.code32_start points here. The setup jumps to it in 32-bit
 *	protected mode, %esi = boot_params, where the unpacker of a bzImage
 *	would be. The kernel proper wants long mode and memory mapped 1:1
 *	(same document, "64-bit Boot Protocol").
 */
	.section .text.sector, "ax"
	.code16
	cli
	movw	$0x9000, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movw	$0xe000, %sp
	ljmp	$0x9020, $0
	.org	510
	.word	0xaa55

	.section .text.stub, "ax"
	.code32
stub:
	lgdt	STUB_ADDR + gdt_pointer - stub
	movl	$0x20, %eax			/* CR4.PAE */
	movl	%eax, %cr4
	movl	$STUB_ADDR + pml4 - stub, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx		/* EFER.LME */
	rdmsr
	btsl	$8, %eax
	wrmsr
	movl	%cr0, %eax
	btsl	$31, %eax			/* CR0.PG */
	movl	%eax, %cr0
	ljmp	$0x10, $STUB_ADDR + long_mode - stub
	.code64
long_mode:
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%esi, %esi
	movl	$KERNEL_ENTRY, %eax
	jmp	*%rax

	.balign	8
gdt:	/* __BOOT_CS is 0x10, __BOOT_DS 0x18 */
	.quad	0, 0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	STUB_ADDR + gdt - stub

	.balign	4096
pml4:
	.quad	STUB_ADDR + pdpt - stub + 0x3
	.balign	4096
pdpt:	/* four 1 GB pages: present, writable, large */
	.quad	0x00000083, 0x40000083, 0x80000083, 0xc0000083
	.balign	4096
