# bash completion for treefall(1); tests/system/test_cli.py holds it to --help.

_treefall_options() {
    case $1 in
    run)
        echo "--timeout -t --no-fall-on-exit --stop-on-stdin-close --caller
            --on-sentinel-loss --grace -k
            --kill-after --exit-grace --signal -s --keep --heartbeat --notify --kill-delay
            --startup-grace --hold-when-stopped --group -g --map-signal --map-status
            --preserve-status --foreground --isolate --max-procs --without --report
            --verbose -v --help -h --version"
        ;;
    watch)
        echo "--pid -p --pid-file --no-fall-on-exit --heartbeat --kill-delay --startup-grace
            --hold-when-stopped --grace -k --exit-grace --signal -s --keep --without --detach -d --report --json --verbose -v
            --help -h --version"
        ;;
    kill)
        echo "--grace -k --ask --signal -s --keep --dry-run -n --report --json --help -h --version"
        ;;
    tree | doctor)
        echo "--json --help -h --version"
        ;;
    esac
}

# The words that may follow an option; false when it takes no value.
_treefall_values() {
    local routes="pidns cgroup job brand subreaper events lineage parent-link environ wire"
    case $1 in
    --timeout | -t | --grace | -k | --kill-after | --exit-grace | --kill-delay | --startup-grace)
        COMPREPLY=($(compgen -W "500ms 3s 10s 1m 1h" -- "$2"))
        ;;
    --signal | -s)
        COMPREPLY=($(compgen -W "TERM INT HUP QUIT KILL USR1 USR2 ALRM" -- "$2"))
        ;;
    --caller) COMPREPLY=($(compgen -W "session none" -- "$2")) ;;
    --ask) COMPREPLY=($(compgen -W "leader group all" -- "$2")) ;;
    --on-sentinel-loss) COMPREPLY=($(compgen -W "fall replace" -- "$2")) ;;
    --hold-when-stopped) COMPREPLY=($(compgen -W "yes no" -- "$2")) ;;
    --without)
        local before=
        [[ $2 == *,* ]] && before=${2%,*},
        COMPREPLY=($(compgen -P "$before" -W "$routes" -- "${2##*,}"))
        ;;
    --heartbeat | --pid-file | --report) COMPREPLY=($(compgen -f -- "$2")) ;;
    --pid | -p) _treefall_pids "$2" ;;
    --keep | --map-signal | --map-status | --max-procs) COMPREPLY=() ;;
    *) return 1 ;;
    esac
}

_treefall_pids() {
    local folder pids=()
    for folder in /proc/[0-9]*; do
        pids+=("${folder#/proc/}")
    done
    COMPREPLY=($(compgen -W "${pids[*]}" -- "$1"))
}

# The index of the command of `run`, or nothing while its options are being typed.
_treefall_command_at() {
    local i
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --)
            echo $((i + 1))
            return
            ;;
        =) ((i++)) ;;
        -*) _treefall_values "${COMP_WORDS[i]}" "" && [[ ${COMP_WORDS[i + 1]} != = ]] && ((i++)) ;;
        *)
            echo "$i"
            return
            ;;
        esac
    done
    COMPREPLY=()
}

_treefall() {
    local subcommands="run watch kill tree doctor help version"
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} sub=${COMP_WORDS[1]} at
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$subcommands --help --version" -- "$cur"))
        return
    fi
    # --option=value is three words
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ $sub == run ]]; then
        at=$(_treefall_command_at)
        if [[ -n $at ]]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset "$at"
            elif ((COMP_CWORD == at)); then
                COMPREPLY=($(compgen -c -- "$cur"))
            else
                COMPREPLY=($(compgen -f -- "$cur"))
            fi
            return
        fi
    fi
    _treefall_values "$prev" "$cur" && return
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(_treefall_options "$sub")" -- "$cur"))
        return
    fi
    case $sub in
    run) COMPREPLY=($(compgen -c -- "$cur")) ;;
    kill | tree) _treefall_pids "$cur" ;;
    help) COMPREPLY=($(compgen -W "$subcommands" -- "$cur")) ;;
    esac
}

complete -o filenames -F _treefall treefall
