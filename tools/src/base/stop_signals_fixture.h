// SPDX-License-Identifier: GPL-2.0-only
#ifndef KVM_EXITS_BASE_STOP_SIGNALS_FIXTURE_H_
#define KVM_EXITS_BASE_STOP_SIGNALS_FIXTURE_H_

#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include "base/stop_signals.h"

namespace kvm_exits {

// Gives each test the signals' default, and them back to the other tests as they were, with
// no request to stop.
class StopSignalsTest : public ::testing::Test {
 protected:
  StopSignalsTest() {
    struct sigaction default_action = {};
    default_action.sa_handler = SIG_DFL;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      sigaction(signal, &default_action, &before_[signal]);
    }
  }
  ~StopSignalsTest() override {
    CatchStopSignals();
    for (const auto& [signal, action] : before_) sigaction(signal, &action, nullptr);
  }

 private:
  std::map<int, struct sigaction> before_;
};

}  // namespace kvm_exits

#endif  // KVM_EXITS_BASE_STOP_SIGNALS_FIXTURE_H_
