/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VM exits counted per exit reason: see Documentation/virt/kvm/x86/exit-counters.rst
 */
#ifndef _ASM_X86_KVM_EXIT_COUNTERS_H
#define _ASM_X86_KVM_EXIT_COUNTERS_H

#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct kvm;

/*
 * Where a vCPU counts an exit: a slot per exit reason.  Bucket numbers of the
 * binary statistic "exit_reasons" are slot numbers, which makes them ABI: there
 * is room for what the manuals may define later, which then moves nobody.
 *
 *	VMX	0-191	basic exit reasons 0-191
 *	SVM	0-191	exit codes 0-191
 *		192-207	exit codes 0x400-0x40f
 *		208-215	exit codes -8 to -1
 *	both	216	everything else
 */
enum {
	EXIT_COUNTERS_DIRECT_SLOTS = 192,
	EXIT_COUNTERS_SLOT_SVM_400 = EXIT_COUNTERS_DIRECT_SLOTS,
	EXIT_COUNTERS_SLOT_SVM_NEGATIVE = 208,
	EXIT_COUNTERS_SLOT_UNKNOWN = 216,
	EXIT_COUNTERS_SLOTS,
};

/*
 * What a vCPU does, in a ledger of its time: numbers and order are ABI, in CPUID
 * and in debugfs.
 */
enum {
	/* From VM entry to VM exit */
	EXIT_LEDGER_GUEST,
	/* KVM works for it, on a CPU. */
	EXIT_LEDGER_KERNEL,
	/* KVM_RUN has returned with work for userspace. */
	EXIT_LEDGER_VMM,
	/* The guest sleeps, halt polling included. */
	EXIT_LEDGER_HALTED,
	/* Ready to run in KVM, but another task has the CPU. */
	EXIT_LEDGER_PREEMPTED,
	/* KVM sleeps: for a page, for a lock. */
	EXIT_LEDGER_WAITING,
	/* Outside KVM_RUN, but for no exit's sake: a signal, a debugger. */
	EXIT_LEDGER_STOPPED,
	EXIT_LEDGER_STATES,
};

/* A row for each slot, and one for the time that no exit has caused. */
enum {
	EXIT_LEDGER_NO_EXIT = EXIT_COUNTERS_SLOTS,
	EXIT_LEDGER_ROWS,
};

/*
 * A histogram of durations has two bins for each power of two: from 2^n cycles on and
 * from 1.5 * 2^n on.  The last has whatever is longer.
 */
#define EXIT_HISTOGRAM_BINS	124

static inline u64 kvm_exit_histogram_begin_of(unsigned int bin)
{
	return bin ? (2ull + bin % 2) << bin / 2 : 0;
}

/* The guest ABI: CPUID leaves, all within one aligned group of 16. */
#define KVM_CPUID_EXITS_SIGNATURE	0x4ffffff0
#define KVM_CPUID_EXITS_FEATURES	0x4ffffff1
#define KVM_CPUID_EXITS_CYCLES_OF_STATE	0x4ffffff2
#define KVM_CPUID_EXITS_OCCURRED	0x4ffffff3
#define KVM_CPUID_EXITS_CYCLES_OF_REASON 0x4ffffffc
#define KVM_CPUID_EXITS_OF_REASON	0x4ffffffd
#define KVM_CPUID_EXITS_CYCLES		0x4ffffffe
#define KVM_CPUID_EXITS_TOTAL		0x4fffffff

/* KVM_CPUID_EXITS_FEATURES: EAX */
#define KVM_CPUID_EXITS_FEATURE_COUNTS	BIT(0)
#define KVM_CPUID_EXITS_FEATURE_CYCLES	BIT(1)
/* KVM_CPUID_EXITS_FEATURES: EBX, whose exit reasons are counted */
#define KVM_CPUID_EXITS_VMX		1
#define KVM_CPUID_EXITS_SVM		2

#ifdef CONFIG_KVM_EXIT_COUNTERS

/**
 * struct kvm_exit_ledger_row - the time of one exit reason
 * @longest: the longest time from such an exit to the next VM entry, stopped apart
 * @cycles: of the host's TSC by state, from an exit for this reason to the next exit
 */
struct kvm_exit_ledger_row {
	u64 longest;
	u64 cycles[EXIT_LEDGER_STATES];
};

/**
 * struct kvm_exit_times - where the time of one or more vCPUs went
 * @booked: the cycles from each first to each last booking: the sum of all rows
 * @lost: cycles by which the TSC was seen to run backwards, which nobody booked
 * @open: cycles since the last booking, by what the vCPUs do now: in no row yet
 * @rows: by slot of the exit reason, and EXIT_LEDGER_NO_EXIT
 */
struct kvm_exit_times {
	u64 booked;
	u64 lost;
	u64 open[EXIT_LEDGER_STATES];
	struct kvm_exit_ledger_row rows[EXIT_LEDGER_ROWS];
};

