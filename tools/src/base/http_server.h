// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_HTTP_SERVER_H_
#define KVM_EXITS_BASE_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>

namespace kvm_exits {

struct HttpAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body = {};
};

// Of HTTP/1.1 (RFC 9112) what it takes to be scraped: GET and HEAD, one a connection.  Nobody
// who connects can keep others from it, or make it need more memory than for kMaxConnections
// answers.
class HttpServer {
 public:
  // With more, the one that has been there longest is closed.
  static constexpr size_t kMaxConnections = 64;
  static constexpr size_t kMaxRequest = 8192;
  // For the whole of a request and its answer
  static constexpr std::chrono::seconds kTimeLimit{10};

  using Answer = std::function<HttpAnswer(std::string_view path)>;

  // Takes `listener`, a socket that listens.
  HttpServer(int listener, Answer answer);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // Serves until StopRequested().
  void Run();

 private:
  struct Connection {
    int fd;
    std::chrono::steady_clock::time_point deadline;
    std::string request;
    std::string answer;  // not empty: the request was read
    size_t written = 0;
    bool is_done = false;
  };

  // Returns false where the program can have no more files open.
  bool Accept();
  void Read(Connection& connection);
  void Write(Connection& connection) const;
  std::string AnswerTo(std::string_view request) const;

  int listener_;
  Answer answer_;
  std::list<Connection> connections_;  // in the order in which they came
};

// Returns a socket that listens at `address`, "127.0.0.1:9770" or "[::1]:9770".  Throws Error.
int ListenAt(const std::string& address);

// Returns what is wrong with such an address, or nothing.
std::string CheckListenAddress(const std::string& address);

// Returns the socket that systemd has handed over (sd_listen_fds(3)); below 0: none.
int ListenerOfSystemd();

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_HTTP_SERVER_H_
