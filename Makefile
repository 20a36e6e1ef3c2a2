# SPDX-License-Identifier: GPL-2.0-only
#
# `make help` lists what there is to do.  Everything that is downloaded or built
# lands in build/.

BUILD	:= $(CURDIR)/build
# The Debian kernel that the lab runs: the newest of this line.
KLINE	:= 6.12
# The kernel to build modules for; the lab has its own.
KVER	:= $(shell uname -r)
ifneq ($(words $(KVER)),1)
$(error KVER='$(KVER)' is no release of a kernel, as uname -r prints it)
endif
LAB	:= intel
# Of the lab host of the selftests, on AMD.  They take turns on one of this machine.
CPUS	:= 1
# stock: Debian's kernel with patched KVM modules; patched: one built whole;
# debug: that with KASAN, UBSAN, lockdep, kmemleak; kcsan: with KCSAN.
KERNEL	:= stock

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-print-directory

.PHONY: help
help:
	@echo 'kvm-exits counts the VM exits of KVM guests, per exit reason.'
	@echo
	@echo 'To see it, on any Debian 12 machine, in an emulated KVM host:'
	@echo '  make demo             a guest boots and reboots; its exits, in it and on the host'
	@echo '  make test             the tests of the project, in both labs'
	@echo '  make test-debug       more of them, on whole kernels: patched; with what looks for'
	@echo '                        bad accesses, races and leaks'
	@echo '  make kselftest        the tests of a patched KVM: in the lab, or here if this'
	@echo '                        machine runs one'
	@echo '  make test-kernel      the kernel'"'"'s own KVM selftests, patched against unpatched, all of'
	@echo '                        them: long. LAB=intel|amd for one lab, TESTS="..." for some'
	@echo '  make bench            instructions an exit, patched and unpatched'
	@echo '  make lab              a shell on a KVM host in the lab; `guest` boots a guest there'
	@echo '                        LAB=intel|amd, KERNEL=stock|patched|debug|kcsan'
	@echo
	@echo 'To use it, on a KVM host of yours:'
	@echo '  make modules          build patched KVM modules for the kernel that runs (KVER=...)'
	@echo '  make modules_install  put them where modprobe finds them first'
	@echo '  make modules_uninstall'
	@echo '  make reload           swap them in now'
	@echo '  make apply KERNEL=/path/to/linux'
	@echo '                        or: put the patches into your own kernel tree'
	@echo '  make kernel           or: build a patched Debian kernel (CONFIG=...)'
	@echo
	@echo 'To work on it:'
	@echo '  make tools            build the command kvm-exits;  make install  installs it'
	@echo '  make tree             a work tree with the series applied, to change'
	@echo '  make export           write what you committed there back to patches/'
	@echo '  make test-fresh       `make demo` on a fresh Debian 12 and 13, made by debootstrap'
	@echo '  make check            static checks: checkpatch, sparse, every patch builds'
	@echo '  make packages         install what all of this needs (apt)'
	@echo '  make clean            remove build/'

# Packages
#
# Each part lists the Debian packages that it needs, and those that only its
# tests need.

PACKAGES := $(BUILD)/.packages
TEST_PACKAGES := $(BUILD)/.packages.test

.PHONY: packages
packages: $(PACKAGES) $(TEST_PACKAGES)
$(PACKAGES): $(wildcard */packages)
$(TEST_PACKAGES): $(wildcard */packages.test)
$(PACKAGES) $(TEST_PACKAGES):
	@mkdir -p $(@D)
	@missing=$$(sort -u $^ | while read -r package; do \
		dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q '^install ok installed' || \
			printf '%s ' "$$package"; done); \
	if [ -n "$$missing" ]; then \
		[ "$$(id -u)" -eq 0 ] || { echo "These Debian packages are missing: $$missing" >&2; \
			echo "Run 'make packages' as root first." >&2; exit 1; }; \
		echo "Installing: $$missing"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
			apt-get -qq -y --no-install-recommends install $$missing >$@.log 2>&1 || \
			{ tail -n 5 $@.log >&2; exit 1; }; \
	fi
	@touch $@

# The release of the lab's kernel, found out once.
LAB_RELEASE := $(BUILD)/lab-release.mk
ifneq ($(filter-out help clean packages modules% reload apply install tools test-fresh,$(or $(MAKECMDGOALS),help)),)
-include $(LAB_RELEASE)
endif
$(LAB_RELEASE): | $(PACKAGES)
	@release=$$(patches/debian-kernel newest $(KLINE)) && echo "LAB_KVER := $$release" >$@

