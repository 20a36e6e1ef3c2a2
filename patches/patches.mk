# SPDX-License-Identifier: GPL-2.0-only
#
# Kernels: source trees with the series applied, the distribution's headers and
# images, and a whole kernel.  % is a release, as uname -r prints it.

# The release of the lab's kernel, found out once.
LAB_RELEASE := $(LINE_BUILD)/release.mk
WITHOUT_RELEASE := help clean packages modules% reload apply install tools lint \
	test-fresh check-new-kernel matrix slices deb%
ifneq ($(filter-out $(WITHOUT_RELEASE),$(or $(MAKECMDGOALS),help)),)
-include $(LAB_RELEASE)
endif
$(LAB_RELEASE): | $(PACKAGES)
	@mkdir -p $(@D)
	@release=$$(patches/debian-kernel newest $(KLINE)) && echo "LAB_KVER := $$release" >$@

SERIES := $(wildcard patches/*/*.patch)
COMMON := $(shell find patches/common -type f)
series_of = patches/$$(echo $(1) | cut -d. -f1,2)

$(BUILD)/linux/%/.series: $(SERIES) patches/tree | $(PACKAGES)
	@[ -d $(@D) ] || { echo "Unpacking the source of $*"; \
		patches/debian-kernel source $* $(@D); }
	@echo "Patching the source of $*"
	@patches/tree apply $(@D) $(call series_of,$*)
	@touch $@

# For comparison: KVM as it was.
$(BUILD)/linux-unpatched/%/.ready: $(BUILD)/linux/%/.series
	@mkdir -p $(@D)
	@git -C $(<D) archive pristine Makefile arch/x86 virt/kvm include/linux/kvm_host.h | \
		tar -x -C $(@D)
	@touch $@

# What modules build against: the machine's own headers, where it has them.
$(BUILD)/headers/%/.ready: | $(PACKAGES)
	@mkdir -p $(BUILD)/headers
	@if [ -d $(@D) ]; then :; elif [ -d /lib/modules/$*/build ]; then \
		mkdir -p $(@D); ln -sfn /lib/modules/$*/build $(@D)/build; \
	else echo "Unpacking the headers of $*"; patches/debian-kernel headers $* $(@D); fi
	@touch $@

$(BUILD)/image/%/.ready: | $(PACKAGES)
	@[ -d $(@D) ] || echo "Unpacking the kernel $*"
	@[ -d $(@D) ] || patches/debian-kernel image $* $(@D)
	@touch $@

.PHONY: tree export apply kernel check check-new-kernel
tree: $(BUILD)/linux/$(LAB_KVER)/.series
	@echo "The series is applied in $(<D); change and commit there, then: make export"
export:
	@patches/tree export $(BUILD)/linux/$(LAB_KVER) patches/$(KLINE)
apply:
	@patches/apply $(filter-out stock unpatched patched debug kcsan,$(KERNEL))

# Of Debian's source and configuration, unless CONFIG says otherwise.
kernel: $(BUILD)/linux/$(LAB_KVER)/.series \
		$(if $(CONFIG),,$(BUILD)/image/$(LAB_KVER)/.ready)
	@patches/build-kernel \
		$(or $(CONFIG),$(BUILD)/image/$(LAB_KVER)/boot/config-$(LAB_KVER)) \
		Kconfig.fragment $(<D) $(LINE_BUILD)/kernel/$(LAB_KVER)

# What is newer than what was tried, each night
check-new-kernel: | $(PACKAGES)
	@patches/check-new-kernel $(BUILD)

# The series is checked again only if something that it depends on has changed.
CHECKED = $(BUILD)/check/$(LAB_KVER).tap
check: $(CHECKED)
	@cat $(CHECKED)
$(CHECKED): $(BUILD)/linux/$(LAB_KVER)/.series $(BUILD)/headers/$(LAB_KVER)/.ready \
		module/build patches/check $(COMMON) Kconfig.fragment patches/selftests-message \
		selftests/to-kernel selftests/config $(wildcard selftests/*.c selftests/lib/*) \
		| $(TEST_PACKAGES)
	@mkdir -p $(@D)
	@patches/check $(BUILD)/headers/$(LAB_KVER)/build $(<D) $(@D) >$@.new || \
		{ cat $@.new; exit 1; }
	@mv $@.new $@
