# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian packages kvm-exits and kvm-exits-dkms.

DEB := $(BUILD)/deb
SLICES := $(BUILD)/slices
# What the packages are made of, beside slices/
DEB_SOURCES := Kconfig.fragment debian module patches/common tools

.PHONY: slices deb deb-built deb-test
# Always, as apt may offer a new kernel.
slices: | $(PACKAGES)
	@module/slices $(BUILD)/slices-cache $(SLICES)
deb: slices | $(DEB_PACKAGES)
	@$(MAKE) deb-built
	@echo 'KVM is patched for the kernels'
	@sed 's/\(.*\) \(.*\)/  \1, of \2/' $(SLICES)/list
	@ls $(DEB)/*.deb

# Again make, which sees what slices/ has now.
deb-built: $(DEB)/.built

# In a copy, so that nothing is left in this work tree; of a version that rises with each
# new kernel.
$(DEB)/.built: $(TOOLS_SOURCES) $(wildcard debian/* debian/*/*) $(MODULE_SOURCES) \
		module/dkms-build module/modprobe.conf module/reload \
		$(wildcard $(SLICES)/list $(SLICES)/*.tar.xz)
	@echo 'Building the packages'
	@rm -rf $(DEB)
	@mkdir -p $(DEB)/source/slices
	@tar -c $(DEB_SOURCES) | tar -x -C $(DEB)/source
	@cp $(SLICES)/list $(SLICES)/*.tar.xz $(DEB)/source/slices
	@sed -i "1s/)/+$$(cat $(SLICES)/date))/" $(DEB)/source/debian/changelog
	@mkdir -p $(DEB)/source/build/linux/names
	@tar -xzf $(SLICES)/names.tar.gz -C $(DEB)/source/build/linux/names
	@cd $(DEB)/source && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS \
		PATH="/usr/lib/ccache:$$PATH" CCACHE_DIR="$${CCACHE_DIR:-$$HOME/.cache/ccache}" \
		DEB_BUILD_OPTIONS=noautodbgsym \
		dpkg-buildpackage -b -uc -ui >../build.log 2>&1 || \
		{ tail -n 30 ../build.log >&2; exit 1; }
	@rm -rf $(DEB)/source
	@touch $@

# On a fresh Debian of this machine's release
deb-test: deb | $(SYSTEM_PACKAGES)
	@debian/deb_test.sh $(DEB) $(SLICES)/list $(BUILD)/deb-test
