# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of governorctl. Names come from the service, through `governorctl complete`.

function __governorctl_names
    governorctl complete $argv[1] 2>/dev/null
end

function __governorctl_command
    set -l words (commandline -opc)
    set -l found
    for word in $words[2..-1]
        string match -q -- '-*' $word; or begin
            set found $word
            break
        end
    end
    test (count $argv) -eq 0; and test -z "$found"; and return 0
    contains -- "$found" $argv
end

complete -c governorctl -f
complete -c governorctl -n __governorctl_command -a '(__governorctl_names commands)'
complete -c governorctl -l json -d 'Print one JSON document'
complete -c governorctl -l no-color -d 'No colours'
complete -c governorctl -l bus-address -x -d 'D-Bus address of the system bus'
complete -c governorctl -s h -l help -d 'Show help'
complete -c governorctl -n __governorctl_command -l version -d 'Show the version'
complete -c governorctl -n '__governorctl_command set hold explain' -a '(__governorctl_names profiles)'
complete -c governorctl -n '__governorctl_command level why knobs' -a 'node (__governorctl_names domains)'
complete -c governorctl -n '__governorctl_command release' -a '(__governorctl_names requests)'
complete -c governorctl -n '__governorctl_command help' -a '(__governorctl_names commands)'
complete -c governorctl -n '__governorctl_command complete' -a 'profiles domains requests commands'
complete -c governorctl -n '__governorctl_command config' -F -a check
complete -c governorctl -n '__governorctl_command launch' -x -a '(__fish_complete_subcommand)'
complete -c governorctl -n '__governorctl_command explain why knobs' -s a -l all -d 'Do not fold equal domains'
complete -c governorctl -n '__governorctl_command level' -l auto -d 'Take back what was set'
complete -c governorctl -n '__governorctl_command level hold launch' -s f -l floor -x -d 'Lowest level'
complete -c governorctl -n '__governorctl_command level hold launch' -s c -l ceiling -x -d 'Highest level'
complete -c governorctl -n '__governorctl_command hold launch' -s l -l level -x -d 'Both floor and ceiling'
complete -c governorctl -n '__governorctl_command hold launch' -s p -l profile -x -a '(__governorctl_names profiles)' -d 'Profile to hold'
complete -c governorctl -n '__governorctl_command hold launch' -s d -l domain -x -a '(__governorctl_names domains)' -d 'Where'
complete -c governorctl -n '__governorctl_command hold launch' -l for -x -d 'End by itself after this time'
complete -c governorctl -n '__governorctl_command hold launch' -s r -l reason -x -d 'Why'
complete -c governorctl -n '__governorctl_command hold launch' -s i -l appid -x -d 'Name of the application'
