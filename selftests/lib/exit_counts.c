// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <asm/svm.h>
#include <asm/vmx.h>

#include "exit_counts.h"

/* Reasons and ranges are written from the manual's table, not from KVM's. */
const struct exit_isa exit_isa_vmx = {
	.number = 1,
	.reasons = {
		[EXIT_CPUID] = EXIT_REASON_CPUID,
		[EXIT_CR0_WRITE] = EXIT_REASON_CR_ACCESS,
		[EXIT_CR0_WRITE_SHADOW] = EXIT_REASON_CR_ACCESS,
		[EXIT_CR4_WRITE] = EXIT_REASON_CR_ACCESS,
		[EXIT_DR7_READ] = EXIT_REASON_DR_ACCESS,
		[EXIT_DR7_WRITE] = EXIT_REASON_DR_ACCESS,
		[EXIT_EXCP_PF] = EXIT_REASON_EXCEPTION_NMI,
		[EXIT_EXCP_UD] = EXIT_REASON_EXCEPTION_NMI,
		[EXIT_HLT] = EXIT_REASON_HLT,
		[EXIT_HYPERCALL] = EXIT_REASON_VMCALL,
		[EXIT_INTERRUPT_WINDOW] = EXIT_REASON_INTERRUPT_WINDOW,
		[EXIT_INVALID_STATE] = EXIT_REASON_INVALID_STATE,
		[EXIT_INVD] = EXIT_REASON_INVD,
		[EXIT_IO] = EXIT_REASON_IO_INSTRUCTION,
		[EXIT_MMIO] = EXIT_REASON_EPT_MISCONFIG,
		[EXIT_MONITOR] = EXIT_REASON_MONITOR_INSTRUCTION,
		[EXIT_MSR_READ] = EXIT_REASON_MSR_READ,
		[EXIT_MSR_WRITE] = EXIT_REASON_MSR_WRITE,
		[EXIT_NESTED_ENTRY] = EXIT_REASON_VMLAUNCH,
		[EXIT_NESTED_REENTRY] = EXIT_REASON_VMRESUME,
		[EXIT_PAGE_FAULT] = EXIT_REASON_EPT_VIOLATION,
		[EXIT_RDPMC] = EXIT_REASON_RDPMC,
		[EXIT_TRIPLE_FAULT] = EXIT_REASON_TRIPLE_FAULT,
		[EXIT_VIRTUAL_APIC_WRITE] = EXIT_REASON_APIC_WRITE,
		[EXIT_VIRTUAL_EOI] = EXIT_REASON_EOI_INDUCED,
		[EXIT_WBINVD] = EXIT_REASON_WBINVD,
		[EXIT_XSETBV] = EXIT_REASON_XSETBV,
	},
	.defined = {
		{ 0, 34 }, { 36, 37 }, { 39, 41 }, { 43, 70 }, { 72, 81 },
		{ 84, 85 },
	},
	.undefined = { 444, 35, 38, 42, 71, 82, 83, 86, 87, 0xffffffff },
	/* INIT, RSM, and RDMSR and WRMSR with an immediate. */
	.never = { 3, 17, 84, 85 },
	.asynchronous = {
		EXIT_REASON_EXTERNAL_INTERRUPT, EXIT_REASON_PREEMPTION_TIMER,
		NO_REASON, NO_REASON,
	},
	.format = "%u",
	.negative_format = "%u",
	/* Above is that the VM entry failed, and the like. */
	.trace_mask = 0xffff,
	.entry_failure = VMX_EXIT_REASONS_FAILED_VMENTRY |
			 EXIT_REASON_INVALID_STATE,
	/* KVM looks itself, for what it then would have to emulate. */
	.nested_entry_failure = EXIT_REASON_TRIPLE_FAULT,
	.nested_entry_failure_exits = false,
	.virtual_apic = "enable_apicv",
	.virtual_ipis = "enable_ipiv",
};

