# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of governorctl. Names come from `governorctl complete`, which requests all but those of commands from the service.

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
complete -c governorctl -n '__governorctl_command level' -a '(__governorctl_names domains)'
complete -c governorctl -n '__governorctl_command why knobs' -a '(__governorctl_names places)'
complete -c governorctl -n '__governorctl_command report' -F
complete -c governorctl -n '__governorctl_command status knobs cpus check top' -s v -l verbose -d 'Show more details'
complete -c governorctl -n '__governorctl_command release' -a '(__governorctl_names requests)'
complete -c governorctl -n '__governorctl_command help' -a '(__governorctl_names commands)'
complete -c governorctl -n '__governorctl_command complete' -a 'profiles domains knobs places requests governors commands'
complete -c governorctl -n '__governorctl_command config' -F -a check
complete -c governorctl -n '__governorctl_command config' -l root -r -d 'Also check which knobs and values the machine below this folder offers'
complete -c governorctl -n '__governorctl_command config' -l driver-dir -r -d 'Load drivers from this folder'
complete -c governorctl -n '__governorctl_command governor' -F -a 'list build load (__governorctl_names governors)'
complete -c governorctl -n '__governorctl_command governor' -s o -l output -r -d 'Write the governor to this file'
complete -c governorctl -n '__governorctl_command governor' -s I -l include -r -d 'Folder with bpf/governor.h'
complete -c governorctl -n '__governorctl_command governor' -l best -d 'Load the best governor for this machine'
complete -c governorctl -n '__governorctl_command top' -s d -l delay -x -d 'Seconds between two updates'
complete -c governorctl -n '__governorctl_command top' -s n -l count -x -d 'Exit after this number of updates'
complete -c governorctl -n '__governorctl_command top' -l plain -d 'Print blocks instead of redrawing the terminal'
complete -c governorctl -n '__governorctl_command run' -l target -x -d 'Latency that the percentile should not exceed'
complete -c governorctl -n '__governorctl_command run' -l percentile -x -d 'Percentile of the target, 50 to 99.9'
complete -c governorctl -n '__governorctl_command run' -l p95 -d 'The same as --percentile 95'
complete -c governorctl -n '__governorctl_command run' -l p99 -d 'The same as --percentile 99'
complete -c governorctl -n '__governorctl_command run' -l window -x -d 'Time over which the percentile is computed'
complete -c governorctl -n '__governorctl_command run' -l stale -x -d 'Request nothing after this time without a report'
complete -c governorctl -n '__governorctl_command run' -l cap -d 'Make the level of the session a ceiling as well'
complete -c governorctl -n '__governorctl_command launch run' -x -a '(__fish_complete_subcommand)'
complete -c governorctl -n '__governorctl_command explain why knobs' -s a -l all -d 'Show each domain on its own line'
complete -c governorctl -n '__governorctl_command level' -l auto -d 'Remove the range of levels'
complete -c governorctl -n '__governorctl_command level hold launch' -s f -l floor -x -d 'Lowest level'
complete -c governorctl -n '__governorctl_command level hold launch' -s c -l ceiling -x -d 'Highest level'
complete -c governorctl -n '__governorctl_command hold launch' -s l -l level -x -d 'Both floor and ceiling'
complete -c governorctl -n '__governorctl_command hold launch' -s p -l profile -x -a '(__governorctl_names profiles)' -d 'Profile to hold'
complete -c governorctl -n '__governorctl_command hold launch' -s d -l domain -x -a '(__governorctl_names domains)' -d 'Domain of the levels'
complete -c governorctl -n '__governorctl_command hold launch' -l for -x -d 'End the request after this time'
complete -c governorctl -n '__governorctl_command hold launch' -s r -l reason -x -d 'Reason for the request'
complete -c governorctl -n '__governorctl_command hold launch' -s i -l appid -x -d 'Name of the application'
