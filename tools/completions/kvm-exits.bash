# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of kvm-exits for bash.

_kvm_exits() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]} words

    # "--option=value" reaches us as three words.
    if [[ $word == = ]]; then
        word=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi

    if ((COMP_CWORD == 1)); then
        words='guest --help --version'
    elif [[ $command == guest ]]; then
        case $previous in
        -s | --sort) words='exits time reason name' ;;
        --format) words='table json csv openmetrics prometheus' ;;
        -o | --output) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        -l | --limit | -i | --interval | -n | --count | -F | --filter | --reason) words='' ;;
        *) words='--count --csv --filter --format --help --interval --json --limit --output'
           words+=' --reason --sort --version --zeros' ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _kvm_exits kvm-exits
