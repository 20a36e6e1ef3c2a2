# SPDX-License-Identifier: GPL-2.0-only
#
# Instructions an exit, and bytes a vCPU: three builds of KVM, swapped in one lab
# host.

BENCH_SETS := modules modules-off modules-unpatched
$(BUILD)/lab/bench.cpio: $(foreach set,$(BENCH_SETS),$(BUILD)/$(set)/$(LAB_KVER)/.built) \
		$(SELFTESTS)
	@lab/image/mkimage --out $@ \
		$(foreach name,exit_cost exit_memory,\
			--add $(BUILD)/selftests/bin/$(name):/bench/$(name)) \
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
		--out $(BUILD)/lab/bench -- bench/lab-task
