// SPDX-License-Identifier: GPL-2.0-only
#include "base/output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "base/error.h"

namespace kvm_exits {
namespace {

using ::testing::ThrowsMessage;

std::array<int, 2> MakePipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  return ends;
}

TEST(FdOutput, WritesAllThoughThePipeHoldsLess) {
  const auto [reader, writer] = MakePipe();
  const std::string text(1U << 20U, 'x');
  std::string received;
  std::thread consumer([&, end = reader] {
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = read(end, buffer.data(), buffer.size())) > 0;) {
      received.append(buffer.data(), static_cast<size_t>(n));
    }
  });
  FdOutput(writer).Write(text);
  close(writer);
  consumer.join();
  close(reader);
  EXPECT_EQ(received.size(), text.size());
  EXPECT_EQ(received, text);
}

TEST(FdOutput, FullDisk) {
  const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_THAT([&] { FdOutput(fd).Write("x"); },
              ThrowsMessage<Error>("cannot write the output: No space left on device"));
  close(fd);
}

TEST(FdOutput, ClosedPipe) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto [reader, writer] = MakePipe();
  close(reader);
  EXPECT_THAT([end = writer] { FdOutput(end).Write("x"); },
              ThrowsMessage<Error>("cannot write the output: Broken pipe"));
  close(writer);
}

TEST(FdOutput, ClosedDescriptor) {
  EXPECT_THAT([] { FdOutput(-1).Write("x"); },
              ThrowsMessage<Error>("cannot write the output: Bad file descriptor"));
}

}  // namespace
}  // namespace kvm_exits
