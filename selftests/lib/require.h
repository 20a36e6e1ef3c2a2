/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test needs of the host, and cannot do without.
 */
#ifndef EXIT_COUNTS_REQUIRE_H
#define EXIT_COUNTS_REQUIRE_H

#include "kvm_util.h"

/* Skip the whole program unless KVM counts, and shows the guest. */
void require_exit_counts(void);

/* NULL, or why this host cannot be expected to have such an exit. */
const char *why_no_invalid_state_exit(void);
const char *why_no_ipi_fastpath(void);
const char *why_no_interrupt_window(void);
const char *why_no_invd_exit(void);
const char *why_no_monitor_exit(void);
const char *why_no_xsetbv_exit(void);

#endif /* EXIT_COUNTS_REQUIRE_H */
