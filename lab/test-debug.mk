# SPDX-License-Identifier: GPL-2.0-only
#
# `make test-debug`: what runs on the kernels of lab/kernels.

# How long each churn lasts.
CHURN_SECONDS ?= 600

# Half of the memory, and all of the instrumentation, is the kernel's own.
ifneq ($(filter debug kcsan,$(KERNEL)),)
LAB_ARGS = --memory $(if $(filter amd,$(1)),4096,2048)
endif
# A churn wants more than one CPU; Bochs has one.  All else is done sooner with one.
CHURN_CPUS = $(if $(filter amd,$(LAB)),--cpus 3)

# At each 300th access, as lab/kernels/kcsan.config says, a million reads of a guest
# took more than 20 minutes.
KCSAN_ARGS = $(if $(filter kcsan,$(KERNEL)),kcsan.skip_watch=4000)

# run_debug NAME SECONDS ARGUMENTS TEST...: tests of selftests/, all if none is
# named, then that nothing has leaked
run_debug = $(LAB_RUN) --image $(LINE_BUILD)/lab/selftests.cpio \
	--out $(LINE_BUILD)/lab/$(1)-$(LAB) \
	--time-limit $(2) $(3) -- lab/tasks/test-debug $(4)

.PHONY: debug-kselftest debug-churn debug-faults test-debug
debug-kselftest debug-churn debug-faults: $(LAB_IMAGES) $(LINE_BUILD)/lab/selftests.cpio
debug-kselftest:
	@$(call run_debug,kselftest-$(KERNEL),3600,--append 'retain_initrd $(KCSAN_ARGS)',$(TESTS))
debug-churn:
	@$(call run_debug,churn-$(KERNEL),$$(($(CHURN_SECONDS) + 900)),$(CHURN_CPUS),\
		CHURN_SECONDS=$(CHURN_SECONDS) exit_churn)
# A stack trace is all that a vmalloc() prints which was made to fail.
debug-faults:
	@$(call run_debug,faults-$(KERNEL),3600,--expect 'Call Trace',exit_faults)

DEBUG_MAKE := $(MAKE) -s LAB=amd CHURN_SECONDS=$(CHURN_SECONDS)
DEBUG_SUITES = \
	"kselftest-debug=$(DEBUG_MAKE) debug-kselftest KERNEL=debug" \
	"kselftest-kcsan=$(DEBUG_MAKE) debug-kselftest KERNEL=kcsan" \
	"faults-debug=$(DEBUG_MAKE) debug-faults KERNEL=debug" \
	"churn-debug=$(DEBUG_MAKE) debug-churn KERNEL=debug" \
	"churn-kcsan=$(DEBUG_MAKE) debug-churn KERNEL=kcsan" \
	$(foreach vendor,intel amd, \
		"patched-kernel-$(vendor)=$(MAKE) -s kselftest KERNEL=patched LAB=$(vendor) \
			TESTS='$(EXACT_TESTS) $(WHOLE_GUESTS_TEST)'") \
	"reload-intel=$(MAKE) -s reload-test LAB=intel" \
	$(foreach vendor,intel amd, \
		"nested-$(vendor)=$(MAKE) -s kselftest LAB=$(vendor) TESTS=$(WHOLE_GUESTS_TEST)") \
	$(foreach vendor,intel amd, \
		"debian-$(vendor)=$(MAKE) -s guest-test GUEST=debian LAB=$(vendor)") \
	$(foreach kernel,stock unpatched, \
		"host-$(kernel)-intel=$(MAKE) -s host-test LAB=intel KERNEL=$(kernel)") \
	"bpf-intel=$(MAKE) -s bpf-test LAB=intel" \
	"kernel-target=$(DEBUG_MAKE) kernel-target KERNEL=patched" \
	"fuzz=$(MAKE) -s fuzz"

test-debug: $(foreach kernel,patched debug kcsan,$(LINE_BUILD)/kernel/$(kernel)/.built) \
		$(foreach image,base kvm-stock installed selftests kernel-target bpf-test debian,\
			$(LINE_BUILD)/lab/$(image).cpio)
	@$(foreach kernel,patched unpatched,\
		$(MAKE) KERNEL=$(kernel) $(LINE_BUILD)/lab/kvm-$(kernel).cpio &&) :
	@status=0; .ci/suites -j $$(nproc) $(BUILD)/test $(DEBUG_SUITES) || status=$$?; \
	for run in kselftest churn; do \
		races=$(LINE_BUILD)/lab/$$run-kcsan-amd/races; \
		[ ! -s $$races ] || { \
			echo "KCSAN's reports of $$run that were set aside:"; cat $$races; }; \
	done; exit $$status
