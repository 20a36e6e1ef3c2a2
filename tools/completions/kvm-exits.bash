# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of kvm-exits for bash.

# VMs by name and by id, as the module kvm_exits knows them: BPF would look for a second.
# A name that a shell has to quote is left out; its id is offered.
_kvm_exits_vms() {
    "$@" list --source module --csv 2>/dev/null | awk -F, '
        NR > 1 && $5 ~ /^[[:alnum:]][-[:alnum:]_.]*$/ { print $5 }
        NR > 1 { print $4 }'
}

# Exit reasons of this machine.
_kvm_exits_reasons() {
    "$@" explain 2>/dev/null | awk '$1 ~ /^-?[0-9]/ { print $2 }'
}

_kvm_exits() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local -a program=("${COMP_WORDS[0]}")
    local verb='' words='' options=''
    local positionals=0 i=1

    # "--option=value" reaches us as three words.
    if [[ $word == = ]]; then
        word=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi

    # What stands before the word: the verb, and how many words that no option has taken.
    for ((; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --root)
            if [[ ${COMP_WORDS[i+1]} == = ]]; then ((++i)); fi
            ((++i))
            program+=(--root "${COMP_WORDS[i]}")
            ;;
        --)
            if ((i + 1 == COMP_CWORD)); then
                mapfile -t COMPREPLY < <(compgen -c -- "$word")
            else
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
            fi
            return
            ;;
        -[pgFslino] | --begin | --by | --count | --end | --fail-above | --filter | --format | \
            --guest | --interval | --isa | --kallsyms | --limit | --listen | --max-size | \
            --max-time | --min-share | --output | --pid | --reason | --sort | --source | --speed | \
            --textfile | --vcpu)
            if [[ ${COMP_WORDS[i+1]} == = ]]; then ((++i)); fi
            ((++i))
            ;;
        -* | =) ;;
        *)
            if [[ $verb ]]; then
                ((++positionals))
            else
                verb=${COMP_WORDS[i]}
            fi
            ;;
        esac
    done

    case $verb in
    '') options='detail diff doctor explain exporter guest list record reload report stat top
        --help --root --version' ;;
    detail) options='--all --by --count --csv --format --guest --help --interval --json
        --kallsyms --limit --output --pid --version' ;;
    diff) options='--fail-above --help --json --limit --min-share --output --version' ;;
    doctor) options='--help --json --version' ;;
    explain) options='--all --help --interval --isa --json --source --time --version' ;;
    exporter) options='--count --help --histograms --interval --listen --source --textfile
        --time --version' ;;
    guest) options='--count --csv --filter --format --help --interval --json --limit --output
        --reason --sort --version --zeros' ;;
    list) options='--all --begin --count --csv --end --filter --format --guest --help --interval
        --json --limit --output --pid --sort --source --version' ;;
    record) options='--all --count --each-vcpu --guest --help --interval --max-size --max-time
        --output --pid --source --time --version' ;;
    reload) options='--help --version' ;;
    report) options='--begin --end --help --html --json --output --version' ;;
    stat) options='--all --begin --count --csv --end --filter --format --guest --help --interval
        --json --limit --output --pid --reason --sort --source --time --vcpu --version --zeros' ;;
    top) options='--all --begin --count --end --guest --help --interval --pid --source --speed
        --time --version' ;;
    esac

    # Where an option is before it that takes a value, the word is that.
    case $verb$previous in
    *--root) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    *-o | *--output | *--kallsyms | *--textfile)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    list-s | list--sort) words='exits time name pid' ;;
    *-s | *--sort) words='exits time reason name' ;;
    guest--format) words='table json csv openmetrics prometheus' ;;
    *--format) words='table json csv' ;;
    *--source) words='auto module bpf' ;;
    *--isa) words='vmx svm' ;;
    *--by) words='msr port gpa leaf hypercall apic userspace vector rip' ;;
    *--vcpu) words='all' ;;
    *--reason) words=$(_kvm_exits_reasons "${program[@]}") ;;
    *-g | *--guest) words=$(_kvm_exits_vms "${program[@]}") ;;
    *-[pFlin] | *--pid | *--filter | *--limit | *--interval | *--count | *--begin | *--end | \
        *--max-size | *--max-time | *--speed | *--fail-above | *--min-share | \
        *--listen) ;;
    *)
        words=$options
        if [[ $word != -* ]]; then
            case $verb$positionals in
            detail0) words+=" all $(_kvm_exits_reasons "${program[@]}")" ;;
            explain0) words+=" $(_kvm_exits_reasons "${program[@]}")" ;;&
            detail1 | explain0 | list0 | record0 | stat0 | top0)
                words+=" $(_kvm_exits_vms "${program[@]}")"
                ;;
            esac
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    # Records too
    if [[ $verb$positionals == @(diff[01]|list0|report0|stat0|top0) && $words == "$options "* ]]
    then
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X '!*.zst' -- "$word")
    fi
}

complete -F _kvm_exits kvm-exits
