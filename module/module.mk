# SPDX-License-Identifier: GPL-2.0-only
#
# Patched KVM modules and kvm_exits.ko, for the kernel of a release %.

MODULE_SOURCES := $(wildcard module/*.[ch]) module/Kbuild module/build Kconfig.fragment

# build_modules OUTPUT HEADERS ARGUMENTS TREE: the log is shown if it fails.
define build_modules
	@mkdir -p $(1)
	@module/build $(3) $(2)/build $(4) $(1) >$(1)/build.log 2>&1 || { \
		grep -E 'error|Error|\*\*\*|module/build:' $(1)/build.log | head -n 20 >&2; \
		echo "Building the modules failed, see $(1)/build.log" >&2; exit 1; }
	@touch $(1)/.built
endef

$(BUILD)/modules/%/.built: $(MODULE_SOURCES) $(BUILD)/linux/%/.series $(BUILD)/headers/%/.ready
	@echo "Building patched KVM modules for $*"
	$(call build_modules,$(@D),$(BUILD)/headers/$*,--config Kconfig.fragment,$(BUILD)/linux/$*)

# For comparison: the kernel as it was, and patched with the counters left out.
$(BUILD)/modules-unpatched/%/.built: $(BUILD)/linux-unpatched/%/.ready \
		$(BUILD)/headers/%/.ready module/build
	@echo "Building unpatched KVM modules for $*"
	$(call build_modules,$(@D),$(BUILD)/headers/$*,--without-client,$(<D))
$(BUILD)/modules-off/%/.built: $(BUILD)/linux/%/.series $(BUILD)/headers/%/.ready module/build
	@echo "Building patched KVM modules without the counters for $*"
	$(call build_modules,$(@D),$(BUILD)/headers/$*,--without-client,$(<D))

.PHONY: modules modules_install modules_uninstall reload
modules: $(BUILD)/modules/$(KVER)/.built
	@ls $(<D)/*.ko
modules_install: modules
	@module/install $(BUILD)/modules/$(KVER) $(KVER)
modules_uninstall:
	@module/install --remove $(KVER)
reload:
	@module/reload

# reload_test.sh needs a host with Debian's modules, to install the patched ones on
# and swap them.
INSTALLED := $(LINE_BUILD)/lab/installed
# Debian 13's kmod looks for it when it meets a module that is compressed.
LIBLZMA := /lib/x86_64-linux-gnu/liblzma.so.5
$(LINE_BUILD)/lab/installed.cpio: $(BUILD)/modules/$(LAB_KVER)/.built module/install module/reload \
		lab/image/mkimage lab/image/strip-module
	@rm -rf $(INSTALLED)
	@mkdir -p $(INSTALLED)/new $(INSTALLED)/lib/modules/$(LAB_KVER)/kernel/arch/x86
	@cp -r $(GUEST_MODULES)/kernel/arch/x86/kvm \
		$(INSTALLED)/lib/modules/$(LAB_KVER)/kernel/arch/x86
	@cp -r $(GUEST_MODULES)/kernel/virt $(INSTALLED)/lib/modules/$(LAB_KVER)/kernel
	@cp $(GUEST_MODULES)/modules.builtin* $(GUEST_MODULES)/modules.order \
		$(INSTALLED)/lib/modules/$(LAB_KVER)
	@for ko in kvm kvm-intel kvm-amd kvm_exits; do \
		lab/image/strip-module $(BUILD)/modules/$(LAB_KVER)/$$ko.ko \
			$(INSTALLED)/new/$$ko.ko; done
	@lab/image/mkimage --out $@ \
		--add $(INSTALLED)/lib/modules:/lib/modules --add $(INSTALLED)/new:/reload/new \
		--add module/install:/reload/install --add module/reload:/reload/reload \
		--add /bin/dash:/reload/bin/dash \
		--add $(LIBLZMA):$(LIBLZMA) \
		$(foreach name,modprobe insmod rmmod depmod modinfo,\
			--add /bin/kmod:/reload/bin/$(name))

.PHONY: reload-test
reload-test: $(LAB_IMAGES) $(LINE_BUILD)/lab/installed.cpio
	@$(LAB_RUN) --image $(LINE_BUILD)/lab/installed.cpio \
		--out $(LINE_BUILD)/lab/reload-$(LAB) -- module/reload_test.sh
