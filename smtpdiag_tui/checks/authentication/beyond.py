"""What RCPT does not cover, and what is known of it: one sentence for each standard, the worst first. Pure.

Receivers check SPF and DKIM themselves, and apply the DMARC policy of the From domain (RFC 7208 §8, RFC 9989),
most of them after DATA: that the recipient is accepted says nothing about it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from smtpdiag_tui.checks.authentication.seen import AddressSpf, DkimKey, KeyState, MessageSeen, Signature
from smtpdiag_tui.report.amounts import listed
from smtpdiag_tui.report.authentication import (
    Beyond,
    BeyondName,
    BeyondVerdict,
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    SpfIdentity,
    SpfResult,
)
from smtpdiag_tui.report.visible import visible

AddressDmarc = tuple[str | None, Dmarc]

_ORDER = tuple(BeyondName)
_WORST_FIRST = (
    SpfResult.FAIL,
    SpfResult.PERMERROR,
    SpfResult.SOFTFAIL,
    SpfResult.TEMPERROR,
    SpfResult.NEUTRAL,
    SpfResult.NONE,
)
_UNDECIDED = (SpfResult.SOFTFAIL, SpfResult.NEUTRAL, SpfResult.NONE)
_KEYS_WORST_FIRST = (KeyState.REVOKED, KeyState.INVALID, KeyState.MISSING, KeyState.UNKNOWN)
_KEY_WORDS = {KeyState.REVOKED: "is revoked", KeyState.INVALID: "is invalid", KeyState.MISSING: "does not exist"}
CONSEQUENCES = {
    Policy.REJECT: "receivers that enforce DMARC reject {what} after DATA",
    Policy.QUARANTINE: "receivers that enforce DMARC treat {what} as spam",
}


def in_order(found: Iterable[Beyond | None]) -> tuple[Beyond, ...]:
    """Return what is known in the order of the standards."""
    return tuple(sorted((item for item in found if item is not None), key=lambda item: _ORDER.index(item.name)))


def beside_spf(of_dmarc: Beyond | None, of_spf: Beyond | None, dmarc: Sequence[AddressDmarc]) -> Beyond | None:
    """Return what is known of DMARC: short where it depends on DKIM, and SPF that fails says what follows."""
    results = {found.result for _, found in dmarc}
    hangs = DmarcResult.UNKNOWN in results and not results & {DmarcResult.FAIL, DmarcResult.TEMPERROR}
    if of_dmarc is None or of_spf is None or of_spf.verdict is not BeyondVerdict.FAIL or not hangs:
        return of_dmarc
    return replace(of_dmarc, message="Whether DMARC passes depends on DKIM")


def spf_beyond(
    seen: Sequence[AddressSpf], dmarc: Sequence[AddressDmarc] = (), publishes: str = ""
) -> Beyond | None:
    """Return the worst SPF result of the public IP addresses, with the addresses that have it.

    `dmarc` tells what becomes of mail that SPF does not vouch for, `publishes` in a clause who asks for that, ""
    where that is not known. None where SPF was not judged at all.
    """
    if not seen:
        return None
    judged = [(item.address, item.spf.mail_from) for item in seen if item.spf.mail_from is not None]
    for result in _WORST_FIRST:
        worst = [(address, found) for address, found in judged if found.result is result]
        if worst:
            return _not_passing(worst, dict(dmarc), publishes)
    refused = [(item.address, item.spf.ehlo) for item in seen if _fails(item.spf.ehlo)]
    for address, ehlo in refused:
        if address is not None and ehlo is not None:
            message = f"SPF of EHLO name {visible(ehlo.domain)} fails for {address}"
            return _spf(BeyondVerdict.FAIL, f"{message}: receivers that check it reject the message")
    if any(item.address is None for item in seen):
        message = "Whether SPF passes is unknown: the public IP address that receivers see is unknown"
        return _spf(BeyondVerdict.UNKNOWN, message)
    if not judged:
        return None
    domains = listed(visible(found.domain) for _, found in judged)
    return _spf(BeyondVerdict.PASS, f"SPF of {domains} passes for {_addresses(judged)}")


def _fails(found: SpfIdentity | None) -> bool:
    return found is not None and found.result is SpfResult.FAIL


def _spf(verdict: BeyondVerdict, message: str) -> Beyond:
    return Beyond(BeyondName.SPF, verdict, message)


def _addresses(found: Sequence[tuple[str | None, SpfIdentity]]) -> str:
    return listed(address or "this host" for address, _ in found)


def _not_passing(
    worst: Sequence[tuple[str | None, SpfIdentity]], dmarc: dict[str | None, Dmarc], publishes: str
) -> Beyond:
    """Return what a result other than pass means for mail from the first of its addresses, all named."""
    first, found = worst[0]
    addresses = _addresses([item for item in worst if item[1].domain == found.domain])
    told = _told(found.result, addresses, visible(found.domain))
    if found.result is SpfResult.TEMPERROR:
        return _spf(BeyondVerdict.UNKNOWN, told)
    policy = dmarc.get(first)
    if policy is not None and policy.result is DmarcResult.PASS:
        verdict = BeyondVerdict.UNKNOWN if found.result in _UNDECIDED else BeyondVerdict.FAIL
        return _spf(verdict, f"{told}, but a DKIM signature of {visible(policy.domain)} makes DMARC pass")
    if policy is not None and policy.policy in CONSEQUENCES:
        asked = publishes or f"the DMARC policy of {visible(policy.domain)} is {policy.policy}"
        return _spf(BeyondVerdict.FAIL, f"{told} and {asked}: {_follows(policy, CONSEQUENCES[policy.policy])}")
    if found.result in _UNDECIDED:
        return _spf(BeyondVerdict.UNKNOWN, f"{told}: receivers decide by their own rules")
    return _spf(BeyondVerdict.FAIL, f"{told}: receivers that check SPF reject the message")


def _told(result: SpfResult, addresses: str, domain: str) -> str:
    match result:
        case SpfResult.FAIL:
            return f"SPF of {domain} fails for {addresses}"
        case SpfResult.TEMPERROR:
            return f"SPF of {domain} could not be evaluated for {addresses}: a DNS query failed"
        case SpfResult.NONE:
            return f"{domain} has no SPF record"
        case _:
            return f"SPF of {domain} is {result} for {addresses}"


def _follows(dmarc: Dmarc, consequence: str) -> str:
    """Return what becomes of mail that SPF does not vouch for, where DKIM may still do so with that."""
    if dmarc.result is DmarcResult.FAIL:
        return consequence.format(what="the message")
    return f"unless the message is signed for {visible(dmarc.domain)}, {consequence.format(what='it')}"


def dkim_beyond(
    keys: Sequence[DkimKey], message: MessageSeen | None, dmarc: Sequence[AddressDmarc] = ()
) -> Beyond:
    """Return what DKIM comes to: of the signatures of the message, else of the keys that are known."""
    if message is not None and message.readable:
        failing = any(found.result is DmarcResult.FAIL for _, found in dmarc)
        return _of_signatures(message.signatures, failing=failing)
    for state in _KEYS_WORST_FIRST:
        for key in keys:
            if key.state is state:
                return _of_key(key)
    if not keys:
        message_told = (
            "Whether messages are signed with DKIM is unknown: no selector is known, and no message was given"
        )
        return _dkim(BeyondVerdict.UNKNOWN, message_told)
    names = listed(_key_name(key) for key in keys)
    valid = f"DKIM key at {names} is valid" if len(keys) == 1 else f"DKIM keys at {names} are valid"
    return _dkim(BeyondVerdict.UNKNOWN, f"{valid}; whether messages are signed is unknown")


def _dkim(verdict: BeyondVerdict, message: str) -> Beyond:
    return Beyond(BeyondName.DKIM, verdict, message)


def _key_name(key: DkimKey) -> str:
    return f"{visible(key.selector)}._domainkey.{visible(key.domain)}"


def _of_key(key: DkimKey) -> Beyond:
    if key.state is KeyState.UNKNOWN:
        return _dkim(BeyondVerdict.UNKNOWN, f"DKIM key at {_key_name(key)} could not be looked up")
    told = f"DKIM key at {_key_name(key)} {_KEY_WORDS[key.state]}: receivers cannot verify signatures with it"
    return _dkim(BeyondVerdict.FAIL, told)


def _of_signatures(signatures: Sequence[Signature], *, failing: bool) -> Beyond:
    """Return what signatures come to; one that verifies is enough (RFC 6376 §6.1)."""
    if not signatures:
        # It is no fault by itself, but where DMARC fails for want of it.
        verdict = BeyondVerdict.FAIL if failing else BeyondVerdict.UNKNOWN
        return _dkim(verdict, "The message has no DKIM signature")
    passing = [item.domain for item in signatures if item.result is DkimResult.PASS]
    if passing:
        return _dkim(BeyondVerdict.PASS, f"DKIM signature of {listed(map(visible, passing))} verifies")
    worst = next((item for item in signatures if item.result is not DkimResult.TEMPERROR), None)
    if worst is None:
        domains = listed(dict.fromkeys(visible(item.domain) for item in signatures))
        return _dkim(BeyondVerdict.UNKNOWN, f"DKIM key of {domains} could not be looked up")
    why = f": {worst.because}" if worst.because else ""
    return _dkim(BeyondVerdict.FAIL, f"DKIM signature of {visible(worst.domain)} does not verify{why}")
