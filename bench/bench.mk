# SPDX-License-Identifier: GPL-2.0-only
#
# What it costs: instructions an exit, a leaf, a reading; bytes a VM and a vCPU. Four
# builds of KVM, swapped in one lab host, and the tools that count exits without a patch.

BENCH := $(BUILD)/bench
BENCH_PROGRAMS := exit_cost leaf_cost exit_memory debugfs_cost
BENCH_KVM = $(foreach ko,kvm kvm-intel kvm-amd,\
	--add $(BUILD)/$(1)/$(LAB_KVER)/$(ko).ko:/bench/modules/$(2)/$(ko).ko)

$(BENCH)/linux-naive/%/.ready: $(BUILD)/linux-unpatched/%/.ready bench/naive.patch
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@cp -r $(<D)/. $(@D)
	@rm $@
	@patch -s -d $(@D) -p1 <bench/naive.patch
	@touch $@
$(BUILD)/modules-naive/%/.built: $(BENCH)/linux-naive/%/.ready $(BUILD)/headers/%/.ready \
		module/build
	@echo "Building KVM modules that count in the naive way for $*"
	$(call build_modules,$(@D),$(BUILD)/headers/$*,--without-client,$(<D))

$(BENCH)/bpf/.built: $(wildcard bench/bpf/*) $(BENCH_PACKAGES)
	@mkdir -p $(@D)
	@for program in count time ledger; do for isa in VMX SVM; do \
		clang -O2 -g -target bpf -mcpu=v3 -Wall -D$$isa \
			-I/usr/include/$$(uname -m)-linux-gnu \
			-c bench/bpf/$$program.bpf.c -o $(@D)/$$program.$$isa.o && \
			llvm-strip -g $(@D)/$$program.$$isa.o || exit; done; done
	@$(CXX) -std=c++20 -O2 -Wall -Wextra -Wconversion -Wshadow \
		-o $(@D)/with_bpf bench/bpf/with_bpf.cc -lbpf
	@touch $@

$(BUILD)/lab/bench.cpio: $(foreach set,modules modules-off modules-unpatched modules-naive,\
		$(BUILD)/$(set)/$(LAB_KVER)/.built) $(SELFTESTS) $(BENCH)/bpf/.built \
		lab/image/mkimage
	@echo "Making the benchmark's image"
	@lab/image/mkimage --out $@ \
		$(foreach name,$(BENCH_PROGRAMS),\
			--add $(BUILD)/selftests/bin/$(name):/bench/bin/$(name)) \
		--add $(BENCH)/bpf/with_bpf:/bench/bin/with_bpf \
		--add /usr/bin/bpftrace:/bench/bin/bpftrace --add /usr/bin/perf:/bench/bin/perf \
		--add $(BENCH)/bpf:/bench/bpf \
		--add bench/bpf/count.bt:/bench/count.bt --add bench/bpf/time.bt:/bench/time.bt \
		--add $(BUILD)/modules/$(LAB_KVER)/kvm_exits.ko:/bench/modules/kvm_exits.ko \
		$(call BENCH_KVM,modules,counting) $(call BENCH_KVM,modules-off,off) \
		$(call BENCH_KVM,modules-unpatched,unpatched) $(call BENCH_KVM,modules-naive,naive)

# Hardened usercopy of an instruction that KVM's emulator skips, as it does for most
# exits in QEMU's SVM, takes one instruction more or less by chance: by whether the
# emulator's context is in the first page of its slab.
BENCH_amd = --icount --append hardened_usercopy=off --memory 3072
BENCH_intel = --memory 2048

.PHONY: bench
bench: $(LAB_IMAGES) $(BUILD)/lab/bench.cpio
	@$(LAB_RUN) --accel emulated $(BENCH_$(LAB)) --image $(BUILD)/lab/bench.cpio \
		--progress --time-limit 5400 --out $(BUILD)/lab/bench-$(LAB) -- bench/lab-task
	@cp $(BUILD)/lab/bench-$(LAB)/results/measurements $(BENCH)/$(LAB).measurements
