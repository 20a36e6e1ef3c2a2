#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# install_test.sh CMAKE BUILD PREFIX ZSH-COMPLETIONS MAN-PAGE...: installs what is built in
# BUILD below a directory, and compares the names of the files there.
set -eu
cmake=$1 build=$2 prefix=$3 zsh=$4
shift 4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESTDIR=$work/root "$cmake" --install "$build" >"$work/log"

{
	echo "./bin/kvm-exits"
	echo "./libexec/kvm-exits/reload"
	echo "./lib/systemd/system/kvm-exits-exporter.service"
	echo "./lib/systemd/system/kvm-exits-exporter.socket"
	echo "./share/kvm-exits/kvm-exits.dashboard.json"
	echo "./share/kvm-exits/kvm-exits.rules.yml"
	echo "./share/bash-completion/completions/kvm-exits"
	echo "./$zsh/_kvm-exits"
	for page; do
		echo "./share/man/man1/${page##*/}"
	done
} | sort >"$work/expected"
(cd "$work/root$prefix" && find . -type f | sort) >"$work/found"
diff -u "$work/expected" "$work/found"
# Nothing is beside it.
[ "$(find "$work/root" -type f | wc -l)" -eq "$(wc -l <"$work/found")" ]
"$work/root$prefix/bin/kvm-exits" --version
