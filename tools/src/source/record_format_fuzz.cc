// SPDX-License-Identifier: GPL-2.0-only
#include "base/error.h"
#include "base/fuzzer.h"
#include "source/record_fixture.h"
#include "source/record_format.h"

namespace kvm_exits {

// The lines of a record: what can be read can be written, and is the same then.
void Fuzz(std::string_view input) {
  RecordDecoder decoder;
  RecordDecoder again;
  std::optional<RecordEncoder> encoder;
  for (const std::string& line : LinesOf(std::string(input))) {
    try {
      if (!decoder.Take(line)) continue;
    } catch (const Error&) {
      return;
    }
    if (!encoder) {
      encoder.emplace(decoder.Header());
      again.Take(encoder->Header());
    }
    for (const std::string& written : LinesOf(encoder->Sample(decoder.Host(), decoder.Limits()))) {
      again.Take(written);
    }
    Require(again.Host().vms.size() == decoder.Host().vms.size());
    for (size_t i = 0; i < again.Host().vms.size(); ++i) {
      const VmSnapshot& vm = decoder.Host().vms[i];
      const VmSnapshot& copy = again.Host().vms[i];
      Require(copy.exits.reasons == vm.exits.reasons && copy.exits.vm.time == vm.exits.vm.time &&
              copy.vcpus.size() == vm.vcpus.size());
    }
  }
}

std::vector<std::string> FuzzSeeds() {
  RecordedHost host;
  RecordEncoder encoder(MakeRecordHeader());
  std::string text = encoder.Header();
  text += encoder.Sample(host.snapshot, "");
  host.Pass(std::chrono::milliseconds(1000));
  host.SetTimed();
  text += encoder.Sample(host.snapshot, "limits");
  host.Pass(std::chrono::milliseconds(1000));
  host.AddTimes();
  host.snapshot.vms.pop_back();
  text += encoder.Sample(host.snapshot, "");
  return {text};
}

}  // namespace kvm_exits
