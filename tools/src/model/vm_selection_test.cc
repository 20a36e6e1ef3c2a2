// SPDX-License-Identifier: GPL-2.0-only
#include "model/vm_selection.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace kvm_exits {
namespace {

VmIdentity Identity(const std::string& id, pid_t pid, const std::string& name) {
  return {.id = id, .pid = pid, .name = name, .vmm = "qemu"};
}

class VmSelection : public ::testing::Test {
 protected:
  std::string Select(const WantedVm& wanted) const { return SelectVm(vms_, wanted).id; }
  std::string ErrorOf(const WantedVm& wanted) const {
    try {
      return "selected " + Select(wanted);
    } catch (const Error& e) {
      return e.what();
    }
  }

  // A process with two VMs, one named as another's process, and two of one name.
  const std::vector<VmIdentity> vms_ = {
      Identity("100-11", 100, "web"), Identity("201-11", 200, "db"), Identity("201-12", 200, "100"),
      Identity("300-11", 300, "twin"), Identity("301-11", 301, "twin")};
};

TEST_F(VmSelection, AnyIsAnIdANameOrAProcess) {
  EXPECT_EQ(Select({.any = "201-12"}), "201-12");
  EXPECT_EQ(Select({.any = "web"}), "100-11");
  EXPECT_EQ(Select({.any = "301"}), "301-11");
}

TEST_F(VmSelection, NameComesBeforeProcessAndEachCanBeSaid) {
  EXPECT_EQ(Select({.any = "100"}), "201-12");
  EXPECT_EQ(Select({.pid = 100}), "100-11");
  EXPECT_EQ(Select({.name = "100"}), "201-12");
}

TEST_F(VmSelection, SeveralAreNamed) {
  EXPECT_EQ(ErrorOf({.any = "twin"}), "there are 2 VMs 'twin': say which of 300-11, 301-11");
  EXPECT_EQ(ErrorOf({.pid = 200}), "there are 2 VMs of process 200: say which of 201-11, 201-12");
  EXPECT_EQ(ErrorOf({.name = "twin"}), "there are 2 VMs named 'twin': say which of 300-11, 301-11");
}

TEST_F(VmSelection, ManyAreNotAllNamed) {
  std::vector<VmIdentity> many;
  for (int i = 1; i <= 9; ++i) many.push_back(Identity(std::to_string(i), i, "x"));
  try {
    SelectVm(many, {.any = "x"});
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "there are 9 VMs 'x': say which of 1, 2, 3, 4, 5, ...");
  }
}

TEST_F(VmSelection, NoneIsAnError) {
  const std::string hint = ": 'kvm-exits list' shows those that run";
  EXPECT_EQ(ErrorOf({.any = "we"}), "there is no VM 'we'" + hint);
  EXPECT_EQ(ErrorOf({.any = "0100"}), "there is no VM '0100'" + hint);
  EXPECT_EQ(ErrorOf({.pid = 201}), "there is no VM of process 201" + hint);
  EXPECT_EQ(ErrorOf({.name = "301"}), "there is no VM named '301'" + hint);
}

TEST_F(VmSelection, ForeignTextIsShownSafely) {
  EXPECT_THAT(ErrorOf({.any = "a\x1b[2J"}), ::testing::HasSubstr("'a\\x1b[2J'"));
}

}  // namespace
}  // namespace kvm_exits
