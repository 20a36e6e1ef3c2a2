#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# How `make apply` treats its user's tree.  Prints TAP.
set -eu

[ $# -eq 2 ] || { echo "Usage: patches/apply_test.sh PATCHED-TREE DIRECTORY" >&2; exit 2; }

apply=$(cd "$(dirname "$0")" && pwd)/apply
patched=$1
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
number=0 status=0

result() {
	number=$((number + 1))
	echo "$1 $number $2"
	[ "$1" = ok ] || status=1
}

# files COMMIT [OPTION]: an archive of what the series changes, as it is in COMMIT
files() {
	# shellcheck disable=SC2046 # one word a file
	git -C "$patched" archive "$1" Makefile \
		$(git -C "$patched" diff --name-only ${2:+"$2"} pristine applied)
}

# tree NAME: what the series needs of a pristine kernel
tree() {
	mkdir -p "$work/$1"
	files pristine --diff-filter=a | tar -x -C "$work/$1"
}

git_tree() {
	git -C "$work/git" -c user.name=test -c user.email=test@example.org "$@"
}

contents() {
	[ ! -d "$1" ] || (cd "$1" && find . -path ./.git -prune -o -type f -print0 | sort -z |
		xargs -0 sha1sum)
}

# refuses DESCRIPTION TREE MESSAGE: one line that says MESSAGE, nothing changed
refuses() {
	contents "$work/$2" >"$work/before"
	if "$apply" "$work/$2" >"$work/out" 2>&1; then
		result 'not ok' "$1: accepted"
	elif ! grep -q "$3" "$work/out" || [ "$(wc -l <"$work/out")" -ne 1 ]; then
		sed 's/^/# /' "$work/out"
		result 'not ok' "$1: the message"
	elif ! contents "$work/$2" | cmp -s "$work/before" -; then
		result 'not ok' "$1: changed the tree"
	else
		result ok "$1"
	fi
}

echo 1..12

tree plain
if "$apply" "$work/plain" >/dev/null &&
	! files applied | tar -d -C "$work/plain" 2>&1 | grep -E 'Contents|No such file'
then result ok 'plain files get the series'; else result 'not ok' 'plain files get the series'; fi
refuses 'plain files that have it' plain 'has the series already'

tree git
git_tree init -q
git_tree add -A
git_tree commit -q -m pristine
echo >>"$work/git/Makefile"
refuses 'a git tree with changes' git 'not committed'
git_tree checkout -q Makefile
if GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.org "$apply" "$work/git" >/dev/null &&
	[ "$(git_tree rev-list --count HEAD)" -gt 1 ]
then result ok 'a git tree gets commits'; else result 'not ok' 'a git tree gets commits'; fi
refuses 'a git tree that has it' git 'has the series already'

tree old
sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 4/' "$work/old/Makefile"
refuses 'another version' old 'is Linux 6.4; there are series for'

tree broken
echo >"$work/broken/virt/kvm/kvm_main.c"
refuses 'a tree that the series does not fit' broken 'does not apply'

# The outermost line around a hook, which patch would forgive with its fuzz of 2.
tree fuzzy
sed -i 's/^#include "capabilities.h"$/#include "capability.h"/' "$work/fuzzy/arch/x86/kvm/vmx/vmx.c"
line=$(awk '$1 == "VERSION" { v = $3 } $1 == "PATCHLEVEL" { print v "." $3; exit }' \
	"$work/fuzzy/Makefile")
cp -r "$work/fuzzy" "$work/forgiven"
if cat "$(dirname "$apply")/$line"/*.patch | patch -s -p1 -F3 -d "$work/forgiven" >"$work/out"
then result ok 'patch takes a tree that fits with fuzz'
else result 'not ok' 'patch takes a tree that fits with fuzz'; fi
refuses 'plain files that fit with fuzz' fuzzy 'does not apply'
rm -rf "$work/git"
mv "$work/fuzzy" "$work/git"
git_tree init -q
git_tree add -A
git_tree commit -q -m pristine
git_tree config user.name test
git_tree config user.email test@example.org
refuses 'a git tree that fits with fuzz' git 'does not apply'

mkdir "$work/empty"
refuses 'a directory that is no kernel' empty 'is no Linux source tree'
refuses 'no directory at all' missing 'is no Linux source tree'
rm -rf "$work"
exit $status
