// SPDX-License-Identifier: GPL-2.0-only
#include "report/command_line.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "base/fakes.h"
#include "report/measurements_json.h"
#include "report/samples.h"

namespace kvm_exits::bench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kMarkers = "<!-- bench: exit amd -->\n<!-- end -->\n";

class CommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(directory_);
    Put("amd.txt", SampleText());
    Put("amd.json", ToJson(Sample()));
    Put("intel.json", ToJson(Sample("intel")));
    Put("doc.md", kMarkers);
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ / name; }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }
  std::string TextOf(const std::string& name) const {
    std::ifstream file(Path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  int Run(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv = {"bench-report"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    out_.text.clear();
    err_.text.clear();
    return RunCommandLine(static_cast<int>(argv.size()), argv.data(), out_, err_);
  }

  const fs::path directory_ =
      fs::path(::testing::TempDir()) / ("command_line_test." + std::to_string(getpid()));
  StringOutput out_;
  StringOutput err_;
};

TEST_F(CommandLine, HelpFitsEightyColumns) {
  std::string help;
  for (const char* const command : {"", "json", "table", "compare", "markdown", "plot"}) {
    const std::string name = command;
    EXPECT_EQ(name.empty() ? Run({"--help"}) : Run({name, "--help"}), kSuccess);
    EXPECT_THAT(out_.text, HasSubstr("Usage: bench-report" + (name.empty() ? "" : ' ' + name)));
    EXPECT_THAT(err_.text, IsEmpty());
    help += out_.text;
  }
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(CommandLine, MisuseIsSaid) {
  EXPECT_EQ(Run({}), kUsageError);
  EXPECT_EQ(err_.text, "bench-report: a command is missing\nTry 'bench-report --help'.\n");
  EXPECT_EQ(Run({"draw"}), kUsageError);
  EXPECT_THAT(err_.text, StartsWith("bench-report: there is no command 'draw'\n"));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--nonsense"},
                                             {"json"},
                                             {"table"},
                                             {"table", Path("amd.json"), Path("intel.json")},
                                             {"compare", Path("amd.json")},
                                             {"markdown", Path("amd.json")},
                                             {"markdown", "-o", Path("doc.md")},
                                             {"plot"},
                                             {"plot", "--nonsense", Path("amd.json")}}) {
    EXPECT_EQ(Run(arguments), kUsageError);
    EXPECT_THAT(err_.text, HasSubstr("Try 'bench-report"));
    EXPECT_THAT(out_.text, IsEmpty());
  }
}

TEST_F(CommandLine, FilesThatCannotBeReadAreSaid) {
  EXPECT_EQ(Run({"table", Path("absent")}), kFailure);
  EXPECT_EQ(err_.text,
            "bench-report: cannot read " + Path("absent") + ": No such file or directory\n");
  EXPECT_EQ(Run({"json", directory_}), kFailure);
  EXPECT_EQ(err_.text, "bench-report: cannot read " + directory_.string() + ": Is a directory\n");
  EXPECT_EQ(Run({"json", "/dev/zero"}), kFailure);
  EXPECT_EQ(err_.text, "bench-report: cannot read /dev/zero: File too large\n");
}

TEST_F(CommandLine, JsonIsWrittenToTheOutputOrToAFile) {
  EXPECT_EQ(Run({"json", Path("amd.txt")}), kSuccess);
  EXPECT_EQ(out_.text, ToJson(Sample()));
  EXPECT_EQ(Run({"json", Path("amd.txt"), "-o", Path("new.json")}), kSuccess);
  EXPECT_THAT(out_.text, IsEmpty());
  EXPECT_EQ(TextOf("new.json"), ToJson(Sample()));
  Put("bad.txt", "# lab amd\nexits off CPUID 1\n");
  EXPECT_EQ(Run({"json", Path("bad.txt"), "-o", Path("new.json")}), kFailure);
  EXPECT_THAT(err_.text, StartsWith("bench-report: " + Path("bad.txt") + ":2: there is no table"));
  EXPECT_EQ(TextOf("new.json"), ToJson(Sample()));
}

TEST_F(CommandLine, TableIsShown) {
  EXPECT_EQ(Run({"table", Path("amd.json")}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("\nunpatched               3,074  9,000\n"));
}

TEST_F(CommandLine, CompareFailsOnlyWhereThatIsWanted) {
  Put("new.json", ToJson(Parse(SampleText() + "leaf 64 TOTAL 1\n")));
  EXPECT_EQ(Run({"compare", Path("amd.json"), Path("new.json")}), kSuccess);
  EXPECT_THAT(out_.text, HasSubstr("leaf column 64: only in what is new\n"));
  EXPECT_EQ(Run({"compare", "--fail", Path("amd.json"), Path("new.json")}), kDiffers);
  EXPECT_EQ(Run({"compare", "--fail", Path("amd.json"), Path("amd.json")}), kSuccess);
  EXPECT_EQ(Run({"compare", Path("amd.json"), Path("intel.json")}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("different labs"));
}

TEST_F(CommandLine, MarkdownIsFilledOrChecked) {
  const std::vector<std::string> fill = {"markdown", Path("amd.json"), "-o", Path("doc.md")};
  std::vector<std::string> check = fill;
  check.emplace_back("--check");
  EXPECT_EQ(Run(check), kDiffers);
  EXPECT_EQ(out_.text, Path("doc.md") + ":2: this is not what the results say\n");
  EXPECT_EQ(TextOf("doc.md"), kMarkers);
  EXPECT_EQ(Run(fill), kSuccess);
  EXPECT_THAT(TextOf("doc.md"), HasSubstr("| counting | +10 | - |"));
  EXPECT_EQ(Run(check), kSuccess);
  EXPECT_THAT(out_.text, IsEmpty());
}

TEST_F(CommandLine, MarkdownThatIsUpToDateIsNotTouched) {
  const std::vector<std::string> fill = {"markdown", Path("amd.json"), "-o", Path("doc.md")};
  EXPECT_EQ(Run(fill), kSuccess);
  const auto written = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(Path("doc.md"), written);
  EXPECT_EQ(Run(fill), kSuccess);
  EXPECT_EQ(fs::last_write_time(Path("doc.md")), written);
}

TEST_F(CommandLine, MarkdownWithAMarkerTooFewStaysAsItIs) {
  Put("doc.md", "<!-- bench: exit amd -->\ntext\n");
  EXPECT_EQ(Run({"markdown", Path("amd.json"), "-o", Path("doc.md")}), kFailure);
  EXPECT_EQ(TextOf("doc.md"), "<!-- bench: exit amd -->\ntext\n");
}

TEST_F(CommandLine, PlotIsOfEachLabOnce) {
  EXPECT_EQ(Run({"plot", Path("amd.json"), Path("intel.json"), "-o", Path("p.svg")}), kSuccess);
  EXPECT_THAT(TextOf("p.svg"), StartsWith("<svg "));
  EXPECT_EQ(Run({"plot", Path("amd.json"), Path("amd.json")}), kFailure);
  EXPECT_THAT(err_.text, HasSubstr("there are results of the lab 'amd' already"));
}

TEST_F(CommandLine, PlacesThatCannotBeWrittenAreSaid) {
  EXPECT_EQ(Run({"plot", Path("amd.json"), "-o", "/dev/full"}), kFailure);
  EXPECT_EQ(err_.text, "bench-report: cannot write /dev/full: No space left on device\n");
  EXPECT_EQ(Run({"plot", Path("amd.json"), "-o", directory_}), kFailure);
  EXPECT_EQ(err_.text, "bench-report: cannot write " + directory_.string() + ": Is a directory\n");
  EXPECT_EQ(Run({"json", Path("amd.txt"), "-o", "/proc/results.json"}), kFailure);
  EXPECT_THAT(err_.text, StartsWith("bench-report: cannot write /proc/results.json: "));
}

}  // namespace
}  // namespace kvm_exits::bench
