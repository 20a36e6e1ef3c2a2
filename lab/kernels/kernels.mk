# SPDX-License-Identifier: GPL-2.0-only
#
# The lab's whole kernels: patched, and with what looks for mistakes.

LAB_KERNEL_SOURCES := lab/kernels/patched.config Kconfig.fragment patches/build-kernel \
	$(MODULE_SOURCES) $(BUILD)/linux/$(LAB_KVER)/.series

# build_lab_kernel ARGUMENTS
define build_lab_kernel
	@mkdir -p $(@D)
	@patches/build-kernel --tiny $(1) lab/kernels/patched.config Kconfig.fragment \
		$(BUILD)/linux/$(LAB_KVER) $(@D) >$(@D)/build.log 2>&1 || { \
		grep -E 'error|Error|\*\*\*' $(@D)/build.log | head -n 20 >&2; \
		echo "Building the kernel failed, see $(@D)/build.log" >&2; exit 1; }
	@touch $@
endef

$(LINE_BUILD)/kernel/patched/.built: $(LAB_KERNEL_SOURCES)
	@echo "Building the lab's patched kernel (minutes)"
	$(call build_lab_kernel)
# % is debug or kcsan.
$(LINE_BUILD)/kernel/%/.built: lab/kernels/%.config $(LAB_KERNEL_SOURCES)
	@echo "Building the lab's $* kernel (minutes)"
	$(call build_lab_kernel,--also $<)
