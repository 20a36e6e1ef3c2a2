// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module kvm_exits writes to the kernel log: a guest's queries, a VM's
 * end, and the table on request.  Limits are another test's.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

static void assert_next(const char *prefix, const char *wanted)
{
	char line[256];

	TEST_ASSERT(kmsg_next(prefix, line, sizeof(line)),
		    "No line \"%s%s\"", prefix, wanted);
	TEST_ASSERT(!strcmp(line, wanted), "Line \"%s%s\", wanted \"%s%s\"",
		    prefix, line, prefix, wanted);
}

static void assert_no_more(const char *prefix)
{
	char line[256];

	TEST_ASSERT(!kmsg_next(prefix, line, sizeof(line)),
		    "Unexpected line \"%s%s\"", prefix, line);
}

static void assert_query(const char *prefix, u64 total)
{
	char wanted[128];

	snprintf(wanted, sizeof(wanted), " vCPU 0: CPUID 0x4fffffff: %lu exits",
		 (unsigned long)total);
	assert_next(prefix, wanted);
}

static void guest_code_queries(void)
{
	u64 total, cpuid;

	for (;;) {
		total = guest_exits_total();
		cpuid = guest_exits_of(reason_of(EXIT_CPUID));
		guest_cpuid(LEAF_EXITS_OF_REASON, 444);
		guest_cpuid(LEAF_SIGNATURE, 0);
		guest_cpuid(LEAF_FEATURES, 0);
		GUEST_SYNC2(total, cpuid);
	}
}

FIXTURE(dmesg)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	char prefix[64];
};

FIXTURE_SETUP(dmesg)
{
	write_file(PARAM_LOG_QUERIES, "Y");
	write_file(PARAM_LOG_ENDS, "Y");
	write_file(PARAM_LOG_LIMIT, "1000000");
	write_file(PARAM_TIME, "N");
	kmsg_start();
	self->vm = vm_create_with_one_vcpu(&self->vcpu, guest_code_queries);
	kmsg_vm_prefix(self->vm, "", self->prefix, sizeof(self->prefix));
}

FIXTURE_TEARDOWN(dmesg)
{
	if (self->vm)
		kvm_vm_free(self->vm);
	write_file(PARAM_TIME, "N");
}

/* A line a count that the guest is told, with that count, and no other. */
TEST_F(dmesg, queries)
{
	char wanted[128];
	struct ucall uc;

	run_until_ucall(self->vcpu, &uc);
	assert_query(self->prefix, uc.args[0]);
	snprintf(wanted, sizeof(wanted),
		 " vCPU 0: CPUID 0x4ffffffd, reason %s CPUID: %lu exits",
		 reason_str(reason_of(EXIT_CPUID)), (unsigned long)uc.args[1]);
	assert_next(self->prefix, wanted);
	assert_no_more(self->prefix);
}

TEST_F(dmesg, no_queries_if_switched_off)
{
	struct ucall uc;

	write_file(PARAM_LOG_QUERIES, "N");
	run_until_ucall(self->vcpu, &uc);
	assert_no_more(self->prefix);

	write_file(PARAM_LOG_QUERIES, "Y");
	run_until_ucall(self->vcpu, &uc);
	assert_query(self->prefix, uc.args[0]);
}

static void reason_name(const char *wanted, char name[64])
{
	char line[256], number[32];
	bool found = false;
	FILE *f;

	f = fopen(DEBUGFS_DIR "/reasons", "r");
	TEST_ASSERT(f, "open(reasons) failed, errno: %i", errno);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%31s %63s", number, name) == 2 &&
			!strcmp(number, wanted);
	fclose(f);
	TEST_ASSERT(found, "No name of reason %s", wanted);
}

/* The first of those that are equally frequent.  Return: the length */
static int describe_counts(struct kvm_vcpu *vcpu, char *text, size_t size)
{
	u64 counts[NR_BUCKETS], most = 0, least = -1ull;
	unsigned int bucket, most_bucket = 0, least_bucket = 0;
	char most_name[64], least_name[64];

	read_exit_counts(vcpu, counts);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++) {
		if (!counts[bucket])
			continue;
		if (counts[bucket] > most) {
			most = counts[bucket];
			most_bucket = bucket;
		}
		if (counts[bucket] < least) {
			least = counts[bucket];
			least_bucket = bucket;
		}
	}
	reason_name(bucket_str(most_bucket), most_name);
	reason_name(bucket_str(least_bucket), least_name);
	return snprintf(text, size, " ended: %lu exits, most %s %lu, least %s %lu",
			(unsigned long)sum_exit_counts(counts), most_name,
			(unsigned long)most, least_name, (unsigned long)least);
}

static u64 cycles_to_us(u64 cycles)
{
	return cycles * 1000 /
	       read_number(DEBUGFS_DIR "/states", "# cycles of %lu kHz");
}

