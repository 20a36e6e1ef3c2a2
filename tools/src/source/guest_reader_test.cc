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

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::Throws;
using ::testing::ThrowsMessage;

uint64_t SumOf(const Snapshot& snapshot) {
  return std::accumulate(snapshot.reasons.begin(), snapshot.reasons.end(), uint64_t{0},
                         [](uint64_t sum, const ReasonCount& count) { return sum + count.exits; });
}

uint64_t ExitsOf(const Snapshot& snapshot, uint64_t number) {
  for (const ReasonCount& count : snapshot.reasons) {
    if (count.reason.number == number) return count.exits;
  }
  ADD_FAILURE() << "no reason " << number;
  return 0;
}

class GuestReaderTest : public ::testing::Test {
 protected:
  explicit GuestReaderTest(Isa isa = Isa::kVmx) : guest_(isa) {}

  Snapshot Read(const std::optional<WantedReason>& wanted = std::nullopt) {
    return GuestReader(guest_, clock_).Read(wanted);
  }
  Snapshot Read(uint32_t wanted) { return Read(Number(wanted)); }
  auto Reading(std::optional<WantedReason> wanted = std::nullopt) {
    return [this, wanted] { Read(wanted); };
  }
  auto Reading(uint32_t wanted) { return Reading(Number(wanted)); }

  static WantedReason Number(uint32_t number) { return {std::to_string(number), number}; }
  static WantedReason Name(std::string name) { return {std::move(name), std::nullopt}; }

  FakeGuest guest_;
  FakeClock clock_;
};

class SvmGuestReaderTest : public GuestReaderTest {
 protected:
  SvmGuestReaderTest() : GuestReaderTest(Isa::kSvm) {}
};

TEST_F(GuestReaderTest, HasEveryReasonAndTheTotal) {
  guest_.exits = {{12, 0x123456789A}, {48, 5}};
  const Snapshot snapshot = Read();
  EXPECT_EQ(snapshot.vm.isa, Isa::kVmx);
  EXPECT_EQ(snapshot.vm.clock_khz, 2100000U);
  EXPECT_EQ(snapshot.vm.taken.wall, clock_.now.wall);
  EXPECT_FALSE(snapshot.vm.period.has_value());
  EXPECT_THAT(snapshot.reasons, SizeIs(80 + 1));
  EXPECT_EQ(snapshot.reasons.back(), (ReasonCount{kUnknownReason, 0}));
  EXPECT_EQ(ExitsOf(snapshot, 12), 0x123456789AU);
  EXPECT_EQ(ExitsOf(snapshot, 48), 5U);
  EXPECT_EQ(ExitsOf(snapshot, 3), 0U);
}

TEST_F(SvmGuestReaderTest, HasEveryReasonAndTheTotal) {
  guest_.exits = {{0x78, 0x123456789A}, {0x400, 5}, {0xFFFFFFFF, 2}};
  const Snapshot snapshot = Read();
  EXPECT_EQ(snapshot.vm.isa, Isa::kSvm);
  EXPECT_THAT(snapshot.reasons, SizeIs(175 + 1));
  EXPECT_EQ(ExitsOf(snapshot, 0x78), 0x123456789AU);
  EXPECT_EQ(ExitsOf(snapshot, 0x400), 5U);
  EXPECT_EQ(ExitsOf(snapshot, 0xFFFFFFFF), 2U);
  EXPECT_EQ(ExitsOf(snapshot, 0), 0U);
  // Signature, features, map twice, four reasons and the total.
  EXPECT_EQ(snapshot.vm.exits, 0x123456789AU + 5U + 2U + 9U);
}

TEST_F(GuestReaderTest, EveryReasonOfTheManualsComesThroughTheMap) {
  for (const Isa isa : {Isa::kVmx, Isa::kSvm}) {
    FakeGuest guest(isa);
    uint64_t exits = 1000;
    for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
      guest.exits[static_cast<uint32_t>(reason.number)] = ++exits;
    }
    const auto expected = guest.exits;
    const Snapshot snapshot = GuestReader(guest, clock_).Read(std::nullopt);
    for (const ExitReason& reason : FindReasonTable(isa)->reasons) {
      if (reason.name == kCpuidReason) continue;
      EXPECT_EQ(ExitsOf(snapshot, reason.number), expected.at(static_cast<uint32_t>(reason.number)))
          << reason.name;
    }
  }
}

