"""Judging how a session turned to TLS: offer, reply to STARTTLS, handshake, EHLO again (RFC 3207). Pure."""

from datetime import datetime

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.certificates import judge_tls
from smtpdiag_tui.checks.session.interference import masked
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation, TlsAttempt
from smtpdiag_tui.network.seam import TrustStore
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import TlsPolicy
from smtpdiag_tui.smtp.extensions import offered

_SHOWN_LINES = 20  # of what came unencrypted after the reply to STARTTLS


def judge_starttls(
    seen: SessionObservation, trust: TrustStore, now: datetime, names: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Return the findings about TLS in one session. `names` are the MX host names that the certificate must fit.

    Where TLS is required, warnings are failures.
    """
    strict = seen.settings.tls in (TlsPolicy.REQUIRE, TlsPolicy.IMPLICIT)
    found: list[Finding] = []
    if _offer_is_missing(seen):
        found.append(_not_offered(seen, strict=strict))
    command = seen.last(Phase.STARTTLS)
    if command is not None and command.turned_down:
        found.append(_refused(seen, command, strict=strict))
    if seen.tls is not None:
        found += _handshake(visible(seen.target.host), seen.tls, strict=strict)
        if seen.tls.session is not None:
            found += judge_tls(seen.tls.session, trust, now, names, strict=strict)
    for exchange in seen.exchanges:
        if is_second_ehlo(exchange) and exchange.turned_down:
            found += judge_refusal(seen, exchange)
    return tuple(found)


def is_second_ehlo(exchange: Exchange) -> bool:
    """Whether this is EHLO as it is said again under TLS (RFC 3207 §4.2)."""
    return exchange.phase is Phase.EHLO and exchange.tls


def _offer_is_missing(seen: SessionObservation) -> bool:
    if seen.settings.tls is TlsPolicy.IMPLICIT:
        return False
    keywords = offered(seen.exchanges).first
    return keywords is not None and "STARTTLS" not in keywords


def _not_offered(seen: SessionObservation, *, strict: bool) -> Finding:
    host = visible(seen.target.host)
    message = f"{host} does not offer STARTTLS"
    if not masked(seen):
        return finding("starttls-not-offered", message, strict=strict)
    return finding(
        "starttls-not-offered",
        message,
        meaning="A firewall on the path masked the session. It may have removed STARTTLS.",
        side=Side.PATH,
        advice=Action("Network administrator", f"switch off SMTP inspection on the firewall before {host}."),
        strict=strict,
    )


def _refused(seen: SessionObservation, command: Exchange, *, strict: bool) -> Finding:
    told = judge_refusal(seen, command)[0]
    known = told.reason is not Reason.UNEXPLAINED
    return finding(
        "starttls-refused",
        told.message,
        evidence=reply_texts.lines(command.reply),
        meaning=told.meaning if known else None,
        side=told.side if known else None,
        advice=told.actions if known else None,
        strict=strict,
        party=told.party,
        reason=told.reason,
    )


def _handshake(host: str, tls: TlsAttempt, *, strict: bool) -> list[Finding]:
    """Judge what came around a handshake, and that it failed; not what it agreed on."""
    found: list[Finding] = []
    if tls.injected:
        message = f"{host} sent {counted(tls.injected_size, 'byte')} of plaintext after its STARTTLS reply"
        extra = tuple(visible(line) for line in tls.injected.splitlines()[:_SHOWN_LINES])
        found.append(finding("starttls-injection", message, evidence=extra, strict=strict))
    if tls.session is None:
        message = f"TLS handshake with {host} failed"
        found.append(finding("tls-handshake-failed", message, evidence=(visible(tls.error),), strict=strict))
    return found
