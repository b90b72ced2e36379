# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of governorctl. Names come from `governorctl complete`, which requests all but those of commands from the service.

function __governorctl_names
    governorctl complete $argv[1] 2>/dev/null
end

# The words on the command line that are neither options nor their arguments.
function __governorctl_words
    set -l skip no
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test $skip = yes
            set skip no
        else if contains -- $word --bus-address --for -r --reason -i --appid -l --level -f --floor -c --ceiling -p --profile -d --domain \
                --delay -n --count --target --percentile --window --stale -o --output -I --include --root --driver-dir
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Is the command one of these? Without arguments: is there no command yet?
function __governorctl_command
    set -l words (__governorctl_words)
    test (count $argv) -eq 0; and test (count $words) -eq 0; and return 0
    contains -- "$words[1]" $argv
end

# Are these the words, and no others?
function __governorctl_at
    set -l words (__governorctl_words)
    test "$words" = "$argv"
end

# Is this the command, whose own command is still missing?
function __governorctl_before_command
    set -l words (__governorctl_words)
    test (count $words) -eq 1; and contains -- $words[1] $argv
end

complete -c governorctl -f
complete -c governorctl -n __governorctl_command -a '(__governorctl_names commands)'
complete -c governorctl -l json -d 'Print one JSON document'
complete -c governorctl -l no-color -d 'No colours'
complete -c governorctl -l bus-address -x -d 'D-Bus address of the system bus'
complete -c governorctl -s h -l help -d 'Show help'
complete -c governorctl -n __governorctl_command -l version -d 'Show the version'
complete -c governorctl -n '__governorctl_before_command set hold explain' -a '(__governorctl_names profiles)'
complete -c governorctl -n '__governorctl_at level' -a '(__governorctl_names domains)'
complete -c governorctl -n '__governorctl_before_command why knobs' -a '(__governorctl_names places)'
complete -c governorctl -n '__governorctl_command report' -F
complete -c governorctl -n '__governorctl_command status knobs cpus check top' -s v -l verbose -d 'Show more details'
complete -c governorctl -n '__governorctl_at release' -a '(__governorctl_names requests)'
complete -c governorctl -n '__governorctl_at help' -a '(__governorctl_names commands)'
complete -c governorctl -n '__governorctl_at complete' -a 'profiles domains knobs places requests governors commands'
complete -c governorctl -n '__governorctl_at config' -a check
complete -c governorctl -n '__governorctl_command config; and not __governorctl_at config' -F
complete -c governorctl -n '__governorctl_command config' -l root -r -d 'Also check which knobs and values the machine below this folder offers'
complete -c governorctl -n '__governorctl_command config' -l driver-dir -r -d 'Load drivers from this folder'
complete -c governorctl -n '__governorctl_at governor' -a 'list build load'
complete -c governorctl -n '__governorctl_at governor build' -F
complete -c governorctl -n '__governorctl_at governor load' -a '(__governorctl_names governors)'
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
complete -c governorctl -n '__governorctl_command launch' -s p -l profile -x -a '(__governorctl_names profiles)' -d 'Profile to hold'
complete -c governorctl -n '__governorctl_command hold launch' -s d -l domain -x -a '(__governorctl_names domains)' -d 'Domain of the levels'
complete -c governorctl -n '__governorctl_command hold launch' -l for -x -d 'End the request after this time'
complete -c governorctl -n '__governorctl_command hold launch' -s r -l reason -x -d 'Reason for the request'
complete -c governorctl -n '__governorctl_command hold launch' -s i -l appid -x -d 'Name of the application'