/* Of all reasons, and of the one that took most, in ms with three decimals. */
static void describe_times(struct kvm_vcpu *vcpu, char *text, size_t size)
{
	u64 counts[NR_BUCKETS], most = 0, sum = 0;
	unsigned int bucket, most_bucket = 0;
	struct ledger_row row;
	char name[64];

	read_exit_counts(vcpu, counts);
	for (bucket = 0; bucket < NR_BUCKETS; bucket++) {
		if (!counts[bucket])
			continue;
		read_vcpu_row(vcpu, reason_of_bucket(bucket), &row);
		sum += row.cycles;
		if (row.cycles > most) {
			most = row.cycles;
			most_bucket = bucket;
		}
	}
	TEST_ASSERT(most, "No time in exits");
	reason_name(bucket_str(most_bucket), name);
	sum = cycles_to_us(sum);
	most = cycles_to_us(most);
	snprintf(text, size, "; %lu.%03lu ms in exits, most in %s %lu.%03lu", sum / 1000,
		 sum % 1000, name, most / 1000, most % 1000);
}

static void assert_end(struct kvm_vm **vm, const char *prefix, const char *wanted)
{
	char line[256];

	/* Past the queries. */
	while (kmsg_next(prefix, line, sizeof(line)))
		;
	kvm_vm_free(*vm);
	*vm = NULL;
	assert_next(prefix, wanted);
	assert_no_more(prefix);
}

TEST_F(dmesg, end_of_vm)
{
	char wanted[256];
	struct ucall uc;

	run_until_ucall(self->vcpu, &uc);
	run_until_ucall(self->vcpu, &uc);
	describe_counts(self->vcpu, wanted, sizeof(wanted));
	assert_end(&self->vm, self->prefix, wanted);
}

TEST_F(dmesg, end_of_vm_with_ledger)
{
	char wanted[256];
	struct ucall uc;
	int length;

	if (try_write_file(PARAM_TIME, "Y"))
		SKIP(return, "No ledger");

	run_until_ucall(self->vcpu, &uc);
	run_until_ucall(self->vcpu, &uc);
	length = describe_counts(self->vcpu, wanted, sizeof(wanted));
	describe_times(self->vcpu, wanted + length, sizeof(wanted) - length);
	assert_end(&self->vm, self->prefix, wanted);
}

TEST_F(dmesg, no_end_of_vm_that_never_ran)
{
	kvm_vm_free(self->vm);
	self->vm = NULL;
	assert_no_more(self->prefix);
}

TEST_F(dmesg, no_ends_if_switched_off)
{
	struct ucall uc;

	write_file(PARAM_LOG_QUERIES, "N");
	write_file(PARAM_LOG_ENDS, "N");
	run_until_ucall(self->vcpu, &uc);
	kvm_vm_free(self->vm);
	self->vm = NULL;
	assert_no_more(self->prefix);
}

/* "all VMs: <n> exits", "<number> <NAME> <n>"..., "<n> other reasons: 0 exits" */
static void assert_table(struct kvm_vcpu *vcpu, const char *log)
{
	unsigned long total, count, sum = 0, before, after, never = 0;
	char line[256], number[32], name[64], wanted[64];
	unsigned int nr_lines = 0;
	struct ucall uc;

	run_until_ucall(vcpu, &uc);
	before = read_debugfs_total(DEBUGFS_DIR "/total");
	write_file(log, "1");
	after = read_debugfs_total(DEBUGFS_DIR "/total");

	TEST_ASSERT(kmsg_next(KMSG_MODULE "all VMs: ", line, sizeof(line)), "No table");
	TEST_ASSERT(sscanf(line, "%lu exits", &total) == 1, "\"%s\"", line);
	TEST_ASSERT(total >= before && total <= after, "%lu, wanted %lu to %lu",
		    total, before, after);

	while (kmsg_next(KMSG_MODULE, line, sizeof(line))) {
		if (sscanf(line, "%31s %63s %lu", number, name, &count) == 3) {
			reason_name(number, wanted);
			TEST_ASSERT(!strcmp(name, wanted), "\"%s\", wanted %s",
				    line, wanted);
			sum += count;
			nr_lines++;
		} else if (sscanf(line, "%lu other reasons", &never) == 1) {
			break;
		}
	}
	TEST_ASSERT_EQ(sum, total);
	TEST_ASSERT_EQ(never, nr_reasons() + 1 - nr_lines);
}

TEST_F(dmesg, table)
{
	assert_table(self->vcpu, PARAM_LOG);
	assert_table(self->vcpu, DEBUGFS_DIR "/log");
}

int main(int argc, char **argv)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	restore_at_exit(PARAM_LOG_QUERIES);
	restore_at_exit(PARAM_LOG_ENDS);
	restore_at_exit(PARAM_LOG_LIMIT);
	restore_at_exit(PARAM_TIME);

	return test_harness_run(argc, argv);
}
