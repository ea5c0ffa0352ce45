"""Whether the message arrives, and of one that is deferred, whether a retry can succeed. Pure."""

from collections.abc import Iterable, Sequence

from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.stub import obstacle
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict
from smtpdiag_tui.report.conclusions import Cause, Retry
from smtpdiag_tui.report.facts import DestinationKind
from smtpdiag_tui.report.filling import given_name, names_at
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.verdict.case import Case
from smtpdiag_tui.verdict.contacts import GIVEN_HERE, HOSTMASTERS
from smtpdiag_tui.verdict.listings import lists_named
from smtpdiag_tui.verdict.measuring import source_of
from smtpdiag_tui.verdict.outcome import Verdict
from smtpdiag_tui.verdict.retrying import retry_of
from smtpdiag_tui.verdict.session_end import SessionEnd, session_ends

NOTHING_SENT = "unknown; nothing was sent"
_ACCEPTED = "yes, up to RCPT TO"
_REFUSED_LATER = "yes, up to RCPT TO; the message may be rejected after DATA"
_REFUSED_WITHOUT_DMARC = (
    "yes, up to RCPT TO; receivers that do not enforce DMARC may reject the message after DATA"
)
_OUTWEIGHED = (BeyondName.SPF, BeyondName.DKIM)  # one of the two is enough for DMARC (RFC 9989)
_ANY = "yes, up to RCPT TO, where {host} accepts any recipient; a later bounce is possible"
_RELAYED = "yes, up to RCPT TO at the relay host; what MX hosts of {domain} reply to it later is not tested"
_BOUNCED = "no; the sending server returns the message to the sender"
_BY_CHANCE = "no, at worst; another MX host of the same preference accepts, and which one is tried is chance"
_BY_CHANCE_LATE = "delayed, at worst; another MX host of the same preference accepts"
_UNKNOWN = "unknown; could not be determined from this host"
_RELAYS = "{host} relays messages from this host"
_NOT_UNTIL = "not until {until}; until then every retry fails"
_RETRIED = {
    Retry.BY_ITSELF: "delayed; the sending server retries on its own",
    Retry.UNKNOWN: "delayed; the sending server retries, and whether a retry succeeds is unknown",
}


def delivered_when(
    report: Report, verdict: Verdict, causes: Sequence[Cause], beyond: Iterable[Beyond] = ()
) -> tuple[Retry | None, str]:
    """Return whether a retry can succeed, None unless the message is deferred, and whether the message arrives.

    `beyond` is what RCPT does not cover.
    """
    way = verdict.walk
    by_chance = way is not None and way.best_case is not None and way.best_case.outcome is Outcome.ACCEPTED
    match verdict.outcome:
        case Outcome.ACCEPTED:
            return None, _accepted(report, verdict, beyond)
        case Outcome.BOUNCED:
            return None, _BY_CHANCE if by_chance else _BOUNCED
        case Outcome.UNKNOWN:
            return None, _UNKNOWN
        case _ if by_chance:
            return Retry.BY_ITSELF, _BY_CHANCE_LATE
    return _deferred(report, verdict, causes)


def _deferred(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> tuple[Retry, str]:
    case = Case(report, verdict)
    tried = {item.address.step for item in case.tries} | {verdict.step}
    ends = session_ends(report).values()
    retry, until = retry_of(causes, [end for end in ends if end.address in tried])
    if retry is Retry.NOT_BEFORE_CHANGE:
        if report.destination_kind in GIVEN_HERE and causes[0].code in HOSTMASTERS:
            return retry, _NOT_UNTIL.format(until=f"{given_name(report.settings)} resolves")
        if report.destination_kind in GIVEN_HERE and causes[0].reason is Reason.NOT_HOSTED:
            until = _RELAYS  # it hosts no domain, it relays for its clients
        return retry, _NOT_UNTIL.format(until=until.format(**_places(case, causes[0])))
    return retry, _RETRIED[retry]


def _accepted(report: Report, verdict: Verdict, beyond: Iterable[Beyond]) -> str:
    probes = [item.code for step in report.children("probes") for item in step.findings]
    if "accepts-any-recipient" in probes:
        return _ANY.format(host=_host(report, verdict))
    if report.destination_kind is DestinationKind.RELAY:
        return _RELAYED.format(domain=visible(report.settings.recipient.rpartition("@")[2]))
    return _after_data(beyond)


def _after_data(beyond: Iterable[Beyond]) -> str:
    """Return whether the message is in danger after DATA; little where DMARC passes by SPF or DKIM."""
    found = tuple(beyond)
    failing = {item.name for item in found if item.verdict is BeyondVerdict.FAIL}
    dmarc = {item.verdict for item in found if item.name is BeyondName.DMARC}
    if not failing:
        return _ACCEPTED
    saved = dmarc == {BeyondVerdict.PASS} and failing <= set(_OUTWEIGHED)
    return _REFUSED_WITHOUT_DMARC if saved else _REFUSED_LATER


def _places(case: Case, cause: Cause) -> dict[str, object]:
    """Return what the places of a condition stand for; a noun phrase where a name is not known."""
    report, settings = case.report, case.report.settings
    ends = [
        end for end in session_ends(report).values() if end.step in cause.evidence or end.address in cause.evidence
    ]
    sender_domain = settings.sender.rpartition("@")[2]
    return {
        **names_at(next(iter(cause.evidence), ""), settings),
        "host": _host(report, case.verdict),
        "server": _server(case, cause),
        "client": _client(case, ends),
        "list": _list(ends),
        "recipient": visible(settings.recipient),
        "sender_domain": visible(sender_domain) or "the sender domain",
    }


def _server(case: Case, cause: Cause) -> str:
    """Return the DNS server that a cause is about: where it shows, else the one that the route waits for."""
    servers = [server for key in cause.evidence if (server := StepId(key).server)]
    seen = case.observed("remote", DomainObservation)
    view = obstacle(seen.stub) if seen is not None else None
    if not servers and view is not None:
        servers = [view.server.label]
    return visible(servers[0]) if servers else "the resolver of this host"


def _client(case: Case, ends: Sequence[SessionEnd]) -> str:
    """Return the address of this host that the server saw, as far as it is one and known."""
    named = list(dict.fromkeys(address for address in lists_named(ends).values() if address))
    known = named or list(dict.fromkeys(source for end in ends if (source := source_of(case, end))))
    return known[0] if len(known) == 1 else "this host"


def _list(ends: Sequence[SessionEnd]) -> str:
    """Return the one list that the refusals name, behind `on`; "" for none or several."""
    names = list(lists_named(ends))
    return f" on {visible(names[0])}" if len(names) == 1 else ""


def _host(report: Report, verdict: Verdict) -> str:
    host = StepId(verdict.step or "").host
    of_domain = report.destination_kind is DestinationKind.DOMAIN
    return visible(host or (f"an MX host of {report.destination}" if of_domain else report.destination))
