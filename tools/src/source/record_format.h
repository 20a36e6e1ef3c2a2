// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_RECORD_FORMAT_H_
#define KVM_EXITS_SOURCE_RECORD_FORMAT_H_

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/host_snapshot.h"

// The lines of a record, as docs/record.schema.json describes them: of a header and samples,
// which have what was added since the line before.
namespace kvm_exits {

// What a header says: of what, and by whom, a record is.
struct RecordHeader {
  std::string host;
  std::string kernel;   // its release
  std::string boot_id;  // of the host's boot; empty: not known
  std::string source;   // HostSource::Name()
  bool begins_now = false;
  bool has_vcpus = false;  // each vCPU on its own
  double interval_seconds = 1;

  bool operator==(const RecordHeader&) const = default;
};

// Turns the snapshots of a host, one after the other, into lines.
class RecordEncoder {
 public:
  explicit RecordEncoder(RecordHeader header) : header_(std::move(header)) {}

  // Returns a header.  The sample that follows has all that there is, so that reading can begin
  // here.
  std::string Header();

  // Returns a sample.  `limits` is what the source cannot see.
  std::string Sample(const HostSnapshot& snapshot, const std::string& limits);

 private:
  // Of reasons that no sample since the header had.
  nlohmann::ordered_json NewNames(const HostSnapshot& snapshot);

  RecordHeader header_;
  std::optional<HostSnapshot> last_;
  std::string limits_;
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> bins_;
  std::set<uint64_t> names_;
};

// Turns lines into what they were made of.
class RecordDecoder {
 public:
  // Takes the next line.  Returns whether it is a sample.  Throws Error where it is none of a
  // record, or is of a host or a time that does not follow.
  bool Take(std::string_view line);

  const RecordHeader& Header() const { return header_; }
  const HostSnapshot& Host() const { return snapshot_; }
  const std::string& Limits() const { return limits_; }

 private:
  void TakeHeader(const nlohmann::json& line);
  void TakeSample(const nlohmann::json& line);
  void TakeVms(const nlohmann::json& line);

  RecordHeader header_;
  bool has_header_ = false;
  bool has_sample_ = false;
  bool is_first_ = false;  // after a header
  HostSnapshot snapshot_;
  std::string limits_;
  std::vector<std::pair<uint64_t, uint64_t>> bins_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_RECORD_FORMAT_H_
