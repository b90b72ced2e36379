# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of governorctl. Names come from `governorctl complete`, which requests all but those of commands from the service.

_governorctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= i
    # readline splits --option=value into three words
    if [[ $cur == "=" ]]; then
        cur=
    elif [[ $prev == "=" ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    local global="--json --no-color --bus-address --help"
    local -A options=(
        [level]="--floor --ceiling --auto"
        [hold]="--level --floor --ceiling --domain --for --reason --appid"
        [launch]="--profile --level --floor --ceiling --domain --for --reason --appid"
        [top]="--delay --count --plain --verbose" [run]="--target --percentile --p95 --p99 --window --stale --cap"
        [governor]="--output --include --best"
        [explain]="--all" [why]="--all" [knobs]="--all --verbose"
        [status]="--verbose" [config]="--root --driver-dir" [cpus]="--verbose" [check]="--verbose"
    )

    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --bus-address|--for|-r|--reason|-i|--appid|-l|--level|-f|--floor|-c|--ceiling|-p|--profile|-d|--domain|--delay|-n|--count|\
            --target|--percentile|--window|--stale|-o|--output|-I|--include|--root|--driver-dir)
                [[ ${COMP_WORDS[i+1]} != "=" ]] || ((i++))
                ((i++)) ;;
            -*) ;;
            *)
                case $command in
                    "") command=${COMP_WORDS[i]} ;;
                    launch|run) # the first word of the command to be run
                        ! declare -F _command_offset > /dev/null || _command_offset "$i"
                        return ;;
                esac ;;
        esac
    done

    case $prev in
        -p|--profile) COMPREPLY=($(compgen -W "$(governorctl complete profiles 2>/dev/null)" -- "$cur")); return ;;
        -d|--domain) [[ $command == top ]] || COMPREPLY=($(compgen -W "$(governorctl complete domains 2>/dev/null)" -- "$cur")); return ;;
        --bus-address|--for|-r|--reason|-i|--appid|-l|--level|-f|--floor|-c|--ceiling) return ;;
        --delay|--count|--target|--percentile|--window|--stale) return ;;
        -o|--output) COMPREPLY=($(compgen -f -- "$cur")); return ;;
        -I|--include|--root|--driver-dir) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    esac

    if [[ $cur == -* ]]; then
        [[ -n $command ]] || global+=" --version"
        COMPREPLY=($(compgen -W "$global ${options[$command]-}" -- "$cur"))
        return
    fi

    case $command in
        "") COMPREPLY=($(compgen -W "$(governorctl complete commands 2>/dev/null)" -- "$cur")) ;;
        set|hold|explain) COMPREPLY=($(compgen -W "$(governorctl complete profiles 2>/dev/null)" -- "$cur")) ;;
        level) COMPREPLY=($(compgen -W "$(governorctl complete domains 2>/dev/null)" -- "$cur")) ;;
        why|knobs) COMPREPLY=($(compgen -W "$(governorctl complete places 2>/dev/null)" -- "$cur")) ;;
        report) COMPREPLY=($(compgen -f -- "$cur")) ;;
        release) COMPREPLY=($(compgen -W "$(governorctl complete requests 2>/dev/null)" -- "$cur")) ;;
        help) COMPREPLY=($(compgen -W "$(governorctl complete commands 2>/dev/null)" -- "$cur")) ;;
        governor)
            case $prev in
                governor) COMPREPLY=($(compgen -W "list build load" -- "$cur")) ;;
                load) COMPREPLY=($(compgen -W "$(governorctl complete governors 2>/dev/null)" -- "$cur")) ;;
                build) COMPREPLY=($(compgen -f -- "$cur")) ;;
            esac ;;
        complete) COMPREPLY=($(compgen -W "profiles domains knobs places requests governors commands" -- "$cur")) ;;
        config) if [[ $prev == config ]]; then COMPREPLY=($(compgen -W "check" -- "$cur")); else COMPREPLY=($(compgen -f -- "$cur")); fi ;;
        launch|run) COMPREPLY=($(compgen -c -- "$cur")) ;;
    esac
}
complete -F _governorctl governorctl