# Kernel
#
# % is a release, as uname -r prints it.

SERIES := $(wildcard patches/*/*.patch)
series_of = patches/$$(echo $(1) | cut -d. -f1,2)

$(BUILD)/linux/%/.series: $(SERIES) patches/tree | $(PACKAGES)
	@[ -d $(@D) ] || { echo "Unpacking the source of $*"; patches/debian-kernel source $* $(@D); }
	@echo "Patching the source of $*"
	@patches/tree apply $(@D) $(call series_of,$*)
	@touch $@

.PHONY: tree export apply
tree: $(BUILD)/linux/$(LAB_KVER)/.series
	@echo "The series is applied in $(<D); change and commit there, then: make export"
export:
	@patches/tree export $(BUILD)/linux/$(LAB_KVER) patches/$(KLINE)
apply:
	@patches/apply $(filter-out stock patched debug kcsan,$(KERNEL))

# What modules build against: the machine's own headers, where it has them.
$(BUILD)/headers/%/.ready: | $(PACKAGES)
	@mkdir -p $(BUILD)/headers
	@if [ -d $(@D) ]; then :; elif [ -d /lib/modules/$*/build ]; then mkdir -p $(@D); ln -sfn /lib/modules/$*/build $(@D)/build; \
	else echo "Unpacking the headers of $*"; patches/debian-kernel headers $* $(@D); fi
	@touch $@

$(BUILD)/image/%/.ready: | $(PACKAGES)
	@[ -d $(@D) ] || echo "Unpacking the kernel $*"
	@[ -d $(@D) ] || patches/debian-kernel image $* $(@D)
	@touch $@

# Modules

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
$(BUILD)/linux-unpatched/%/.ready: $(BUILD)/linux/%/.series
	@mkdir -p $(@D)
	@git -C $(<D) archive pristine Makefile arch/x86 virt/kvm | tar -x -C $(@D)
	@touch $@
$(BUILD)/modules-unpatched/%/.built: $(BUILD)/linux-unpatched/%/.ready $(BUILD)/headers/%/.ready module/build
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

# A whole kernel
#
# Of Debian's source and configuration, unless CONFIG says otherwise; the lab has
# a small one of its own.

LAB_KERNEL := $(BUILD)/kernel/lab

.PHONY: kernel
kernel: $(BUILD)/linux/$(LAB_KVER)/.series $(if $(CONFIG),,$(BUILD)/image/$(LAB_KVER)/.ready)
	@patches/build-kernel $(or $(CONFIG),$(BUILD)/image/$(LAB_KVER)/boot/config-$(LAB_KVER)) \
		Kconfig.fragment $(<D) $(BUILD)/kernel/$(LAB_KVER)

LAB_KERNEL_SOURCES := lab/kernel.config Kconfig.fragment patches/build-kernel $(MODULE_SOURCES) $(BUILD)/linux/$(LAB_KVER)/.series

# build_lab_kernel ARGUMENTS
define build_lab_kernel
	@mkdir -p $(@D)
	@patches/build-kernel --tiny $(1) lab/kernel.config Kconfig.fragment $(BUILD)/linux/$(LAB_KVER) $(@D) \
		>$(@D)/build.log 2>&1 || { grep -E 'error|Error|\*\*\*' $(@D)/build.log | head -n 20 >&2; \
		echo "Building the kernel failed, see $(@D)/build.log" >&2; exit 1; }
	@touch $@
endef

$(LAB_KERNEL)/.built: $(LAB_KERNEL_SOURCES)
	@echo "Building the lab's patched kernel (minutes)"
	$(call build_lab_kernel)
# % is debug or kcsan.
$(BUILD)/kernel/%/.built: lab/%.config $(LAB_KERNEL_SOURCES)
	@echo "Building the lab's $* kernel (minutes)"
	$(call build_lab_kernel,--also $<)

# Tools

TOOLS := $(BUILD)/tools/kvm-exits
TOOLS_TESTS := $(BUILD)/tools/.tests
TOOLS_ASAN := $(BUILD)/tools-asan/.tests
TOOLS_SOURCES := $(shell find tools -type f) $(SERIES)

# build_tools DIRECTORY CONFIGURE-ARGUMENTS BUILD-ARGUMENTS
define build_tools
	@mkdir -p $(1)
	@cmake -S tools -B $(1) -DCMAKE_CXX_COMPILER_LAUNCHER=ccache $(2) >$(1)/build.log 2>&1 && \
		cmake --build $(1) $(3) >>$(1)/build.log 2>&1 || { tail -n 30 $(1)/build.log >&2; exit 1; }
	@touch $@