const struct exit_isa exit_isa_svm = {
	.number = 2,
	.reasons = {
		[EXIT_CPUID] = SVM_EXIT_CPUID,
		[EXIT_CR0_WRITE] = SVM_EXIT_CR0_SEL_WRITE,
		[EXIT_CR0_WRITE_SHADOW] = SVM_EXIT_WRITE_CR0,
		[EXIT_CR4_WRITE] = SVM_EXIT_WRITE_CR4,
		[EXIT_DR7_READ] = SVM_EXIT_READ_DR7,
		[EXIT_DR7_WRITE] = SVM_EXIT_WRITE_DR7,
		[EXIT_EXCP_PF] = SVM_EXIT_EXCP_BASE + PF_VECTOR,
		[EXIT_EXCP_UD] = SVM_EXIT_EXCP_BASE + UD_VECTOR,
		[EXIT_HLT] = SVM_EXIT_HLT,
		[EXIT_HYPERCALL] = SVM_EXIT_VMMCALL,
		[EXIT_INTERRUPT_WINDOW] = SVM_EXIT_VINTR,
		[EXIT_INVALID_STATE] = SVM_EXIT_ERR,
		[EXIT_INVD] = SVM_EXIT_INVD,
		[EXIT_IO] = SVM_EXIT_IOIO,
		[EXIT_MMIO] = SVM_EXIT_NPF,
		[EXIT_MONITOR] = SVM_EXIT_MONITOR,
		[EXIT_MSR_READ] = SVM_EXIT_MSR,
		[EXIT_MSR_WRITE] = SVM_EXIT_MSR,
		[EXIT_NESTED_ENTRY] = SVM_EXIT_VMRUN,
		[EXIT_NESTED_REENTRY] = SVM_EXIT_VMRUN,
		[EXIT_PAGE_FAULT] = SVM_EXIT_NPF,
		[EXIT_RDPMC] = SVM_EXIT_RDPMC,
		[EXIT_TRIPLE_FAULT] = SVM_EXIT_SHUTDOWN,
		[EXIT_VIRTUAL_APIC_WRITE] = SVM_EXIT_AVIC_UNACCELERATED_ACCESS,
		[EXIT_VIRTUAL_EOI] = NO_REASON,
		[EXIT_WBINVD] = SVM_EXIT_WBINVD,
		[EXIT_XSETBV] = SVM_EXIT_XSETBV,
	},
	.defined = {
		{ 0x00, 0x0f }, { 0x10, 0x1f }, { 0x20, 0x2f }, { 0x30, 0x3f },
		{ 0x40, 0x5f }, { 0x60, 0x8f }, { 0x90, 0x9f }, { 0xa0, 0xa6 },
		{ 0x400, 0x403 }, { -4u, -1u },
	},
	/* The host's use of 0xf0000000, and GHCB's of 0x80000000, are software's. */
	.undefined = {
		444, 0xa7, 0xff, 0x100, 0x3ff, 0x404, 0x80000001, 0xf0000000,
		-5u, 0x7fffffff,
	},
	/* INIT, CR1's write trap, VMGEXIT, IDLE_REQUIRED. */
	.never = { 0x63, 0x91, 0x403, -3u },
	.asynchronous = {
		SVM_EXIT_INTR, SVM_EXIT_NMI, SVM_EXIT_SMI, NO_REASON,
	},
	.format = "0x%02x",
	.negative_format = "%d",
	.buckets_are_dense = true,
	.trace_mask = 0xffffffff,
	.entry_failure = (u32)SVM_EXIT_ERR,
	.nested_entry_failure = SVM_EXIT_ERR,
	.nested_entry_failure_exits = true,
	.virtual_apic = "avic",
	.virtual_ipis = "avic",
};

/* Neither EPT nor NPT. */
static bool shadow_paging;

u32 reason_of(enum exit_kind kind)
{
	if (shadow_paging) {
		switch (kind) {
		case EXIT_CR0_WRITE:
			kind = EXIT_CR0_WRITE_SHADOW;
			break;
		case EXIT_MMIO:
		case EXIT_PAGE_FAULT:
			kind = EXIT_EXCP_PF;
			break;
		default:
			break;
		}
	}

	return exit_isa()->reasons[kind];
}

static bool range_has(const struct reason_range *range, u32 reason)
{
	return reason >= range->first && reason <= range->last;
}

bool reason_is_defined(u32 reason)
{
	const struct reason_range *range;

	for (range = exit_isa()->defined; range->last; range++)
		if (range_has(range, reason))
			return true;

	return false;
}

unsigned int nr_reasons(void)
{
	const struct reason_range *range;
	unsigned int nr = 0;

	for (range = exit_isa()->defined; range->last; range++)
		nr += range->last - range->first + 1;

	return nr;
}

