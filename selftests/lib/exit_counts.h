/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of KVM's VM exit counters share.
 */
#ifndef EXIT_COUNTS_H
#define EXIT_COUNTS_H

#include "debugfs.h"
#include "files.h"
#include "kmsg.h"
#include "leaves.h"
#include "ledger.h"
#include "module.h"
#include "nested.h"
#include "reasons.h"
#include "require.h"
#include "stats.h"
#include "stuck_reader.h"
#include "trace.h"
#include "vcpu.h"
#include "wait.h"

#endif /* EXIT_COUNTS_H */
