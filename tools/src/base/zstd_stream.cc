// SPDX-License-Identifier: GPL-2.0-only
#include "base/zstd_stream.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>

#include "base/error.h"

namespace kvm_exits {
namespace {

constexpr size_t kBuffer = size_t{128} << 10U;  // a block has no more
// Of a frame: what it takes to know the size of its header
constexpr size_t kBeginning = 5;
// What a sample has in common with earlier ones is in the last few of them.
constexpr int kLevel = 12;
constexpr int kWindowLog = 20;
// As much as anybody's zstd makes without --long.
constexpr int kMaxWindowLog = 23;

// What cannot fail, but for want of memory
size_t Check(size_t result) {
  if (ZSTD_isError(result) != 0) throw Error(ZSTD_getErrorName(result));
  return result;
}

}  // namespace

void ZstdCompressor::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void ZstdDecompressor::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdCompressor::ZstdCompressor() : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  Check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel));
  Check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, kWindowLog));
  Check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
}

std::string ZstdCompressor::Compress(std::string_view text, int directive) {
  std::string compressed;
  std::array<char, kBuffer> buffer;
  ZSTD_inBuffer in = {.src = text.data(), .size = text.size(), .pos = 0};
  for (;;) {
    ZSTD_outBuffer out = {.dst = buffer.data(), .size = buffer.size(), .pos = 0};
    const size_t left = Check(
        ZSTD_compressStream2(context_.get(), &out, &in, static_cast<ZSTD_EndDirective>(directive)));
    compressed.append(buffer.data(), out.pos);
    if (directive == ZSTD_e_continue ? in.pos == in.size : left == 0) return compressed;
  }
}

std::string ZstdCompressor::Add(std::string_view text) { return Compress(text, ZSTD_e_continue); }
std::string ZstdCompressor::Flush() { return Compress({}, ZSTD_e_flush); }
std::string ZstdCompressor::EndFrame() { return Compress({}, ZSTD_e_end); }

ZstdDecompressor::ZstdDecompressor() : context_(ZSTD_createDCtx()), wanted_(kBeginning) {
  if (!context_) throw std::bad_alloc();
  Check(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog));
}

void ZstdDecompressor::Decompress(std::string_view& data, std::string& text) {
  if (data.empty() && is_whole_) return;
  std::array<char, kBuffer> buffer;
  // No more than a block at a time, so that one that is damaged does not take along those before.
  ZSTD_inBuffer in = {.src = data.data(), .size = std::min(data.size(), wanted_), .pos = 0};
  ZSTD_outBuffer out = {.dst = buffer.data(), .size = buffer.size(), .pos = 0};
  // What was in the context, and could not be given out yet, comes without new data as well.
  const size_t wanted = Check(ZSTD_decompressStream(context_.get(), &out, &in));
  is_whole_ = wanted == 0;
  wanted_ = is_whole_ ? kBeginning : wanted;
  data.remove_prefix(in.pos);
  text.append(buffer.data(), out.pos);
}

}  // namespace kvm_exits
