// SPDX-License-Identifier: GPL-2.0-only
// bpf_exits_check [-u UID] [-p TGID] [-a KIND[:REASON]]... COMMAND...: runs the command
// while BpfExits, and a BpfAccesses of each kind, count, and prints what they counted.  For
// lab/tasks/bpf-test.  The exit status is the command's.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "source/bpf_accesses.h"
#include "source/bpf_exits.h"

namespace kvm_exits {
namespace {

constexpr std::pair<std::string_view, AccessKind> kKinds[] = {{"msr", AccessKind::kMsr},
                                                              {"port", AccessKind::kPort},
                                                              {"gpa", AccessKind::kGpa},
                                                              {"leaf", AccessKind::kLeaf},
                                                              {"hypercall", AccessKind::kHypercall},
                                                              {"apic", AccessKind::kApic},
                                                              {"userspace", AccessKind::kUserspace},
                                                              {"rip", AccessKind::kRip},
                                                              {"vector", AccessKind::kVector}};

struct Counted {
  std::string name;
  AccessKind kind;
  BpfAccesses accesses;
};

std::unique_ptr<Counted> Count(const std::string& wanted, std::optional<pid_t> tgid) {
  const size_t colon = wanted.find(':');
  const std::string name = wanted.substr(0, colon);
  std::optional<uint32_t> reason;
  if (colon != std::string::npos) {
    reason = static_cast<uint32_t>(std::stoll(wanted.substr(colon + 1)));
  }
  for (const auto& [kind_name, kind] : kKinds) {
    if (name == kind_name) {
      return std::unique_ptr<Counted>(new Counted{name, kind, BpfAccesses("", kind, tgid, reason)});
    }
  }
  throw Error("there is no kind of accesses " + name);
}

int Run(char* command[]) {
  const pid_t pid = fork();
  if (pid == 0) {
    execvp(command[0], command);
    std::perror(command[0]);
    _exit(127);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) < 0) return 125;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Print(const BpfReading& reading) {
  fmt::print("isa {}\n", reading.isa ? static_cast<int>(*reading.isa) : 0);
  for (const BpfVcpu& vcpu : reading.vcpus) {
    fmt::print("vcpu {} tid {} tgid {} guest_ns {}\n", vcpu.vcpu, vcpu.tid, vcpu.tgid,
               vcpu.guest_ns);
    for (const BpfReason& reason : vcpu.reasons) {
      fmt::print("reason {} exits {} ns {} longest {} timed {}\n", static_cast<int>(reason.number),
                 reason.exits, reason.ns, reason.longest_ns,
                 std::accumulate(reason.durations.begin(), reason.durations.end(), uint64_t{0}));
    }
  }
  fmt::print("lost {}\n", reading.lost);
}

// "KIND EVENT KEY DETAIL COUNT"; the two of a vector are one number.
void Print(Counted& counted) {
  for (const Access& access : counted.accesses.Read()) {
    const bool is_vector = counted.kind == AccessKind::kVector;
    fmt::print("{} {} {:x} {} {}\n", counted.name, access.event,
               access.key | (is_vector ? access.detail : 0), is_vector ? 0 : access.detail,
               access.count);
  }
  for (const std::string_view event : counted.accesses.Missing()) {
    fmt::print("{} missing {}\n", counted.name, event);
  }
  fmt::print("{} exits {}\n{} lost {}\n", counted.name, counted.accesses.Exits(), counted.name,
             counted.accesses.Lost());
}

int Main(int argc, char* argv[]) {
  std::optional<pid_t> tgid;
  std::vector<std::string> wanted;
  for (int option = 0; (option = getopt(argc, argv, "+p:a:u:")) != -1;) {
    if (option == 'p') {
      tgid = std::atoi(optarg);
    } else if (option == 'a') {
      wanted.emplace_back(optarg);
    } else if (option == 'u') {
      if (setuid(static_cast<uid_t>(std::atoi(optarg))) != 0) return 125;
    } else {
      return 2;
    }
  }
  if (optind == argc) return 2;
  BpfExits exits("", tgid);
  std::vector<std::unique_ptr<Counted>> all;
  for (const std::string& kind : wanted) all.push_back(Count(kind, tgid));
  const int status = Run(argv + optind);
  Print(exits.Read());
  for (const auto& counted : all) Print(*counted);
  exits.Read();
  exits.ForgetEnded();
  fmt::print("remembered {}\n", exits.Read().vcpus.size());
  return status;
}

}  // namespace
}  // namespace kvm_exits

int main(int argc, char* argv[]) {
  try {
    return kvm_exits::Main(argc, argv);
  } catch (const kvm_exits::Error& error) {
    std::fprintf(stderr, "bpf_exits_check: %s\n", error.what());
    return 1;
  }
}
