# SPDX-License-Identifier: GPL-2.0-only
#
# `make system-test`: a KVM host as people have it, installed on a disk, in QEMU.  Hours:
# it compiles in emulation.

SYSTEM := $(BUILD)/system
# That of this Debian itself, and one more that it has
OWN_LINE := $(if $(filter 12,$(DEBIAN_RELEASE)),6.1,6.12)
NEXT_LINE := $(if $(filter 12,$(DEBIAN_RELEASE)),6.12,7.3)
# system_kernel LINE,NUMBER: the release of the newest version, or one before that.  Not of
# 6.1.192-1, whose ext4 follows NULL when memory runs short (Debian's bug 1154101).
system_kernel = $(shell patches/debian-kernel list $(1) | awk '$$1 !~ /(rt|cloud)-amd64/ && \
	$$2 != "6.1.192-1" && ++n == $(2) { print $$1; exit }')
SYSTEM_BEFORE = $(call system_kernel,$(OWN_LINE),2)
SYSTEM_AFTER = $(call system_kernel,$(OWN_LINE),1)
SYSTEM_UNKNOWN = $(call system_kernel,$(NEXT_LINE),1)

$(SYSTEM)/disk.qcow2: lab/system/mkdisk lab/system/settle lab/guest/agent lab/guest/lab.service \
		lab/system.mk $(wildcard */packages) | $(PACKAGES) $(SYSTEM_PACKAGES)
	@echo 'Making the disk of a KVM host'
	@mkdir -p $(@D)
	@lab/system/mkdisk --out $@ --kernel $(SYSTEM_BEFORE) \
		$(foreach package,$(shell sort -u */packages),--install $(package)) \
		$(foreach package,curl dkms linux-source-$(OWN_LINE) prometheus \
			$(foreach kernel,$(SYSTEM_BEFORE) $(SYSTEM_AFTER) $(SYSTEM_UNKNOWN),\
				linux-image-$(kernel) linux-headers-$(kernel)),\
			--offer $(package)) \
		>$@.log 2>&1 || { tail -n 10 $@.log >&2; exit 1; }

# The packages, without the slice of one kernel
.PHONY: system-packages
system-packages: slices | $(DEB_PACKAGES)
	@rsync -a --delete --exclude=/list $(SLICES)/ $(SYSTEM)/slices/
	@sed '/^$(SYSTEM_UNKNOWN) /d' $(SLICES)/list >$(SYSTEM)/list
	@cmp -s $(SYSTEM)/list $(SYSTEM)/slices/list || cp $(SYSTEM)/list $(SYSTEM)/slices
	@$(MAKE) SLICES=$(SYSTEM)/slices DEB=$(SYSTEM)/deb -s deb-built

# What the host finds in /srv: the packages, a guest, this repository, and the command,
# which takes too long to compile there.
$(SYSTEM)/files.tar: system-packages $(TOOLS) \
		lab/system/guest-init lab/system/guest.xml lab/image/mkimage
	@rm -rf $(SYSTEM)/files
	@mkdir -p $(SYSTEM)/files/debs $(SYSTEM)/files/guest $(SYSTEM)/files/tools
	@cp $(SYSTEM)/deb/*.deb $(SYSTEM)/files/debs
	@lab/image/mkimage --out $(SYSTEM)/files/guest/initrd --add $(TOOLS):/usr/bin/kvm-exits \
		--add /bin/busybox:/bin/busybox --add /bin/busybox:/bin/sh \
		--add /usr/bin/cpuid:/usr/bin/cpuid --add lab/system/guest-init:/init
	@cp lab/system/guest.xml $(SYSTEM)/files/guest
	@cp -p $(TOOLS) $(SYSTEM)/files/tools
	@git clone -q --bare . $(SYSTEM)/files/kvm-exits.git
	@tar -C $(SYSTEM)/files -cf $@ .
	@rm -rf $(SYSTEM)/files

.PHONY: system-test
system-test: $(SYSTEM)/disk.qcow2 $(SYSTEM)/files.tar | $(TEST_PACKAGES)
	@.ci/suites -j $$(nproc) $(SYSTEM)/test \
		"packages=debian/system_test.sh $^ $(SYSTEM)/packages \
			$(SYSTEM_AFTER) $(SYSTEM_UNKNOWN)" \
		"by-hand=lab/system/by_hand_test.sh $^ $(SYSTEM)/by-hand $(SYSTEM_AFTER)" \
		"secure-boot=debian/secure_boot_test.sh $^ $(SYSTEM)/secure-boot"
