# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of powerprofilesctl. Profiles and actions come from the service.

_powerprofilesctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
    local commands="list list-holds list-actions get set configure-action configure-battery-aware query-battery-aware launch version"

    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$commands -h --help" -- "$cur"))
        return
    fi
    case $prev in
        set|-p|--profile)
            COMPREPLY=($(compgen -W "$(powerprofilesctl list 2>/dev/null | sed -n 's/^[* ] \([^ ]*\):$/\1/p')" -- "$cur")); return ;;
        configure-action)
            COMPREPLY=($(compgen -W "$(powerprofilesctl list-actions 2>/dev/null | sed -n 's/^Name: //p')" -- "$cur")); return ;;
        -r|--reason|-i|--appid) return ;;
    esac
    case $command:$cur in
        configure-*:*) COMPREPLY=($(compgen -W "--enable --disable --help" -- "$cur")) ;;
        launch:-*) COMPREPLY=($(compgen -W "--profile --reason --appid --help" -- "$cur")) ;;
        launch:*) COMPREPLY=($(compgen -c -- "$cur")) ;;
        *:-*) COMPREPLY=($(compgen -W "--help" -- "$cur")) ;;
    esac
}
complete -F _powerprofilesctl powerprofilesctl
