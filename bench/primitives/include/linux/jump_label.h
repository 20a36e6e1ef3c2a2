/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Static keys that each file that is compiled chooses: <key>_IS is true or false before
 * the first include.  What a processor executes is what the kernel has there once it
 * has patched itself: a NOP of five bytes, or a jump.
 */
#ifndef BENCH_LINUX_JUMP_LABEL_H
#define BENCH_LINUX_JUMP_LABEL_H

#include <linux/types.h>

#define DECLARE_STATIC_KEY_FALSE(key)	\
	static const bool key __attribute__((__unused__)) = key##_IS

#define static_branch_unlikely(key)	static_branch_is(*(key))

static __always_inline bool static_branch_is(const bool on)
{
	if (on)
		asm goto("jmp %l[yes]" : : : : yes);
	else
		asm goto(".byte 0x0f, 0x1f, 0x44, 0x00, 0x00" : : : : yes);
	return false;
yes:
	return true;
}

#endif
