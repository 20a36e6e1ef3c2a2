// SPDX-License-Identifier: GPL-2.0-only
#include "model/kallsyms.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace kvm_exits {
namespace {

// Not in their order, as those of modules are.
constexpr const char kText[] =
    "ffffffff81061a80 T native_read_msr\n"
    "ffffffff81061a60 t native_write_msr\n"
    "ffffffff82400000 D a_variable\n"
    "ffffffff81061b00 W weak\n"
    "ffffffffc0a01000 t kvm_exit\t[kvm]\n"
    "not a line\n"
    "ffffffff81061a70\n"
    "ffffffff81061a71 t \n"
    "ffffffffffffffffff T too_large\n";

TEST(Kallsyms, FindsTheFunctionThatAnAddressIsIn) {
  const Kallsyms symbols = Kallsyms::Parse(kText);
  EXPECT_EQ(symbols.Find(0xffffffff81061a60), "native_write_msr");
  EXPECT_EQ(symbols.Find(0xffffffff81061a64), "native_write_msr+0x4");
  EXPECT_EQ(symbols.Find(0xffffffff81061a7f), "native_write_msr+0x1f");
  EXPECT_EQ(symbols.Find(0xffffffff81061a80), "native_read_msr");
  EXPECT_EQ(symbols.Find(0xffffffff81061b01), "weak+0x1");
  EXPECT_EQ(symbols.Find(0xffffffffc0a01001), "kvm_exit+0x1");
}

TEST(Kallsyms, SaysNothingOfWhatIsFar) {
  const Kallsyms symbols = Kallsyms::Parse(kText);
  EXPECT_FALSE(symbols.Find(0));
  EXPECT_FALSE(symbols.Find(0xffffffff81061a5f));
  EXPECT_TRUE(symbols.Find(0xffffffff81061b00 + 0xfffff));
  EXPECT_FALSE(symbols.Find(0xffffffff81061b00 + 0x100000));
  EXPECT_FALSE(symbols.Find(0xffffffffffffffff));
}

TEST(Kallsyms, NeedsNoLastLineFeed) { EXPECT_EQ(Kallsyms::Parse("10 T f").Find(0x10), "f"); }

TEST(Kallsyms, SaysWhatToDoWithoutAddresses) {
  for (const char* const text : {"", "0000000000000000 T _text\n", "8 D data\n", "x\n"}) {
    try {
      Kallsyms::Parse(text);
      ADD_FAILURE() << text;
    } catch (const Error& e) {
      EXPECT_STREQ(e.what(),
                   "there are no addresses of functions: copy /proc/kallsyms in the guest, as its "
                   "root");
    }
  }
}

}  // namespace
}  // namespace kvm_exits
