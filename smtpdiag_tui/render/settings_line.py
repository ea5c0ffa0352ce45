"""What a run was told beyond the two addresses, in one line."""

from collections.abc import Collection

from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import defaults_of
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings


def settings_line(settings: Settings, without: Collection[str] = ()) -> str:
    """Return the settings that differ from the defaults, but those in `without`; the empty string if none does."""
    defaults = defaults_of(settings)
    phrases = [
        option.phrase
        for option in table.OPTIONS
        if option.phrase is not None
        and option.name not in without
        and getattr(settings, option.name) != defaults[option.name]
    ]
    told = (phrase.words(settings) for phrase in sorted(phrases, key=lambda phrase: phrase.place))
    return visible("; ".join(words for words in told if words))
