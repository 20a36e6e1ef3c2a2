# shellcheck shell=sh disable=SC2154 # $program is set by who sources this
# SPDX-License-Identifier: GPL-2.0-only
# What the scripts of the lab share. Sourced with $program and $lab set.

die()
{
	echo "$program: $*" >&2
	exit 2
}

# need PROGRAM PACKAGE
need()
{
	command -v "$1" >/dev/null ||
		die "$1 is missing; install it with: apt-get install $2"
}

# need_file FILE PACKAGE
need_file()
{
	[ -e "$1" ] || die "$1 is missing; install it with: apt-get install $2"
}

# readable OPTION FILE
readable()
{
	[ -f "$2" ] || die "$1: there is no file '$2'"
	[ -r "$2" ] || die "$1: cannot read file '$2'"
}

# words FILE: what it says, without comments, in one line
words()
{
	grep -v '^#' "$1" | xargs
}

# One word of sh that stands for the argument, whatever it contains.
quote()
{
	printf "'%s' " "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

quote_all()
{
	for word; do quote "$word"; done
}

# archive LABEL: where this machine has what Debian calls so from
archive()
{
	apt-get indextargets --format '$(LABEL)|$(SITE)' 2>/dev/null |
		sed -n "s/^$1|//p" | head -n 1
}

# Sets $suite, if it is not set: the release of this machine. Sets $mirror and $security,
# where Debian comes from.
find_debian()
{
	# shellcheck disable=SC1091 # of the machine
	: "${suite:=$(. /etc/os-release && echo "$VERSION_CODENAME")}"
	mirror=${MIRROR:-$(archive Debian)}
	security=${SECURITY_MIRROR:-$(archive Debian-Security)}
	[ -n "$mirror" ] && [ -n "$security" ] || die "this machine's apt has no Debian with" \
		"security updates: set MIRROR, SECURITY_MIRROR"
}

# The lines of sources.list for what find_debian() has found
debian_sources()
{
	printf 'deb %s main\n' "$mirror $suite" "$mirror $suite-updates" \
		"$security $suite-security"
}
