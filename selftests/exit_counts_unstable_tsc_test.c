// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host whose TSC is not stable, as the kernel says, or was told by tsc=unstable: its
 * exits are counted as ever, and nobody is told a time that could not be trusted.
 */
#include "exit_counts.h"
#include "exit_counts_harness.h"

/* What the kernel could tell the time by: not by a TSC that it has found unstable. */
#define CLOCKS "/sys/devices/system/clocksource/clocksource0/available_clocksource"

#define REFUSAL	"exit_counters_time: the TSC of this machine is not stable"

static struct leaf features, total, of_state, no_state;

static void guest_code(void)
{
	for (;;) {
		features = guest_cpuid(LEAF_FEATURES, 0);
		total = guest_cpuid(LEAF_CYCLES_TOTAL, 0);
		of_state = guest_cpuid(LEAF_CYCLES_IN_STATE, 0);
		no_state = guest_cpuid(LEAF_CYCLES_IN_STATE, NR_LEDGER_STATES);
		GUEST_SYNC(0);
	}
}

FIXTURE(unstable_tsc)
{
	struct kvm_vm *vm;
	struct kvm_vcpu *vcpu;
};

FIXTURE_SETUP(unstable_tsc)
{
	self->vm = vm_create_with_one_vcpu(&self->vcpu, guest_code);
	write_file(PARAM_CPUID_TIME, "Y");
}

FIXTURE_TEARDOWN(unstable_tsc)
{
	kvm_vm_free(self->vm);
	write_file(PARAM_CPUID_TIME, "N");
}

static void assert_refused(void)
{
	char on[8];
	int r;

	r = try_write_file(PARAM_TIME, "Y");
	TEST_ASSERT(r == -EOPNOTSUPP, "exit_counters_time=Y: %i", r);
	read_line(PARAM_TIME, on, sizeof(on));
	TEST_ASSERT(on[0] == 'N', "Refused, it is %s", on);
}

TEST_F(unstable_tsc, switch_refuses)
{
	struct kmsg_lines lines[] = {
		{ "", REFUSAL },
		{ "", "exit_counters_time" },
		{ }
	};

	kmsg_start();
	assert_refused();
	kmsg_count(lines);
	TEST_ASSERT(lines[0].nr == 1 && lines[1].nr == 1,
		    "%u lines say why, of %u", lines[0].nr, lines[1].nr);

	/* It goes where it is already: nothing to refuse. */
	write_file(PARAM_TIME, "N");
	kmsg_count(lines);
	TEST_ASSERT_EQ(lines[1].nr, 1);
}

/* "number name exits", then cycles: of each line none */
static void assert_reasons_have_no_cycles(const char *path)
{
	unsigned int nr = 0;
	char line[512];
	int end;
	FILE *f;

	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#')
			continue;
		end = 0;
		TEST_ASSERT(sscanf(line, "%*s %*s %*s%n", &end) == 0 && end,
			    "%s: \"%s\"", path, line);
		TEST_ASSERT(strspn(line + end, " -\n") == strlen(line + end),
			    "%s has cycles: \"%s\"", path, line);
		nr++;
	}
	fclose(f);
	TEST_ASSERT_EQ(nr, nr_reasons() + 2);
}

TEST_F(unstable_tsc, files_have_no_cycles)
{
	static const char * const of[] = { "", "vcpu0/" };
	char path[128], file[32];
	struct durations d;
	struct ucall uc;
	unsigned int i;

	assert_refused();
	run_until_ucall(self->vcpu, &uc);
	TEST_ASSERT(!ledger_is_kept(DEBUGFS_DIR "/states"), "The host has cycles");
	assert_reasons_have_no_cycles(DEBUGFS_DIR "/reasons");
	for (i = 0; i < ARRAY_SIZE(of); i++) {
		snprintf(file, sizeof(file), "%sstates", of[i]);
		vm_debugfs_file(self->vm, file, path, sizeof(path));
		TEST_ASSERT(!ledger_is_kept(path), "%s has cycles", path);
		snprintf(file, sizeof(file), "%sreasons", of[i]);
		vm_debugfs_file(self->vm, file, path, sizeof(path));
		assert_reasons_have_no_cycles(path);
	}

	write_file(PARAM_HISTOGRAM, "Y");
	run_until_ucall(self->vcpu, &uc);
	TEST_ASSERT(!read_vcpu_durations(self->vcpu, reason_of(EXIT_CPUID), &d),
		    "Durations are kept");
	write_file(PARAM_HISTOGRAM, "N");
}

TEST_F(unstable_tsc, guests_are_told_no_cycles)
{
	const struct leaf zeros = { 0 };
	struct ucall uc;

	assert_refused();
	run_until_ucall(self->vcpu, &uc);
	sync_global_from_guest(self->vm, features);
	sync_global_from_guest(self->vm, total);
	sync_global_from_guest(self->vm, of_state);
	sync_global_from_guest(self->vm, no_state);
	TEST_ASSERT(features.rax == FEATURE_COUNTS, "Features %lx", features.rax);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_TOTAL, 0, total, zeros);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_IN_STATE, 0, of_state, zeros);
	TEST_ASSERT_LEAF_EQ(LEAF_CYCLES_IN_STATE, NR_LEDGER_STATES, no_state, zeros);
}

int main(int argc, char **argv)
{
	char clocks[256];

	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	__TEST_REQUIRE(file_exists(PARAM_TIME), "This KVM keeps no ledger");
	read_line(CLOCKS, clocks, sizeof(clocks));
	__TEST_REQUIRE(!strstr(clocks, "tsc"), "This host's TSC is stable: %s", clocks);
	restore_at_exit(PARAM_TIME);
	restore_at_exit(PARAM_CPUID_TIME);
	restore_at_exit(PARAM_HISTOGRAM);

	return test_harness_run(argc, argv);
}
