// SPDX-License-Identifier: GPL-2.0-only
#include "report/input.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "base/error.h"

namespace kvm_exits::bench {
namespace {

constexpr size_t kMaxBytes = size_t{16} << 20U;

[[noreturn]] void ThrowCannotRead(const std::string& path, int error) {
  throw Error("cannot read " + path + ": " + std::generic_category().message(error));
}

}  // namespace

Input ReadInput(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (!file) ThrowCannotRead(path, errno);
  Input input{.path = path, .text = {}};
  std::vector<char> buffer(size_t{1} << 16U);
  while (input.text.size() <= kMaxBytes) {
    const size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (size == 0) break;
    input.text.append(buffer.data(), size);
  }
  if (std::ferror(file.get()) != 0) ThrowCannotRead(path, errno);
  if (input.text.size() > kMaxBytes) ThrowCannotRead(path, EFBIG);
  return input;
}

nlohmann::json ParseJson(const Input& input) {
  try {
    return nlohmann::json::parse(input.text);
  } catch (const nlohmann::json::exception& e) {
    // "[json.exception.parse_error.101] parse error at line 1, column 1: details"
    std::string message = e.what();
    if (const size_t id = message.find("] "); id != std::string::npos) message.erase(0, id + 2);
    throw Error(input.path + ": this is no JSON: " + message.substr(0, message.find(": ")));
  }
}

}  // namespace kvm_exits::bench
