"""Completions for bash, 3.2 and later, with bash-completion or without it. Pure."""

import shlex
from collections.abc import Iterable

from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.distribution.flags import PROGRAMS, Offered, offered

_SCRIPT = r"""# bash completion for smtpdiag

_smtpdiag_reply() { # BEFORE WORD CANDIDATE...: what begins with WORD; BEFORE stands in the same word of the line
    local typed=$1$2 before=$1 word=$2 breaks= cut= sign candidate
    shift 2
    # readline replaces what is behind the last of these alone
    for sign in = : @; do
        [[ $COMP_WORDBREAKS == *"$sign"* ]] && breaks+=$sign
    done
    [[ -n $breaks ]] && cut=${typed%"${typed##*[$breaks]}"}
    cut=${cut%@} # it breaks words, and is a part of the one behind it
    for candidate; do
        if [[ $candidate == "$word"* ]]; then
            candidate=$before$candidate
            COMPREPLY+=("${candidate#"$cut"}")
        fi
    done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:/] ]] && compopt -o nospace 2>/dev/null
    return 0
}

_smtpdiag_files() { # WORD
    if compopt -o default 2>/dev/null; then
        return 0 # readline completes names of files itself, and quotes them
    fi
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$1"))
}

_smtpdiag() {
    local line=${COMP_LINE:0:COMP_POINT} word option value before= part
    local -a words
    COMPREPLY=()
    word=${line##*[[:space:]]}
    IFS=$' \t\n' read -r -a words <<<"${line%"$word"}"
    option=${words[${#words[@]}-1]} value=$word
    if [[ $word == --*=* ]]; then
        option=${word%%=*} value=${word#*=} before=${word%%=*}=
    fi
    case $option in
@CASES@
    esac
    if [[ $word == -* ]]; then
        _smtpdiag_reply '' "$word" @FLAGS@
        return 0
    fi
    for part in "${words[@]}"; do
        if [[ $part == --demo ]]; then
            _smtpdiag_reply '' "$word" @RECIPIENTS@
            return 0
        fi
    done
}

complete -F _smtpdiag @PROGRAMS@
"""
_LIST = r"""            part=
            [[ $value == *,* ]] && part=${value%,*},
            compopt -o nospace 2>/dev/null
            _smtpdiag_reply "$before$part" "${value##*,}" """


def bash_script() -> str:
    """Return the script."""
    flags = offered()
    cases = [_case(flag) for flag in flags if flag.value is not None]
    filled = {
        "@CASES@": "\n".join(cases),
        "@FLAGS@": _quoted(name for flag in flags for name in flag.names),
        "@RECIPIENTS@": _quoted(story.recipient for story in STORIES),
        "@PROGRAMS@": _quoted(PROGRAMS),
    }
    script = _SCRIPT
    for place, text in filled.items():
        script = script.replace(place, text)
    return script


def _case(flag: Offered) -> str:
    """Return the branch for a flag with a value: where that may be left out, an option may follow as well."""
    inner = " " * 12
    lines = [f"        {'|'.join(map(shlex.quote, flag.names))})", *_offer(flag, inner)]
    if not flag.optional:
        lines.append(f"{inner}return 0")
    elif flag.files:
        lines.append(f"{inner}[[ $word != -* || -n $before ]] && return 0")
    else:
        lines.append(f"{inner}[[ -n $before ]] && return 0")
    return "\n".join([*lines, f"{inner};;"])


def _offer(flag: Offered, inner: str) -> list[str]:
    """Return the lines that offer values."""
    words = f'{inner}_smtpdiag_reply "$before" "$value" {_quoted(flag.words)}'
    files = '_smtpdiag_files "$value"'
    if flag.listed:
        return [f"{_LIST}{_quoted(flag.words)}"]
    if flag.words and flag.files:
        return [words, f"{inner}[[ ${{#COMPREPLY[@]}} -gt 0 ]] || {files}"]
    if flag.words:
        return [words]
    if flag.files and flag.optional:
        return [f"{inner}[[ $word != -* || -n $before ]] && {files}"]
    return [f"{inner}{files}"] if flag.files else []


def _quoted(words: Iterable[str]) -> str:
    return " ".join(map(shlex.quote, words))
