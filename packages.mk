# SPDX-License-Identifier: GPL-2.0-only
#
# Each room lists the Debian packages that it needs in its file "packages", those that
# only its tests need in "packages.test", those of `make bench` in "packages.bench", those of
# GUEST=debian in "packages.debian", of `make deb` in "packages.deb", and those of tests that
# install a whole Debian in "packages.system".

PACKAGES := $(BUILD)/.packages
TEST_PACKAGES := $(BUILD)/.packages.test
BENCH_PACKAGES := $(BUILD)/.packages.bench
DEBIAN_PACKAGES := $(BUILD)/.packages.debian
DEB_PACKAGES := $(BUILD)/.packages.deb
SYSTEM_PACKAGES := $(BUILD)/.packages.system

.PHONY: packages
packages: $(PACKAGES) $(TEST_PACKAGES) $(BENCH_PACKAGES) $(DEBIAN_PACKAGES) $(DEB_PACKAGES) \
		$(SYSTEM_PACKAGES)
$(PACKAGES): $(wildcard */packages)
$(TEST_PACKAGES): $(wildcard */packages.test .ci/packages.test)
$(BENCH_PACKAGES): $(wildcard */packages.bench)
$(DEBIAN_PACKAGES): $(wildcard */packages.debian)
$(DEB_PACKAGES): $(wildcard */packages.deb)
$(SYSTEM_PACKAGES): $(wildcard */packages.system)
$(PACKAGES) $(TEST_PACKAGES) $(BENCH_PACKAGES) $(DEBIAN_PACKAGES) $(DEB_PACKAGES) \
		$(SYSTEM_PACKAGES):
	@mkdir -p $(@D)
	@missing=$$(sort -u $^ | while read -r package; do \
		dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | \
			grep -q '^install ok installed' || printf '%s ' "$$package"; done); \
	if [ -n "$$missing" ]; then \
		[ "$$(id -u)" -eq 0 ] || { \
			echo "These Debian packages are missing: $$missing" >&2; \
			echo "Run 'make packages' as root first." >&2; exit 1; }; \
		echo "Installing: $$missing"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
			apt-get -qq -y --no-install-recommends install $$missing >$@.log 2>&1 || \
			{ tail -n 5 $@.log >&2; exit 1; }; \
	fi
	@touch $@
