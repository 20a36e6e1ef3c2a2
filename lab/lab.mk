# SPDX-License-Identifier: GPL-2.0-only
# The lab's images. The including Makefile defines
#   BUILD          where to build
#   LAB            intel or amd
#   STOCK_VMLINUZ  the lab host's kernel, and STOCK_MODULES, the directory of
#                  its modules (lib/modules/VERSION of the unpacked package)
#   KVM_MODDIR     the patched modules, and KVM_MODULES, the files in it that
#                  a rule of the including Makefile makes
#   GUEST_VMLINUZ  the guests' kernel, and GUEST_MODULES (default: those of the
#                  host)
#   TOOLS_BIN      the kvm-exits program, may be empty
#   LAB_ARGS       more arguments for lab/run with vendor $(1), may be
#                  empty
# and runs a task with
#   $(LAB_RUN) --out DIR -- TASK    with $(LAB_IMAGES) made before
#   $(call lab_run,amd) ...         for a vendor that is not $(LAB)

LAB ?= intel
LAB_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
KERNEL ?= stock
LAB_IMAGES := $(BUILD)/lab/base.cpio $(BUILD)/lab/kvm-$(KERNEL).cpio
lab_run = $(LAB_DIR)/run --vendor $(1) --vmlinuz $(STOCK_VMLINUZ) $(LAB_IMAGES:%=--image %) $(LAB_ARGS)
LAB_RUN = $(call lab_run,$(LAB))
GUEST_VMLINUZ ?= $(STOCK_VMLINUZ)
GUEST_MODULES ?= $(STOCK_MODULES)
KVM_MODULES ?= $(wildcard $(KVM_MODDIR)/*.ko)

# What changes seldom: QEMU, busybox and the guests' kernel
$(BUILD)/lab/base.cpio: $(addprefix $(LAB_DIR)/,mkimage lib.sh extract-vmlinux host/init host/guest guest/init) $(GUEST_VMLINUZ)
	@echo "Making the lab host's image"
	@$(LAB_DIR)/mkimage --out $@ --host --guest-vmlinuz $(GUEST_VMLINUZ) --guest-moddir $(GUEST_MODULES)

$(BUILD)/lab/kvm-$(KERNEL).cpio: $(LAB_DIR)/mkimage $(KVM_MODULES) $(TOOLS_BIN)
	@$(LAB_DIR)/mkimage --out $@ $(KVM_MODDIR:%=--moddir %) --moddir $(STOCK_MODULES) $(TOOLS_BIN:%=--tool %)

.PHONY: lab lab-check
lab: $(LAB_IMAGES)
	@$(LAB_RUN) --out $(BUILD)/lab/shell --interactive

# That failures of a lab host are noticed
lab-check: $(LAB_IMAGES)
	@LAB_RUN="$(LAB_RUN)" LAB_OUT=$(BUILD)/lab/check $(LAB_DIR)/test/run_test.sh

# What README.md says to do on a fresh machine, done on fresh ones
.PHONY: test-fresh
test-fresh:
	@for debian in 12 13; do $(LAB_DIR)/fresh-machine $$debian $(BUILD)/fresh || exit 1; done
