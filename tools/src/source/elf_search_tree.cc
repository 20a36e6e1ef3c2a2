// SPDX-License-Identifier: GPL-2.0-only
//
// What libelf.a of Debian 13 (elfutils 0.192) calls and no archive of Debian defines: the
// functions of elfutils' own libeu, which is inside of libelf.so alone. libelf keeps in such
// a tree what it has read of a file. Built only where libelf.a needs it.

#include <search.h>

namespace {

using Compare = int (*)(const void*, const void*);

// What follows in libelf's structure is a lock, which has a use only where threads share an
// Elf handle: nobody here does.
struct SearchTree {
  void* root;
};

}  // namespace

extern "C" {

void eu_search_tree_init(SearchTree* tree) { tree->root = nullptr; }

void eu_search_tree_fini(SearchTree* tree, void (*free_node)(void*)) {
  tdestroy(tree->root, free_node);
  tree->root = nullptr;
}

void* eu_tsearch(const void* key, SearchTree* tree, Compare compare) {
  return tsearch(key, &tree->root, compare);
}

void* eu_tdelete(const void* key, SearchTree* tree, Compare compare) {
  return tdelete(key, &tree->root, compare);
}

}  // extern "C"
