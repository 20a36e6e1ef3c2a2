/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of KVM's selftests, with time for an emulated host whose kernel looks
 * for mistakes.  A test ends by itself: only one that hangs meets the limit.
 */
#ifndef EXIT_COUNTS_HARNESS_H
#define EXIT_COUNTS_HARNESS_H

#if __has_include("kvm_test_harness.h")
#include "kvm_test_harness.h"
#else
#include "compat_harness.h"
#endif

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300 /* seconds */

#endif /* EXIT_COUNTS_HARNESS_H */
