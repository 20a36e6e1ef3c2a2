# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own KVM selftests, with KVM unpatched and patched.

TEST_KERNEL := $(LINE_BUILD)/test-kernel
$(TEST_KERNEL)/.built: $(BUILD)/linux/$(LAB_KVER)/.series
	@echo "Building the kernel's KVM selftests"
	@mkdir -p $(@D)
	@rm -rf $(@D)/install
	@{ $(MAKE) -C selftests KERNEL_TREE=$(<D) OUTPUT=$(@D) $(@D)/usr/include/linux/kvm.h && \
		$(MAKE) -C $(<D)/tools/testing/selftests TARGETS=kvm O=$(@D) \
			KSFT_INSTALL_PATH=$(@D)/install install; \
		} >$(@D)/build.log 2>&1 || { \
		grep -E 'error|Error|\*\*\*' $(@D)/build.log | head -n 20 >&2; \
		echo "Building them failed, see $(@D)/build.log" >&2; exit 1; }
	@find $(@D)/install/kvm -type f -perm /100 ! -name '*.sh' -exec strip {} +
	@# An unpatched KVM has nothing for ours: these are in `make kernel-target`.
	@sed -n '/^kvm:exit_counts_/d; s/^kvm://p' $(@D)/install/kselftest-list.txt >$(@D)/list
	@touch $@
$(LINE_BUILD)/lab/test-kernel.cpio: $(TEST_KERNEL)/.built \
		$(BUILD)/modules-unpatched/$(LAB_KVER)/.built \
		lab/tasks/test-kernel.table lab/judge/complaints lab/image/mkimage \
		lab/image/strip-module
	@mkdir -p $(TEST_KERNEL)/unpatched
	@for ko in kvm kvm-intel kvm-amd; do lab/image/strip-module \
		$(BUILD)/modules-unpatched/$(LAB_KVER)/$$ko.ko \
		$(TEST_KERNEL)/unpatched/$$ko.ko; done
	@lab/image/mkimage --out $@ --add $(TEST_KERNEL)/install/kvm:/test-kernel/bin \
		--add $(TEST_KERNEL)/install/kvm/settings:/test-kernel/settings \
		--add $(TEST_KERNEL)/list:/test-kernel/list \
		--add lab/tasks/test-kernel.table:/test-kernel/table \
		--add lab/judge/complaints:/test-kernel/complaints \
		--add $(TEST_KERNEL)/unpatched:/test-kernel/unpatched --add /bin/bash:/bin/bash

# TESTS names some of them, QUICK=1 takes those of `make test`.
.PHONY: test-kernel test-kernel-intel test-kernel-amd
test-kernel:
	@status=0; for lab in $(if $(filter command,$(origin LAB)),$(LAB),amd intel); do \
		echo "# The kernel's KVM selftests in the lab $$lab"; \
		$(MAKE) test-kernel-$$lab || status=1; \
	done; exit $$status
# Emulated even where the machine has KVM: the table is about the emulated CPUs.
test-kernel-intel test-kernel-amd: test-kernel-%: $(LAB_IMAGES) $(LINE_BUILD)/lab/test-kernel.cpio
	@$(call lab_run,$*) --accel emulated --image $(LINE_BUILD)/lab/test-kernel.cpio \
		--memory 2048 --time-limit 14400 --append kvm.force_emulation_prefix=1 \
		--out $(LINE_BUILD)/lab/$@$(if $(QUICK),-quick) \
		-- lab/tasks/test-kernel $(if $(QUICK),--quick) $(TESTS)

# The kernel's own target, `make kselftest TARGETS=kvm`: ours, beside a few of KVM's.
$(LINE_BUILD)/lab/kernel-target.cpio: $(TEST_KERNEL)/.built lab/image/mkimage
	@lab/image/mkimage --out $@ --add $(TEST_KERNEL)/install:/kselftest
.PHONY: kernel-target
kernel-target: $(LAB_IMAGES) $(LINE_BUILD)/lab/kernel-target.cpio
	@$(LAB_RUN) --image $(LINE_BUILD)/lab/kernel-target.cpio \
		--memory $(if $(filter amd,$(LAB)),3072,2048) --time-limit 1800 \
		--append retain_initrd --out $(LINE_BUILD)/lab/kernel-target-$(KERNEL)-$(LAB) \
		-- lab/tasks/kernel-target $(TESTS)
