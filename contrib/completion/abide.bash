# Completion of abide(1) for bash. Commands and options come from the program itself.

_abide() {
    local word=${COMP_WORDS[COMP_CWORD]} command= i candidates
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --home) ((i++)) ;;
        -*) ;;
        *)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    if [[ -z $command || $command == help ]]; then
        candidates=$(abide help --words 2>/dev/null | cut -f1)
    elif [[ $word == -* ]]; then
        candidates=$(abide help --words "$command" 2>/dev/null | cut -f1 | sed 's/=.*/=/')
    elif [[ $command == run ]]; then
        COMPREPLY=($(compgen -c -- "$word"))
        return
    else
        candidates=$(abide ls 2>/dev/null | sed '1d; s/ .*//')
    fi
    COMPREPLY=($(compgen -W "$candidates" -- "$word"))
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -o default -F _abide abide
