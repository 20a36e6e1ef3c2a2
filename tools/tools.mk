# SPDX-License-Identifier: GPL-2.0-only
#
# The command kvm-exits, and its tests: as they are, and with sanitizers.

TOOLS := $(BUILD)/tools/kvm-exits
TOOLS_TESTS := $(BUILD)/tools/.tests
TOOLS_ASAN := $(BUILD)/tools-asan/.tests
# Programs that the tests give metrics to.
PROMETHEUS := $(BUILD)/prometheus/.unpacked
TOOLS_SOURCES := $(shell find tools -type f) $(COMMON)
# A build directory that has been configured keeps its tests.
TOOLS_CONFIGURE = --preset default \
	$(if $(wildcard $(BUILD)/tools/CMakeCache.txt),,-DBUILD_TESTING=OFF)

# build_tools DIRECTORY CONFIGURE-ARGUMENTS BUILD-ARGUMENTS
define build_tools
	@mkdir -p $(1)
	@cmake -S tools -B $(1) -DCMAKE_CXX_COMPILER_LAUNCHER=ccache $(2) >$(1)/build.log 2>&1 && \
		cmake --build $(1) $(3) >>$(1)/build.log 2>&1 || \
		{ tail -n 30 $(1)/build.log >&2; exit 1; }
	@touch $@
endef

.PHONY: tools install
tools: $(TOOLS)
$(TOOLS): $(TOOLS_SOURCES) | $(PACKAGES)
	@echo "Building the tools"
	$(call build_tools,$(@D),$(TOOLS_CONFIGURE),--target kvm-exits)
$(PROMETHEUS): tools/unpack-prometheus | $(TEST_PACKAGES)
	@tools/unpack-prometheus $(@D)
	@touch $@
$(TOOLS_TESTS): $(TOOLS) $(TEST_PACKAGES) $(PROMETHEUS)
	@echo "Building the tools' tests"
	$(call build_tools,$(@D),--preset default -DBUILD_TESTING=ON)
$(TOOLS_ASAN): $(TOOLS_SOURCES) $(TEST_PACKAGES) $(PROMETHEUS)
	@echo "Building the tools' tests with sanitizers"
	$(call build_tools,$(@D),--preset asan)
install: tools
	@cmake --install $(BUILD)/tools