bool reason_is_asynchronous(u32 reason)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exit_isa()->asynchronous); i++)
		if (reason != NO_REASON && reason == exit_isa()->asynchronous[i])
			return true;

	return false;
}

unsigned int bucket_of_reason(u32 reason)
{
	const struct reason_range *range;
	unsigned int bucket = 0;

	if (!exit_isa()->buckets_are_dense)
		return min_t(u32, reason, UNKNOWN_BUCKET);

	for (range = exit_isa()->defined; range->last; range++) {
		if (range_has(range, reason))
			return bucket + reason - range->first;
		bucket += range->last - range->first + 1;
	}

	return UNKNOWN_BUCKET;
}

u32 reason_of_bucket(unsigned int bucket)
{
	const struct reason_range *range;
	unsigned int nr;

	if (!exit_isa()->buckets_are_dense)
		return reason_is_defined(bucket) ? bucket : NO_REASON;

	for (range = exit_isa()->defined; range->last; range++) {
		nr = range->last - range->first + 1;
		if (bucket < nr)
			return range->first + bucket;
		bucket -= nr;
	}

	return NO_REASON;
}

const char *reason_str(u32 reason)
{
	static char number[16];

	snprintf(number, sizeof(number),
		 reason >= -4u ? exit_isa()->negative_format :
				 exit_isa()->format, reason);
	return number;
}

const char *bucket_str(unsigned int bucket)
{
	u32 reason = reason_of_bucket(bucket);

	if (bucket == UNKNOWN_BUCKET)
		return "-";
	return reason_str(reason == NO_REASON ? bucket : reason);
}

unsigned int parse_reason(const char *number)
{
	unsigned int bucket;

	for (bucket = 0; bucket < NR_BUCKETS; bucket++)
		if ((bucket == UNKNOWN_BUCKET ||
		     reason_of_bucket(bucket) != NO_REASON) &&
		    !strcmp(number, bucket_str(bucket)))
			return bucket;

	TEST_FAIL("\"%s\" is no exit reason", number);
	return UNKNOWN_BUCKET;
}

static bool vendor_param(const char *param)
{
	return host_cpu_is_amd ? get_kvm_amd_param_bool(param) :
				 get_kvm_intel_param_bool(param);
}

const char *why_no_interrupt_window(void)
{
	return vendor_param(exit_isa()->virtual_apic) ? "the APIC is virtual" :
							NULL;
}

/* Without unrestricted guest, KVM can't enter whatever state it is. */
const char *why_no_invalid_state_exit(void)
{
	if (host_cpu_is_intel && !vm_is_unrestricted_guest(NULL))
		return "KVM emulates a guest with invalid state";
	return NULL;
}

/* SVM has to tell KVM where the next instruction is, which not all CPUs do. */
const char *why_no_ipi_fastpath(void)
{
	if (vendor_param(exit_isa()->virtual_ipis))
		return "IPIs are virtual";
	if (host_cpu_is_amd && !get_kvm_amd_param_integer("nrips"))
		return "without nrips KVM has no fastpath";
	return NULL;
}

/* Whose SVM is not quite what the manual says. */
static bool host_is_emulated_by_qemu(void)
{
	u32 eax, ebx, ecx, edx;

	if (!host_cpu_is_amd || !this_cpu_has(X86_FEATURE_HYPERVISOR))
		return false;
	cpuid(0x40000000, &eax, &ebx, &ecx, &edx);
	return !memcmp(&ebx, "TCGT", 4);
}

const char *why_no_invd_exit(void)
{
	return host_is_emulated_by_qemu() ? "QEMU's SVM takes INVD for WBINVD" :
					    NULL;
}

const char *why_no_monitor_exit(void)
{
	return this_cpu_has(X86_FEATURE_MWAIT) ? NULL : "no MONITOR";
}

const char *why_no_xsetbv_exit(void)
{
	if (!kvm_cpu_has(X86_FEATURE_XSAVE))
		return "no XSAVE";
	return host_is_emulated_by_qemu() ? "QEMU's SVM does not trap XSETBV" :
					    NULL;
}

