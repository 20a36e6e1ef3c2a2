/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_SVM_EXIT_SLOTS_H
#define ARCH_X86_KVM_SVM_EXIT_SLOTS_H

#include <linux/nospec.h>

#include "exit_counters.h"

#ifdef CONFIG_KVM_EXIT_COUNTERS

/*
 * SVM's exit codes in one ascending range, from -8 to 0x40f.  Index 0 is for
 * whatever is outside, as that is what array_index_nospec() makes of it.
 */
#define SVM_EXIT_INDEX(code)	((u32)(code) + 9)
#define SVM_EXIT_INDEXES	(SVM_EXIT_INDEX(0x40f) + 1)

/* By index: the slot that counts the exit code. */
static const u8 svm_exit_slots[SVM_EXIT_INDEXES] = {
	[0] = EXIT_COUNTERS_SLOT_UNKNOWN,
	[SVM_EXIT_INDEX(-8)] =
		208, 209, 210, 211, 212, 213, 214, 215,
	[SVM_EXIT_INDEX(0)] =
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
		24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
		36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
		48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
		60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71,
		72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83,
		84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95,
		96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107,
		108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119,
		120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131,
		132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143,
		144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155,
		156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167,
		168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179,
		180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191,
	[SVM_EXIT_INDEX(192) ... SVM_EXIT_INDEX(0x3ff)] =
		EXIT_COUNTERS_SLOT_UNKNOWN,
	[SVM_EXIT_INDEX(0x400)] =
		192, 193, 194, 195, 196, 197, 198, 199,
		200, 201, 202, 203, 204, 205, 206, 207,
};

/* Count one #VMEXIT, see kvm_count_exit(). */
static __always_inline void kvm_count_svm_exit(struct kvm_vcpu *vcpu,
					       u32 exit_code)
{
	u32 index = SVM_EXIT_INDEX(exit_code);

	index = array_index_nospec(index, SVM_EXIT_INDEXES);
	kvm_count_exit(vcpu, svm_exit_slots[index]);
}

#else

static __always_inline void kvm_count_svm_exit(struct kvm_vcpu *vcpu,
					       u32 exit_code) {}

#endif /* CONFIG_KVM_EXIT_COUNTERS */

#endif /* ARCH_X86_KVM_SVM_EXIT_SLOTS_H */
