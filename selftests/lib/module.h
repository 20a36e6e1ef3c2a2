/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The modules kvm and kvm_exits: their parameters, and how the latter is loaded.
 */
#ifndef EXIT_COUNTS_MODULE_H
#define EXIT_COUNTS_MODULE_H

#define PARAM_CPUID		"/sys/module/kvm/parameters/exit_counters_cpuid"
#define PARAM_FEP		"/sys/module/kvm/parameters/force_emulation_prefix"
#define MODULE_DIR		"/sys/module/kvm_exits"
#define PARAM_LOG_QUERIES	MODULE_DIR "/parameters/log_queries"

/* kvm_exits, of the file that KVM_EXITS_KO names: 0 or -errno. */
int load_module(void);
/* Does not wait until nobody uses it. */
int unload_module(void);
/* Skip the program without that file.  The module is there at the end. */
void require_module_file(void);

#endif /* EXIT_COUNTS_MODULE_H */