TEST_F(GuestReaderTest, HasTheTimesThatAreTold) {
  guest_.tells_cycles = true;
  guest_.exits = {{12, 7}, {48, 5}};
  guest_.cycles = {{10, 50}, {12, 0x123456789A}, {48, 70}};
  guest_.cycles_of_state = {1, 2, 3, 4, 5, 6, 0x700000000};
  const Snapshot snapshot = Read();
  ASSERT_TRUE(snapshot.vm.time.has_value());
  EXPECT_EQ(snapshot.vm.time->in_exits, 0x123456789AU + 120U);
  for (size_t state = 0; state < kVcpuStates; ++state) {
    EXPECT_EQ(snapshot.vm.time->of_state[state], guest_.cycles_of_state[state]);
  }
  for (const ReasonCount& count : snapshot.reasons) {
    if (count.reason == kUnknownReason) {
      EXPECT_EQ(count.cycles, 0U);
    } else {
      EXPECT_EQ(count.cycles, guest_.cycles[static_cast<uint32_t>(count.reason.number)])
          << count.reason.name;
    }
  }
  // Signature, features, map twice, three reasons twice, total; its cycles, seven states;
  // the signature again.
  EXPECT_EQ(guest_.reads, 20U);
}

TEST_F(GuestReaderTest, HasNoTimesOfALedgerThatIsSwitchedOffMeanwhile) {
  guest_.tells_cycles = true;
  guest_.exits = {{12, 7}};
  guest_.cycles = {{10, 50}, {12, 60}};
  guest_.on_read = [&](uint32_t leaf, uint32_t) {
    if (leaf == 0x4FFFFFFF) guest_.tells_cycles = false;
  };
  const Snapshot snapshot = Read();
  EXPECT_FALSE(snapshot.vm.time.has_value());
  for (const ReasonCount& count : snapshot.reasons) EXPECT_FALSE(count.cycles.has_value());
}

TEST_F(GuestReaderTest, ReadsOnlyTheReasonsThatOccurred) {
  for (uint32_t reason = 43; reason < 62; ++reason) guest_.exits[reason] = reason;
  const Snapshot snapshot = Read();
  // Signature, features, map twice; 19 reasons and CPUID; total, signature again.
  EXPECT_EQ(guest_.reads, 26U);
  EXPECT_EQ(snapshot.reader.in_total, 25U);
}

TEST_F(SvmGuestReaderTest, ReadsOnlyTheReasonsThatOccurred) {
  Read();
  EXPECT_EQ(guest_.reads, 7U);  // CPUID alone
}

TEST_F(GuestReaderTest, KnowsItsOwnExitsInEachCount) {
  guest_.exits = {{1, 5}, {12, 7}, {48, 5}};
  const Snapshot snapshot = Read();
  EXPECT_EQ(snapshot.reader.in_cpuid, ExitsOf(snapshot, 10));
  EXPECT_EQ(snapshot.reader.in_total, snapshot.vm.exits - 17);
  const Snapshot others = WithoutReader(snapshot);
  EXPECT_EQ(ExitsOf(others, 10), 0U);
  EXPECT_EQ(others.vm.exits, 17U);
  EXPECT_EQ(others.vm.exits, SumOf(others));
}

TEST_F(SvmGuestReaderTest, AnIntervalOfAnIdleVmIsEmpty) {
  guest_.exits = {{0x72, 300}, {0x78, 7}};
  GuestReader reader(guest_, clock_);
  const Snapshot before = reader.Read(std::nullopt);
  const Snapshot after = reader.Read(std::nullopt);
  const auto difference = Difference(before, after);
  ASSERT_TRUE(difference.has_value());
  const Snapshot others = WithoutReader(*difference);
  EXPECT_EQ(others.vm.exits, 0U);
  EXPECT_EQ(ExitsOf(others, 0x72), 0U);
  EXPECT_EQ(others.vm.reading_exits, 8U);
}

TEST_F(GuestReaderTest, TotalIsNeverBelowTheSumThoughCountsMove) {
  guest_.exits = {{1, 5}};
  guest_.on_read = [&](uint32_t, uint32_t) { guest_.exits[1] += 3; };
  const Snapshot snapshot = Read();
  EXPECT_GT(snapshot.vm.exits, SumOf(snapshot));
  EXPECT_GE(WithoutReader(snapshot).vm.exits, SumOf(WithoutReader(snapshot)));
}