/* So many lines of the kernel log in so much time. */
struct kvm_exit_counters_limit {
	/* Protects what follows. */
	spinlock_t lock;
	/* In jiffies, if there were any lines. */
	unsigned long ends;
	unsigned int lines;
};

/**
 * struct kvm_exit_counters_vm - a VM's part of the bookkeeping
 *
 * It outlives the VM for as long as somebody has a reference to it.
 */
struct kvm_exit_counters_vm {
	/* private: the core's own */
	struct list_head node;
	struct list_head vcpus;
	struct kref users;
	/* Protects @kvm, and who adds to @vcpus. */
	spinlock_t lock;
	/* NULL once the VM is gone. */
	struct kvm *kvm;
	/* In the order of creation, which is that of the list. */
	u64 number;
	int thread, fd;
	unsigned int duplicate;
	/* When ended VMs leave the list, which one after this. */
	struct kvm_exit_counters_vm *next_unlisted;
	/* Where the time went, once it has ended; while the ledger is on; under @lock. */
	struct kvm_exit_times *times;

	/* public: */
	/** @name: unique among living VMs, "<pid>-<fd>" or "<pid>-<fd>.<n>" */
	char name[40];
	/** @process: id of the process that made the VM; @name has its thread's */
	int process;
	/** @guest_visible: the guest is told its counts, if any guest is */
	bool guest_visible;
	/**
	 * @ended: 0 while it lives; then nothing is counted any more, the name is
	 * free, and this is how many VMs had ended with it
	 */
	u64 ended;
	/** @client_data: the client's, NULL where there is none */
	void *client_data;
	/** @queries: the client's, but no new client brings a new limit */
	struct kvm_exit_counters_limit queries;
	/** @queries_of_hour: another, over a longer time */
	struct kvm_exit_counters_limit queries_of_hour;
	/** @queries_told: the client has said that the limit was exceeded */
	bool queries_told;
	/** @counts: the VM's exits by slot, valid once it has ended */
	u64 counts[EXIT_COUNTERS_SLOTS];
};

struct kvm_exit_reason {
	/* As the manual writes it, "-" if it is none of the manual's. */
	const char *number;
	const char *name;
};

/**
 * struct kvm_exit_counters_client - the module that shows counts to the host
 * @vms_changed: a VM or a vCPU has come, or a VM has gone
 * @vm_ended: this VM has gone; its @counts are what it had in the end
 * @leaf_read: the guest was told a count, of @reason or, if that is NULL, of all
 *
 * All are called in RCU read-side sections, by the thread that creates, ends or
 * runs the VM: they must not sleep, let alone wait for a reader of the counts.
 */
struct kvm_exit_counters_client {
	void (*vms_changed)(void);
	void (*vm_ended)(struct kvm_exit_counters_vm *vm);
	void (*leaf_read)(struct kvm_exit_counters_vm *vm, int vcpu_id,
			  u32 function, const struct kvm_exit_reason *reason,
			  u64 count);
};

int kvm_exit_counters_create_vm(struct kvm *kvm, const char *fdname);
void kvm_exit_counters_destroy_vm(struct kvm *kvm);

int kvm_exit_counters_register_client(const struct kvm_exit_counters_client *c);
void kvm_exit_counters_unregister_client(const struct kvm_exit_counters_client *c);

struct kvm_exit_counters_vm *
kvm_exit_counters_next_vm(struct kvm_exit_counters_vm *vm);
void kvm_exit_counters_get_vm(struct kvm_exit_counters_vm *vm);
void kvm_exit_counters_put_vm(struct kvm_exit_counters_vm *vm);
int kvm_exit_counters_vcpu_id(struct kvm_exit_counters_vm *vm, unsigned int i);

const struct kvm_exit_reason *kvm_exit_counters_reason(unsigned int slot);
int kvm_exit_counters_read_vcpu(struct kvm_exit_counters_vm *vm, unsigned int i,
				u64 counts[EXIT_COUNTERS_SLOTS]);
int kvm_exit_counters_read_vm(struct kvm_exit_counters_vm *vm,
			      u64 counts[EXIT_COUNTERS_SLOTS]);
int kvm_exit_counters_read_host(u64 counts[EXIT_COUNTERS_SLOTS]);

int kvm_exit_counters_read_vcpu_times(struct kvm_exit_counters_vm *vm,
				      unsigned int i, struct kvm_exit_times *times);
int kvm_exit_counters_read_vm_times(struct kvm_exit_counters_vm *vm,
				    struct kvm_exit_times *times);
int kvm_exit_counters_read_host_times(struct kvm_exit_times *times);
bool kvm_exit_counters_row_of_ended_vm(struct kvm_exit_counters_vm *vm,
				       unsigned int slot,
				       struct kvm_exit_ledger_row *row);
int kvm_exit_counters_read_durations(struct kvm_exit_counters_vm *vm, unsigned int i,
				     unsigned int slot,
				     u64 exits[EXIT_HISTOGRAM_BINS], u64 *missed);

#endif /* CONFIG_KVM_EXIT_COUNTERS */

#endif /* _ASM_X86_KVM_EXIT_COUNTERS_H */
