/* SPDX-License-Identifier: GPL-2.0-only */
/* What kernels that are older than the module's own line call otherwise. */
#ifndef KVM_EXITS_COMPAT_H
#define KVM_EXITS_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define nop_mnt_idmap	init_user_ns
#endif

#endif /* KVM_EXITS_COMPAT_H */