void make_state_invalid(struct kvm_vcpu *vcpu)
{
	struct kvm_sregs sregs;

	vcpu_sregs_get(vcpu, &sregs);
	if (host_cpu_is_amd)
		sregs.cs.db = sregs.cs.l;
	else
		sregs.tr.unusable = 1;
	vcpu_sregs_set(vcpu, &sregs);
}

bool file_exists(const char *path)
{
	return !access(path, F_OK);
}

void read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "r");

	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	TEST_ASSERT(fgets(line, size, f), "%s is empty", path);
	line[strcspn(line, "\n")] = '\0';
	fclose(f);
}

unsigned long read_number(const char *path, const char *format)
{
	FILE *f = fopen(path, "r");
	unsigned long number = 0;
	bool found = false;
	char line[256];

	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, format, &number) == 1;
	fclose(f);
	TEST_ASSERT(found, "No \"%s\" in %s", format, path);

	return number;
}

unsigned int nr_entries(const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	unsigned int nr = 0;

	TEST_ASSERT(dir, "opendir(%s) failed, errno: %i", directory, errno);
	while ((entry = readdir(dir)))
		nr += entry->d_name[0] != '.';
	closedir(dir);

	return nr;
}

int try_write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		r = -errno;
	close(fd);

	/* A failed assertion is a skip to the library if errno is EACCES. */
	errno = 0;
	return r;
}

void write_file(const char *path, const char *value)
{
	int r = try_write_file(path, value);

	TEST_ASSERT(!r, "write(%s, \"%s\") failed, rc: %i", path, value, r);
}

static struct {
	const char *path;
	char value[64];
} restored_files[4];

static void restore_files(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(restored_files); i++)
		if (restored_files[i].path)
			try_write_file(restored_files[i].path,
				       restored_files[i].value);
}

void restore_at_exit(const char *path)
{
	static unsigned int nr;

	TEST_ASSERT(nr < ARRAY_SIZE(restored_files), "%u files are too many",
		    nr + 1);
	read_line(path, restored_files[nr].value,
		  sizeof(restored_files[nr].value));
	restored_files[nr].path = path;
	if (!nr++)
		atexit(restore_files);
}

int load_module(void)
{
	int fd = open(getenv("KVM_EXITS_KO"), O_RDONLY);
	int r;

	if (fd < 0)
		return -errno;
	r = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return r;
}

int unload_module(void)
{
	return syscall(SYS_delete_module, "kvm_exits", O_NONBLOCK) ? -errno : 0;
}

static void load_module_at_exit(void)
{
	if (!file_exists(MODULE_DIR))
		load_module();
}

void require_module_file(void)
{
	const char *path = getenv("KVM_EXITS_KO");

	__TEST_REQUIRE(path && file_exists(path),
		       "KVM_EXITS_KO is not the module's file");
	atexit(load_module_at_exit);
}

void require_exit_counts(void)
{
	char visible[8];

	TEST_REQUIRE(file_exists(KVM_DEV_PATH));
	__TEST_REQUIRE(file_exists(PARAM_CPUID),
		       "KVM does not count VM exits per reason");
	TEST_REQUIRE(host_cpu_is_intel || host_cpu_is_amd);
	shadow_paging = !kvm_is_tdp_enabled();
	read_line(PARAM_CPUID, visible, sizeof(visible));
	__TEST_REQUIRE(visible[0] == 'Y', "kvm.exit_counters_cpuid is off");
}

void read_exit_counts_fd(int fd, u64 counts[NR_BUCKETS])
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *descs, *desc = NULL;
	unsigned int i;

	read_stats_header(fd, &header);
	descs = read_stats_descriptors(fd, &header);
	for (i = 0; i < header.num_desc; i++) {
		desc = get_stats_descriptor(descs, i, &header);
		if (!strcmp(desc->name, "exit_reasons"))
			break;
	}
	TEST_ASSERT(i < header.num_desc, "vCPU has no stat exit_reasons");
	TEST_ASSERT_EQ((u32)desc->size, NR_BUCKETS);
	read_stat_data(fd, &header, desc, (uint64_t *)counts, NR_BUCKETS);
	free(descs);
}

void read_exit_counts(struct kvm_vcpu *vcpu, u64 counts[NR_BUCKETS])
{
	int fd = vcpu_get_stats_fd(vcpu);

	read_exit_counts_fd(fd, counts);
	close(fd);
}

