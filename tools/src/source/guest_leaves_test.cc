// SPDX-License-Identifier: GPL-2.0-only
#include "source/guest_leaves.h"

#include <gmock/gmock.h>

#include "source/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;

// Four unlike values, so that a value from the wrong register is a wrong one.
constexpr CpuidRegisters kUnlike = {
    .eax = 0x11111111, .ebx = 0x22222222, .ecx = 0x33333333, .edx = 0x44444444};

TEST(GuestLeaves, Numbers) {
  EXPECT_EQ(kLeafProcessorFeatures, 1U);
  EXPECT_EQ(kLeafSignature, 0x4FFFFFF0U);
  EXPECT_EQ(kLeafFeatures, 0x4FFFFFF1U);
  EXPECT_EQ(kLeafReasonMap, 0x4FFFFFF3U);
  EXPECT_EQ(kLeafReasonExits, 0x4FFFFFFDU);
  EXPECT_EQ(kLeafTotalExits, 0x4FFFFFFFU);
}

TEST(GuestLeaves, TotalHasLowHalfInEaxAndHighHalfInEbx) {
  EXPECT_EQ(DecodeTotalExits(kUnlike), 0x2222222211111111U);
  EXPECT_EQ(DecodeTotalExits({.eax = 7}), 7U);
  EXPECT_EQ(DecodeTotalExits({.ebx = 1}), uint64_t{1} << 32U);
  EXPECT_EQ(DecodeTotalExits({.eax = 0xFFFFFFFF, .ebx = 0xFFFFFFFF}), UINT64_MAX);
  EXPECT_EQ(DecodeTotalExits({.ecx = 1, .edx = 1}), 0U);
}

TEST(GuestLeaves, ReasonHasLowHalfInEaxAndHighHalfInEbx) {
  EXPECT_THAT(DecodeReasonExits(kUnlike), Optional(0x2222222211111111U));
  EXPECT_THAT(DecodeReasonExits({.eax = 0xFFFFFFFF, .ebx = 0xFFFFFFFF}), Optional(UINT64_MAX));
  EXPECT_THAT(DecodeReasonExits({}), Optional(0U));
}

TEST(GuestLeaves, UndefinedReasonIsAllOnesInEdxAlone) {
  EXPECT_THAT(DecodeReasonExits({.edx = 0xFFFFFFFF}), Eq(std::nullopt));
  EXPECT_THAT(DecodeReasonExits({.edx = 0xFFFFFFFE}), Optional(0U));
  EXPECT_THAT(DecodeReasonExits({.ecx = 0xFFFFFFFF}), Optional(0U));
}

TEST(GuestLeaves, ReasonMapHasItsBitsInTheOrderOfTheRegisters) {
  EXPECT_THAT(DecodeReasonMap({}, 0), IsEmpty());
  EXPECT_THAT(DecodeReasonMap({.eax = 0x80000401, .ebx = 1, .ecx = 2, .edx = 0x80000000}, 0),
              ElementsAre(0, 10, 31, 32, 65, 127));
  EXPECT_THAT(DecodeReasonMap({.eax = 1, .ecx = 0x01000000, .edx = 0x80000000}, 1),
              ElementsAre(128, 216, 255));
  EXPECT_THAT(DecodeReasonMap({.ebx = 0xFFFFFFFF}, 0), SizeIs(32));
}

TEST(GuestLeaves, SignatureIsTextInEbxEcxEdx) {
  const CpuidRegisters good = {
      .eax = 0x4FFFFFFF, .ebx = 0x454D564B, .ecx = 0x43746978, .edx = 0x746E756F};
  EXPECT_TRUE(DecodeSignature(good));

  CpuidRegisters swapped = good;  // the order of leaf 0
  std::swap(swapped.ecx, swapped.edx);
  EXPECT_FALSE(DecodeSignature(swapped));

  for (uint32_t CpuidRegisters::*const changed :
       {&CpuidRegisters::ebx, &CpuidRegisters::ecx, &CpuidRegisters::edx}) {
    CpuidRegisters bad = good;
    bad.*changed ^= 0x01000000;
    EXPECT_FALSE(DecodeSignature(bad));
  }
  EXPECT_FALSE(DecodeSignature(kIntelGarbage));
  EXPECT_FALSE(DecodeSignature({}));
}

TEST(GuestLeaves, Features) {
  const GuestFeatures features = DecodeFeatures(kUnlike);
  EXPECT_TRUE(features.has_counts);
  EXPECT_EQ(features.isa, 0x22222222U);
  EXPECT_EQ(features.host_tsc_khz, 0x44444444U);

  EXPECT_FALSE(DecodeFeatures({.eax = 2, .ebx = 1, .ecx = 1, .edx = 1}).has_counts);
  EXPECT_FALSE(DecodeFeatures({}).has_counts);
}

TEST(GuestLeaves, HypervisorIsBit31OfEcx) {
  EXPECT_TRUE(DecodeHypervisorPresent({.ecx = 0x80000000}));
  EXPECT_FALSE(DecodeHypervisorPresent({.ecx = 0x7FFFFFFF}));
  EXPECT_FALSE(
      DecodeHypervisorPresent({.eax = 0xFFFFFFFF, .ebx = 0xFFFFFFFF, .ecx = 0, .edx = 0xFFFFFFFF}));
}

}  // namespace
}  // namespace kvm_exits
