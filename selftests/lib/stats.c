// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

static void read_stat_data_fd(int fd, const char *name, u64 *data, unsigned int nr)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *descs, *desc = NULL;
	unsigned int i;

	read_stats_header(fd, &header);
	descs = read_stats_descriptors(fd, &header);
	for (i = 0; i < header.num_desc; i++) {
		desc = get_stats_descriptor(descs, i, &header);
		if (!strcmp(desc->name, name))
			break;
	}
	TEST_ASSERT(i < header.num_desc, "vCPU has no stat %s", name);
	TEST_ASSERT_EQ((u32)desc->size, nr);
	read_stat_data(fd, &header, desc, (uint64_t *)data, nr);
	free(descs);
}

void read_exit_counts_fd(int fd, u64 counts[NR_BUCKETS])
{
	read_stat_data_fd(fd, "exit_reasons", counts, NR_BUCKETS);
}

u64 read_stat_fd(int fd, const char *name)
{
	u64 value;

	read_stat_data_fd(fd, name, &value, 1);
	return value;
}

u64 read_stat(struct kvm_vcpu *vcpu, const char *name)
{
	int fd = vcpu_get_stats_fd(vcpu);
	u64 value = read_stat_fd(fd, name);

	close(fd);
	return value;
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
