"""What a receiver finds for mail from each address of this host, from what each standard found. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.authentication.seen import AddressSpf, DkimKey, KeyState, MessageSeen
from smtpdiag_tui.report.authentication import (
    Authentication,
    Beyond,
    BeyondName,
    BeyondVerdict,
    Dkim,
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    SpfResult,
)

# The worst first: a line that has room for one result tells that one.
_SPF = (
    SpfResult.FAIL,
    SpfResult.PERMERROR,
    SpfResult.TEMPERROR,
    SpfResult.SOFTFAIL,
    SpfResult.NEUTRAL,
    SpfResult.NONE,
    SpfResult.PASS,
)
_DMARC = (
    DmarcResult.FAIL,
    DmarcResult.PERMERROR,
    DmarcResult.TEMPERROR,
    DmarcResult.UNKNOWN,
    DmarcResult.NONE,
    DmarcResult.PASS,
)
_DKIM = (DkimResult.PASS, DkimResult.FAIL, DkimResult.PERMERROR, DkimResult.TEMPERROR)
_KEY = (KeyState.REVOKED, KeyState.INVALID, KeyState.MISSING, KeyState.UNKNOWN, KeyState.VALID)
_FAILING = {BeyondName.RECEIVERS: "receiver requirement not met", BeyondName.MESSAGE: "message faulty"}


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What receivers find for each address of this host, and what RCPT does not cover."""

    authentication: tuple[Authentication, ...] = ()
    beyond: tuple[Beyond, ...] = ()


def authentication_of(
    spf: Sequence[AddressSpf],
    keys: Sequence[DkimKey],
    message: MessageSeen | None,
    dmarc: Sequence[tuple[str | None, Dmarc]],
) -> tuple[Authentication, ...]:
    """Return what is found for each address that SPF or DMARC was judged for, in the order of SPF."""
    of_address = dict(dmarc)
    signed = dkim_of(keys, message)
    by_spf = {item.address: item.spf for item in spf}
    return tuple(
        Authentication(address, found, signed, of_address.get(address)) for address, found in by_spf.items()
    )


def dkim_of(keys: Sequence[DkimKey], message: MessageSeen | None) -> tuple[Dkim, ...]:
    """Return the signatures of the message; where no message is known, the keys that there are."""
    if message is not None and message.readable:
        return tuple(Dkim(item.selector, item.domain, item.result) for item in message.signatures)
    there = [key for key in keys if key.state in (KeyState.VALID, KeyState.INVALID)]
    return tuple(Dkim(key.selector, key.domain, DkimResult.KEY) for key in there)


def authentication_words(
    found: Sequence[Authentication], keys: Sequence[DkimKey], beyond: Sequence[Beyond] = ()
) -> str:
    """Return what is known, the worst of each standard: "SPF pass, DMARC pass (policy reject), DKIM key valid".

    Of the rest of what RCPT does not cover, `beyond`, what fails is named.
    """
    failing = {item.name for item in beyond if item.verdict is BeyondVerdict.FAIL}
    others = [words for name, words in _FAILING.items() if name in failing]
    words = [*_spf_words(found), *_dmarc_words(found), *_dkim_words(found, keys), *others]
    return ", ".join(words)


def _spf_words(found: Sequence[Authentication]) -> list[str]:
    results = {item.spf.mail_from.result for item in found if item.spf.mail_from is not None}
    worst = [result for result in _SPF if result in results]
    if worst:
        return [f"SPF {worst[0]}"]
    return ["SPF not evaluated (public IP address unknown)"] if any(item.address is None for item in found) else []


def _dmarc_words(found: Sequence[Authentication]) -> list[str]:
    judged = [item.dmarc for item in found if item.dmarc is not None]
    worst = sorted(judged, key=lambda item: _DMARC.index(item.result))
    if not worst:
        return []
    policy = worst[0].policy
    told = f" (policy {policy})" if isinstance(policy, Policy) else ""
    if worst[0].result is DmarcResult.UNKNOWN:
        return [f"DMARC depends on DKIM{told}"]
    return [f"DMARC {worst[0].result}{told}"]


def _dkim_words(found: Sequence[Authentication], keys: Sequence[DkimKey]) -> list[str]:
    """Return the best signature: one that verifies is enough; else the worst key."""
    results = {item.result for one in found for item in one.dkim}
    best = [result for result in _DKIM if result in results]
    if best:
        return [f"DKIM {best[0]}"]
    states = {key.state for key in keys}
    worst = [state for state in _KEY if state in states]
    return [f"DKIM key {worst[0]}"] if worst else []
