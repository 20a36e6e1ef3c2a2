// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_FAKE_PROC_H_
#define KVM_EXITS_SOURCE_FAKE_PROC_H_

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kvm_exits {

// A root for tests, with a /proc and a debugfs that tell what the test wants.
class FakeProc {
 public:
  FakeProc() : root_((std::filesystem::temp_directory_path() / "kvm-exits.XXXXXX").string()) {
    if (mkdtemp(root_.data()) == nullptr) throw std::runtime_error("cannot make " + root_);
  }
  FakeProc(const FakeProc&) = delete;
  FakeProc& operator=(const FakeProc&) = delete;
  ~FakeProc() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::string& Root() const { return root_; }
  std::string Process(pid_t pid) const { return "/proc/" + std::to_string(pid); }
  std::string Thread(pid_t pid, pid_t tid) const {
    return Process(pid) + "/task/" + std::to_string(tid);
  }

  // Paths begin with a slash.
  void Write(const std::string& path, std::string_view text) const {
    MakeParent(path);
    std::ofstream(root_ + path, std::ios::binary) << text;
  }
  void Link(const std::string& path, const std::string& target) const {
    MakeParent(path);
    std::filesystem::create_symlink(target, root_ + path);
  }
  void MakeDirectory(const std::string& path, int64_t seconds = 0) const {
    std::filesystem::create_directories(root_ + path);
    const timespec time = {.tv_sec = seconds, .tv_nsec = 0};
    const timespec times[] = {time, time};
    utimensat(AT_FDCWD, (root_ + path).c_str(), times, 0);
  }
  void Remove(const std::string& path) const { std::filesystem::remove_all(root_ + path); }

  // The thread `tid` of process `pid`, as /proc shows it outside of the process.
  void AddThread(pid_t pid, pid_t tid) const {
    Write(Process(tid) + "/status",
          "Name:\tqemu-system-x86\nUmask:\t0022\nState:\tS (sleeping)\n"
          "Tgid:\t" +
              std::to_string(pid) + "\nNgid:\t0\nPid:\t" + std::to_string(tid) + "\nPPid:\t1\n");
  }
  void AddFile(pid_t pid, int fd, const std::string& target) const {
    Link(Process(pid) + "/fd/" + std::to_string(fd), target);
  }
  // A VM in KVM's debugfs.
  void AddVm(const std::string& id, int64_t created = 0) const {
    MakeDirectory("/sys/kernel/debug/kvm/" + id, created);
  }

 private:
  void MakeParent(const std::string& path) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
  }

  std::string root_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_FAKE_PROC_H_