endef

.PHONY: tools install
tools: $(TOOLS)
$(TOOLS): $(TOOLS_SOURCES) | $(PACKAGES)
	@echo "Building the tools"
	$(call build_tools,$(@D),--preset default $(if $(wildcard $(@D)/CMakeCache.txt),,-DBUILD_TESTING=OFF),--target kvm-exits)
$(TOOLS_TESTS): $(TOOLS) $(TEST_PACKAGES)
	@echo "Building the tools' tests"
	$(call build_tools,$(@D),--preset default -DBUILD_TESTING=ON)
$(TOOLS_ASAN): $(TOOLS_SOURCES) $(TEST_PACKAGES)
	@echo "Building the tools' tests with sanitizers"
	$(call build_tools,$(@D),--preset asan)
install: tools
	@cmake --install $(BUILD)/tools

# Tests of a patched KVM

SELFTESTS = $(BUILD)/selftests/.built
$(SELFTESTS): $(BUILD)/linux/$(LAB_KVER)/.series $(wildcard selftests/*)
	@echo "Building the selftests"
	@mkdir -p $(@D)
	@$(MAKE) -C selftests KERNEL_TREE=$(<D) OUTPUT=$(@D) >$(@D)/build.log 2>&1 || { tail -n 20 $(@D)/build.log >&2; exit 1; }
	@touch $@

# The lab
#
# Its host runs Debian's kernel with patched KVM modules, or a patched kernel; its
# guests run Debian's kernel.

GUEST_VMLINUZ	= $(BUILD)/image/$(LAB_KVER)/boot/vmlinuz-$(LAB_KVER)
GUEST_MODULES	= $(BUILD)/image/$(LAB_KVER)/lib/modules/$(LAB_KVER)
TOOLS_BIN	= $(TOOLS)

ifneq ($(filter patched debug kcsan,$(KERNEL)),)
WHOLE_KERNEL	= $(BUILD)/kernel/$(KERNEL:patched=lab)
STOCK_VMLINUZ	= $(WHOLE_KERNEL)/bzImage
STOCK_MODULES	= $(WHOLE_KERNEL)/modules
KVM_MODDIR	= $(WHOLE_KERNEL)/client
KVM_MODULES	= $(WHOLE_KERNEL)/.built
else
STOCK_VMLINUZ	= $(GUEST_VMLINUZ)
STOCK_MODULES	= $(GUEST_MODULES)
KVM_MODDIR	= $(BUILD)/modules/$(LAB_KVER)
KVM_MODULES	= $(KVM_MODDIR)/.built
endif

$(GUEST_VMLINUZ) $(BUILD)/lab/base.cpio $(BUILD)/lab/kvm-$(KERNEL).cpio: | $(BUILD)/image/$(LAB_KVER)/.ready

include lab/lab.mk
include lab/debug.mk

.PHONY: demo
demo: $(LAB_IMAGES)
	@$(LAB_RUN) --progress --out $(BUILD)/lab/demo -- lab/tasks/demo

# Instructions an exit: three builds of KVM, swapped in one lab host.
BENCH_SETS := modules modules-off modules-unpatched
$(BUILD)/lab/bench.cpio: $(foreach set,$(BENCH_SETS),$(BUILD)/$(set)/$(LAB_KVER)/.built) $(SELFTESTS)
	@lab/mkimage --out $@ $(foreach name,exit_cost exit_memory,--add $(BUILD)/selftests/bin/$(name):/bench/$(name)) \
		--add $(BUILD)/modules/$(LAB_KVER)/kvm_exits.ko:/bench/modules/kvm_exits.ko \
		$(foreach set,$(BENCH_SETS),$(foreach ko,kvm kvm-intel kvm-amd,\
			--add $(BUILD)/$(set)/$(LAB_KVER)/$(ko).ko:/bench/$(set)/$(ko).ko))

# Hardened usercopy of an instruction that KVM's emulator skips, as it does for most
# exits in QEMU's SVM, takes one instruction more or less by chance: by whether the
# emulator's context is in the first page of its slab.
BENCH_amd = --icount --append hardened_usercopy=off

.PHONY: bench
bench: $(LAB_IMAGES) $(BUILD)/lab/bench.cpio
	@$(LAB_RUN) --accel emulated $(BENCH_$(LAB)) --image $(BUILD)/lab/bench.cpio \
		--out $(BUILD)/lab/bench -- lab/tasks/bench

# Tests
#
# On a machine whose KVM counts, the selftests test that.

$(BUILD)/lab/selftests.cpio: $(SELFTESTS) lab/mkimage
	@lab/mkimage --out $@ --add $(BUILD)/selftests/bin:/selftests

# kselftest VENDOR [MODULE-OPTION]: with an option, what exits is another matter.
kselftest = $(call lab_run,$(1)) $(if $(LAB_ARGS),,--memory $(if $(filter amd,$(1)),3072,2048)) $(if $(filter amd,$(1)),--cpus $(CPUS)) --image $(BUILD)/lab/selftests.cpio \
	--time-limit 1800 --out $(BUILD)/lab/kselftest-$(KERNEL)-$(1)$(if $(2),-$(2)) --append 'retain_initrd $(2)' \
	-- lab/tasks/kselftest $(if $(2),exit_counts_per_reason_test exit_counts_tracepoint_test,$(TESTS))

.PHONY: kselftest
ifneq ($(wildcard /sys/module/kvm/parameters/exit_counters_cpuid),)
kselftest: $(SELFTESTS)
	@$(BUILD)/selftests/bin/run
else
kselftest: $(LAB_IMAGES) $(BUILD)/lab/selftests.cpio
	@$(call kselftest,$(LAB))
endif

# The kernel's own KVM selftests, with KVM unpatched and patched.
KERNEL_SELFTESTS := $(BUILD)/kernel-selftests
$(KERNEL_SELFTESTS)/.built: $(BUILD)/linux/$(LAB_KVER)/.series
	@echo "Building the kernel's KVM selftests"
	@mkdir -p $(@D)
	@rm -rf $(@D)/install
	@{ $(MAKE) -C selftests KERNEL_TREE=$(<D) OUTPUT=$(@D) $(@D)/usr/include/linux/kvm.h && \
		$(MAKE) -C $(<D)/tools/testing/selftests TARGETS=kvm O=$(@D) KSFT_INSTALL_PATH=$(@D)/install install; \
		} >$(@D)/build.log 2>&1 || { grep -E 'error|Error|\*\*\*' $(@D)/build.log | head -n 20 >&2; \
		echo "Building them failed, see $(@D)/build.log" >&2; exit 1; }
	@find $(@D)/install/kvm -type f -perm /100 ! -name '*.sh' -exec strip {} +
	@sed -n 's/^kvm://p' $(@D)/install/kselftest-list.txt >$(@D)/list
	@touch $@
$(BUILD)/lab/kernel-selftests.cpio: $(KERNEL_SELFTESTS)/.built $(BUILD)/modules-unpatched/$(LAB_KVER)/.built lab/kernel-selftests lab/splats lab/mkimage
	@mkdir -p $(KERNEL_SELFTESTS)/unpatched
	@for ko in kvm kvm-intel kvm-amd; do strip -g -o $(KERNEL_SELFTESTS)/unpatched/$$ko.ko \
		$(BUILD)/modules-unpatched/$(LAB_KVER)/$$ko.ko; done
	@lab/mkimage --out $@ --add $(KERNEL_SELFTESTS)/install/kvm:/kernel-selftests/bin \
		--add $(KERNEL_SELFTESTS)/install/kvm/settings:/kernel-selftests/settings \
		--add $(KERNEL_SELFTESTS)/list:/kernel-selftests/list \
		--add lab/kernel-selftests:/kernel-selftests/table --add lab/splats:/kernel-selftests/splats \
		--add $(KERNEL_SELFTESTS)/unpatched:/kernel-selftests/unpatched --add /bin/bash:/bin/bash

# TESTS names some of them, QUICK=1 takes those of `make test`.
# Emulated even where the machine has KVM: the table is about the emulated CPUs.
.PHONY: kernel-selftests test-kernel
kernel-selftests: $(LAB_IMAGES) $(BUILD)/lab/kernel-selftests.cpio
	@$(LAB_RUN) --accel emulated --image $(BUILD)/lab/kernel-selftests.cpio --memory 2048 --time-limit 14400 \
		--append kvm.force_emulation_prefix=1 --out $(BUILD)/lab/kernel-selftests-$(LAB)$(if $(QUICK),-quick) \
		-- lab/tasks/kernel_selftests $(if $(QUICK),--quick) $(TESTS)
test-kernel:
	@status=0; for lab in $(if $(filter command,$(origin LAB)),$(LAB),amd intel); do \
		echo "# The kernel's KVM selftests in the lab $$lab"; \
		$(MAKE) kernel-selftests LAB=$$lab || status=1; \
	done; exit $$status

# A host with Debian's modules, to install the patched ones on and swap them.
INSTALLED := $(BUILD)/lab/installed
$(BUILD)/lab/installed.cpio: $(BUILD)/modules/$(LAB_KVER)/.built module/install module/reload lab/mkimage
	@rm -rf $(INSTALLED)
	@mkdir -p $(INSTALLED)/new $(INSTALLED)/lib/modules/$(LAB_KVER)/kernel/arch/x86
	@cp -r $(STOCK_MODULES)/kernel/arch/x86/kvm $(INSTALLED)/lib/modules/$(LAB_KVER)/kernel/arch/x86
	@cp -r $(STOCK_MODULES)/kernel/virt $(INSTALLED)/lib/modules/$(LAB_KVER)/kernel
	@cp $(STOCK_MODULES)/modules.builtin* $(STOCK_MODULES)/modules.order $(INSTALLED)/lib/modules/$(LAB_KVER)
	@for ko in kvm kvm-intel kvm-amd kvm_exits; do \
		strip -g -o $(INSTALLED)/new/$$ko.ko $(BUILD)/modules/$(LAB_KVER)/$$ko.ko; done
	@lab/mkimage --out $@ --add $(INSTALLED)/lib/modules:/lib/modules --add $(INSTALLED)/new:/reload/new \
		--add module/install:/reload/install --add module/reload:/reload/reload \
		--add /bin/dash:/reload/bin/dash \
		$(foreach name,modprobe insmod rmmod depmod modinfo,--add /bin/kmod:/reload/bin/$(name))

SUITES = \
	"series=$(MAKE) -s check" \
	"apply=patches/apply_test.sh $(BUILD)/linux/$(LAB_KVER) $(BUILD)/apply-test" \
	"debian-kernel=patches/debian-kernel_test.sh $(BUILD)/debian-kernel-test" \
	"tools=tools/ctest-tap $(BUILD)/tools" \
	"tools-asan=tools/ctest-tap $(BUILD)/tools-asan" \
	"lab=$(MAKE) -s lab-check LAB=amd" \
	$(foreach vendor,intel amd, \
		"kselftest-$(vendor)=$(call kselftest,$(vendor))" \
		"guest-$(vendor)=$(MAKE) -s guest-test LAB=$(vendor)" \
		"reload-$(vendor)=$(call lab_run,$(vendor)) --image $(BUILD)/lab/installed.cpio --out $(BUILD)/lab/reload-$(vendor) -- lab/tasks/reload_test" \
		"kernel-$(vendor)=$(MAKE) -s kernel-selftests LAB=$(vendor) QUICK=1") \
	"intel-no-unrestricted-guest=$(call kselftest,intel,kvm-intel.unrestricted_guest=0)" \
	"intel-no-ept=$(call kselftest,intel,kvm-intel.ept=0)" \
	"amd-no-npt=$(call kselftest,amd,kvm-amd.npt=0)"

.PHONY: guest-test test check
guest-test: $(LAB_IMAGES)
	@$(LAB_RUN) --out $(BUILD)/lab/guest-test-$(LAB)-$(KERNEL) -- lab/tasks/guest_test
# The series is checked again only if something that it depends on has changed.
CHECKED = $(BUILD)/check/$(LAB_KVER).tap
check: $(CHECKED)
	@cat $(CHECKED)
$(CHECKED): $(BUILD)/linux/$(LAB_KVER)/.series $(BUILD)/headers/$(LAB_KVER)/.ready module/build patches/check Kconfig.fragment | $(TEST_PACKAGES)
	@mkdir -p $(@D)
	@patches/check $(BUILD)/headers/$(LAB_KVER)/build $(<D) $(@D) >$@.new || { cat $@.new; exit 1; }
	@mv $@.new $@
test: $(LAB_IMAGES) $(TOOLS_TESTS) $(TOOLS_ASAN) $(BUILD)/lab/selftests.cpio $(BUILD)/lab/installed.cpio $(BUILD)/lab/kernel-selftests.cpio
	@selftests/suites -j $$(nproc) $(BUILD)/test $(SUITES)

.PHONY: clean
clean:
	rm -rf $(BUILD)
