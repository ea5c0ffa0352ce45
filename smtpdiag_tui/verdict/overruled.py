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
        text = f"{remote.domain} is a CNAME for {remote.route.mx.names[-1]}, a name without MX"
        return replace(verdict, headline=text)
    text = _negative(ruling)
    return replace(verdict, headline=text, note=_note(ruling), side=_side(ruling)) if text else verdict


def _without_rewriting(ruling: Ruling) -> Verdict:
    """Return what the authority says where the resolver makes up addresses."""
    domain, server = ruling.domain, ruling.server.label
    truth = ruling.truth
    if truth is not None and truth.kind is AnswerKind.NXDOMAIN:
        text = f"Domain {domain} does not exist; {server} made up an answer"
        return Verdict(Outcome.BOUNCED, text, _STEP, side=Side.HERE)
    text = f"{server} made up an answer for {domain}"
    return Verdict(Outcome.UNKNOWN, text, _STEP, side=Side.HERE)


def _negative(ruling: Ruling) -> str:
    """Say that there is no mail host by the resolver's word alone; nothing where it is the domain's own."""
    domain, server, told = ruling.domain, ruling.server.label, shown(ruling.told)
    match ruling.reading:
        case Reading.STALE:
            return f"{server} still returns {told} for {domain}"
        case Reading.FILTERED:
            return f"{server} filters {domain} and returns {told}"
        case Reading.OWN_VIEW:
            return f"{server} returns {told} for {domain} from a zone of its own"
        case Reading.CONTRADICTS:
            return f"{server} returns NXDOMAIN for the MX of {domain}, but other records exist"
        case _:
            return ""


def _note(ruling: Ruling) -> str:
    if ruling.reading is Reading.CONTRADICTS:
        return f"Postfix delivers to the address of {ruling.domain}; Exim returns the message, the worst case."
    return ""


def _side(ruling: Ruling) -> Side | None:
    return None if ruling.reading is Reading.CONTRADICTS else Side.HERE
