// SPDX-License-Identifier: GPL-2.0-only
#include "source/guest_reader.h"

#include <gmock/gmock.h>

#include <numeric>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/fakes.h"
#include "source/fakes.h"

namespace kvm_exits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::Throws;
using ::testing::ThrowsMessage;

uint64_t SumOf(const Snapshot& snapshot) {
  return std::accumulate(snapshot.reasons.begin(), snapshot.reasons.end(), uint64_t{0},
                         [](uint64_t sum, const ReasonCount& count) { return sum + count.exits; });
}

uint64_t ExitsOf(const Snapshot& snapshot, uint32_t number) {
  for (const ReasonCount& count : snapshot.reasons) {
    if (count.reason.number == number) return count.exits;
  }
  ADD_FAILURE() << "no reason " << number;
  return 0;
}

class GuestSnapshot : public ::testing::Test {
 protected:
  explicit GuestSnapshot(Isa isa = Isa::kVmx) : guest_(isa) {}

  Snapshot Read(const std::optional<WantedReason>& only = std::nullopt) {
    return ReadGuestSnapshot(guest_, clock_, only);
  }
  Snapshot Read(uint32_t only) { return Read(Number(only)); }
  auto Reading(std::optional<WantedReason> only = std::nullopt) {
    return [this, only] { Read(only); };
  }
  auto Reading(uint32_t only) { return Reading(Number(only)); }

  static WantedReason Number(uint32_t number) { return {std::to_string(number), number}; }
  static WantedReason Name(std::string name) { return {std::move(name), std::nullopt}; }

  FakeGuest guest_;
  FakeClock clock_;
};

class SvmGuestSnapshot : public GuestSnapshot {
 protected:
  SvmGuestSnapshot() : GuestSnapshot(Isa::kSvm) {}
};

TEST_F(GuestSnapshot, HasEveryReasonAndTheTotal) {
  guest_.exits = {{12, 0x123456789A}, {48, 5}};
  const Snapshot snapshot = Read();
  EXPECT_EQ(snapshot.vm.isa, Isa::kVmx);
  EXPECT_EQ(snapshot.vm.host_tsc_khz, 2100000U);
  EXPECT_EQ(snapshot.vm.taken.wall, clock_.now.wall);
  EXPECT_FALSE(snapshot.vm.period.has_value());
  EXPECT_THAT(snapshot.reasons, SizeIs(80));
  EXPECT_EQ(ExitsOf(snapshot, 12), 0x123456789AU);
  EXPECT_EQ(ExitsOf(snapshot, 48), 5U);
  EXPECT_EQ(ExitsOf(snapshot, 3), 0U);
}

TEST_F(GuestSnapshot, CountsItsOwnReads) {
  // Hypervisor bit, signature, features, 80 reasons, total, signature again.
  EXPECT_EQ(Read().vm.reading_exits, 85U);
  EXPECT_EQ(guest_.reads, 85U);
}

TEST_F(SvmGuestSnapshot, HasEveryReasonAndTheTotal) {
  guest_.exits = {{0x78, 0x123456789A}, {0x400, 5}, {0xFFFFFFFF, 2}};
  const Snapshot snapshot = Read();
  EXPECT_EQ(snapshot.vm.isa, Isa::kSvm);
  EXPECT_THAT(snapshot.reasons, SizeIs(175));
  EXPECT_EQ(ExitsOf(snapshot, 0x78), 0x123456789AU);
  EXPECT_EQ(ExitsOf(snapshot, 0x400), 5U);
  EXPECT_EQ(ExitsOf(snapshot, 0xFFFFFFFF), 2U);
  EXPECT_EQ(ExitsOf(snapshot, 0), 0U);
  // Hypervisor bit, signature, features, 175 reasons, total, signature again.
  EXPECT_EQ(snapshot.vm.reading_exits, 180U);
  EXPECT_EQ(guest_.reads, 180U);
  // All but the last had been taken when the total was read.
  EXPECT_EQ(snapshot.vm.exits, 0x123456789AU + 5U + 2U + 179U);
}

