# SPDX-License-Identifier: GPL-2.0-only
#
# Lab hosts.  One runs the kernel that KERNEL names, its guests run Debian's.
#
#   $(LAB_RUN) --out DIR -- TASK    runs a task; make $(LAB_IMAGES) before
#   $(call lab_run,amd) ...         on a vendor that is not $(LAB)
#
# LAB_ARGS may have more arguments for lab/run, for vendor $(1).  With GUEST=debian, a guest
# may be a whole Debian.

GUEST_VMLINUZ = $(BUILD)/image/$(LAB_KVER)/boot/vmlinuz-$(LAB_KVER)
GUEST_MODULES = $(BUILD)/image/$(LAB_KVER)/lib/modules/$(LAB_KVER)

ifneq ($(filter patched debug kcsan,$(KERNEL)),)
WHOLE_KERNEL = $(LINE_BUILD)/kernel/$(KERNEL)
HOST_VMLINUZ = $(WHOLE_KERNEL)/bzImage
HOST_MODULES = $(WHOLE_KERNEL)/modules
KVM_MODULES = $(WHOLE_KERNEL)/client
KVM_MODULES_BUILT = $(WHOLE_KERNEL)/.built
else ifeq ($(KERNEL),unpatched)
HOST_VMLINUZ = $(GUEST_VMLINUZ)
HOST_MODULES = $(GUEST_MODULES)
KVM_MODULES = $(BUILD)/modules-unpatched/$(LAB_KVER)
KVM_MODULES_BUILT = $(KVM_MODULES)/.built
else
HOST_VMLINUZ = $(GUEST_VMLINUZ)
HOST_MODULES = $(GUEST_MODULES)
KVM_MODULES = $(BUILD)/modules/$(LAB_KVER)
KVM_MODULES_BUILT = $(KVM_MODULES)/.built
endif

LAB_IMAGES := $(LINE_BUILD)/lab/base.cpio $(LINE_BUILD)/lab/kvm-$(KERNEL).cpio
ifeq ($(GUEST),debian)
LAB_IMAGES += $(LINE_BUILD)/lab/debian.cpio
LAB_ARGS = --memory $(if $(filter amd,$(1)),3072,2048)
else ifneq ($(GUEST),busybox)
$(error GUEST='$(GUEST)' is neither busybox nor debian)
endif
lab_run = lab/run --vendor $(1) --vmlinuz $(HOST_VMLINUZ) $(LAB_IMAGES:%=--image %) $(LAB_ARGS)
LAB_RUN = $(call lab_run,$(LAB))

$(GUEST_VMLINUZ) $(LAB_IMAGES): | $(BUILD)/image/$(LAB_KVER)/.ready

# What changes seldom: QEMU, busybox and the guests' kernel
MKIMAGE := lab/image/mkimage lab/image/strip-module lab/image/extract-vmlinux lab/lib.sh \
	lab/channel.sh
$(LINE_BUILD)/lab/base.cpio: $(MKIMAGE) $(wildcard lab/host/* lab/guest/*) $(GUEST_VMLINUZ)
	@echo "Making the lab host's image"
	@lab/image/mkimage --out $@ --host \
		--guest-vmlinuz $(GUEST_VMLINUZ) --guest-moddir $(GUEST_MODULES)

$(LINE_BUILD)/lab/kvm-$(KERNEL).cpio: lab/image/mkimage lab/image/strip-module \
		$(KVM_MODULES_BUILT) $(TOOLS)
	@lab/image/mkimage --out $@ \
		--moddir $(KVM_MODULES) --moddir $(HOST_MODULES) --tool $(TOOLS)

# A whole Debian with that kernel
DEBIAN := $(BUILD)/debian/$(LAB_KVER).cpio
$(DEBIAN): lab/image/mkdebian | $(DEBIAN_PACKAGES) $(GUEST_VMLINUZ)
	@echo "Making a whole Debian for a guest"
	@lab/image/mkdebian --out $@ --moddir $(GUEST_MODULES)
$(LINE_BUILD)/lab/debian.cpio: lab/image/mkimage $(DEBIAN)
	@lab/image/mkimage --out $@ --guest-debian $(DEBIAN)

.PHONY: lab lab-check demo guest-test
lab: $(LAB_IMAGES)
	@$(LAB_RUN) --out $(LINE_BUILD)/lab/shell --interactive

# That failures of a lab host are noticed: checked again only if something of the lab has
# changed.
LAB_CHECKED = $(LINE_BUILD)/lab/check-$(LAB)-$(KERNEL).tap
lab-check: $(LAB_CHECKED)
	@cat $(LAB_CHECKED)
$(LAB_CHECKED): $(wildcard lab/* lab/*/*) $(LINE_BUILD)/lab/base.cpio | $(LAB_IMAGES)
	@status=0; { \
		lab/judge/set-aside-races_test.sh $(LINE_BUILD)/lab/check-races || status=1; \
		LAB_RUN="$(LAB_RUN)" LAB_OUT=$(LINE_BUILD)/lab/check lab/run_test.sh || status=1; \
	} >$@.new; [ $$status -eq 0 ] || cat $@.new; exit $$status
	@mv $@.new $@

demo: $(LAB_IMAGES)
	@$(LAB_RUN) --progress --time-limit 1800 --out $(LINE_BUILD)/lab/demo \
		-- lab/tasks/demo $(if $(filter debian,$(GUEST)),--debian)
	@mkdir -p $(BUILD)/demo
	@$(TOOLS) report $(LINE_BUILD)/lab/demo/results/demo.jsonl.zst --html \
		-o $(BUILD)/demo/report.html
	@echo "To see it in a browser: $(BUILD)/demo/report.html"

ifeq ($(GUEST),debian)
guest-test: $(LAB_IMAGES) $(LINE_BUILD)/lab/selftests.cpio
	@$(LAB_RUN) --image $(LINE_BUILD)/lab/selftests.cpio --time-limit 3600 \
		--out $(LINE_BUILD)/lab/debian-test-$(LAB)-$(KERNEL) -- lab/tasks/debian-test
else
guest-test: $(LAB_IMAGES)
	@$(LAB_RUN) --out $(LINE_BUILD)/lab/guest-test-$(LAB)-$(KERNEL) -- lab/tasks/guest-test
endif

# What README.md says to do on a fresh machine, done on fresh ones
.PHONY: test-fresh
test-fresh: $(SYSTEM_PACKAGES)
	@for debian in 12 13; do lab/fresh-machine $$debian $(BUILD)/fresh || exit 1; done
