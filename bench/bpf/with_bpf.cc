// SPDX-License-Identifier: GPL-2.0-only
// with_bpf OBJECT COMMAND...: runs the command while all programs of a BPF object are
// attached. The exit status is the command's.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "with_bpf: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

bpf_object* load(const char* path) {
  bpf_object* object = bpf_object__open_file(path, nullptr);
  if (!object) fail(path);
  if (bpf_object__load(object)) fail(path);
  return object;
}

void attach_all(bpf_object* object) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__attach(program)) fail(bpf_program__name(program));
  }
}

int run(char* command[]) {
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    execvp(command[0], command);
    fail(command[0]);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) < 0) fail("waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Of a map that has values for each CPU which begin with a number of exits.
unsigned long long exits_counted(const bpf_map* map) {
  const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
  const std::size_t size = bpf_map__value_size(map);
  std::vector<char> values(cpus * size);
  unsigned long long sum = 0;
  for (unsigned int reason = 0; reason < bpf_map__max_entries(map); ++reason) {
    if (bpf_map_lookup_elem(bpf_map__fd(map), &reason, values.data())) fail("reading the map");
    for (std::size_t cpu = 0; cpu < cpus; ++cpu) {
      unsigned long long value = 0;
      std::memcpy(&value, &values[cpu * size], sizeof(value));
      sum += value;
    }
  }
  return sum;
}

// A program that is attached and does nothing would be cheap. What is kept with a thread
// has gone with it, and is not looked at.
void check(bpf_object* object, const char* path) {
  const bpf_map* map = bpf_object__next_map(object, nullptr);
  if (bpf_map__type(map) != BPF_MAP_TYPE_PERCPU_ARRAY) return;
  if (exits_counted(map) == 0) {
    std::fprintf(stderr, "with_bpf: %s has counted nothing\n", path);
    std::exit(1);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 3) {
    std::fprintf(stderr, "Usage: with_bpf OBJECT COMMAND...\n");
    return 2;
  }
  bpf_object* object = load(argv[1]);
  attach_all(object);
  const int status = run(argv + 2);
  check(object, argv[1]);
  return status;
}