u64 sum_exit_counts(const u64 counts[NR_BUCKETS])
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < NR_BUCKETS; i++)
		sum += counts[i];

	return sum;
}

u64 sum_asynchronous(const u64 counts[NR_BUCKETS])
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < NR_BUCKETS; i++)
		if (reason_is_asynchronous(reason_of_bucket(i)))
			sum += counts[i];

	return sum;
}

u64 run_until_ucall(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	for (;;) {
		vcpu_run(vcpu);
		switch (vcpu->run->exit_reason) {
		case KVM_EXIT_IO:
			break;
		case KVM_EXIT_MMIO:
			continue;
		default:
			TEST_FAIL("Unexpected exit to userspace: %u (%s)",
				  vcpu->run->exit_reason,
				  exit_reason_str(vcpu->run->exit_reason));
		}

		if (vcpu->run->io.port == PORT_OF_NOBODY)
			continue;

		switch (get_ucall(vcpu, uc)) {
		case UCALL_SYNC:
		case UCALL_DONE:
			return uc->cmd;
		case UCALL_ABORT:
			errno = 0;
			REPORT_GUEST_ASSERT(*uc);
		default:
			TEST_FAIL("Unexpected ucall: %lu", uc->cmd);
		}
	}
}

/* The library's get_cpuid_entry() fails the test if there is none. */
static const struct kvm_cpuid_entry2 *
find_cpuid_entry(const struct kvm_cpuid2 *cpuid, u32 function, u32 index)
{
	const struct kvm_cpuid_entry2 *e = cpuid->entries;
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++, e++)
		if (e->function == function &&
		    (e->index == index ||
		     !(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX)))
			return e;

	return NULL;
}

/*
 * A leaf above those of its class is answered with zeros by AMD's and Hygon's
 * CPUs, and by Intel's with the data of the highest basic leaf for the same
 * index, if that has any.  The leaves of extended topology, if they are the
 * highest, have the index in CL and the APIC ID in EDX whatever the index is.
 */
struct leaf unpatched_answer(struct kvm_vcpu *vcpu, u32 index)
{
	const struct kvm_cpuid_entry2 *e;
	struct leaf l = { 0 };
	u32 max;

	vcpu_ioctl(vcpu, KVM_GET_CPUID2, vcpu->cpuid);

	e = vcpu_get_cpuid_entry(vcpu, 0);
	if (!memcmp(&e->ebx, "Auth", 4) || !memcmp(&e->ebx, "Hygo", 4))
		return l;

	max = e->eax;
	e = find_cpuid_entry(vcpu->cpuid, max, index);
	if (e)
		return (struct leaf) { e->eax, e->ebx, e->ecx, e->edx };

	if (max == 0xb || max == 0x1f) {
		e = find_cpuid_entry(vcpu->cpuid, max, 1);
		if (e) {
			l.rcx = index & 0xff;
			l.rdx = e->edx;
		}
	}

	return l;
}

void vcpu_set_vendor(struct kvm_vcpu *vcpu, const char *vendor)
{
	struct kvm_cpuid_entry2 *e = vcpu_get_cpuid_entry(vcpu, 0);

	memcpy(&e->ebx, vendor, 4);
	memcpy(&e->edx, vendor + 4, 4);
	memcpy(&e->ecx, vendor + 8, 4);
	vcpu_set_cpuid(vcpu);
}

void vcpu_add_cpuid_entry(struct kvm_vcpu *vcpu,
			  const struct kvm_cpuid_entry2 *entry)
{
	struct kvm_cpuid2 *table = allocate_kvm_cpuid2(vcpu->cpuid->nent + 1);

	memcpy(table->entries, vcpu->cpuid->entries,
	       vcpu->cpuid->nent * sizeof(*entry));
	table->entries[vcpu->cpuid->nent] = *entry;
	free(vcpu->cpuid);
	vcpu->cpuid = NULL;
	vcpu_init_cpuid(vcpu, table);
	free(table);
}

#define TRACING_DIR	"/sys/kernel/tracing"
#define TRACE_EVENT	"events/kvm/kvm_exit"

static char trace_instance[64];
static char trace_trigger[128];
static pid_t trace_owner;

bool trace_is_possible(void)
{
	return file_exists(TRACING_DIR "/instances") &&
	       file_exists(TRACING_DIR "/" TRACE_EVENT "/hist");
}

