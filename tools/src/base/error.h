// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_ERROR_H_
#define KVM_EXITS_BASE_ERROR_H_

#include <stdexcept>

namespace kvm_exits {

// What keeps the program from doing what it was asked to, in words for its
// user: a hypervisor without the counts, a full disk.  Ends it with status 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_ERROR_H_
