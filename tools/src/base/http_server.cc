// SPDX-License-Identifier: GPL-2.0-only
#include "base/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/stop_signals.h"

namespace kvm_exits {
namespace {

using std::chrono::steady_clock;

constexpr int kBacklog = 128;
// For a while, when the program can have no more files open
constexpr std::chrono::milliseconds kPause{100};

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

std::string Format(const HttpAnswer& answer, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n{}",
      answer.status, Reason(answer.status), answer.type, answer.body.size(),
      answer.status == 405 ? "Allow: GET, HEAD\r\n" : "", with_body ? answer.body : "");
}

HttpAnswer Refuse(int status) {
  return {.status = status, .body = std::string(Reason(status)) + "\n"};
}

struct HostAndPort {
  std::string host;
  uint16_t port = 0;
};

std::optional<HostAndPort> ParseAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  HostAndPort parsed{.host = address.substr(0, colon)};
  if (parsed.host.starts_with('[') && parsed.host.ends_with(']')) {
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  } else if (parsed.host.find(':') != std::string::npos) {
    return std::nullopt;
  }
  const char* const end = address.data() + address.size();
  const auto [rest, error] = std::from_chars(address.data() + colon + 1, end, parsed.port);
  if (parsed.host.empty() || error != std::errc() || rest != end) return std::nullopt;
  return parsed;
}

[[noreturn]] void ThrowCannotListen(const std::string& address, const std::string& why) {
  throw Error("cannot listen at " + address + ": " + why);
}

}  // namespace

HttpServer::HttpServer(int listener, Answer answer)
    : listener_(listener), answer_(std::move(answer)) {
  fcntl(listener_, F_SETFL, fcntl(listener_, F_GETFL) | O_NONBLOCK);
}

HttpServer::~HttpServer() {
  for (const Connection& connection : connections_) close(connection.fd);
  close(listener_);
}

void HttpServer::Run() {
  // A signal between the look for a request and the wait would be slept over.
  const StopSignalsBlocked blocked;
  steady_clock::time_point paused_until{};
  while (!StopRequested()) {
    const auto now = steady_clock::now();
    std::erase_if(connections_, [&](const Connection& connection) {
      const bool is_over = connection.is_done || connection.deadline <= now;
      if (is_over) close(connection.fd);
      return is_over;
    });
    std::vector<pollfd> fds;
    auto next = steady_clock::time_point::max();
    const bool is_paused = paused_until > now;
    if (is_paused) next = paused_until;
    fds.push_back({.fd = is_paused ? -1 : listener_, .events = POLLIN, .revents = 0});
    for (const Connection& connection : connections_) {
      fds.push_back({.fd = connection.fd,
                     .events = static_cast<short>(connection.answer.empty() ? POLLIN : POLLOUT),
                     .revents = 0});
      next = std::min(next, connection.deadline);
    }
    const bool has_end = next != steady_clock::time_point::max();
    // Not a nanosecond before it
    const timespec timeout =
        has_end ? ToTimespec(next - now + std::chrono::nanoseconds(1)) : timespec{};
    if (ppoll(fds.data(), fds.size(), has_end ? &timeout : nullptr, &blocked.Before()) <= 0) {
      continue;
    }
    auto fd = fds.begin() + 1;
    for (Connection& connection : connections_) {
      if ((fd++)->revents == 0) continue;
      if (connection.answer.empty()) {
        Read(connection);
      } else {
        Write(connection);
      }
    }
    if (fds.front().revents != 0 && !Accept()) paused_until = steady_clock::now() + kPause;
  }
}

bool HttpServer::Accept() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
  if (connections_.size() == kMaxConnections) {
    close(connections_.front().fd);
    connections_.pop_front();
  }
  connections_.push_back(
      {.fd = fd, .deadline = steady_clock::now() + kTimeLimit, .request = {}, .answer = {}});
  return true;
}

void HttpServer::Read(Connection& connection) {
  std::array<char, 4096> buffer;
  const ssize_t got = read(connection.fd, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    connection.is_done = true;
    return;
  }
  connection.request.append(buffer.data(), static_cast<size_t>(got));
  const size_t end = connection.request.find("\r\n\r\n");
  if (end != std::string::npos) {
    connection.answer = AnswerTo(std::string_view(connection.request).substr(0, end));
  } else if (connection.request.size() > kMaxRequest) {
    connection.answer = Format(Refuse(431), true);
  }
}

std::string HttpServer::AnswerTo(std::string_view request) const {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const size_t method_end = line.find(' ');
  const size_t path_end = line.rfind(' ');
  if (method_end == path_end || !line.substr(path_end + 1).starts_with("HTTP/1.")) {
    return Format(Refuse(400), true);
  }
  const std::string_view method = line.substr(0, method_end);
  if (method != "GET" && method != "HEAD") return Format(Refuse(405), true);
  std::string_view path = line.substr(method_end + 1, path_end - method_end - 1);
  path = path.substr(0, path.find('?'));
  return Format(answer_(path), method == "GET");
}

void HttpServer::Write(Connection& connection) const {
  const std::string_view left = std::string_view(connection.answer).substr(connection.written);
  const ssize_t written = send(connection.fd, left.data(), left.size(), MSG_NOSIGNAL);
  if (written < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (written < 0) {
    connection.is_done = true;
    return;
  }
  connection.written += static_cast<size_t>(written);
  connection.is_done = connection.written == connection.answer.size();
}

std::string CheckListenAddress(const std::string& address) {
  if (ParseAddress(address)) return "";
  return "'" + address + "' is no ADDRESS:PORT, as 127.0.0.1:9770 or [::1]:9770";
}

int ListenAt(const std::string& address) {
  const auto wanted = ParseAddress(address);
  if (!wanted) ThrowCannotListen(address, "it is no ADDRESS:PORT");
  // Not getaddrinfo(), which a static program has not.
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(wanted->port);
  const bool is_v4 = inet_pton(AF_INET, wanted->host.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, wanted->host.c_str(), &v6.sin6_addr) != 1) {
    ThrowCannotListen(address, "it is no address of IP");
  }
  const auto* const where =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const socklen_t size = is_v4 ? sizeof(v4) : sizeof(v6);
  const int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
      bind(fd, where, size) == 0 && listen(fd, kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  if (fd >= 0) close(fd);
  ThrowCannotListen(address, std::generic_category().message(error));
}

int ListenerOfSystemd() {
  const char* const pid = getenv("LISTEN_PID");
  const char* const fds = getenv("LISTEN_FDS");
  constexpr int kFirst = 3;
  if (pid == nullptr || fds == nullptr || std::to_string(getpid()) != pid ||
      std::string_view(fds) != "1") {
    return -1;
  }
  fcntl(kFirst, F_SETFD, FD_CLOEXEC);
  return kFirst;
}

}  // namespace kvm_exits
