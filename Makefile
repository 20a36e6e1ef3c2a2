# SPDX-License-Identifier: GPL-2.0-only
#
# `make help` lists what there is to do.  Everything that is downloaded or built
# lands in build/.

BUILD	:= $(CURDIR)/build
# The Debian kernel that the lab runs: the newest of this line, for which there is a series.
# Where this machine's own KVM counts, that is what is to be tested.
KLINE	:= $(or $(if $(wildcard /sys/module/kvm/parameters/exit_counters_cpuid),$\
	$(patsubst patches/%/0000-cover-letter,%,$(wildcard patches/$\
	$(shell uname -r | cut -d. -f1,2 | sed 's/[^0-9.].*//')/0000-cover-letter))),6.12)
KLINES	:= $(sort $(patsubst patches/%/0000-cover-letter,%,$(wildcard patches/*/0000-cover-letter)))
ifeq ($(wildcard patches/$(KLINE)/*.patch),)
$(error KLINE='$(KLINE)' is none of the lines of kernels that there is a series for: $(KLINES))
endif
# What is of that line
LINE_BUILD := $(BUILD)/$(KLINE)
# The kernel to build modules for; the lab has its own.
KVER	:= $(shell uname -r)
ifneq ($(words $(KVER)),1)
$(error KVER='$(KVER)' is no release of a kernel, as uname -r prints it)
endif
# 12, 13
DEBIAN_RELEASE := $(firstword $(subst ., ,$(file </etc/debian_version)))
LAB	:= intel
# Of the lab host of the selftests, on AMD.  They take turns on one of this machine.
CPUS	:= 1
# stock: Debian's kernel with patched KVM modules; patched: one built whole;
# debug: that with KASAN, UBSAN, lockdep, kmemleak; kcsan: with KCSAN.
KERNEL	:= stock
# What boots as the guest of `make demo`.  busybox: Debian's kernel and a shell; debian: a
# whole Debian with systemd.
GUEST	:= busybox

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-print-directory

.PHONY: help
help:
	@echo 'kvm-exits counts the VM exits of KVM guests, per exit reason.'
	@echo
	@echo 'To see it, on any Debian 12 or 13 machine, in an emulated KVM host:'
	@echo '  make demo             a guest boots and reboots; its exits, in it and on the host'
	@echo '                        GUEST=debian: a whole Debian with systemd'
	@echo '  make test             the tests of the project, in both labs'
	@echo '  make test-debug       more of them, on whole kernels: patched; with what looks for'
	@echo '                        bad accesses, races and leaks'
	@echo '  make kselftest        the tests of a patched KVM: in the lab, or here if this'
	@echo '                        machine runs one'
	@echo '  make test-kernel      the KVM selftests that the kernel brings, patched against'
	@echo '                        unpatched: long. LAB=intel|amd for one lab, TESTS="..."'
	@echo '  make bench            what it costs, in instructions and bytes, and what else does'
	@echo '  make lab              a shell on a KVM host in the lab; `guest` is a guest in it'
	@echo '                        LAB=intel|amd, KERNEL=stock|unpatched|patched|debug|kcsan'
	@echo
	@echo 'To use it, on a KVM host of yours:'
	@echo '  make deb              build two packages for Debian: the command, and KVM for the'
	@echo '                        kernels that apt offers, by dkms'
	@echo '  make modules          build patched KVM modules for the kernel that runs, or KVER='
	@echo '  make modules_install  put them where modprobe finds them first'
	@echo '  make modules_uninstall'
	@echo '  make reload           swap them in now'
	@echo '  make apply KERNEL=/path/to/linux'
	@echo '                        or: put the patches into your own kernel tree'
	@echo '  make kernel           or: build a patched Debian kernel (CONFIG=...)'
	@echo '  make install          the command kvm-exits, its manual and completions'
	@echo '                        (DESTDIR=)'
	@echo
	@echo 'To work on it:'
	@echo '  make tools            build the command kvm-exits, static, to copy into guests'
	@echo '  make fuzz             give its parsers what nobody writes, FUZZ_SECONDS=60 each'
	@echo '  make tree             a work tree with the series applied, to change'
	@echo '  make export           write what you committed there back to patches/'
	@echo '  make matrix           every line of kernels, in both labs, in every way to deploy'
	@echo '  make test-fresh       `make demo` on a fresh Debian 12 and 13, made by debootstrap'
	@echo '  make deb-test         the packages, on a fresh Debian'
	@echo '  make system-test      the packages, and modules by hand, on an installed KVM host'
	@echo '                        with UEFI, GRUB and libvirt, in emulation: hours'
	@echo '  make check            static checks: checkpatch, sparse, every patch builds'
	@echo '  make check-new-kernel try the newest kernels that Debian has, each night'
	@echo '  make lint             the style of all files: shellcheck, names, length of lines'
	@echo '  make packages         install what all of this needs (apt)'
	@echo '  make clean            remove build/'

include packages.mk
include patches/patches.mk
include module/module.mk
include tools/tools.mk
include lab/kernels/kernels.mk
include lab/lab.mk
include lab/test-kernel.mk
include selftests/selftests.mk
include lab/host-test.mk
include bench/bench.mk
include lab/test-debug.mk
include lab/matrix.mk
include debian/debian.mk
include lab/system.mk

# guests_test SELFTEST: whole guests, the last of which runs the selftest as its own
# guests; for Linux in its place, see lab/test-debug.mk.
guests_test = NESTED_RUN=/selftests/exit_counts_$(1)_test $(WHOLE_GUESTS_TEST)

# Of other kernels, what does not take too long: Debian 12's own.  `make matrix` has all.
OTHER_LINE := $(if $(filter 12,$(DEBIAN_RELEASE)),6.1)

# What `make test` runs; each prints TAP.  The longest come first, so that no CPU of this
# machine waits at the end.
SUITES = \
	"series=$(MAKE) -s check" \
	"guests-intel=$(call kselftest,guests-intel,intel,$(call guests_test,per_reason))" \
	"test-kernel-intel=$(MAKE) -s test-kernel-intel QUICK=1" \
	"kselftest-intel=$(call kselftest,kselftest-intel,intel,$(OTHER_TESTS))" \
	"lab=$(MAKE) -s lab-check LAB=amd" \
	"test-kernel-amd=$(MAKE) -s test-kernel-amd QUICK=1" \
	"guest-intel=$(MAKE) -s guest-test LAB=intel" \
	"kselftest-amd=$(call kselftest,kselftest-amd,amd,$(OTHER_TESTS))" \
	"guests-amd=$(call kselftest,guests-amd,amd,$(call guests_test,undefined_reason))" \
	"intel-no-ept=$(call kselftest,intel-no-ept,intel,$(OPTION_TESTS),kvm-intel.ept=0)" \
	"intel-no-unrestricted-guest=$(call kselftest,intel-no-unrestricted-guest,intel,$\
		STEP_TSC_BACK=1 $(OPTION_TESTS) exit_counts_backward_tsc_test,$\
		kvm-intel.unrestricted_guest=0)" \
	"tools-asan=tools/ctest-tap $(BUILD)/tools-asan" \
	"tools=tools/ctest-tap $(BUILD)/tools" \
	"bench-report-asan=tools/ctest-tap $(BUILD)/bench-asan" \
	"bench-report=tools/ctest-tap $(BUILD)/bench" \
	"lint=.ci/lint" \
	"apply=patches/apply_test.sh $(BUILD)/linux/$(LAB_KVER) $(BUILD)/apply-test" \
	"debian-kernel=patches/debian-kernel_test.sh $(BUILD)/debian-kernel-test" \
	"guest-amd=$(MAKE) -s guest-test LAB=amd" \
	"reload-amd=$(MAKE) -s reload-test LAB=amd" \
	"amd-no-npt=$(call kselftest,amd-no-npt,amd,$\
		$(OPTION_TESTS) exit_counts_unstable_tsc_test,$\
		kvm-amd.npt=0 tsc=unstable kvm.exit_counters_time=Y)" \
	"two-cpus-amd=$(MAKE) -s kselftest LAB=amd CPUS=2 LAB_ARGS='--icount --memory 3072' \
		TESTS=exit_counts_ledger_test" \
	"lockdown-amd=$(MAKE) -s lockdown-test LAB=amd" \
	"host-amd=$(MAKE) -s host-test LAB=amd" \
	"host-unpatched-amd=$(MAKE) -s host-test LAB=amd KERNEL=unpatched" \
	"bpf-amd=$(MAKE) -s bpf-test LAB=amd" \
	$(if $(OTHER_LINE),\
		$(call matrix_modules,$(OTHER_LINE),amd) $(call matrix_bpf,$(OTHER_LINE),amd))

.PHONY: lint test test-images
lint: $(TEST_PACKAGES)
	@.ci/lint
# Much of this is one program that unpacks something, so several at a time; not those of
# apt, nor what the two lines of kernels share.
test: $(PACKAGES) $(TEST_PACKAGES)
	@$(MAKE) -j$$(nproc) test-images
	@$(MAKE) -s KERNEL=unpatched $(LINE_BUILD)/lab/kvm-unpatched.cpio
	@$(if $(OTHER_LINE),$(MAKE) -s -j$$(nproc) KLINE=$(OTHER_LINE) MATRIX_WAYS='modules bpf' \
		matrix-images)
	@.ci/suites -j $$(nproc) $(BUILD)/test $(SUITES)
test-images: $(LAB_IMAGES) $(TOOLS_TESTS) $(TOOLS_ASAN) $(BENCH_TESTS) $(BENCH_ASAN) \
		$(foreach image,selftests installed test-kernel bpf-test,\
			$(LINE_BUILD)/lab/$(image).cpio)

.PHONY: clean
clean:
	rm -rf $(BUILD)
