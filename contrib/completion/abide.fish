# Completion of abide(1) for fish. Commands and options come from the program itself.

function __abide_command
    set -l words (commandline -opc)
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if test "$word" = --home
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
            return 0
        end
    end
    return 1
end

function __abide_candidates
    set -l command (__abide_command)
    set -l word (commandline -ct)
    if test -z "$command" -o "$command" = help
        abide help --words 2>/dev/null
    else if string match -q -- '-*' $word
        abide help --words $command 2>/dev/null | string replace -r '=[^\t]*' '='
    else if test "$command" = run
        __fish_complete_command
    else
        abide ls 2>/dev/null | string replace -r ' .*' '' | tail -n +2
    end
end

complete -c abide -f -a '(__abide_candidates)'
