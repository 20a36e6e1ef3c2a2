#!/usr/bin/env zsh
# SPDX-License-Identifier: GPL-2.0-only
#
# Completes command lines in an interactive zsh, which has a terminal of its own, and
# compares what is offered.

# The program, as far as completion asks it.
kvm-exits() {
    local name=web-0
    [[ $1 == --root ]] && name=$2
    case $* in
    *'list --source module --csv')
        print -r 'time,seconds,source,vm,name,pid,vmm'
        print -r "t,,module,1000-11,$name,1000,qemu"
        print -r 't,,module,1001-11,"a, b",1001,qemu'
        print -r 't,,module,1002-11,,1002,qemu'
        ;;
    *explain)
        print -r 'REASON NAME    WHAT IT IS'
        print -r '    12 HLT     the guest sleeps'
        print -r '  0x7c MSR     it is 12'
        print -r '    -1 INVALID the guest'\''s state is'
        ;;
    esac
}

# expect OFFERED LINE: completes LINE at its end.  What is offered counts, in any order.
expect() {
    local offered=${(j: :)${(ou)${=1}}}
    hits=()
    BUFFER=$2 CURSOR=$#2
    zle complete
    local got=${(j: :)${(ou)hits}}
    if [[ $got != $offered ]]; then
        print -r -- "'$2': offered '$got', expected '$offered'" >>$results
        ((++failures))
    fi
}

# What is offered to the line editor goes to `hits` instead.
compadd() {
    if [[ -n ${(M)@[1,(i)(-|--)]:#-[AOD]} ]]; then
        builtin compadd "$@"
        return
    fi
    local -a these
    builtin compadd -O these "$@"
    hits+=("${(@)these}")
    ((${#these}))
}

cases() {
    # The lists of bash's completion are held against the program, see documentation_test.cc.
    local text=$(<$KVM_EXITS_COMPLETIONS/kvm-exits.bash) verb
    for verb in detail diff doctor explain exporter guest list record reload report stat top; do
        expect "${${text#*    $verb\) options=\'}%%\'*}" "kvm-exits $verb --"
    done
    local vms='web-0 1000-11 1001-11 1002-11'
    expect 'list top stat record report diff exporter detail explain doctor reload guest' \
        'kvm-exits '
    expect 'guest' 'kvm-exits g'
    expect '--filter --format' 'kvm-exits guest --f'
    expect '--zeros' 'kvm-exits guest --sort name --z'
    expect 'exits time reason name' 'kvm-exits guest -s '
    expect 'exits time name pid' 'kvm-exits list -s '
    expect 'table json csv openmetrics prometheus' 'kvm-exits guest --format='
    expect 'table json csv' 'kvm-exits stat --format '
    expect '--json' 'kvm-exits doctor --j'
    expect "$vms" 'kvm-exits stat '
    expect 'web-0' 'kvm-exits top -g w'
    expect '' 'kvm-exits stat web-0 w'
    expect '--time' 'kvm-exits stat --t'
    expect '--vcpu --version' 'kvm-exits stat --v'
    expect 'HLT INVALID MSR' 'kvm-exits guest --reason '
    expect 'HLT' 'kvm-exits detail H'
    expect 'all' 'kvm-exits detail a'
    expect "$vms" 'kvm-exits detail HLT '
    expect 'MSR' 'kvm-exits explain M'
    expect 'web-0' 'kvm-exits explain w'
    expect 'svm vmx' 'kvm-exits explain --isa='
    expect 'rip' 'kvm-exits detail HLT --by=r'
    expect 'elsewhere' 'kvm-exits --root=elsewhere stat e'
    expect 'elsewhere' 'kvm-exits --root elsewhere stat e'
    expect 'kvm-exits' 'kvm-exits stat web-0 -- kvm-exit'
    print -r -- "done $failures" >>$results
    exit
}

if [[ -n $KVM_EXITS_RESULTS ]]; then
    typeset -ga hits
    typeset -g results=$KVM_EXITS_RESULTS failures=0
    fpath=($KVM_EXITS_COMPLETIONS $fpath)
    autoload -Uz compinit && compinit -D -u
    zle -C complete complete-word _main_complete
    zle -N zle-line-init cases
    return
fi

zmodload zsh/zpty
completions=${0:A:h}
directory=$(mktemp -d)
results=$directory/results
zpty shell "KVM_EXITS_RESULTS=$results KVM_EXITS_COMPLETIONS=$completions TERM=dumb zsh -f -i"
zpty -w shell "source ${0:A}"
output=
for ((i = 0; i < 3000; ++i)); do
    while zpty -r -t shell part 2>/dev/null; do output+=$part; done
    grep -qs '^done' $results && break
    sleep 0.1
done
zpty -d shell
text=$(cat $results 2>/dev/null)
rm -r $directory
[[ $text == 'done 0' ]] && exit
print -r -- "${text:-$output}" >&2
exit 1
