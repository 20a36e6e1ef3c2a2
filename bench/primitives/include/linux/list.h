/* SPDX-License-Identifier: GPL-2.0-only */
/* The loops do not walk lists, and struct list_head is among the types. */
#include <linux/types.h>