TEST_F(GuestReaderTest, ExitsForNoReasonOfTheManualAreUnknown) {
  guest_.exits = {{10, 300}, {12, 7}, {99, 3}};
  GuestReader reader(guest_, clock_);
  const Snapshot snapshot = reader.Read(std::nullopt);
  EXPECT_EQ(ExitsOf(snapshot, kUnknownReason.number), 3U);
  EXPECT_EQ(WithoutReader(snapshot).vm.exits, SumOf(WithoutReader(snapshot)));

  guest_.exits[99] += 2;
  const auto difference = Difference(snapshot, reader.Read(std::nullopt));
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(ExitsOf(*difference, kUnknownReason.number), 2U);
  EXPECT_EQ(WithoutReader(*difference).vm.exits, 2U);
}

TEST_F(GuestReaderTest, UnknownExitsNeverFallNorExceedWhatThereIs) {
  guest_.exits = {{10, 300}, {12, 7}, {99, 30}};
  GuestReader reader(guest_, clock_);
  EXPECT_EQ(ExitsOf(reader.Read(std::nullopt), kUnknownReason.number), 30U);
  // What moves during a reading is not known to be none of them, nor to be one.
  guest_.on_read = [&](uint32_t, uint32_t) { guest_.exits[12] += 5; };
  const Snapshot busy = reader.Read(std::nullopt);
  EXPECT_EQ(ExitsOf(busy, kUnknownReason.number), 30U);
  EXPECT_LE(SumOf(busy), busy.vm.exits);
  // Nor is it told apart at the first reading, but one there must be.
  const uint64_t first = ExitsOf(Read(), kUnknownReason.number);
  EXPECT_GE(first, 1U);
  EXPECT_LE(first, 30U);
}

TEST_F(GuestReaderTest, SlotsThatAreNoReasonsAreUnknown) {
  guest_.exits = {{10, 300}};
  guest_.overrides[0x4FFFFFF3] = {.eax = 1U << 10U, .edx = 1U << 31U};  // 10, 127 and 138, 255
  guest_.undefined = [](uint32_t) { return false; };
  const Snapshot snapshot = Read();
  EXPECT_EQ(ExitsOf(snapshot, kUnknownReason.number), 1U);
  EXPECT_EQ(ExitsOf(snapshot, 127), 0U);
}

TEST_F(GuestReaderTest, OneReason) {
  guest_.exits = {{12, 7}, {48, 5}};
  EXPECT_EQ(ExitsOf(Read(12), 12), 7U);
  EXPECT_EQ(guest_.reads, 9U);
}

TEST_F(GuestReaderTest, OneReasonDefinedButNeverTaken) {
  EXPECT_EQ(ExitsOf(Read(3), 3), 0U);
  EXPECT_EQ(guest_.reads, 8U);  // KVM is asked whether it is one
}

TEST_F(GuestReaderTest, OneReasonThatIsNone) {
  EXPECT_THAT(Reading(444), ThrowsMessage<Error>("444 is not an exit reason of VMX"));
  EXPECT_THAT(Reading(0xFFFFFFFF), ThrowsMessage<Error>("4294967295 is not an exit reason of VMX"));
}

TEST_F(SvmGuestReaderTest, OneReason) {
  guest_.exits = {{0x78, 7}, {0xFFFFFFFF, 2}};
  EXPECT_EQ(ExitsOf(Read(0x78), 0x78), 7U);
  EXPECT_EQ(ExitsOf(Read(0xFFFFFFFF), 0xFFFFFFFF), 2U);
  EXPECT_THAT(Reading(WantedReason{"0xa7", 0xA7}),
              ThrowsMessage<Error>("0xa7 is not an exit reason of SVM"));
  for (const uint32_t number : {0x3FFU, 0x404U, 0xFFFFFFFBU}) {
    EXPECT_THAT(Reading(number), Throws<Error>()) << number;
  }
}

