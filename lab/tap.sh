# shellcheck shell=sh disable=SC2154 # of who sources this
# SPDX-License-Identifier: GPL-2.0-only
# TAP of tests that run commands.  Sourced with $directory set.

number=0 failed=0

# check DESCRIPTION COMMAND: what it prints is shown if it fails.
check()
{
	number=$((number + 1))
	if (eval "$2") >"$directory/output" 2>&1; then
		echo "ok $number $1"
	else
		echo "not ok $number $1"
		tail -n 30 "$directory/output" | sed 's/^/# /'
		failed=$((failed + 1))
	fi
}
