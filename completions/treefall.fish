# fish completion for treefall(1); tests/system/test_cli.py holds it to --help.

set -l subcommands run watch kill tree doctor help version
set -l durations '500ms 3s 10s 1m 1h'

function __treefall_needs_subcommand
    test (count (commandline -opc)) -eq 1
end

function __treefall_using
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end

function __treefall_routes
    __fish_append , pidns cgroup job brand subreaper events lineage parent-link environ wire
end

complete -c treefall -f
complete -c treefall -n __treefall_needs_subcommand -a run -d 'Run a command'
complete -c treefall -n __treefall_needs_subcommand -a watch -d 'Guard a running process'
complete -c treefall -n __treefall_needs_subcommand -a kill -d 'Kill a tree now'
complete -c treefall -n __treefall_needs_subcommand -a tree -d 'Draw a tree'
complete -c treefall -n __treefall_needs_subcommand -a doctor -d 'Say what can be guaranteed here'
complete -c treefall -n __treefall_needs_subcommand -a help -d 'Print the options'
complete -c treefall -n __treefall_needs_subcommand -a version -d 'Print the version'
complete -c treefall -n '__treefall_using help' -a "$subcommands"
complete -c treefall -n '__treefall_using kill tree' -a '(__fish_complete_pids)'
complete -c treefall -n '__treefall_using run' -a '(__fish_complete_subcommand --fcs-skip=2)'

# all subcommands
complete -c treefall -n '__treefall_using run watch kill tree doctor' -s h -l help -d 'Print the options'
complete -c treefall -n '__treefall_using run watch kill tree doctor' -l version -d 'Print the version'

# several subcommands
complete -c treefall -n '__treefall_using watch kill tree doctor' -l json -d 'Print as JSON'
complete -c treefall -n '__treefall_using run watch kill' -s k -l grace -x -a $durations -d 'Time between the stop signal and SIGKILL'
complete -c treefall -n '__treefall_using run watch kill' -s s -l signal -x -a 'TERM INT HUP QUIT KILL USR1 USR2' -d 'The stop signal'
complete -c treefall -n '__treefall_using run watch kill' -l keep -x -d 'Processes to leave alive'
complete -c treefall -n '__treefall_using run watch kill' -l report -r -F -d 'Write what was killed and why'
complete -c treefall -n '__treefall_using run watch' -l kill-delay -x -a $durations -d 'Kill this long after the last beat'
complete -c treefall -n '__treefall_using run watch' -l startup-grace -x -a $durations -d 'Time until the first beat'
complete -c treefall -n '__treefall_using run watch' -l hold-when-stopped -x -a 'yes no' -d 'Permit silence when stopped or traced'
complete -c treefall -n '__treefall_using run watch' -l without -x -a '(__treefall_routes)' -d 'Routes not to use'
complete -c treefall -n '__treefall_using run watch' -s v -l verbose -d 'Print what treefall does'

# run
complete -c treefall -n '__treefall_using run' -s t -l timeout -x -a $durations -d 'Stop the command after this long'
complete -c treefall -n '__treefall_using run' -l no-fall-on-exit -d 'Wait for the descendants to exit'
complete -c treefall -n '__treefall_using run' -l stop-on-stdin-close -d 'Stop when standard input is closed'
complete -c treefall -n '__treefall_using run' -l caller -x -a 'session none' -d 'End the tree when this process exits'
complete -c treefall -n '__treefall_using run' -l on-sentinel-loss -x -a 'fall replace' -d 'If the sentinel is killed'
complete -c treefall -n '__treefall_using run' -l kill-after -x -a $durations -d 'The same as --grace'
complete -c treefall -n '__treefall_using run watch' -l exit-grace -x -a $durations -d 'Time for what is left behind'
complete -c treefall -n '__treefall_using kill' -l ask -x -a 'leader group all' -d 'Which processes get the stop signal first'
complete -c treefall -n '__treefall_using run' -l heartbeat -r -F -a auto -d 'File that the ward touches'
complete -c treefall -n '__treefall_using run' -l notify -d 'Beats are sd_notify messages'
complete -c treefall -n '__treefall_using run' -s g -l group -d 'Forward signals to the process group'
complete -c treefall -n '__treefall_using run' -l map-signal -x -d 'A=B: forward A as B'
complete -c treefall -n '__treefall_using run' -l map-status -x -d 'A=B: exit with B instead of A'
complete -c treefall -n '__treefall_using run' -l preserve-status -d 'Exit with the status of the command'
complete -c treefall -n '__treefall_using run' -l foreground -d 'Stay in the process group of treefall'
complete -c treefall -n '__treefall_using run' -l isolate -d 'Run in a pid namespace'
complete -c treefall -n '__treefall_using run' -l max-procs -x -d 'Limit the number of processes'

# watch
complete -c treefall -n '__treefall_using watch' -s p -l pid -x -a '(__fish_complete_pids)' -d 'The process'
complete -c treefall -n '__treefall_using watch' -l pid-file -r -F -d 'File that names the successor'
complete -c treefall -n '__treefall_using watch' -l no-fall-on-exit -d 'Do not kill the tree when the process exits'
complete -c treefall -n '__treefall_using watch' -l heartbeat -r -F -d 'File that the ward touches'
complete -c treefall -n '__treefall_using watch' -s d -l detach -d 'Return when the sentinel is armed'

# kill
complete -c treefall -n '__treefall_using kill' -s n -l dry-run -d 'Show what would be killed'