static void trace_path(const char *file, char *path, size_t size)
{
	snprintf(path, size, "%s/" TRACE_EVENT "/%s", trace_instance, file);
}

static void trace_disarm(void)
{
	char path[160], off[sizeof(trace_trigger) + 1];

	if (!trace_trigger[0])
		return;

	trace_path("trigger", path, sizeof(path));
	snprintf(off, sizeof(off), "!%s", trace_trigger);
	try_write_file(path, off);
	trace_trigger[0] = '\0';
}

/* Also runs in tests that fail, which are children of the instance's owner. */
static void trace_clean_up(void)
{
	trace_disarm();
	if (getpid() == trace_owner)
		rmdir(trace_instance);
}

void trace_create_instance(void)
{
	trace_owner = getpid();
	snprintf(trace_instance, sizeof(trace_instance),
		 TRACING_DIR "/instances/exit_counts_%d", trace_owner);
	TEST_ASSERT(!mkdir(trace_instance, 0700), "mkdir(%s) failed, errno: %i",
		    trace_instance, errno);
	atexit(trace_clean_up);
}

void trace_start(pid_t tid)
{
	char path[160];

	trace_path("trigger", path, sizeof(path));
	snprintf(trace_trigger, sizeof(trace_trigger),
		 "hist:keys=exit_reason:size=256 if common_pid == %d", tid);
	write_file(path, trace_trigger);
}

/*
 * "{ exit_reason:         48 } hitcount:          1" per reason, in decimal and
 * without a sign.  At the end, "Dropped: 0".
 */
void trace_stop(u64 counts[NR_BUCKETS])
{
	unsigned long reason, hits, dropped = -1ul;
	char path[160], line[256];
	FILE *f;

	memset(counts, 0, NR_BUCKETS * sizeof(*counts));

	trace_path("hist", path, sizeof(path));
	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " Dropped: %lu", &dropped) == 1)
			break;
		if (sscanf(line, "{ exit_reason: %lu } hitcount: %lu", &reason,
			   &hits) != 2)
			continue;
		counts[bucket_of_reason(reason & exit_isa()->trace_mask)] += hits;
	}
	fclose(f);
	TEST_ASSERT_EQ(dropped, 0);

	trace_disarm();
}

void vm_debugfs_path(struct kvm_vm *vm, const char *file, char *path,
		     size_t size)
{
	snprintf(path, size, DEBUGFS_DIR "/vms/%ld-%d/%s",
		 syscall(SYS_gettid), vm->fd, file);
}

u64 read_debugfs_total(const char *path)
{
	char line[64], *end;
	u64 total;

	read_line(path, line, sizeof(line));
	total = strtoull(line, &end, 10);
	TEST_ASSERT(isdigit(line[0]) && !*end, "%s is no number: \"%s\"", path,
		    line);
	return total;
}

/* "<number or -> <name> <exits> <cycles or ->" below a line of headings. */
void read_debugfs_reasons(const char *path, u64 counts[NR_BUCKETS])
{
	char line[256], number[32], name[64], exits[32], cycles[32], rest[2];
	unsigned int nr_lines = 0;
	int bucket, last = -1;
	FILE *f;

	memset(counts, 0, NR_BUCKETS * sizeof(*counts));

	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	TEST_ASSERT(fgets(line, sizeof(line), f) && line[0] == '#',
		    "%s has no headings", path);
	while (fgets(line, sizeof(line), f)) {
		TEST_ASSERT(sscanf(line, "%31s %63s %31s %31s %1s", number,
				   name, exits, cycles, rest) == 4,
			    "%s: not four fields: \"%s\"", path, line);
		bucket = parse_reason(number);
		TEST_ASSERT((bucket == UNKNOWN_BUCKET) ==
			    !strcmp(name, "UNKNOWN"), "%s: %s is called %s",
			    path, number, name);
		TEST_ASSERT(bucket > last, "%s: %s is not in order", path,
			    number);
		last = bucket;
		counts[bucket] = strtoull(exits, NULL, 10);
		nr_lines++;
	}
	fclose(f);
	TEST_ASSERT(nr_lines == nr_reasons() + 1,
		    "%s: %u lines, wanted %u and UNKNOWN", path, nr_lines,
		    nr_reasons());
}
