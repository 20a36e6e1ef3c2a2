# SPDX-License-Identifier: GPL-2.0-only
#
# The command kvm-exits, static for guests and dynamic for this host, and its tests: as
# they are, and with sanitizers.

TOOLS := $(BUILD)/tools/kvm-exits
TOOLS_HOST := $(BUILD)/tools-host/kvm-exits
TOOLS_TESTS := $(BUILD)/tools/.tests
TOOLS_ASAN := $(BUILD)/tools-asan/.tests
FUZZERS := $(BUILD)/fuzz/.fuzzers
# Programs that the tests give metrics to.
PROMETHEUS := $(BUILD)/prometheus/.unpacked
PROMETHEUS_PROGRAM := $(BUILD)/prometheus/usr/bin/prometheus
TOOLS_SOURCES := $(shell find tools -type f) $(COMMON) module/reload debian/changelog
# A build directory that has been configured keeps its tests.
TOOLS_CONFIGURE = --preset default \
	$(if $(wildcard $(BUILD)/tools/CMakeCache.txt),,-DBUILD_TESTING=OFF)

# cmake_build ROOM DIRECTORY CONFIGURE-ARGUMENTS BUILD-ARGUMENTS
define cmake_build
	@mkdir -p $(2)
	@cmake -S $(1) -B $(2) -DCMAKE_CXX_COMPILER_LAUNCHER=ccache $(3) >$(2)/build.log 2>&1 && \
		cmake --build $(2) $(4) >>$(2)/build.log 2>&1 || \
		{ tail -n 30 $(2)/build.log >&2; exit 1; }
	@touch $@
endef

# And what looks at their page.
AXE := $(BUILD)/axe/.fetched

# How long each fuzzer runs.
FUZZ_SECONDS ?= 60

.PHONY: tools install fuzz bench-tools bench-fleet
tools: $(TOOLS)
$(TOOLS): $(TOOLS_SOURCES) | $(PACKAGES)
	@echo "Building the tools"
	$(call cmake_build,tools,$(@D),$(TOOLS_CONFIGURE),--target kvm-exits)
$(PROMETHEUS): tools/unpack-prometheus | $(TEST_PACKAGES)
	@tools/unpack-prometheus $(@D)
	@touch $@
$(AXE): tools/fetch-axe | $(TEST_PACKAGES)
	@tools/fetch-axe $(@D)
	@[ ! -e $(@D)/axe.min.js ] || touch $@
$(TOOLS_TESTS): $(TOOLS) $(TEST_PACKAGES) $(PROMETHEUS) $(AXE)
	@echo "Building the tools' tests"
	$(call cmake_build,tools,$(@D),--preset default -DBUILD_TESTING=ON)
$(TOOLS_ASAN): $(TOOLS_SOURCES) $(TEST_PACKAGES) $(PROMETHEUS) $(AXE)
	@echo "Building the tools' tests with sanitizers"
	$(call cmake_build,tools,$(@D),--preset asan)
$(FUZZERS): $(TOOLS_SOURCES) $(TEST_PACKAGES)
	@echo "Building the fuzzers"
	$(call cmake_build,tools,$(@D),--preset fuzz,--target fuzzers)
# An input that ends one stays in build/fuzz/found.
fuzz: $(FUZZERS)
	@tools/fuzz-tap $(<D) $(FUZZ_SECONDS)
# What `list` and `top` cost on a host of many VMs, which is made up.
bench-tools: $(TOOLS) | $(TEST_PACKAGES)
	@/usr/bin/python3 -B tools/src/command/host_bench.py $(TOOLS)
# What one Prometheus takes for FLEET, hosts and the VMs of each.
FLEET ?= 500 40
bench-fleet: $(TOOLS) $(PROMETHEUS)
	@/usr/bin/python3 -B tools/src/command/fleet_bench.py $(TOOLS) $(PROMETHEUS_PROGRAM) \
		$(CURDIR)/tools/prometheus/kvm-exits.rules.yml \
		tools/prometheus/kvm-exits.dashboard.json $(FLEET)
$(TOOLS_HOST): $(TOOLS_SOURCES) | $(PACKAGES)
	@echo "Building the tools for this host"
	$(call cmake_build,tools,$(@D),--preset host,--target kvm-exits)
# Below DESTDIR, if that is set.
install: $(TOOLS_HOST)
	@cmake --install $(<D)
