"""All deliveries that the prose of a bounce tells of, whoever wrote it. Pure."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from smtpdiag_tui.bounces.prose import exim, postfix, providers, qmail, sendmail
from smtpdiag_tui.bounces.told import Told

MOST = 500  # deliveries
_READERS: tuple[Callable[[Sequence[str]], Iterator[Told]], ...] = (
    qmail.read,
    postfix.read,
    exim.read,
    sendmail.read,
    providers.read_gmail,
    providers.read_exchange,
)


def read_prose(lines: Sequence[str]) -> tuple[Told, ...]:
    """Return what the first reader tells that finds something: a bounce has one author."""
    for read in _READERS:
        found = tuple(told for told in islice(read(lines), MOST) if told.reply or told.words)
        if found:
            return found
    return ()