TEST_F(SvmGuestSnapshot, AnIntervalOfAnIdleVmIsOneReadingLong) {
  const Snapshot before = Read();
  const Snapshot after = Read();
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->vm.exits, difference->vm.reading_exits);
  EXPECT_EQ(ExitsOf(*difference, 0x72), difference->vm.reading_exits);
}

TEST_F(GuestSnapshot, TotalIsNeverBelowTheSumThoughCountsMove) {
  guest_.on_read = [&](uint32_t, uint32_t) { guest_.exits[1] += 3; };
  const Snapshot snapshot = Read();
  EXPECT_GT(SumOf(snapshot), 0U);
  EXPECT_GE(snapshot.vm.exits, SumOf(snapshot));
}

TEST_F(GuestSnapshot, AnIntervalOfAnIdleVmIsOneReadingLong) {
  const Snapshot before = Read();
  const Snapshot after = Read();
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->vm.exits, difference->vm.reading_exits);
  EXPECT_EQ(ExitsOf(*difference, 10), difference->vm.reading_exits);
  EXPECT_EQ(SumOf(*difference), difference->vm.exits);
}

TEST_F(GuestSnapshot, OneReason) {
  guest_.exits = {{12, 7}, {48, 5}};
  const Snapshot snapshot = Read(12);
  EXPECT_THAT(snapshot.reasons, ElementsAre(ReasonCount{{12, "HLT"}, 7}));
  EXPECT_EQ(snapshot.vm.reading_exits, 6U);
  // The hypervisor bit, the signature, the features, the reason and the total.
  EXPECT_EQ(snapshot.vm.exits, 7U + 5U + 5U);
}

TEST_F(GuestSnapshot, OneReasonDefinedButNeverTaken) {
  EXPECT_THAT(Read(3).reasons, ElementsAre(ReasonCount{{3, "INIT_SIGNAL"}, 0}));
}

TEST_F(GuestSnapshot, OneReasonThatIsNone) {
  EXPECT_THAT(Reading(444), ThrowsMessage<Error>("444 is not an exit reason of VMX"));
  EXPECT_THAT(Reading(0xFFFFFFFF), ThrowsMessage<Error>("4294967295 is not an exit reason of VMX"));
}

TEST_F(SvmGuestSnapshot, OneReason) {
  guest_.exits = {{0x78, 7}, {0xFFFFFFFF, 2}};
  EXPECT_THAT(Read(0x78).reasons, ElementsAre(ReasonCount{{0x78, "HLT"}, 7}));
  EXPECT_THAT(Read(0xFFFFFFFF).reasons, ElementsAre(ReasonCount{{0xFFFFFFFF, "INVALID"}, 2}));
  EXPECT_THAT(Reading(WantedReason{"0xa7", 0xA7}),
              ThrowsMessage<Error>("0xa7 is not an exit reason of SVM"));
  for (const uint32_t number : {0x3FFU, 0x404U, 0xFFFFFFFBU}) {
    EXPECT_THAT(Reading(number), Throws<Error>()) << number;
  }
}

TEST_F(GuestSnapshot, OneReasonByName) {
  guest_.exits = {{12, 7}};
  EXPECT_THAT(Read(Name("HLT")).reasons, ElementsAre(ReasonCount{{12, "HLT"}, 7}));
  EXPECT_THAT(Reading(Name("NPF")), ThrowsMessage<Error>("NPF is not an exit reason of VMX"));
  EXPECT_THAT(Reading(Name("hlt")), ThrowsMessage<Error>("hlt is not an exit reason of VMX"));
}

TEST_F(SvmGuestSnapshot, OneReasonByName) {
  guest_.exits = {{0x78, 7}};
  EXPECT_THAT(Read(Name("HLT")).reasons, ElementsAre(ReasonCount{{0x78, "HLT"}, 7}));
  EXPECT_THAT(Reading(Name("EPT_VIOLATION")),
              ThrowsMessage<Error>("EPT_VIOLATION is not an exit reason of SVM"));
}

