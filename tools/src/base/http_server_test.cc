// SPDX-License-Identifier: GPL-2.0-only
#include "base/http_server.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/error.h"
#include "base/stop_signals_fixture.h"

namespace kvm_exits {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

int PortOf(int fd) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// A server in a thread, which answers with what it is asked for.
class HttpServerTest : public StopSignalsTest {
 protected:
  HttpServerTest() {
    CatchStopSignals();
    const int listener = ListenAt("127.0.0.1:0");
    port_ = PortOf(listener);
    thread_ = std::thread([this, listener] {
      HttpServer server(listener, [this](std::string_view path) -> HttpAnswer {
        if (path == "/long") return {.body = std::string(20000000, 'x')};
        if (path == "/none") return {.status = 404, .body = "nothing\n"};
        return {.body = "you want " + std::string(path) + "\n"};
      });
      server.Run();
    });
  }
  ~HttpServerTest() override {
    // ppoll() of that thread lets it in.
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }

  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  static void Send(int fd, std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<size_t>(sent));
    }
  }

  // Until the server closes
  static std::string ReadAll(int fd) {
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
      const ssize_t got = read(fd, buffer.data(), buffer.size());
      if (got <= 0) break;
      text.append(buffer.data(), static_cast<size_t>(got));
    }
    close(fd);
    return text;
  }

  std::string Ask(std::string_view request) const {
    const int fd = Connect();
    Send(fd, request);
    return ReadAll(fd);
  }

  int port_ = 0;
  std::thread thread_;
};

TEST_F(HttpServerTest, Answers) {
  EXPECT_EQ(Ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 18\r\n"
            "Connection: close\r\n\r\nyou want /metrics\n");
  EXPECT_THAT(Ask("GET /a?b=c HTTP/1.0\r\n\r\n"), EndsWith("you want /a\n"));
  EXPECT_THAT(Ask("GET /none HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(Ask("HEAD /a HTTP/1.1\r\n\r\n"),
              AllOf(HasSubstr("Content-Length: 12\r\n"), EndsWith("close\r\n\r\n")));
}

TEST_F(HttpServerTest, RefusesWhatItIsNot) {
  EXPECT_THAT(Ask("POST / HTTP/1.1\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET, HEAD\r\n")));
  for (const char* const request : {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n",
                                    "GET  HTTP/2\r\n\r\n", "\x16\x03\x01\r\n\r\n"}) {
    EXPECT_THAT(Ask(request), StartsWith("HTTP/1.1 400 ")) << request;
  }
}

TEST_F(HttpServerTest, RefusesRequestsThatDoNotEnd) {
  const int fd = Connect();
  Send(fd, std::string(HttpServer::kMaxRequest + 1, 'a'));
  EXPECT_THAT(ReadAll(fd), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, TakesRequestsInParts) {
  const int fd = Connect();
  for (const char c : std::string_view("GET / HTTP/1.1\r\n\r\n")) Send(fd, std::string(1, c));
  EXPECT_THAT(ReadAll(fd), EndsWith("you want /\n"));
}

TEST_F(HttpServerTest, LongAnswersToSlowReaders) {
  const int slow = Connect();
  Send(slow, "GET /long HTTP/1.1\r\n\r\n");
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("you want /\n")) << "meanwhile";
  EXPECT_GT(ReadAll(slow).size(), 20000000U);
}

TEST_F(HttpServerTest, WhoSaysNothingKeepsNobodyOut) {
  std::vector<int> silent;
  for (size_t i = 0; i < HttpServer::kMaxConnections; ++i) silent.push_back(Connect());
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("you want /\n"));
  }
  // The oldest had to go.
  pollfd first = {.fd = silent.front(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&first, 1, 60000), 1);
  for (const int fd : silent) close(fd);
}

TEST_F(HttpServerTest, WhoLeavesIsForgotten) {
  for (size_t i = 0; i < 3 * HttpServer::kMaxConnections; ++i) {
    const int fd = Connect();
    if (i % 2 == 0) Send(fd, "GET /long HTTP/1.1\r\n\r\n");
    close(fd);
  }
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("you want /\n"));
}

TEST_F(HttpServerTest, OnePortIsOnes) {
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  EXPECT_THAT([&] { ListenAt(address); },
              ThrowsMessage<Error>("cannot listen at " + address + ": Address already in use"));
}

TEST(ListenAddress, IsAnAddressAndAPort) {
  for (const char* const address : {"127.0.0.1:9770", "0.0.0.0:1", "[::1]:65535", "[::]:0"}) {
    EXPECT_THAT(CheckListenAddress(address), IsEmpty()) << address;
  }
  for (const char* const address :
       {"", "9770", ":9770", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "::1:9770", "[]:1", "127.0.0.1:1x", "[::1]9770"}) {
    EXPECT_THAT(CheckListenAddress(address), Not(IsEmpty())) << address;
  }
  EXPECT_THAT([] { ListenAt("localhost:1"); },
              ThrowsMessage<Error>("cannot listen at localhost:1: it is no address of IP"));
}

}  // namespace
}  // namespace kvm_exits
