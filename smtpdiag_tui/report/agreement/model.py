"""What several vantage points come to together. Plain data."""

from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome


class Topic(StrEnum):
    """What vantage points can differ in."""

    OUTCOME = "outcome"
    MX = "mx"  # the MX hosts
    ADDRESSES = "addresses"  # of one MX host
    SERIAL = "serial"  # of the recipient's zone
    PORT = "port"  # whether any MX host answers
    IPV6 = "ipv6"
    SESSION = "session"  # with one address
    TLS = "tls"
    CERTIFICATE = "certificate"
    EHLO = "ehlo"


@dataclass(frozen=True, slots=True)
class View:
    """What some vantage points saw alike; `points` are their labels, in the order that they were given."""

    points: tuple[str, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that is not the same from everywhere. `note` is what may explain it, "" for nothing."""

    topic: Topic
    headline: str
    views: tuple[View, ...]
    host: str = ""
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A vantage point without an outcome, and why; `pending`: its run has not ended."""

    point: str
    why: str
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the vantage points come to together.

    `points` are the labels of all, `counted` of those whose run came to an outcome; no other has a say. `outcome`
    is the one that all of these have, else the worst (bounced, deferred, unknown, accepted); None where none has
    one. `shared` are sentences on those that leave from one public IP address: receivers take them for one host.
    `meaning` says what follows, with the certainty that it deserves, `side` whose side that is, None where it is
    nobody's or undecided; `action` is what to do about it. Each is "" where nothing follows.
    """

    points: tuple[str, ...]
    counted: tuple[str, ...]
    agree: bool
    outcome: Outcome | None
    headline: str
    meaning: str = ""
    action: str = ""
    side: Side | None = None
    shared: tuple[str, ...] = ()
    differences: tuple[Disagreement, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()
