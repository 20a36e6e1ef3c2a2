// SPDX-License-Identifier: GPL-2.0-only
#include "report/catalogue.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace kvm_exits::bench {
namespace {

TEST(Catalogue, NamesAreUnique) {
  std::set<std::string_view> tables;
  for (const TableKind& table : TableKinds()) {
    EXPECT_TRUE(tables.insert(table.name).second) << table.name;
    std::set<std::string_view> names;
    std::set<std::string_view> titles;
    for (const ColumnKind& column : table.column_kinds) {
      EXPECT_TRUE(names.insert(column.name).second) << column.name;
      EXPECT_TRUE(titles.insert(column.title).second) << column.title;
    }
  }
}

TEST(Catalogue, WhatAColumnIsReadAgainstIsAColumnBeforeIt) {
  for (const TableKind& table : TableKinds()) {
    for (size_t i = 0; i < table.column_kinds.size(); ++i) {
      const ColumnKind& column = table.column_kinds[i];
      for (const std::string_view other : {column.base, column.step}) {
        if (other.empty()) continue;
        EXPECT_LT(table.Find(other), i) << table.name << ' ' << column.name;
      }
      EXPECT_EQ(column.base.empty(), column.way == Way::kUnpatched) << column.name;
    }
  }
}

TEST(Catalogue, FindsByName) {
  ASSERT_NE(FindTableKind("exit"), nullptr);
  EXPECT_EQ(FindTableKind("exit")->unit, "instructions");
  EXPECT_EQ(FindTableKind("Exit"), nullptr);
  EXPECT_EQ(TableNames(), "exit, leaf, memory, switch, debugfs, command, command_memory");
  EXPECT_EQ(FindTableKind("debugfs")->ColumnNames(), "1, 100, 1000");
  EXPECT_TRUE(FindTableKind("exit")->ShowsAdditions());
  EXPECT_FALSE(FindTableKind("leaf")->ShowsAdditions());
  EXPECT_NE(FindPrimitiveKind(kCountingPrimitive), nullptr);
  EXPECT_EQ(FindPrimitiveKind(""), nullptr);
}

}  // namespace
}  // namespace kvm_exits::bench
