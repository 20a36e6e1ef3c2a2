# SPDX-License-Identifier: GPL-2.0-only
#
# What it costs: instructions an exit, a leaf, a reading; bytes a VM and a vCPU. Four
# builds of KVM, swapped in one lab host, and the tools that count exits without a patch.

# What tells what was measured, and the tests of it: as they are, and with sanitizers.
BENCH_REPORT := $(BUILD)/bench/report/bench-report
BENCH_TESTS := $(BUILD)/bench/.tests
BENCH_ASAN := $(BUILD)/bench-asan/.tests
BENCH_SOURCES := $(shell find bench/report bench/primitives -type f) \
	$(wildcard bench/CMake* tools/src/base/*) $(COMMON)
# A build directory that has been configured keeps its tests.
BENCH_CONFIGURE = --preset default \
	$(if $(wildcard $(BUILD)/bench/CMakeCache.txt),,-DBUILD_TESTING=OFF)

# Beside the patched, the unpatched and the compiled out KVM
NAIVE_TREE := $(BUILD)/linux-naive
BPF := $(BUILD)/bench-bpf
BENCH_PROGRAMS := exit_cost leaf_cost exit_memory debugfs_cost busy_vms command_cost
BENCH_KVM = $(foreach ko,kvm kvm-intel kvm-amd,\
	--add $(BUILD)/$(1)/$(LAB_KVER)/$(ko).ko:/bench/modules/$(2)/$(ko).ko)

$(NAIVE_TREE)/%/.ready: $(BUILD)/linux-unpatched/%/.ready bench/naive.patch
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@cp -r $(<D)/. $(@D)
	@rm $@
	@patch -s -d $(@D) -p1 <bench/naive.patch
	@touch $@
$(BUILD)/modules-naive/%/.built: $(NAIVE_TREE)/%/.ready $(BUILD)/headers/%/.ready \
		module/build
	@echo "Building KVM modules that count in the naive way for $*"
	$(call build_modules,$(@D),$(BUILD)/headers/$*,--without-client,$(<D))

$(BPF)/.built: $(wildcard bench/bpf/*) $(BENCH_PACKAGES)
	@mkdir -p $(@D)
	@for program in count time ledger; do for isa in VMX SVM; do \
		clang -O2 -g -target bpf -mcpu=v3 -Wall -D$$isa \
			-I/usr/include/$$(uname -m)-linux-gnu \
			-c bench/bpf/$$program.bpf.c -o $(@D)/$$program.$$isa.o && \
			llvm-strip -g $(@D)/$$program.$$isa.o || exit; done; done
	@$(CXX) -std=c++20 -O2 -Wall -Wextra -Wconversion -Wshadow \
		-o $(@D)/with_bpf bench/bpf/with_bpf.cc -lbpf
	@touch $@

$(LINE_BUILD)/lab/bench.cpio: $(foreach set,modules modules-off modules-unpatched modules-naive,\
		$(BUILD)/$(set)/$(LAB_KVER)/.built) $(SELFTESTS) $(BPF)/.built \
		lab/image/mkimage
	@echo "Making the benchmark's image"
	@lab/image/mkimage --out $@ \
		$(foreach name,$(BENCH_PROGRAMS),\
			--add $(LINE_BUILD)/selftests/bin/$(name):/bench/bin/$(name)) \
		--add $(BPF)/with_bpf:/bench/bin/with_bpf \
		--add /usr/bin/bpftrace:/bench/bin/bpftrace --add /usr/bin/perf:/bench/bin/perf \
		--add $(BPF):/bench/bpf \
		--add bench/bpf/count.bt:/bench/count.bt --add bench/bpf/time.bt:/bench/time.bt \
		--add $(BUILD)/modules/$(LAB_KVER)/kvm_exits.ko:/bench/modules/kvm_exits.ko \
		$(call BENCH_KVM,modules,counting) $(call BENCH_KVM,modules-off,off) \
		$(call BENCH_KVM,modules-unpatched,unpatched) $(call BENCH_KVM,modules-naive,naive)

# Hardened usercopy of an instruction that KVM's emulator skips, as it does for most
# exits in QEMU's SVM, takes one instruction more or less by chance: by whether the
# emulator's context is in the first page of its slab.
BENCH_amd = --icount --append hardened_usercopy=off --memory 3072
BENCH_intel = --memory 2048

# What was measured last, and what is recorded
BENCH_JSON = $(BUILD)/bench/$(LAB).json
BENCH_RECORDED = bench/results/$(LAB).json

.PHONY: bench bench-record
bench: $(LAB_IMAGES) $(LINE_BUILD)/lab/bench.cpio $(BENCH_REPORT)
	@$(LAB_RUN) --accel emulated $(BENCH_$(LAB)) --image $(LINE_BUILD)/lab/bench.cpio \
		--progress --time-limit 5400 --out $(LINE_BUILD)/lab/bench-$(LAB) -- bench/lab-task
	@$(BENCH_REPORT) json $(LINE_BUILD)/lab/bench-$(LAB)/results/measurements -o $(BENCH_JSON)
	@$(BENCH_REPORT) table $(BENCH_JSON)
	@$(BENCH_REPORT) compare $(BENCH_RECORDED) $(BENCH_JSON)

# What was measured last becomes what is recorded, and what docs/performance.md shows.
BENCH_RESULTS := $(foreach lab,intel amd,bench/results/$(lab).json)
bench-record: $(BENCH_REPORT)
	@mkdir -p bench/results
	@cp $(foreach name,intel amd primitives,$(BUILD)/bench/$(name).json) bench/results
	@$(BENCH_REPORT) plot $(BENCH_RESULTS) -o docs/performance.svg
	@$(BENCH_REPORT) markdown $(BENCH_RESULTS) --primitives bench/results/primitives.json \
		-o docs/performance.md

.PHONY: bench-report bench-primitives
bench-report: $(BENCH_REPORT)
$(BENCH_REPORT): $(BENCH_SOURCES) | $(PACKAGES)
	@echo "Building bench-report"
	$(call cmake_build,bench,$(BUILD)/bench,$(BENCH_CONFIGURE),--target bench-report)
$(BENCH_TESTS): $(BENCH_REPORT) $(TEST_PACKAGES)
	@echo "Building the tests of bench-report, and the benchmark of primitives"
	$(call cmake_build,bench,$(@D),--preset default -DBUILD_TESTING=ON)
$(BENCH_ASAN): $(BENCH_SOURCES) $(TEST_PACKAGES)
	@echo "Building the tests of bench-report with sanitizers"
	$(call cmake_build,bench,$(@D),--preset asan)

# The kernel's code on this machine's processor.  Others have their share of the machine,
# so each is measured now and then, and the median counts.  Whose machine it is belongs
# to no results.
bench-primitives: $(BENCH_TESTS)
	@$(BUILD)/bench/primitives/primitives --benchmark_min_time=0.05 \
		--benchmark_repetitions=11 --benchmark_enable_random_interleaving=true \
		--benchmark_report_aggregates_only=true \
		--benchmark_out=$(BUILD)/bench/.primitives --benchmark_out_format=json
	@sed '/"host_name":/d; /"executable":/d' $(BUILD)/bench/.primitives \
		>$(BUILD)/bench/primitives.json
	@rm $(BUILD)/bench/.primitives
