"""All deliveries that the lines of a log tell of, whichever mail server wrote them. Pure."""

from collections.abc import Callable, Sequence

from smtpdiag_tui.bounces.logs import exchange, exim, haraka, opensmtpd, postfix, qmail, sendmail, stalwart
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.line import Line, log_lines
from smtpdiag_tui.bounces.told import Told

_READERS: tuple[Callable[[Line, Collected], bool], ...] = (
    stalwart.read_line,
    haraka.read_line,
    opensmtpd.read_line,
    postfix.read_line,
    exim.read_line,
    qmail.read_line,
    sendmail.read_line,
)
# What stands in every line that tells something: all others are passed over at once.
_SIGNS = (
    "to=<",
    "from=",
    "H=",
    "SMTP error",
    " ** ",
    " == ",
    " => ",
    " -> ",
    " <= ",
    "reject",
    "(delivery.",
    "] [",
    "stat=",
    "delivery ",
    "info msg ",
)


def read_log(lines: Sequence[str]) -> tuple[tuple[Told, ...], str]:
    """Return what the lines of a log tell, nothing where they are none, and a sentence about what is left out."""
    into = Collected()
    if exchange.looks_like_csv(lines):
        exchange.read_csv(lines, into)
        return into.deliveries()
    for line in log_lines(lines, _SIGNS):
        any(read(line, into) for read in _READERS)
    return into.deliveries()
