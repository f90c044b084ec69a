"""Shell completion: the scripts, and the answer to what they ask.

A script calls the program by the name that was typed, with `_AIPM_CARDS_COMPLETE` set and the
line as far as the cursor in COMP_WORDS. The answer has a line per item: `plain`, a text and its
help with tabs between; or `file` or `dir`, where the shell itself knows what there is.

The scripts are our own, not click's: decks have `::` and blanks in their names, which bash
splits, and a program in a virtual environment is called by its path.
"""

from __future__ import annotations

import os

import click

VARIABLE = "_AIPM_CARDS_COMPLETE"
_CURSOR = "\x01"  # stands behind what was typed, so that a blank before it begins a word

_BASH = r"""# bash completion of aipm-cards; load it from ~/.bashrc:
#   eval "$(aipm-cards completion bash)"
_aipm_cards_completion() {
    local kind text help word='' begun quote=${COMP_LINE:0:COMP_POINT}
    COMPREPLY=()
    quote=${quote%"$2"} quote=${quote: -1} # what stands before the word: perhaps a quote
    while IFS=$'\t' read -r kind text help; do
        case $kind in
            word) printf -v word %q "$text" ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                if [[ $quote == [\"\'] ]]; then
                    [[ $text == *[\"\'\\\$\`!]* ]] || COMPREPLY+=("$text")
                else
                    printf -v text %q "$text"
                    COMPREPLY+=("$text")
                fi ;;
        esac
    done < <(_AIPM_CARDS_COMPLETE=bash_complete COMP_WORDS="${COMP_LINE:0:COMP_POINT}" "${1/#\~\//$HOME/}" 2>/dev/null)
    # bash takes the part behind the last colon for the word.
    if [[ $COMP_WORDBREAKS == *:* && $quote != [\"\'] && $word == *:* ]]; then
        begun=${word%"${word##*:}"}
        COMPREPLY=("${COMPREPLY[@]#"$begun"}")
    fi
}
complete -o nosort -F _aipm_cards_completion aipm-cards 2>/dev/null ||
    complete -F _aipm_cards_completion aipm-cards
"""

_ZSH = r"""#compdef aipm-cards
# zsh completion of aipm-cards; load it from ~/.zshrc, behind compinit:
#   eval "$(aipm-cards completion zsh)"
_aipm_cards_completion() {
    local line
    local -a parts plain described
    for line in "${(@f)$(_AIPM_CARDS_COMPLETE=zsh_complete COMP_WORDS="${(j: :)words[1,CURRENT]}" ${~${(Q)words[1]}} 2>/dev/null)}"; do
        parts=("${(@ps:\t:)line}")
        case $parts[1] in
            dir) _path_files -/ ;;
            file) _path_files ;;
            plain)
                if [[ -n $parts[3] ]]; then
                    described+=("${parts[2]//:/\\:}:$parts[3]")
                else
                    plain+=("$parts[2]")
                fi ;;
        esac
    done
    compset -P '--*=' # only the value is completed
    (( $#described )) && _describe -V aipm-cards described
    (( $#plain )) && compadd -V aipm-cards -a plain
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _aipm_cards_completion "$@"
else
    compdef _aipm_cards_completion aipm-cards
fi
"""  # noqa: E501

_FISH = r"""# fish completion of aipm-cards; install it with
#   aipm-cards completion fish > ~/.config/fish/completions/aipm-cards.fish
function _aipm_cards_completion
    set -l program (commandline -po)[1]
    set -l typed (commandline -cp | string collect)
    set -l option (string match -r '^--[^=]+=' -- (commandline -ct)) # fish completes it with its value
    set program (string replace -r '^~/' "$HOME/" -- $program)
    for line in (env _AIPM_CARDS_COMPLETE=fish_complete COMP_WORDS="$typed" $program 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories (commandline -ct)
            case file
                __fish_complete_path (commandline -ct)
            case plain
                string join \t -- "$option$parts[2]" $parts[3..-1]
        end
    end
end
complete --no-files --keep-order --command aipm-cards --arguments '(_aipm_cards_completion)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def answer(cli: click.Command) -> int:
    """Print what may stand at the cursor; returns the exit code."""
    try:
        for line in _items(cli, os.environ.get("COMP_WORDS", "")):
            click.echo(line)
    except Exception:  # whatever went wrong, a person who presses Tab is in the middle of a line
        return 1
    return 0


def _items(cli: click.Command, typed: str) -> list[str]:
    from click.shell_completion import ShellComplete, split_arg_string

    from aipm_cards.cli.completing import as_line

    _, *arguments, word = ["", *split_arg_string(typed + _CURSOR)][1:]
    word = word.removesuffix(_CURSOR)
    items = ShellComplete(cli, {}, "aipm-cards", VARIABLE).get_completions(arguments, word)
    return [f"word\t{word}", *filter(None, map(as_line, items))]
