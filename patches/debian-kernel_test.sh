#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What patches/debian-kernel gets of two small archives, made as Debian 12's and 13's
# are.  Prints TAP.
set -eu
export LC_ALL=C

[ $# -eq 1 ] || { echo "Usage: patches/debian-kernel_test.sh DIRECTORY" >&2; exit 2; }

debian_kernel=$(cd "$(dirname "$0")" && pwd)/debian-kernel
rm -rf "$1"
mkdir -p "$1"
work=$(cd "$1" && pwd)
number=0 status=0

result() {
	number=$((number + 1))
	echo "$1 $number $2"
	[ "$1" = ok ] || status=1
}

# is DESCRIPTION HAVE WANT
is() {
	if [ "$2" = "$3" ]; then
		result ok "$1"
	else
		result 'not ok' "$1"
		printf 'have: %s\nwant: %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

# refuses MESSAGE WHAT RELEASE: one line that has MESSAGE, nothing left behind
refuses() {
	before=$(ls -A "$work")
	if message=$("$debian_kernel" "$2" "$3" "$work/new" 2>&1); then
		result 'not ok' "$2 of $3: accepted"
	elif ! echo "$message" | grep -qF -e "$1" || [ "$(echo "$message" | wc -l)" -ne 1 ]; then
		is "$2 of $3: refused" "$message" "$1"
	else
		is "$2 of $3: refused" "$(ls -A "$work")" "$before"
	fi
}

# file PATH: of the next package, with what comes in
file() {
	mkdir -p "$work/package/$(dirname "$1")"
	cat >"$work/package/$1"
}

# package ARCHIVE NAME VERSION [DEPENDS]: of the files so far
package() {
	printf '%s\n' "Package: $2" "Version: $3" ${4:+"Depends: $4"} 'Architecture: all' \
		'Maintainer: nobody <no@body>' 'Description: none' | file DEBIAN/control
	mkdir -p "$work/$1"
	dpkg-deb -b --root-owner-group -Znone "$work/package" "$work/$1/$2_$3.deb" >/dev/null
	rm -rf "$work/package"
}

# source_package ARCHIVE LINE VERSION
source_package() {
	mkdir -p "$work/linux-source-$2"
	echo "$3" >"$work/linux-source-$2/of"
	echo >"$work/linux-source-$2/not-wanted"
	tar -C "$work" -cJf "$work/source.tar.xz" "linux-source-$2"
	file "usr/src/linux-source-$2.tar.xz" <"$work/source.tar.xz"
	rm -rf "$work/linux-source-$2" "$work/source.tar.xz"
	package "$1" "linux-source-$2" "$3"
}

# headers_package ARCHIVE RELEASE VERSION COMMON KBUILD
headers_package() {
	echo "include /usr/src/linux-headers-$4/Makefile" | file "usr/src/linux-headers-$2/Makefile"
	image="linux-image-$2 (= $3) | linux-image-$2-unsigned (= $3)"
	package "$1" "linux-headers-$2" "$3" \
		"linux-base, linux-headers-$4 (= $3), $image, linux-kbuild-$5 (>= $3), gcc-12"
}

# common_packages ARCHIVE VERSION COMMON KBUILD
common_packages() {
	echo "of $3" | file "usr/src/linux-headers-$3/Makefile"
	package "$1" "linux-headers-$3" "$2"
	[ -e "$work/$1/linux-kbuild-$4_$2.deb" ] || {
		echo | file "usr/lib/linux-kbuild-$4/scripts/fixdep"
		package "$1" "linux-kbuild-$4" "$2"
	}
}

# image_package ARCHIVE RELEASE VERSION MODULES
image_package() {
	echo | file "$4/$2/kernel/arch/x86/kvm/kvm.ko"
	package "$1" "linux-image-$2" "$3"
}

# use ARCHIVE: as the only one that apt knows
use() {
	mkdir -p "$work/apt/etc/apt/apt.conf.d" "$work/apt/etc/apt/preferences.d" \
		"$work/apt/state/lists/partial" "$work/apt/cache/archives/partial"
	: >"$work/apt/state/status"
	echo "deb [trusted=yes] file:$work/$1 ./" >"$work/apt/etc/apt/sources.list"
	(cd "$work/$1" && dpkg-scanpackages -m . 2>/dev/null >Packages)
	apt-get -qq update
}

cat >"$work/apt.conf" <<CONF
Dir "$work/apt";
Dir::State "state";
Dir::State::status "$work/apt/state/status";
Dir::Cache "cache";
APT::Sandbox::User "root";
CONF
export APT_CONFIG="$work/apt.conf"

echo 1..25

new=6.12.117-1~deb12u1
source_package 12 6.12 $new
source_package 12 6.12 6.12.115-2~deb12u1
source_package 12 6.1 6.1.192-2
for flavour in amd64 cloud-amd64 rt-amd64; do
	common=common$([ $flavour != rt-amd64 ] || echo -rt)
	headers_package 12 6.12.117+deb12-$flavour $new "6.12.117+deb12-$common" 6.12.117+deb12
	image_package 12 6.12.117+deb12-$flavour $new lib/modules
done
common_packages 12 $new 6.12.117+deb12-common 6.12.117+deb12
common_packages 12 $new 6.12.117+deb12-common-rt 6.12.117+deb12
headers_package 12 6.1.0-56-amd64 6.1.192-2 6.1.0-56-common 6.1
common_packages 12 6.1.192-2 6.1.0-56-common 6.1
use 12

is 'newest on Debian 12' "$("$debian_kernel" newest 6.12)" 6.12.117+deb12-amd64
is 'all on Debian 12' "$("$debian_kernel" list 6.12)" "6.12.117+deb12-rt-amd64 $new
6.12.117+deb12-cloud-amd64 $new
6.12.117+deb12-amd64 $new"

# headers RELEASE COMMON KBUILD
headers() {
	"$debian_kernel" headers "$1" "$work/headers"
	is "headers of $1" \
		"$(cd "$work/headers" && cat build/Makefile && ls usr/src && ls usr/lib)" \
		"include $work/headers/usr/src/linux-headers-$2/Makefile
$(printf '%s\n' "linux-headers-$1" "linux-headers-$2" | sort)
linux-kbuild-$3"
	rm -rf "$work/headers"
}
headers 6.12.117+deb12-amd64 6.12.117+deb12-common 6.12.117+deb12
headers 6.12.117+deb12-cloud-amd64 6.12.117+deb12-common 6.12.117+deb12
headers 6.12.117+deb12-rt-amd64 6.12.117+deb12-common-rt 6.12.117+deb12
headers 6.1.0-56-amd64 6.1.0-56-common 6.1

"$debian_kernel" image 6.12.117+deb12-amd64 "$work/image"
is 'modules of an image of Debian 12' "$(ls "$work/image/lib/modules")" 6.12.117+deb12-amd64
rm -rf "$work/image"

"$debian_kernel" source 6.12.117+deb12-rt-amd64 "$work/source"
is 'source of a flavour' "$(cat "$work/source/of")" $new
rm -rf "$work/source"
"$debian_kernel" source 6.12.117+deb12-amd64 "$work/source" of
is 'source: of what is wanted alone' "$(ls "$work/source")" of
rm -rf "$work/source"
mkdir "$work/new"
refuses "$work/new exists" source 6.12.117+deb12-rt-amd64
rmdir "$work/new"

refuses "'nonsense' is no release" source nonsense
refuses "'6.12.117 amd64' is no release" headers '6.12.117 amd64'
refuses "'../6.12.117' is no release" image ../6.12.117
instead='install linux-image-6.12.117+deb12-amd64 and boot it, or give KVER=6.12.117+deb12-amd64'
refuses "no series for Linux 5.10, only for " source 5.10.0-30-amd64
refuses "$instead" source 5.10.0-30-amd64
refuses "$instead" source 6.12.90+deb12-amd64
refuses "$instead" source 6.12.117+deb12-unknown-amd64
refuses "$instead" headers 6.12.117
refuses 'KVER=6.12.117+deb12-rt-amd64' image 6.12.90+deb12-rt-amd64

# Debian 13: an ABI with two names of the same version, and a kernel whose image has
# yet to be signed.
source_package 13 6.12 6.12.118-1
headers_package 13 6.12.118+deb13-amd64 6.12.118-1 6.12.118+deb13-common 6.12.118+deb13
for revision in 1:deb13 2:deb13.1; do
	version=6.12.115-${revision%:*} abi=6.12.115+${revision#*:}
	source_package 13 6.12 "$version"
	headers_package 13 "$abi-amd64" "$version" "$abi-common" "$abi"
	image_package 13 "$abi-amd64" "$version" usr/lib/modules
done
use 13

is 'newest on Debian 13' "$("$debian_kernel" newest 6.12)" 6.12.115+deb13.1-amd64
is 'all on Debian 13' "$("$debian_kernel" list 6.12)" '6.12.115+deb13.1-amd64 6.12.115-2
6.12.115+deb13-amd64 6.12.115-1'
for revision in 1:deb13 2:deb13.1; do
	"$debian_kernel" source "6.12.115+${revision#*:}-amd64" "$work/source"
	is "source of ${revision#*:}" "$(cat "$work/source/of")" "6.12.115-${revision%:*}"
	rm -rf "$work/source"
done
"$debian_kernel" image 6.12.115+deb13.1-amd64 "$work/image"
is 'modules of an image of Debian 13' "$(ls "$work/image/lib/modules")" 6.12.115+deb13.1-amd64
rm -rf "$work/image"

is 'newest of a line that is not offered' "$("$debian_kernel" newest 6.99 2>&1)" \
	"debian-kernel: Debian offers no Linux 6.99 here: add the archive that has it to apt's \
sources (bookworm has 6.1, bookworm-security and trixie 6.12, trixie-backports 7.3)"
rm -rf "$work"
exit $status