TEST_F(GuestSnapshot, OneReasonByNameThatAnOlderKvmDoesNotKnow) {
  guest_.undefined = [](uint32_t reason) { return reason >= 72; };
  EXPECT_THAT(Reading(Name("NOTIFY")), ThrowsMessage<Error>("NOTIFY is not an exit reason of VMX"));
}

TEST_F(SvmGuestSnapshot, OneReasonThatANewerKvmKnows) {
  guest_.undefined = [](uint32_t) { return false; };
  guest_.exits = {{0xA7, 4}};
  EXPECT_THAT(Read(0xA7).reasons, ElementsAre(ReasonCount{{0xA7, "(unnamed)"}, 4}));
}

TEST_F(GuestSnapshot, OneReasonThatANewerKvmKnows) {
  guest_.undefined = [](uint32_t) { return false; };
  guest_.exits = {{90, 4}};
  EXPECT_THAT(Read(90).reasons, ElementsAre(ReasonCount{{90, "(unnamed)"}, 4}));
}

TEST_F(GuestSnapshot, ReasonsThatAnOlderKvmDoesNotKnowAreAbsent) {
  guest_.undefined = [](uint32_t reason) { return reason >= 72; };
  EXPECT_THAT(Read().reasons, SizeIs(68));
}

TEST_F(GuestSnapshot, NothingOnBareMetal) {
  guest_.overrides[1] = {
      .eax = 0xFFFFFFFF, .ebx = 0xFFFFFFFF, .ecx = 0x7FFFFFFF, .edx = 0xFFFFFFFF};
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("not a virtual machine")));
  AnswerAllLeaves(guest_, kIntelGarbage);
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("not a virtual machine")));
}

TEST_F(GuestSnapshot, NothingUnderAnUnpatchedKvmOnIntel) {
  AnswerAllLeaves(guest_, kIntelGarbage);
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("lacks the signature")));
  EXPECT_THAT(Reading(12), ThrowsMessage<Error>(HasSubstr("lacks the signature")));
}

TEST_F(GuestSnapshot, NothingUnderAnUnpatchedKvmOnAmd) {
  AnswerAllLeaves(guest_, {});
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("lacks the signature")));
}

TEST_F(GuestSnapshot, NothingWithoutTheCountsFeature) {
  guest_.overrides[0x4FFFFFF1] = {.eax = 2, .ebx = 1, .ecx = 80, .edx = 2100000};
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("0x4FFFFFF1, EAX bit 0")));
}

TEST_F(GuestSnapshot, NothingForAnExtensionWithoutTable) {
  guest_.overrides[0x4FFFFFF1] = {.eax = 1, .ebx = 3, .ecx = 160, .edx = 2100000};
  const auto error = ThrowsMessage<Error>(
      "this version of kvm-exits has no table of the exit reasons of this host's unknown "
      "virtualization extension (CPUID leaf 0x4FFFFFF1, EBX: 3)");
  EXPECT_THAT(Reading(), error);
  EXPECT_THAT(Reading(12), error);
  EXPECT_THAT(Reading(Name("HLT")), error);
  guest_.overrides[0x4FFFFFF1].ebx = 0;
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("EBX: 0")));
}

TEST_F(GuestSnapshot, NothingWhenTheHostSwitchesTheLeavesOffMeanwhile) {
  for (const auto& [leaf, subleaf] :
       {std::pair{0x4FFFFFFDU, 0U}, std::pair{0x4FFFFFFDU, 60U}, std::pair{0x4FFFFFFFU, 0U}}) {
    guest_.overrides.clear();
    guest_.on_read = [&, when = std::pair{leaf, subleaf}](uint32_t l, uint32_t s) {
      if (std::pair{l, s} == when) AnswerAllLeaves(guest_, kIntelGarbage);
    };
    EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("lacks the signature")))
        << leaf << " " << subleaf;
  }
}

}  // namespace
}  // namespace kvm_exits
