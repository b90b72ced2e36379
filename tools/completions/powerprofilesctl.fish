# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of powerprofilesctl. Profiles and actions come from the service.

function __powerprofilesctl_profiles
    powerprofilesctl list 2>/dev/null | string replace -rf '^[* ] ([^ ]*):$' '$1'
end

function __powerprofilesctl_actions
    powerprofilesctl list-actions 2>/dev/null | string replace -rf '^Name: ' ''
end

set -l commands list list-holds list-actions get set configure-action configure-battery-aware query-battery-aware launch version
complete -c powerprofilesctl -f
complete -c powerprofilesctl -s h -l help -d 'Show help'
complete -c powerprofilesctl -n "not __fish_seen_subcommand_from $commands" -a "$commands"
complete -c powerprofilesctl -n '__fish_seen_subcommand_from set' -a '(__powerprofilesctl_profiles)'
complete -c powerprofilesctl -n '__fish_seen_subcommand_from configure-action' -a '(__powerprofilesctl_actions)'
complete -c powerprofilesctl -n '__fish_seen_subcommand_from configure-action configure-battery-aware' -l enable -d 'Turn the action or setting on'
complete -c powerprofilesctl -n '__fish_seen_subcommand_from configure-action configure-battery-aware' -l disable -d 'Turn the action or setting off'
complete -c powerprofilesctl -n '__fish_seen_subcommand_from launch' -s p -l profile -x -a '(__powerprofilesctl_profiles)' -d 'Profile to hold'
complete -c powerprofilesctl -n '__fish_seen_subcommand_from launch' -s r -l reason -x -d 'Reason for the hold'
complete -c powerprofilesctl -n '__fish_seen_subcommand_from launch' -s i -l appid -x -d 'Name of the application'
complete -c powerprofilesctl -n '__fish_seen_subcommand_from launch' -x -a '(__fish_complete_subcommand)'
