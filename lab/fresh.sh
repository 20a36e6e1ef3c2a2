# shellcheck shell=sh disable=SC2154 # of who sources this
# SPDX-License-Identifier: GPL-2.0-only
# A fresh Debian in a directory, by debootstrap.  Sourced after lib.sh, with $directory and
# $root set, and $suite if it is not that of this machine.

find_debian

# in_namespace SCRIPT ARGUMENT...: goes on in that of a SCRIPT that is called again.  The
# mounts are those of a namespace, which ends with its first process, however that ends.
# What has failed can be looked at.
in_namespace()
{
	[ "${IN_NAMESPACE-}" != yes ] || return 0
	[ "$(id -u)" -eq 0 ] || die "run as root, to make file systems of Debian"
	need debootstrap debootstrap
	mkdir -p "$directory"
	trap 'kill -KILL $namespace; exit 130' INT TERM HUP
	IN_NAMESPACE=yes unshare --mount --pid --kill-child "$@" &
	namespace=$!
	wait "$namespace" || exit
	rm -rf "$root"
	exit
}

# bootstrap: also what it was made of, for the next time
bootstrap()
{
	packed=$directory/$suite.tar
	rm -rf "$root"
	{
		[ -e "$packed" ] ||
			debootstrap --variant=minbase --make-tarball="$packed" "$suite" "$root" \
				"$mirror" || { rm -f "$packed"; false; }
	} && rm -rf "$root" &&
		debootstrap --variant=minbase --unpack-tarball="$packed" "$suite" "$root" \
			"$mirror" || return
	debian_sources >"$root/etc/apt/sources.list"
	# How this machine's apt reaches an archive
	apt-config dump | grep -E '^Acquire::(https?|Check|Retries)' \
		>"$root/etc/apt/apt.conf.d/99machine" || :
	mount -t proc proc "$root/proc" &&
		mount -t sysfs -o ro sysfs "$root/sys" &&
		mount --rbind /dev "$root/dev"
}

# inside COMMAND
inside()
{
	# shellcheck disable=SC2086 # words
	chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin ${TERM:+TERM="$TERM"} \
		DEBIAN_FRONTEND=noninteractive ${inside_environment-} \
		${http_proxy:+http_proxy="$http_proxy"} sh -ec "$1"
}

eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
