// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_SOURCE_REPLAY_H_
#define KVM_EXITS_SOURCE_REPLAY_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "source/host_source.h"
#include "source/record_file.h"
#include "source/record_format.h"

// A record as a host: its source, and the time that passes there.
namespace kvm_exits {

// Returns of `snapshot` what was asked for.
HostSnapshot Select(HostSnapshot snapshot, const HostRequest& request);

// A moment of a record: a time, or so long after its beginning.
struct RecordTime {
  std::optional<std::chrono::system_clock::time_point> wall;
  Seconds since_begin{};
};

// "2026-01-31T23:59:59Z" or "+90", in seconds.  Nothing where it is neither.
std::optional<RecordTime> ParseRecordTime(const std::string& text);

// The part of a record that is of interest.
struct RecordRange {
  std::optional<RecordTime> begin;
  std::optional<RecordTime> end;
};

// Goes through a record from sample to sample.  Its time is that of the last sample.
class Replay : public Clock {
 public:
  // Opens it, and is at the first sample that is not before the begin of `range`.  Throws Error
  // where it is no record, or has no such sample.
  Replay(const std::string& path, RecordRange range);

  const RecordHeader& Header() const { return decoder_.Header(); }
  const HostSnapshot& Host() const { return decoder_.Host(); }
  const std::string& Limits() const { return decoder_.Limits(); }

  // When its first sample was, in the range or not.
  const Instant& First() const { return *first_; }

  // Goes to the next sample, up to the first that is not before the end of the range.  Returns
  // false where there is none.
  bool Next();

  // Why there is no next sample, in a clause; empty: nothing is wrong.
  std::string Problem() const;

  // Of a clock, that of the record.  WaitUntil() goes to the first sample at `deadline`, or near
  // enough to be of its interval, and never waits.  It returns false at the end.
  Instant Now() override { return Host().taken; }
  void CatchStop() override {}
  bool WaitUntil(std::chrono::steady_clock::time_point deadline) override;

  // The host that was recorded, at the moment where this is.  This must live as long.
  std::unique_ptr<HostSource> Source();

 private:
  // Reads a sample.  Returns whether there is one.
  bool Read();
  bool IsReached(const RecordTime& time) const;

  std::string path_;
  RecordReader reader_;
  RecordRange range_;
  RecordDecoder decoder_;
  uint64_t lines_ = 0;
  std::optional<Instant> first_;
};

// A VM, and how long after the beginning of a record its first and its last sample are.
struct RecordedVm {
  VmIdentity identity;
  Seconds begin;
  Seconds end;
};

// Returns the VMs that are in some sample of a record, in the order in which they came.
std::vector<RecordedVm> FindRecordedVms(const std::string& path, const RecordRange& range);

}  // namespace kvm_exits

#endif  // KVM_EXITS_SOURCE_REPLAY_H_
