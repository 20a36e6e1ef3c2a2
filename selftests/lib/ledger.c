// SPDX-License-Identifier: GPL-2.0-only
#include "debugfs.h"
#include "files.h"
#include "ledger.h"
#include "reasons.h"
#include "require.h"

const char * const ledger_state_names[NR_LEDGER_STATES] = {
	"guest", "kernel", "vmm", "halted", "preempted", "waiting", "stopped",
};

void require_ledger(void)
{
	require_exit_counts();
	__TEST_REQUIRE(file_exists(DEBUGFS_DIR), "kvm_exits is not loaded");
	__TEST_REQUIRE(file_exists(PARAM_TIME), "This KVM keeps no ledger");
	restore_at_exit(PARAM_TIME);
	__TEST_REQUIRE(!try_write_file(PARAM_TIME, "Y"), "This host's TSC is not stable");
	write_file(PARAM_TIME, "N");
}

bool ledger_is_kept(const char *path)
{
	char line[256], cycles[32];
	unsigned int nr_kept = 0, nr = 0;
	FILE *f = fopen(path, "r");

	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*u %*s %31s", cycles) != 1)
			continue;
		nr++;
		nr_kept += !!strcmp(cycles, "-");
	}
	fclose(f);
	TEST_ASSERT(nr == NR_LEDGER_STATES && (!nr_kept || nr_kept == nr),
		    "%s: %u states, %u with cycles", path, nr, nr_kept);
	return nr_kept;
}

void read_ledger_states(const char *path, struct ledger_states *s)
{
	char line[256], name[32];
	u64 sum = 0, shown_sum = -1;
	long long difference = -1;
	unsigned int state = 0, nr;
	FILE *f;

	memset(s, 0, sizeof(*s));
	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "# sum %lu, booked %lu, difference %lld, lost %lu",
			   &shown_sum, &s->booked, &difference, &s->lost) == 4 ||
		    line[0] == '#')
			continue;
		TEST_ASSERT(state < NR_LEDGER_STATES &&
			    sscanf(line, "%u %31s %lu %lu", &nr, name,
				   &s->cycles[state], &s->open[state]) == 4 &&
			    nr == state && !strcmp(name, ledger_state_names[nr]),
			    "%s: line for state %u: \"%s\"", path, state, line);
		sum += s->cycles[state++];
	}
	fclose(f);
	TEST_ASSERT(state == NR_LEDGER_STATES, "%s: %u states", path, state);
	TEST_ASSERT(!difference && sum == shown_sum && sum == s->booked,
		    "%s does not balance: sum %lu (%lu), booked %lu, difference %lld",
		    path, sum, shown_sum, s->booked, difference);
}

static void vcpu_file(struct kvm_vcpu *vcpu, const char *file, char *path,
		      size_t size)
{
	char name[64];

	snprintf(name, sizeof(name), "vcpu%u/%s", vcpu->id, file);
	vm_debugfs_file(vcpu->vm, name, path, size);
}

void read_vcpu_states(struct kvm_vcpu *vcpu, struct ledger_states *s)
{
	char path[128];

	vcpu_file(vcpu, "states", path, sizeof(path));
	read_ledger_states(path, s);
}

/* @name is NULL for any. */
static void read_row(struct kvm_vcpu *vcpu, const char *number, const char *name,
		     struct ledger_row *row)
{
	char path[128], line[512], numbers[32], names[64];
	unsigned int state;
	u64 *c = row->of_state;
	bool found = false;
	u64 sum = 0;
	FILE *f;

	vcpu_file(vcpu, "reasons", path, sizeof(path));
	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%31s %63s %*s %lu %lu %lu %lu %lu %lu %lu %lu %lu",
			       numbers, names, &row->cycles, &row->longest, &c[0], &c[1],
			       &c[2], &c[3], &c[4], &c[5], &c[6]) == 11 &&
			!strcmp(numbers, number) && (!name || !strcmp(names, name));
	fclose(f);
	TEST_ASSERT(found, "%s: no line for %s", path, name ? : number);
	for (state = LEDGER_KERNEL; state < LEDGER_STOPPED; state++)
		sum += c[state];
	TEST_ASSERT_EQ(sum, row->cycles);
}

void read_vcpu_row(struct kvm_vcpu *vcpu, u32 reason, struct ledger_row *row)
{
	read_row(vcpu, reason_str(reason), NULL, row);
}

void read_vcpu_row_of_no_exit(struct kvm_vcpu *vcpu, struct ledger_row *row)
{
	read_row(vcpu, "-", "NO_EXIT", row);
}

struct duration_bin {
	u64 from, below, exits;
};

static void find_quantile(const struct duration_bin *bins, unsigned int nr, u64 rank,
			  u64 *from, u64 *below)
{
	unsigned int i;
	u64 exits = 0;

	for (i = 0; i < nr; i++) {
		exits += bins[i].exits;
		if (exits >= rank) {
			*from = bins[i].from;
			*below = bins[i].below;
			return;
		}
	}
	*from = *below = 0;
}

bool read_vcpu_durations(struct kvm_vcpu *vcpu, u32 reason, struct durations *d)
{
	struct duration_bin bins[128];
	char path[128], line[256], number[32];
	bool kept = false;
	unsigned int nr = 0;
	u64 below = 0;
	FILE *f;

	memset(d, 0, sizeof(*d));
	vcpu_file(vcpu, "durations", path, sizeof(path));
	f = fopen(path, "r");
	TEST_ASSERT(f, "open(%s) failed, errno: %i", path, errno);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "# missed %lu", &d->missed) == 1)
			kept = true;
		if (line[0] == '#')
			continue;
		TEST_ASSERT(sscanf(line, "%31s %*s %lu %lu %lu", number, &bins[nr].from,
				   &bins[nr].below, &bins[nr].exits) == 4,
			    "%s: \"%s\"", path, line);
		if (strcmp(number, reason_str(reason)))
			continue;
		TEST_ASSERT(bins[nr].from >= below && bins[nr].exits &&
			    bins[nr].from < bins[nr].below, "%s: \"%s\"", path, line);
		below = bins[nr].below;
		d->exits += bins[nr].exits;
		d->sum += bins[nr].exits * (bins[nr].from + (below - bins[nr].from) / 2);
		nr++;
	}
	fclose(f);
	find_quantile(bins, nr, (d->exits + 1) / 2, &d->median_from, &d->median_below);
	find_quantile(bins, nr, (d->exits * 9 + 9) / 10, &d->p90_from, &d->p90_below);
	find_quantile(bins, nr, d->exits, &d->longest_from, &d->longest_below);
	return kept;
}

u64 ms_to_cycles(struct kvm_vcpu *vcpu, u64 ms)
{
	return ms * __vcpu_ioctl(vcpu, KVM_GET_TSC_KHZ, NULL);
}
