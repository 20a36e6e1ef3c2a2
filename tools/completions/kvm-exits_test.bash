#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Completes command lines as readline does and compares what is offered.

# shellcheck source=kvm-exits.bash
source "$(dirname "${BASH_SOURCE[0]}")/kvm-exits.bash"
failures=0

# The program, as far as completion asks it.
kvm-exits() {
    local name=web-0
    [[ $1 == --root ]] && name=$2
    case $* in
    *'list --source module --csv')
        echo 'time,seconds,source,vm,name,pid,vmm'
        echo "t,,module,1000-11,$name,1000,qemu"
        echo 't,,module,1001-11,"a, b",1001,qemu'
        # shellcheck disable=SC2016  # nobody may expand this
        echo 't,,module,1002-11,$(touch expanded),1002,qemu'
        ;;
    *explain)
        echo 'VMX exit reasons'
        echo 'REASON NAME    WHAT IT IS'
        echo '    12 HLT     the guest sleeps'
        echo '  0x7c MSR     12 bits'
        echo '    -1 INVALID it cannot run'
        ;;
    esac
}

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

vms='web-0 1000-11 1001-11 1002-11'

verbs='detail diff doctor explain exporter guest list record reload report stat top'
expect "$verbs --help --root --version" kvm-exits ''
expect 'guest' kvm-exits g
expect '--json' kvm-exits guest --j
expect '--help --json --version' kvm-exits doctor ''
expect '--help --version' kvm-exits reload ''
expect '--filter --format' kvm-exits guest --f
expect '--zeros' kvm-exits guest --sort name --z
expect 'exits time reason name' kvm-exits guest -s ''
expect 'exits time name pid' kvm-exits list -s ''
expect 'json' kvm-exits guest --format j
expect 'table json csv openmetrics prometheus' kvm-exits guest --format =
expect 'csv' kvm-exits guest --format = c
expect 'table json csv' kvm-exits stat --format ''
expect '' kvm-exits guest --limit ''
expect "$0" kvm-exits guest -o "$0"
expect '' kvm-exits gest ''

# VMs and reasons, and which of them can be meant.
expect "$vms" kvm-exits stat -g ''
expect 'web-0' kvm-exits top w
expect '' kvm-exits stat web-0 w
expect 'web-0' kvm-exits stat --sort exits w
expect 'web-0' kvm-exits stat --sort = exits w
expect '--time' kvm-exits stat --t
expect 'HLT MSR INVALID' kvm-exits guest --reason ''
expect 'HLT' kvm-exits detail H
expect 'all' kvm-exits detail al
expect 'web-0' kvm-exits detail HLT w
expect '' kvm-exits detail HLT H
expect 'MSR' kvm-exits explain M
expect 'web-0' kvm-exits explain w
expect 'vmx svm' kvm-exits explain --isa ''
expect 'rip' kvm-exits detail HLT --by r

# Of another host.
expect 'elsewhere' kvm-exits --root elsewhere stat e
expect 'stat' kvm-exits --root elsewhere s
expect 'elsewhere' kvm-exits --root = elsewhere top -p 1 -g e

# What is to be measured.
expect 'kvm-exits' kvm-exits stat -- kvm-exit
expect "$0" kvm-exits guest -i 1 -- cat "$0"

exit $((failures > 0))
