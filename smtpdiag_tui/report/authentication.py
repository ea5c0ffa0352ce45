"""What receivers check about the sender, mostly after DATA, as data. Plain data."""

from dataclasses import dataclass
from enum import StrEnum


class SpfResult(StrEnum):
    """What SPF comes to for one identity (RFC 7208 §2.6)."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class DkimResult(StrEnum):
    """What a DKIM signature comes to (RFC 8601 §2.7.1); `KEY` where no signature is known, only a key."""

    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    PERMERROR = "permerror"
    TEMPERROR = "temperror"
    KEY = "key"


class DmarcResult(StrEnum):
    """What DMARC comes to (RFC 9989, RFC 8601 §2.7.3); `UNKNOWN` where that depends on DKIM."""

    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    UNKNOWN = "unknown"


class Policy(StrEnum):
    """What the domain asks receivers to do with mail that fails DMARC."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class BeyondName(StrEnum):
    """What RCPT does not cover."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    RECEIVERS = "receivers"
    MESSAGE = "message"


class BeyondVerdict(StrEnum):
    """What is known of it."""

    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SpfIdentity:
    """SPF of one identity: its domain, the result, the domain's own explanation of a fail ("" without one).

    `lookups` counts the terms that looked something up, `void_lookups` those that found nothing (RFC 7208 §4.6.4).
    """

    domain: str
    result: SpfResult
    explanation: str = ""
    lookups: int = 0
    void_lookups: int = 0


@dataclass(frozen=True, slots=True)
class Spf:
    """SPF for one address of this host: None for an identity that was not judged."""

    mail_from: SpfIdentity | None = None
    ehlo: SpfIdentity | None = None


@dataclass(frozen=True, slots=True)
class Dkim:
    """One signature, or one key without a message (`KEY`)."""

    selector: str
    domain: str
    result: DkimResult


@dataclass(frozen=True, slots=True)
class Dmarc:
    """DMARC for one address of this host.

    `domain` is that of the From field, `policy` what applies to it, after sp, np and t; None without a record.
    `because` says in a clause what the result rests on.
    """

    domain: str
    organizational_domain: str
    policy: Policy | None
    result: DmarcResult
    because: str


@dataclass(frozen=True, slots=True)
class Authentication:
    """What a receiver finds for mail from one address of this host; `address` is None where it is unknown.

    `results_header` is the value of the Authentication-Results field that a receiver would write (RFC 8601).
    """

    address: str | None
    spf: Spf
    dkim: tuple[Dkim, ...] = ()
    dmarc: Dmarc | None = None
    results_header: str = ""


@dataclass(frozen=True, slots=True)
class Beyond:
    """One thing that RCPT does not cover, and what is known of it: `message` is one sentence without full stop."""

    name: BeyondName
    verdict: BeyondVerdict
    message: str
