// SPDX-License-Identifier: GPL-2.0-only
#include "source/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <vector>

namespace kvm_exits {
namespace {

// With maps of this machine's kernel, where it lets the tests have some.
class BpfMapTest : public ::testing::Test {
 protected:
  ~BpfMapTest() override {
    if (fd_ >= 0) close(fd_);
  }

  bool Create(bpf_map_type type, uint32_t key_size, uint32_t value_size, uint32_t entries) {
    LIBBPF_OPTS(bpf_map_create_opts, options);
    if (type == BPF_MAP_TYPE_HASH) options.map_flags = BPF_F_NO_PREALLOC;
    fd_ = bpf_map_create(type, nullptr, key_size, value_size, entries, &options);
    return fd_ >= 0;
  }

  std::map<uint64_t, uint64_t> Read() {
    std::map<uint64_t, uint64_t> read;
    ForEachInHash(fd_, sizeof(uint64_t), sizeof(uint64_t),
                  [&](const std::byte* key_bytes, const std::byte* value_bytes) {
                    uint64_t key = 0;
                    uint64_t value = 0;
                    std::memcpy(&key, key_bytes, sizeof(key));
                    std::memcpy(&value, value_bytes, sizeof(value));
                    EXPECT_TRUE(read.emplace(key, value).second) << key << " was read twice";
                  });
    return read;
  }

  int fd_ = -1;
};

TEST_F(BpfMapTest, ReadsAllOfHash) {
  if (!Create(BPF_MAP_TYPE_HASH, 8, 8, 65536)) GTEST_SKIP() << "no rights to BPF maps";
  EXPECT_TRUE(Read().empty());
  std::map<uint64_t, uint64_t> expected;
  for (uint64_t key = 0; key < 8000; ++key) {
    const uint64_t value = key * key;
    ASSERT_EQ(bpf_map_update_elem(fd_, &key, &value, BPF_ANY), 0);
    expected[key] = value;
  }
  EXPECT_EQ(Read(), expected);
}

// A kind of map that the kernel has no batches for.
TEST_F(BpfMapTest, ReadsAllOfMapWithoutBatches) {
  if (!Create(BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 16)) GTEST_SKIP() << "no rights to such maps";
  const uint32_t loopback = 1;
  for (const uint32_t key : {3U, 5U, 8U}) {
    ASSERT_EQ(bpf_map_update_elem(fd_, &key, &loopback, BPF_ANY), 0);
  }
  std::map<uint32_t, uint32_t> read;
  ForEachInHash(fd_, sizeof(uint32_t), sizeof(uint32_t),
                [&](const std::byte* key_bytes, const std::byte* value_bytes) {
                  uint32_t key = 0;
                  std::memcpy(&key, key_bytes, sizeof(key));
                  std::memcpy(&read[key], value_bytes, sizeof(uint32_t));
                });
  EXPECT_EQ(read, (std::map<uint32_t, uint32_t>{{3, 1}, {5, 1}, {8, 1}}));
}

TEST_F(BpfMapTest, ReadsMapOfOne) {
  if (!Create(BPF_MAP_TYPE_HASH, 8, 8, 1)) GTEST_SKIP() << "no rights to BPF maps";
  const uint64_t key = 7;
  const uint64_t value = 9;
  ASSERT_EQ(bpf_map_update_elem(fd_, &key, &value, BPF_ANY), 0);
  EXPECT_EQ(Read(), (std::map<uint64_t, uint64_t>{{7, 9}}));
}

TEST_F(BpfMapTest, SumsOverCpus) {
  if (!Create(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 16, 1)) GTEST_SKIP() << "no rights to BPF maps";
  const int cpus = libbpf_num_possible_cpus();
  ASSERT_GT(cpus, 0);
  std::vector<uint64_t> values;
  uint64_t sum = 0;
  for (int cpu = 0; cpu < cpus; ++cpu) {
    values.push_back(static_cast<uint64_t>(cpu) + 1);
    values.push_back(100);
    sum += static_cast<uint64_t>(cpu) + 1;
  }
  const uint32_t element = 0;
  ASSERT_EQ(bpf_map_update_elem(fd_, &element, values.data(), BPF_ANY), 0);
  EXPECT_EQ(ReadPerCpu(fd_, 2), (std::vector<uint64_t>{sum, static_cast<uint64_t>(cpus) * 100}));
}

}  // namespace
}  // namespace kvm_exits
