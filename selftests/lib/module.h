/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The modules kvm and kvm_exits: their parameters, and how the latter is loaded.
 */
#ifndef EXIT_COUNTS_MODULE_H
#define EXIT_COUNTS_MODULE_H

#define PARAM_CPUID		"/sys/module/kvm/parameters/exit_counters_cpuid"
#define PARAM_CPUID_DEFAULT	"/sys/module/kvm/parameters/exit_counters_cpuid_default"
#define PARAM_FEP		"/sys/module/kvm/parameters/force_emulation_prefix"
#define MODULE_DIR		"/sys/module/kvm_exits"
#define PARAM_GUEST_VISIBLE	MODULE_DIR "/parameters/guest_visible"
#define PARAM_LOG		MODULE_DIR "/parameters/log"
#define PARAM_LOG_ENDS		MODULE_DIR "/parameters/log_ends"
#define PARAM_LOG_LIMIT		MODULE_DIR "/parameters/log_limit"
#define PARAM_LOG_QUERIES	MODULE_DIR "/parameters/log_queries"

/* What it writes of a VM's queries in 5 seconds and in an hour */
#define LOG_LINES_OF_A_VM		10
#define LOG_INTERVAL_S			5
#define LOG_LINES_OF_A_VM_AN_HOUR	50

/* kvm_exits, of the file that KVM_EXITS_KO names: 0 or -errno. */
int load_module(void);
/* Does not wait until nobody uses it. */
int unload_module(void);
/* Skip the program without that file.  The module is there at the end. */
void require_module_file(void);

#endif /* EXIT_COUNTS_MODULE_H */
