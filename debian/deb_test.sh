#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The packages on a fresh Debian, made by debootstrap: installed by apt for a kernel with a
# slice, beside kernels without one, and purged.  Prints TAP.  Needs root.
set -u
# shellcheck disable=SC2034 # of lab/lib.sh
program=deb_test
lab=$(cd "$(dirname "$0")/../lab" && pwd)
# shellcheck source=lab/lib.sh
. "$lab/lib.sh"
# shellcheck source=lab/tap.sh
. "$lab/tap.sh"

[ $# -ge 3 ] || { echo "Usage: debian/deb_test.sh DEBS LIST DIRECTORY" >&2; exit 2; }
debs=$(readlink -f "$1") list=$(readlink -f "$2") directory=$(readlink -m "$3")
root=$directory/root
# shellcheck source=lab/fresh.sh
. "$lab/fresh.sh"
# shellcheck disable=SC2034 # of inside()
inside_environment='LC_ALL=C.UTF-8 INITRD=No'
in_namespace "$0" "$@"

# A package of the headers of RELEASE, which say that they are of VERSION; as Debian's,
# it has dkms look at them.
headers_package()
{
	package=$root/debs/linux-headers-$1
	mkdir -p "$package/DEBIAN" "$package/usr/src" "$package/usr/lib/modules/$1"
	cp -r "$root/usr/src/linux-headers-$kernel" "$package/usr/src/linux-headers-$1"
	rm "$package/usr/src/linux-headers-$1/vmlinux"
	sed -i "s/Debian .*\"/Debian $2\"/" \
		"$package/usr/src/linux-headers-$1/include/generated/package.h"
	ln -s "/usr/src/linux-headers-$1" "$package/usr/lib/modules/$1/build"
	: >"$package/usr/lib/modules/$1/modules.dep"
	printf '%s\n' "Package: linux-headers-$1" 'Version: 1' 'Architecture: amd64' \
		'Maintainer: nobody <no@body>' 'Description: none' >"$package/DEBIAN/control"
	printf '%s\n' '#!/bin/sh' \
		'[ -d /etc/kernel/header_postinst.d ] || exit 0' \
		"exec run-parts --exit-on-error --arg=$1 /etc/kernel/header_postinst.d" \
		>"$package/DEBIAN/postinst"
	chmod 755 "$package/DEBIAN/postinst"
	dpkg-deb -b --root-owner-group -Zgzip "$package" "$package.deb" >/dev/null
	rm -rf "$package"
}

# What a kernel's package has in /lib/modules, and how it is.
sums()
{
	(cd "$root/usr/lib/modules/$kernel" && find kernel -type f | sort | xargs sha256sum)
}

# shellcheck disable=SC2034 # by what is checked
apt='apt-get -q -y -o Dpkg::Use-Pty=0'
kernel=$(grep -- '[^d]-amd64 ' "$list" | tail -n 1 | cut -d ' ' -f 1)
version=$(sed -n "s/^$kernel //p" "$list")
# One more that the package has, and two that it does not.
other=$(grep -v "^$kernel " "$list" | grep -- '-amd64 ' | head -n 1 | cut -d ' ' -f 1)
without=6.99.1+deb99-amd64
new=6.99.2+deb99-amd64

# Its packages are kept for the next time.
make_debian()
{
	bootstrap || return
	mkdir -p "$root/debs" "$directory/archives/partial"
	mount --bind "$directory/archives" "$root/var/cache/apt/archives" || return
	cp "$debs"/*.deb "$root/debs"
}
make_debian >"$directory/bootstrap.log" 2>&1 || {
	tail -n 10 "$directory/bootstrap.log" >&2
	die "making a Debian in $root failed"
}
echo 1..18
check "Debian has $kernel" 'inside "apt-get -q update
	$apt --no-install-recommends install linux-image-$kernel linux-headers-$kernel kmod"'
sums >"$directory/before"
check 'its files are as dpkg knows them' 'inside "dpkg -V linux-image-$kernel"'
headers_package "$without" 6.99.1-1
check 'and the headers of a kernel without a slice' \
	'inside "$apt install /debs/linux-headers-$without.deb"'
check 'apt installs both packages' 'inside "$apt --no-install-recommends install \
	/debs/kvm-exits_*.deb /debs/kvm-exits-dkms_*.deb" >"$directory/install.log" 2>&1 ||
	{ cat "$directory/install.log"; false; }'
check 'and says so of the kernel' \
	'grep -F "$kernel has the patched KVM" "$directory/install.log"'
check 'and of the one without' 'grep -F "$directory/install.log" -e \
	"$without keeps its own KVM: this package has no patched one for it"'
check 'and says what is next' \
	'grep "^kvm-exits-dkms: next: " "$directory/install.log"'
check 'modprobe finds the patched modules' 'for module in kvm kvm-intel kvm-amd kvm_exits; do
	inside "modinfo -k $kernel -n $module" | grep -F /updates/dkms/ || exit; done'
check 'KVM counts' 'inside "modinfo -k $kernel -p kvm" | grep exit_counters_cpuid'
check 'each is of this kernel, and signed' 'for module in kvm kvm-intel kvm-amd kvm_exits; do
	inside "modinfo -k $kernel -F vermagic $module" | grep -F "$kernel " &&
	inside "modinfo -k $kernel -F signer $module" | grep . || exit; done'
check 'kvm_exits comes with KVM' \
	'inside "modprobe -S $kernel --show-depends kvm_amd" | grep kvm_exits'
check 'the command is there, with its pages' 'inside "kvm-exits --version &&
	kvm-exits reload --help && test -e /usr/share/man/man1/kvm-exits-reload.1.gz"'

headers_package "$new" 6.99.2-1
check 'apt installs the headers of a new kernel without a slice' \
	'inside "$apt install /debs/linux-headers-$new.deb"'
check 'which has no patched KVM' \
	'for release in "$without" "$new"; do
		! inside "dkms status -k $release" | grep installed || exit; done'
headers_package "$other" "$version"
check 'apt installs the headers of a kernel of another version than its slice' \
	'inside "$apt install /debs/linux-headers-$other.deb"'
check 'which has no patched KVM either' '! inside "dkms status -k $other" | grep installed'

check 'purges' 'inside "$apt purge kvm-exits kvm-exits-dkms"'
check 'the kernel is as it was' 'sums | cmp - "$directory/before" &&
	inside "dpkg -V linux-image-$kernel" && [ ! -e "$root/var/lib/dkms/kvm-exits" ] &&
	[ -z "$(ls -d "$root"/usr/src/kvm-exits* 2>/dev/null)" ] &&
	[ ! -e "$root/usr/lib/modules/$kernel/updates" ]'
[ $failed -eq 0 ]