TEST_F(GuestReaderTest, OneReasonByName) {
  guest_.exits = {{12, 7}};
  EXPECT_EQ(ExitsOf(Read(Name("hlt")), 12), 7U);
  EXPECT_EQ(ExitsOf(Read(Name("UNKNOWN")), kUnknownReason.number), 0U);
  EXPECT_THAT(Reading(Name("NPF")), ThrowsMessage<Error>("NPF is not an exit reason of VMX"));
}

TEST_F(SvmGuestReaderTest, OneReasonByName) {
  guest_.exits = {{0x78, 7}};
  EXPECT_EQ(ExitsOf(Read(Name("SVM_EXIT_HLT")), 0x78), 7U);
  EXPECT_THAT(Reading(Name("EPT_VIOLATION")),
              ThrowsMessage<Error>("EPT_VIOLATION is not an exit reason of SVM"));
}

TEST_F(GuestReaderTest, OneReasonByNameThatAnOlderKvmDoesNotKnow) {
  guest_.undefined = [](uint32_t reason) { return reason >= 72; };
  EXPECT_THAT(Reading(Name("NOTIFY")), ThrowsMessage<Error>("NOTIFY is not an exit reason of VMX"));
}

TEST_F(SvmGuestReaderTest, ReasonsThatANewerKvmKnows) {
  guest_.undefined = [](uint32_t) { return false; };
  guest_.exits = {{0xA7, 4}, {0x405, 6}};
  EXPECT_THAT(Read().reasons, Contains(ReasonCount{{0xA7, "(unnamed)"}, 4}));
  EXPECT_THAT(Read().reasons, Contains(ReasonCount{{0x405, "(unnamed)"}, 6}));
  EXPECT_THAT(Read(0xA8).reasons, Contains(ReasonCount{{0xA8, "(unnamed)"}, 0}));
}

TEST_F(GuestReaderTest, AnswersThatContradictEachOther) {
  guest_.exits = {{12, 7000}};
  guest_.overrides[0x4FFFFFFF] = {.eax = 6000};
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("contradict each other")));
  guest_.exits = {{12, UINT64_MAX}, {48, 2}};  // the sum would be a small number
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("contradict each other")));
}

TEST_F(GuestReaderTest, TheSignatureDecidesNotTheHypervisorBit) {
  guest_.exits = {{12, 7}};
  guest_.overrides[1] = {.eax = 0xFFFFFFFF, .ebx = 0xFFFFFFFF, .ecx = 0x7FFFFFFF};
  EXPECT_EQ(ExitsOf(Read(), 12), 7U);
}

TEST_F(GuestReaderTest, NothingOnBareMetal) {
  guest_.overrides[1] = {
      .eax = 0xFFFFFFFF, .ebx = 0xFFFFFFFF, .ecx = 0x7FFFFFFF, .edx = 0xFFFFFFFF};
  for (const CpuidRegisters& answer : {kIntelGarbage, CpuidRegisters{}}) {
    AnswerAllLeaves(guest_, answer);
    EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("not a virtual machine")));
  }
}

TEST_F(GuestReaderTest, NothingUnderAnUnpatchedKvmOnIntel) {
  AnswerAllLeaves(guest_, kIntelGarbage);
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("lacks the signature")));
  EXPECT_THAT(Reading(12), ThrowsMessage<Error>(HasSubstr("lacks the signature")));
}

TEST_F(GuestReaderTest, NothingUnderAnUnpatchedKvmOnAmd) {
  AnswerAllLeaves(guest_, {});
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("lacks the signature")));
}

TEST_F(GuestReaderTest, NothingWithoutTheCountsFeature) {
  guest_.overrides[0x4FFFFFF1] = {.eax = 2, .ebx = 1, .ecx = 80, .edx = 2100000};
  EXPECT_THAT(Reading(), ThrowsMessage<Error>(HasSubstr("0x4FFFFFF1, EAX bit 0")));
}

TEST_F(GuestReaderTest, NothingForAnExtensionWithoutTable) {
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

TEST_F(GuestReaderTest, NothingWhenTheHostSwitchesTheLeavesOffMeanwhile) {
  for (const auto& [leaf, subleaf] : {std::pair{0x4FFFFFF3U, 0U}, std::pair{0x4FFFFFF3U, 1U},
                                      std::pair{0x4FFFFFFDU, 10U}, std::pair{0x4FFFFFFFU, 0U}}) {
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
