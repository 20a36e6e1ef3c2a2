// SPDX-License-Identifier: GPL-2.0-only
//
// What libFuzzer calls.  Its first directory gets the seeds, as files.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "base/fuzzer.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (const char* const argument : std::span(*argv, static_cast<size_t>(*argc)).subspan(1)) {
    if (!std::filesystem::is_directory(argument)) continue;
    int number = 0;
    for (const std::string& seed : kvm_exits::FuzzSeeds()) {
      const std::string name = "seed-" + std::to_string(number++);
      std::ofstream(std::filesystem::path(argument) / name, std::ios::binary) << seed;
    }
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  kvm_exits::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
