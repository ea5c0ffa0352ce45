"""What this run found about SPF, DKIM, DMARC and TLS where a refusal is about them. Pure.

A reply names what its receiver checked (RFC 7372, RFC 9989). SPF counts as it came out for the very address that
the refused session was seen from; what a receiver says of DKIM before DATA was not about a message of this run.
"""

from smtpdiag_tui.checks.authentication.per_address import Authenticated
from smtpdiag_tui.checks.session.replies.named import NAMES_DKIM, NAMES_DMARC, NAMES_EHLO, NAMES_SPF
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import Authentication, DmarcResult
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import TlsPolicy
from smtpdiag_tui.verdict.case import Case
from smtpdiag_tui.verdict.measuring import (
    Measured,
    advice,
    agreeing,
    fresh,
    is_about,
    known_as,
    source_of,
    source_seen,
    their_resolver,
)
from smtpdiag_tui.verdict.quoting import whole_reply
from smtpdiag_tui.verdict.session_end import SessionEnd

_SPF_STEP = "authentication/spf"
_SPF = ("spf-fail", "spf-permerror", "spf-softfail", "spf-neutral", "spf-none")
_DKIM = ("dkim-signature-invalid", "dkim-key-revoked", "dkim-key-invalid", "dkim-key-missing", "dkim-unsigned")
_DMARC = ("dmarc-would-fail", "dmarc-invalid", "dmarc-none")
_STARTTLS = ("tls-handshake-failed", "starttls-refused", "starttls-not-offered")
_OLD_TLS = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})


def sender_authentication(case: Case, end: SessionEnd) -> Measured | None:
    """SPF, DKIM and DMARC as far as the reply names them, all where it names none.

    What agrees comes first. The reply is contradicted only where all that it names was found to pass.
    """
    address = _seen_as(case, end)
    if address is None:
        return None
    text = whole_reply(end.finding.evidence)
    named = [look for pattern, look in _LOOKS if pattern.search(text)]
    found = [look(case, end, address) for look in named or [look for _, look in _LOOKS]]
    agrees = next((item for item in found if item is not None and item.agrees), None)
    if agrees is not None:
        return agrees
    contradicting = [item for item in found if item is not None]
    return contradicting[0] if named and len(contradicting) == len(named) else None


def _seen_as(case: Case, end: SessionEnd) -> str | None:
    """Return the address that the refused session was seen from; None where the reply is about another."""
    seen = source_seen(case, end)
    address = seen.seen.outside if seen is not None else source_of(case, end)
    known = known_as(seen) if seen is not None else {address or ""}
    return address if address and is_about(end.finding, known) else None


def _spf(case: Case, end: SessionEnd, address: str) -> Measured | None:
    """SPF for the address (RFC 7208): of MAIL FROM, then of the EHLO name; alone where the reply says so."""
    by_ehlo = fresh(case, f"{_SPF_STEP}/{address}/ehlo")
    by_mail = fresh(case, f"{_SPF_STEP}/{address}/mail-from")
    of_ehlo = bool(NAMES_EHLO.search(whole_reply(end.finding.evidence)))
    for step in [by_ehlo] if of_ehlo else [by_mail, by_ehlo]:
        wrong = agreeing(step, _SPF) if step is not None else None
        if wrong is not None:
            return wrong
    step = by_ehlo if of_ehlo else by_mail
    allowed = step is not None and any(item.code == "spf-pass" for item in step.findings)
    if step is None or not allowed:
        return None
    domain = _domain(case, step, address, of_ehlo=of_ehlo)
    fact = f"This run found that SPF of {domain} passes for {address}: {their_resolver(end)}"
    checked = f"returns the SPF record of {domain} that authorises {address}"
    return Measured(fact, False, advice(end, checked, f"every name server of the zone of {domain}", ()))


def _domain(case: Case, step: Step, address: str, *, of_ehlo: bool) -> str:
    """Return the domain whose record was judged."""
    found = _of_address(case, address)
    spf = found.spf if found is not None else None
    identity = (spf.ehlo if of_ehlo else spf.mail_from) if spf is not None else None
    return visible(identity.domain) if identity is not None else step.title.rpartition(" ")[2].strip("()")


def _dkim(case: Case, _end: SessionEnd, _address: str) -> Measured | None:
    """The keys and signatures that are known (RFC 6376): one that is well says nothing of a message.

    Where a signature of the given message verifies, other keys explain nothing: one is enough (§6.1).
    """
    given = fresh(case, "authentication/message")
    if given is not None and any(item.code == "dkim-signature-valid" for item in given.findings):
        return None
    steps = [step for step in case.report.descendants("authentication/dkim") if not step.stale]
    whole = [step for name in ("authentication/dkim", "authentication/message") if (step := fresh(case, name))]
    found = [item for step in (*steps, *whole) if (item := agreeing(step, _DKIM)) is not None]
    return found[0] if found else None


def _dmarc(case: Case, end: SessionEnd, address: str) -> Measured | None:
    """DMARC for the address (RFC 9989). Where it hangs on DKIM, SPF that does not pass is what is known of it."""
    step = fresh(case, "authentication/dmarc")
    found = _of_address(case, address)
    result = found.dmarc.result if found is not None and found.dmarc is not None else None
    if step is None or result is DmarcResult.TEMPERROR:
        return None
    if result is DmarcResult.PASS and found is not None and found.dmarc is not None:
        domain = visible(found.dmarc.domain)
        fact = f"This run found that DMARC of {domain} passes for {address}: {their_resolver(end)}"
        checked = f"returns the DMARC and SPF records of {domain}"
        return Measured(fact, False, advice(end, checked, f"every name server of the zone of {domain}", ()))
    wrong = agreeing(step, _DMARC)
    if wrong is not None:
        return wrong
    of_spf = _spf(case, end, address)
    return of_spf if of_spf is not None and of_spf.agrees else None


def _of_address(case: Case, address: str) -> Authentication | None:
    """Return what was found for an address, in this run or in the report that it was read from."""
    seen = case.observed("authentication", Authenticated)
    items = seen.authentication if seen is not None else case.report.authentication
    return next((item for item in items if item.address == address), None)


_LOOKS = ((NAMES_SPF, _spf), (NAMES_DMARC, _dmarc), (NAMES_DKIM, _dkim))


def encryption(case: Case, end: SessionEnd) -> Measured | None:
    """Whether TLS was used in the session that was refused for want of it (RFC 3207 §4)."""
    step = fresh(case, end.address)
    if step is None or step.facts.session is None:
        return None
    used = step.facts.session.tls
    if used:
        return _encrypted(end, used)
    negotiation = fresh(case, f"{end.address}/starttls")
    wrong = agreeing(negotiation, _STARTTLS) if negotiation is not None else None
    if wrong is not None:
        return wrong
    seen = case.observed(end.address, SessionObservation)
    settings = seen.settings if seen is not None else case.report.settings
    if settings.tls is TlsPolicy.OFF:
        return Measured("This run used no TLS (--tls off).", True, (Action("", "Rerun with --tls auto."),))
    return None


def _encrypted(end: SessionEnd, used: str) -> Measured:
    told = used.replace("TLSv", "TLS ")
    if used in _OLD_TLS:
        fact = f"The session used {told}; {end.host} may require a later version."
        return Measured(fact, True, ())
    theirs = Action(
        f"MX administrator of {end.host}", f"check why {end.host} requires TLS in a session with {told}."
    )
    return Measured(f"The session used {told} when {end.host} {end.verb} it.", False, (theirs,))
