# SPDX-License-Identifier: GPL-2.0-only
#
# The command kvm-exits on a lab host, whose KVM KERNEL names; unpatched is Debian's.

.PHONY: host-test bpf-test
# What the command says of guests, and what its BPF programs count, is what KVM's
# tracepoints have.
host-test: $(LAB_IMAGES) $(PROMETHEUS)
	@$(LAB_RUN) --time-limit 1800 --out $(LINE_BUILD)/lab/host-test-$(LAB)-$(KERNEL) \
		-- lab/tasks/host-command
ifneq ($(KERNEL),unpatched)
	@/usr/bin/python3 -B tools/src/command/exporter_lab_test.py $(PROMETHEUS_PROGRAM) \
		$(LINE_BUILD)/lab/host-test-$(LAB)-$(KERNEL)/results
endif
$(LINE_BUILD)/lab/bpf-test.cpio: lab/image/mkimage $(TOOLS_TESTS) $(SELFTESTS)
	@lab/image/mkimage --out $@ --add $(BUILD)/tools/bpf_exits_check:/bpf/bpf_exits_check \
		$(foreach test,exit_counts_per_reason_test,\
			--add $(LINE_BUILD)/selftests/bin/$(test):/bpf/$(test))
bpf-test: $(LAB_IMAGES) $(LINE_BUILD)/lab/bpf-test.cpio
	@$(LAB_RUN) --memory $(if $(filter amd,$(LAB)),3072,2048) --time-limit 1800 \
		--image $(LINE_BUILD)/lab/bpf-test.cpio \
		--out $(LINE_BUILD)/lab/bpf-test-$(LAB)-$(KERNEL) \
		-- lab/tasks/bpf-test
