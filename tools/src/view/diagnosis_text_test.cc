// SPDX-License-Identifier: GPL-2.0-only
#include "view/diagnosis_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace kvm_exits {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(DiagnosisText, MarksAndAligns) {
  const Diagnosis diagnosis{
      .findings = {{"cpu", Verdict::kOk, "VMX"},
                   {"guests_told", Verdict::kNote, "no guest", "Tell them."},
                   {"kvm_exits", Verdict::kProblem, "not loaded", "'modprobe kvm_exits'"}},
      .sources = {.bpf = true}};
  EXPECT_EQ(DiagnosisText(diagnosis),
            "ok cpu         VMX\n"
            "-- guests_told no guest\n"
            "               Tell them.\n"
            "!! kvm_exits   not loaded\n"
            "               'modprobe kvm_exits'\n"
            "The exits of this host's VMs can be shown, by BPF: kvm-exits top\n");
}

TEST(DiagnosisText, LastLinesSayWhatToType) {
  const auto last = [](Sources sources) { return DiagnosisText({.sources = sources}); };
  EXPECT_EQ(last({}), "Nothing can be shown here; what is marked !! stands in the way.\n");
  EXPECT_THAT(last({.module = true, .bpf = true}), HasSubstr("from kvm_exits: kvm-exits top\n"));
  EXPECT_EQ(last({.cpuid = true}), "The exits of this VM can be shown: kvm-exits guest\n");
  EXPECT_THAT(last({.module = true, .cpuid = true}),
              HasSubstr("kvm-exits top\nThe exits of this VM can be shown: kvm-exits guest\n"));
}

// Lines of what is found, without the first one's start.
std::vector<std::string> Wrapped(const std::string& found) {
  std::istringstream text(
      DiagnosisText({.findings = {{"cpu", Verdict::kOk, found}}, .sources = {.cpuid = true}}));
  std::vector<std::string> lines;
  for (std::string line;
       std::getline(text, line) && line.starts_with("ok cpu  ") | line.starts_with("    ");) {
    EXPECT_LE(line.size(), 80U) << line;
    lines.push_back(line.substr(15));
  }
  return lines;
}

TEST(DiagnosisText, WrapsAtEightyColumns) {
  const std::string word(32, 'w');
  EXPECT_THAT(Wrapped(word + " " + word), ::testing::ElementsAre(word + " " + word));
  EXPECT_THAT(Wrapped(word + "x " + word), ::testing::ElementsAre(word + "x", word));
}

TEST(DiagnosisText, KeepsCommandsTogether) {
  const std::string start(50, 's');
  EXPECT_THAT(Wrapped(start + " 'make modules reload', or so."),
              ::testing::ElementsAre(start, "'make modules reload', or so."));
  // An apostrophe is no quote.
  EXPECT_THAT(Wrapped("QEMU's kvm_exits' files " + start),
              ::testing::ElementsAre("QEMU's kvm_exits' files", start));
  // What is longer than a line is broken, and so is what never ends.
  EXPECT_THAT(Wrapped("'a " + start + " " + start + "' b"),
              ::testing::ElementsAre("'a " + start, start + "' b"));
  EXPECT_THAT(Wrapped("'a " + start + " " + start), ::testing::ElementsAre("'a " + start, start));
}

TEST(DiagnosisText, LeavesLongWordsWhole) {
  const std::string path(200, '/');
  EXPECT_THAT(DiagnosisText(
                  {.findings = {{"kvm_file", Verdict::kOk, "in " + path + " now"}}, .sources = {}}),
              HasSubstr("in\n               " + path + "\n               now\n"));
}

TEST(DiagnosisJson, HasEverything) {
  const std::string text = DiagnosisJson(
      {.findings = {{"cpu", Verdict::kOk, "VMX"}, {"kvm", Verdict::kProblem, "a \"b\"", "do"}},
       .sources = {.module = true}});
  EXPECT_THAT(text, EndsWith("}\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  const json object = json::parse(text);
  EXPECT_EQ(object["checks"], json::parse(R"([
                {"check":"cpu","verdict":"ok","found":"VMX","advice":null},
                {"check":"kvm","verdict":"problem","found":"a \"b\"","advice":"do"}])"));
  EXPECT_EQ(object["sources"], json::parse(R"({"module":true,"bpf":false,"cpuid":false})"));
}

}  // namespace
}  // namespace kvm_exits
