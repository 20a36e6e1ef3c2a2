# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of a KVM that counts: in the lab, or on this machine if its KVM does.

SELFTESTS = $(LINE_BUILD)/selftests/.built
$(SELFTESTS): $(BUILD)/linux/$(LAB_KVER)/.series \
		$(wildcard selftests/* selftests/*/* bench/*.[ch])
	@echo "Building the selftests"
	@mkdir -p $(@D)
	@$(MAKE) -C selftests KERNEL_TREE=$(<D) OUTPUT=$(@D) >$(@D)/build.log 2>&1 || \
		{ tail -n 20 $(@D)/build.log >&2; exit 1; }
	@touch $@

$(LINE_BUILD)/lab/selftests.cpio: $(SELFTESTS) lab/image/mkimage
	@lab/image/mkimage --out $@ --add $(LINE_BUILD)/selftests/bin:/selftests

# kselftest NAME VENDOR [TESTS [MODULE-OPTION]]: all tests if none is named
kselftest = $(call lab_run,$(2)) \
	$(if $(LAB_ARGS),,--memory $(if $(filter amd,$(2)),3072,2048)) \
	$(if $(filter amd,$(2)),--cpus $(CPUS)) --image $(LINE_BUILD)/lab/selftests.cpio \
	--time-limit 1800 --out $(LINE_BUILD)/lab/$(1) --append 'retain_initrd $(4)' \
	-- lab/tasks/kselftest $(3)

# That of whole guests takes as long as all others: two suites for `make test`.
WHOLE_GUESTS_TEST := exit_counts_guests_test.sh
# Those of a host that is not as it should be have one of their own.
OTHER_TESTS := $(filter-out $(WHOLE_GUESTS_TEST) \
	$(foreach name,backward_tsc lockdown unstable_tsc,exit_counts_$(name)_test), \
	$(patsubst selftests/%,%,$(patsubst %.c,%,$(wildcard selftests/exit_counts_*_test.*))))
# Every exit is counted once, and all time: what the kernel or the way of deployment could make a
# difference to.
EXACT_TESTS := $(foreach name,per_reason tracepoint total ledger many_vms module_reload,$\
	exit_counts_$(name)_test)
# With a module's option, what exits is another matter.
OPTION_TESTS := exit_counts_per_reason_test exit_counts_tracepoint_test

# Only a reboot unlocks a kernel: this test has a lab host of its own.
.PHONY: lockdown-test
lockdown-test: $(LAB_IMAGES) $(LINE_BUILD)/lab/selftests.cpio
	@$(LAB_RUN) --memory 2048 --image $(LINE_BUILD)/lab/selftests.cpio \
		--out $(LINE_BUILD)/lab/lockdown-$(LAB) \
		-- lab/tasks/kselftest LOCK_DOWN=1 exit_counts_lockdown_test

.PHONY: kselftest
ifneq ($(wildcard /sys/module/kvm/parameters/exit_counters_cpuid),)
kselftest: $(SELFTESTS)
	@$(LINE_BUILD)/selftests/bin/run
else
kselftest: $(LAB_IMAGES) $(LINE_BUILD)/lab/selftests.cpio
	@$(call kselftest,kselftest-$(KERNEL)-$(LAB),$(LAB),$(TESTS))
endif
