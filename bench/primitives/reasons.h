/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVM_EXITS_BENCH_REASONS_H
#define KVM_EXITS_BENCH_REASONS_H

#include <linux/types.h>

#define NR_REASONS	16	/* a power of two */

/* What a guest exits for, by the numbers of VMX and of SVM. */
extern const u32 vmx_reasons[NR_REASONS];
extern const u32 svm_reasons[NR_REASONS];

/* The compiler neither merges two exits nor knows the reason of the next. */
#define for_each_exit(reason, reasons, exits)				\
	for (u64 exit_ = 0;						\
	     exit_ < (exits) &&						\
	     ((reason) = READ_ONCE((reasons)[exit_ % NR_REASONS]), true);	\
	     exit_++, barrier())

#endif
