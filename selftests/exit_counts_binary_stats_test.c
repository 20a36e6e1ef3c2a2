// SPDX-License-Identifier: GPL-2.0-only
/*
 * The binary statistic "exit_reasons" of the vCPUs is what the guest reads, and
 * where in it a reason is counted is ABI.
 */
#include <ftw.h>

#include "exit_counts.h"
#include "exit_counts_harness.h"

#define NR_VCPUS	3

static u64 seen[NR_BUCKETS];

static void guest_code(void)
{
	unsigned int bucket;
	u32 reason;

	for (;;) {
		for (bucket = 0; bucket < UNKNOWN_BUCKET; bucket++) {
			reason = reason_of_bucket(bucket);
			if (reason != NO_REASON)
				seen[bucket] = guest_exits_of(reason);
		}
		GUEST_SYNC(0);
	}
}

KVM_ONE_VCPU_TEST_SUITE(binary_stats);

KVM_ONE_VCPU_TEST(binary_stats, descriptor, guest_code)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *descs, *desc = NULL;
	unsigned int i, nr_found = 0;
	int fd = vcpu_get_stats_fd(vcpu);
	u64 *data;

	read_stats_header(fd, &header);
	descs = read_stats_descriptors(fd, &header);
	for (i = 0; i < header.num_desc; i++) {
		desc = get_stats_descriptor(descs, i, &header);
		if (strcmp(desc->name, "exit_reasons"))
			continue;
		nr_found++;
		TEST_ASSERT_EQ(desc->flags, (u32)(KVM_STATS_TYPE_LINEAR_HIST |
						  KVM_STATS_UNIT_NONE |
						  KVM_STATS_BASE_POW10));
		TEST_ASSERT_EQ(desc->exponent, 0);
		TEST_ASSERT_EQ(desc->size, NR_BUCKETS);
		TEST_ASSERT_EQ(desc->bucket_size, 1);

		/* A vCPU that has not run has not exited. */
		data = malloc(desc->size * sizeof(*data));
		TEST_ASSERT(data, "-ENOMEM");
		read_stat_data(fd, &header, desc, (uint64_t *)data, desc->size);
		TEST_ASSERT_EQ(sum_exit_counts(data), 0);
		free(data);
	}
	TEST_ASSERT_EQ(nr_found, 1);

	free(descs);
	close(fd);
}

static void add_counts_of(struct kvm_vcpu *vcpu, u64 sums[NR_BUCKETS])
{
	u64 counts[NR_BUCKETS];
	unsigned int bucket;

	read_exit_counts(vcpu, counts);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++)
		sums[bucket] += counts[bucket];
}

/* Each bucket, for the sum of several vCPUs. */
TEST(equal_the_leaves)
{
	u64 before[NR_BUCKETS] = { 0 }, after[NR_BUCKETS] = { 0 }, wanted;
	struct kvm_vcpu *vcpus[NR_VCPUS];
	unsigned int i, bucket, nr_reads = 0;
	struct kvm_vm *vm;
	struct ucall uc;

	vm = vm_create_with_vcpus(NR_VCPUS, guest_code, vcpus);

	/* All of what only happens the first time. */
	for (i = 0; i < NR_VCPUS; i++)
		run_until_ucall(vcpus[i], &uc);

	for (i = 0; i < NR_VCPUS; i++)
		add_counts_of(vcpus[i], before);
	run_until_ucall(vcpus[0], &uc);
	for (i = 0; i < NR_VCPUS; i++)
		add_counts_of(vcpus[i], after);
	sync_global_from_guest(vm, seen);

	for (bucket = 0; bucket < UNKNOWN_BUCKET; bucket++) {
		if (reason_of_bucket(bucket) == NO_REASON)
			continue;

		nr_reads++;
		wanted = before[bucket];
		if (bucket == bucket_of(EXIT_CPUID))
			wanted += nr_reads;

		if (reason_is_asynchronous(reason_of_bucket(bucket)))
			TEST_ASSERT(seen[bucket] >= before[bucket] &&
				    seen[bucket] <= after[bucket],
				    "Reason %s: guest reads %lu, host %lu to %lu",
				    bucket_str(bucket),
				    (unsigned long)seen[bucket],
				    (unsigned long)before[bucket],
				    (unsigned long)after[bucket]);
		else
			TEST_ASSERT(seen[bucket] == wanted,
				    "Reason %s: guest reads %lu, host %lu",
				    bucket_str(bucket),
				    (unsigned long)seen[bucket],
				    (unsigned long)wanted);
	}
	TEST_ASSERT_EQ(nr_reads, nr_reasons());
	bucket = bucket_of(EXIT_CPUID);
	TEST_ASSERT_EQ(after[bucket] - before[bucket], nr_reasons());
	TEST_ASSERT_EQ(after[UNKNOWN_BUCKET], 0);

	/* Nor has anything been counted where the manual has a gap. */
	for (bucket = 0; bucket < UNKNOWN_BUCKET; bucket++)
		if (reason_of_bucket(bucket) == NO_REASON)
			TEST_ASSERT(!after[bucket], "Bucket %u: %lu, wanted 0",
				    bucket, (unsigned long)after[bucket]);

	kvm_vm_free(vm);
}

