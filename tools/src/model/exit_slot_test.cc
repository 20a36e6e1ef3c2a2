// SPDX-License-Identifier: GPL-2.0-only
#include "model/exit_slot.h"

#include <gmock/gmock.h>

#include <set>

namespace kvm_exits {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(ExitSlot, OfVmxIsItsReason) {
  for (const uint32_t slot : {0U, 10U, 85U, 86U, 191U}) {
    EXPECT_THAT(SlotReason(Isa::kVmx, slot), Optional(slot));
  }
  for (const uint32_t slot : {192U, 207U, 208U, 215U, 216U, 217U}) {
    EXPECT_THAT(SlotReason(Isa::kVmx, slot), Eq(std::nullopt)) << slot;
  }
}

TEST(ExitSlot, OfSvmHasRangesForEachKindOfCode) {
  for (const uint32_t slot : {0x00U, 0x72U, 0xA6U, 0xBFU}) {
    EXPECT_THAT(SlotReason(Isa::kSvm, slot), Optional(slot));
  }
  EXPECT_THAT(SlotReason(Isa::kSvm, 192), Optional(0x400U));
  EXPECT_THAT(SlotReason(Isa::kSvm, 195), Optional(0x403U));
  EXPECT_THAT(SlotReason(Isa::kSvm, 207), Optional(0x40FU));
  EXPECT_THAT(SlotReason(Isa::kSvm, 208), Optional(0xFFFFFFF8U));
  EXPECT_THAT(SlotReason(Isa::kSvm, 212), Optional(0xFFFFFFFCU));
  EXPECT_THAT(SlotReason(Isa::kSvm, 215), Optional(0xFFFFFFFFU));
  EXPECT_THAT(SlotReason(Isa::kSvm, 216), Eq(std::nullopt));
  EXPECT_THAT(SlotReason(Isa::kSvm, UINT32_MAX), Eq(std::nullopt));
}

TEST(ExitSlot, EveryReasonOfTheTablesHasOneSlot) {
  for (const Isa isa : {Isa::kVmx, Isa::kSvm}) {
    std::multiset<uint64_t> reasons;
    for (uint32_t slot = 0; slot < kExitSlots; ++slot) {
      if (const auto reason = SlotReason(isa, slot)) reasons.insert(*reason);
    }
    for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
      EXPECT_EQ(reasons.count(reason.number), 1U) << reason.name;
    }
  }
}

}  // namespace
}  // namespace kvm_exits
