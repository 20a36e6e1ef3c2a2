// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_ZSTD_STREAM_H_
#define KVM_EXITS_BASE_ZSTD_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace kvm_exits {

// Makes frames of Zstandard (RFC 8878), each of which can be read without those before.
class ZstdCompressor {
 public:
  ZstdCompressor();

  // Each returns what is to be written then: after Flush() all that was added can be read,
  // after EndFrame() nothing is left to be said of it.
  std::string Add(std::string_view text);
  std::string Flush();
  std::string EndFrame();

 private:
  std::string Compress(std::string_view text, int directive);

  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
};

// Reads frames one after the other, as far as there is something of them.
class ZstdDecompressor {
 public:
  ZstdDecompressor();

  // Appends to `text` some of what `data` holds, and takes that off.  Throws Error where it is
  // not of Zstandard, is damaged, or wants more than 8 MiB of memory.
  void Decompress(std::string_view& data, std::string& text);

  // Whether what was read ends with a frame, and not within one.
  bool IsWhole() const { return is_whole_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  bool is_whole_ = true;
  size_t wanted_;  // bytes, to get on by a block
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_ZSTD_STREAM_H_