static void guest_code_layout(void)
{
	GUEST_SYNC(0);
	guest_cpuid(0, 0);
	GUEST_SYNC(0);
}

/* By number, as anybody has them who reads the statistic. */
static const struct {
	enum exit_kind kind;
	unsigned int vmx;
	unsigned int svm;
} layout[] = {
	{ EXIT_CPUID, 10, 0x72 },
	{ EXIT_IO, 30, 0x7b },
	{ EXIT_PAGE_FAULT, 48, 192 },
	{ EXIT_INVALID_STATE, 33, 215 },
};

TEST(buckets_of_the_abi)
{
	u64 before[NR_BUCKETS], after[NR_BUCKETS];
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	bool seen[NR_BUCKETS] = { false };
	unsigned int i, bucket;
	struct ucall uc;

	if (!kvm_is_tdp_enabled() || why_no_invalid_state_exit())
		SKIP(return, "Not all of these exits can be provoked");

	vm = vm_create_with_one_vcpu(&vcpu, guest_code_layout);
	read_exit_counts(vcpu, before);
	run_until_ucall(vcpu, &uc);
	run_until_ucall(vcpu, &uc);
	make_state_invalid(vcpu);
	vcpu_run(vcpu);
	TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_FAIL_ENTRY);
	read_exit_counts(vcpu, after);

	for (i = 0; i < ARRAY_SIZE(layout); i++) {
		bucket = host_cpu_is_amd ? layout[i].svm : layout[i].vmx;
		TEST_ASSERT(after[bucket] > before[bucket],
			    "Bucket %u counts no exits of reason %s", bucket,
			    reason_str(reason_of(layout[i].kind)));
		seen[bucket] = true;
	}
	for (bucket = 0; bucket < NR_BUCKETS; bucket++)
		TEST_ASSERT(!after[bucket] || seen[bucket] ||
			    reason_is_asynchronous(reason_of_bucket(bucket)),
			    "Bucket %u counts exits of no reason", bucket);
	kvm_vm_free(vm);
}

#define KVM_DEBUGFS_DIR	"/sys/kernel/debug/kvm"

static unsigned int nr_exits_files;

static int check_name(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	const char *name = path + ftw->base;

	nr_exits_files += !strcmp(name, "exits");
	TEST_ASSERT(strcmp(name, "exit_reasons"), "%s exists", path);
	return 0;
}

/* Which would show the first bucket of it, beside the sum of something else. */
TEST_F(binary_stats, is_not_in_debugfs_of_kvm)
{
	if (!file_exists(KVM_DEBUGFS_DIR))
		SKIP(return, "KVM shows nothing in debugfs");

	TEST_ASSERT(!nftw(KVM_DEBUGFS_DIR, check_name, 8, FTW_PHYS),
		    "nftw() failed, errno: %i", errno);
	/* Of the host and of this VM */
	TEST_ASSERT(nr_exits_files >= 2, "%u files \"exits\"", nr_exits_files);
}

int main(int argc, char **argv)
{
	require_exit_counts();
	TEST_REQUIRE(kvm_has_cap(KVM_CAP_BINARY_STATS_FD));

	return test_harness_run(argc, argv);
}
