"""The settings of a run as the words of a command line that asks for them. Pure."""

from collections.abc import Iterator
from typing import Any

from smtpdiag_tui.options.option import Option, defaults_of
from smtpdiag_tui.options.table import OPTIONS
from smtpdiag_tui.settings import Settings

# Where a run is made, how it is shown, and what stands in a file of this host.
_NOT_OF_THE_RUN = frozenset({"via", "verbose", "message"})


def as_words(settings: Settings) -> tuple[str, ...]:
    """Return the options of a run on another host, and both addresses, as the command there takes them.

    What the local mail server of this host gave is left out beside `--as-local-mta`: that host's gives its own. A
    message is not named: its file is here.
    """
    defaults, words = defaults_of(settings), list[str]()
    for option in OPTIONS:
        value = getattr(settings, option.name)
        resolved = bool(settings.as_local_mta) and option.local_mta_sets
        if option.name not in _NOT_OF_THE_RUN and option.flags and not resolved and value != defaults[option.name]:
            words.extend(_words(option, value))
    return (*words, "--", settings.sender or "<>", settings.recipient)


def _words(option: Option, value: Any) -> Iterator[str]:
    """Yield the words of one setting; a value stands in one word with its flag, whatever it begins with."""
    if option.flags[0].metavar is None:
        alone = [flag for flag in option.flags if flag.means == value]
        yield (alone or list(option.flags))[0].names[-1]
        return
    for item in value if option.several else (value,):
        yield f"{option.flags[0].names[-1]}={_text(item)}"


def _text(value: Any) -> str:
    """Return a value as the command line takes it."""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(getattr(value, "label", value))
