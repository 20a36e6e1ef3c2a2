# SPDX-License-Identifier: GPL-2.0-only
#
# `make matrix`: every line of kernels that there is a series for, in both labs, in all ways
# to deploy it.  Lines that this Debian does not have, but the other one does, are run in
# that, made by debootstrap.

MATRIX := $(BUILD)/matrix

# A cell is LINE.VENDOR.WAY; of its suites, answers is what a guest is told and what host
# files say, exact compares with the tracepoint and balances the ledger.
# matrix_WAY LINE,VENDOR
matrix_modules = \
	"$(1).$(2).modules.answers=$(MAKE) -s KLINE=$(1) guest-test LAB=$(2)" \
	"$(1).$(2).modules.exact=$(MAKE) -s KLINE=$(1) kselftest LAB=$(2) TESTS='$(EXACT_TESTS)'" \
	"$(1).$(2).modules.reload=$(MAKE) -s KLINE=$(1) reload-test LAB=$(2)"
matrix_bpf = \
	"$(1).$(2).bpf.answers=$(MAKE) -s KLINE=$(1) host-test LAB=$(2) KERNEL=unpatched" \
	"$(1).$(2).bpf.exact=$(MAKE) -s KLINE=$(1) bpf-test LAB=$(2) KERNEL=unpatched"
matrix_kernel = \
	"$(1).$(2).kernel.answers=$(MAKE) -s KLINE=$(1) guest-test LAB=$(2) KERNEL=patched" \
	"$(1).$(2).kernel.exact=$(MAKE) -s KLINE=$(1) kselftest LAB=$(2) KERNEL=patched \
		TESTS='$(EXACT_TESTS)'"
# Of 6.1 nobody builds a kernel of his own any more.
MATRIX_WAYS = modules bpf $(if $(filter 6.1,$(KLINE)),,kernel)

.PHONY: matrix matrix-line matrix-images
matrix: $(SYSTEM_PACKAGES)
	@rm -rf $(MATRIX)
	@mkdir -p $(MATRIX)
	@status=0; for line in $(KLINES); do \
		lab/matrix run $$line $(MATRIX) || status=1; done; \
	lab/matrix table $(MATRIX) || status=1; exit $$status

matrix-images: $(LAB_IMAGES) $(foreach image,selftests installed bpf-test,\
		$(LINE_BUILD)/lab/$(image).cpio)
	@$(MAKE) KERNEL=unpatched $(LINE_BUILD)/lab/kvm-unpatched.cpio
	@$(if $(filter kernel,$(MATRIX_WAYS)),\
		$(MAKE) KERNEL=patched $(LINE_BUILD)/kernel/patched/.built \
			$(LINE_BUILD)/lab/kvm-patched.cpio)
# VENDORS and MATRIX_WAYS can be less.
VENDORS := intel amd
matrix-line: matrix-images
	@.ci/suites -j $$(nproc) $(MATRIX) "$(KLINE).series=$(MAKE) -s check" \
		$(foreach vendor,$(VENDORS),$(foreach way,$(MATRIX_WAYS),\
			$(call matrix_$(way),$(KLINE),$(vendor))))
