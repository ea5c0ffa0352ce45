"""Completions for zsh: a function to autoload, that registers itself where it is sourced instead. Pure."""

import re
import shlex
from collections.abc import Iterable

from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.distribution.flags import PROGRAMS, Offered, offered

_SCRIPT = r"""#compdef @PROGRAMS@

_smtpdiag_address() {
    if (( ${words[(I)--demo]} )); then
        local -a recipients=(
@RECIPIENTS@
        )
        _describe -t recipients 'recipient of the demo' recipients
    else
        _message 'mail address'
    fi
}

_smtpdiag_points() {
    compadd "$@" -- local
    compadd "$@" -S '' -- ssh: socks5://
}

_smtpdiag_runs() {
    compadd "$@" -- last
    _files
}

_smtpdiag() {
    local -a flags=(
@FLAGS@
    )
    _arguments -s -S $flags '1:sender:_smtpdiag_address' '2:recipient:_smtpdiag_address'
}

if [[ $funcstack[1] == _smtpdiag ]]; then
    _smtpdiag "$@"
else
    compdef _smtpdiag @PROGRAMS@
fi
"""
_ACTIONS = {"--via": "_smtpdiag_points", "--compare": "_smtpdiag_runs"}


def zsh_script() -> str:
    """Return the script."""
    described = (f"{_colons(story.recipient)}:{_colons(story.title)}" for story in STORIES)
    filled = {
        "@PROGRAMS@": " ".join(PROGRAMS),
        "@RECIPIENTS@": _lines(described, 12),
        "@FLAGS@": _lines((spec for flag in offered() for spec in _specs(flag)), 8),
    }
    script = _SCRIPT
    for place, text in filled.items():
        script = script.replace(place, text)
    return script


def _specs(flag: Offered) -> Iterable[str]:
    """Yield what `_arguments` is told of each name of a flag; the one shuts the other out."""
    shut = f"({' '.join(flag.names)})" if len(flag.names) > 1 and not flag.several else ""
    for name in flag.names:
        start = "*" if flag.several else shut
        yield f"{start}{name}{_sign(flag, name)}[{_bracketed(flag.help)}]{_value(flag)}"


def _sign(flag: Offered, name: str) -> str:
    """Return how the value stands behind its name: in the next word, or in the same one."""
    if flag.value is None:
        return ""
    return "=" if name.startswith("--") else "+"


def _value(flag: Offered) -> str:
    if flag.value is None:
        return ""
    colons = "::" if flag.optional else ":"
    return f"{colons}{_colons(flag.value)}:{_action(flag)}"


def _action(flag: Offered) -> str:
    if flag.long in _ACTIONS:
        return _ACTIONS[flag.long]
    if flag.listed:
        return f"_values -s , probe {' '.join(flag.words)}"
    if flag.words:
        return f"({' '.join(flag.words)})"
    return "_files" if flag.files else " "


def _bracketed(text: str) -> str:
    return re.sub(r"([\\\[\]:])", r"\\\1", text)


def _colons(text: str) -> str:
    return re.sub(r"([\\:])", r"\\\1", text)


def _lines(items: Iterable[str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}{shlex.quote(item)}" for item in items)
