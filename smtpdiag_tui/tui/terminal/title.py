"""The terminal's title: kept before it says anything of ours, and given back (XTWINOPS 22 and 23)."""

from smtpdiag_tui.report.visible import visible

KEEP, GIVE_BACK = "\x1b[22;2t", "\x1b[23;2t"
_MOST = 60  # characters


def saying(words: str) -> str:
    """Return what makes the title say `words`, printable ones alone."""
    return f"\x1b]2;{visible(words)[:_MOST]}\x1b\\"
