"""The outcome where a resolver's answer is not what the authority says. Pure."""

from dataclasses import replace

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.arbiter import Reading, Ruling
from smtpdiag_tui.checks.lookups.arbiter_judgement import shown
from smtpdiag_tui.checks.lookups.domain import WITHOUT_HOST, DomainObservation
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.outcome import Verdict

_STEP = "remote"
_RETURNS = "A mail server on this host returns the message."


def overruled(verdict: Verdict, remote: DomainObservation | None) -> Verdict:
    """Return the outcome of the mail hosts, or of their absence, as the authority's word changes it.

    What a made-up answer led to is not believed; what an outdated or filtered one leads to is what a mail server
    here does, and is told as that.
    """
    ruling = remote.ruling if remote is not None else None
    if remote is None or ruling is None:
        return verdict
    if ruling.reading is Reading.REWRITTEN:
        return _without_rewriting(ruling)
    if remote.route.kind not in WITHOUT_HOST or verdict.step != _STEP:
        return verdict
    if ruling.believed and remote.hidden:
        text = f"A CNAME at {remote.domain} leads to {remote.route.mx.names[-1]}, which names no MX host."
        return replace(verdict, summary=f"{text} A sender returns the mail.")
    text = _negative(ruling)
    return replace(verdict, summary=text, side=_side(ruling)) if text else verdict


def _without_rewriting(ruling: Ruling) -> Verdict:
    """Return what the authority says where the resolver makes up addresses."""
    domain, server = ruling.domain, ruling.server.label
    truth = ruling.truth
    if truth is not None and truth.kind is AnswerKind.NXDOMAIN:
        text = f"The recipient's domain {domain} does not exist by its authority. A sender returns the mail."
        return Verdict(Outcome.BOUNCED, text, _STEP, side=Side.HERE)
    text = f"Whether the mail would be delivered is not known: the answer of {server} for {domain} is made up."
    return Verdict(Outcome.UNKNOWN, text, _STEP, side=Side.HERE)


def _negative(ruling: Ruling) -> str:
    """Say that there is no mail host by the resolver's word alone; nothing where it is the domain's own."""
    domain, server, told = ruling.domain, ruling.server.label, shown(ruling.told)
    match ruling.reading:
        case Reading.STALE:
            return f"{server} still returns {told} for {domain}. {_RETURNS}"
        case Reading.FILTERED:
            return f"{server} returns {told} for {domain}, which it filters. {_RETURNS}"
        case Reading.OWN_VIEW:
            return f"{server} returns {told} for {domain} from a zone of its own. {_RETURNS}"
        case Reading.CONTRADICTS:
            return (
                f"{server} returns NXDOMAIN for the MX of {domain}, though the name has other records."
                " Postfix delivers to its address; Exim returns the message, which is the worst case."
            )
        case _:
            return ""


def _side(ruling: Ruling) -> Side | None:
    return None if ruling.reading is Reading.CONTRADICTS else Side.HERE
