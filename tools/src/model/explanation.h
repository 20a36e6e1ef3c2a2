// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_MODEL_EXPLANATION_H_
#define KVM_EXITS_MODEL_EXPLANATION_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/exit_reason.h"
#include "model/hint.h"

namespace kvm_exits {

// Something to look at next: a command line to type.
struct Look {
  std::string by;     // a word of `kvm-exits detail --by`; or nothing, and
  std::string run;    // any other command line
  std::string shows;  // what is seen there

  // The command line, for a reason of this name and a VM, a word for the shell.
  std::string CommandLine(std::string_view reason, std::string_view vm = "VM") const;
};

// Something that helps against exits, and what it costs.
struct Help {
  std::string what;
  std::string price;
};

// What there is to know of an exit reason, or of several that are alike.  Texts are
// plain ASCII without line ends but that between paragraphs.
struct Explanation {
  // The reasons that it is of, of each extension; the first one is the most usual.
  std::vector<ExitReason> vmx;
  std::vector<ExitReason> svm;

  std::string title;      // in a few words
  std::string what;       // what happens; paragraphs end with '\n' but the last one
  bool is_never = false;  // KVM does not let it happen: there is no more than that

  std::vector<std::string> causes;
  std::vector<Look> look;
  std::vector<Help> help;
  std::vector<Hint> hints;
  std::vector<std::string> sources;

  const std::vector<ExitReason>& Reasons(Isa isa) const;
  // Those for an extension: not what only the other's manual says.
  std::vector<std::string_view> Sources(Isa isa) const;
};

// Returns the explanations in `toml`, in the form that explanations.toml describes.
// Throws Error where it is not of that form.
std::vector<Explanation> ParseExplanations(std::string_view toml);

// All that this program has, in the order to read them in.  They live as long as it.
std::span<const Explanation> Explanations();

// That of an exit reason, by its number; nullptr where no manual defines it.
const Explanation* FindExplanation(Isa isa, uint64_t reason);

}  // namespace kvm_exits

#endif  // KVM_EXITS_MODEL_EXPLANATION_H_
