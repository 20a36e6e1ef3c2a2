#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Completes command lines as readline does and compares what is offered.

# shellcheck source=kvm-exits.bash
source "$(dirname "${BASH_SOURCE[0]}")/kvm-exits.bash"
failures=0

# expect <offered words> <word of the command line>...; the last one is under
# the cursor.
expect() {
    local offered=$1
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _kvm_exits
    if [[ ${COMPREPLY[*]} != "$offered" ]]; then
        echo "'$*': offered '${COMPREPLY[*]}', expected '$offered'" >&2
        failures=$((failures + 1))
    fi
}

expect 'guest --help --version' kvm-exits ''
expect 'guest' kvm-exits g
expect '--json' kvm-exits guest --j
expect '--filter --format' kvm-exits guest --f
expect '--zeros' kvm-exits guest --sort name --z
expect 'exits time reason name' kvm-exits guest -s ''
expect 'json' kvm-exits guest --format j
expect 'table json csv openmetrics prometheus' kvm-exits guest --format =
expect 'csv' kvm-exits guest --format = c
expect '' kvm-exits guest --limit ''
expect "$0" kvm-exits guest -o "$0"
expect '' kvm-exits gest ''

exit $((failures > 0))
