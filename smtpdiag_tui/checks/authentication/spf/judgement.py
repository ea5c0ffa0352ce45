"""What an SPF evaluation comes to, for an address and an identity (RFC 7208 §8). Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.authentication.spf import advice as spf_advice
from smtpdiag_tui.checks.authentication.spf.advice import short
from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_LOOKUPS,
    MOST_VOID,
    Mechanism,
    ProblemKind,
    SpfEvaluation,
    SpfProblem,
)
from smtpdiag_tui.checks.authentication.spf.risks import risks
from smtpdiag_tui.checks.authentication.spf.trace import shown, spf_lines
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import SpfIdentity, SpfResult
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.fitting import fitted

_CODES = {
    SpfResult.PASS: "spf-pass",
    SpfResult.FAIL: "spf-fail",
    SpfResult.SOFTFAIL: "spf-softfail",
    SpfResult.NEUTRAL: "spf-neutral",
    SpfResult.NONE: "spf-none",
    SpfResult.PERMERROR: "spf-permerror",
    SpfResult.TEMPERROR: "spf-temperror",
}
_REFUSED = {
    SpfResult.FAIL: "fails",
    SpfResult.SOFTFAIL: "is softfail",
    SpfResult.NEUTRAL: "is neutral",
}


def judge(evaluation: SpfEvaluation, addresses: Sequence[str] | None = None) -> tuple[Finding, ...]:
    """Return the findings: about the result (none where an EHLO name has no record), and a risky record.

    `addresses` are all that mail of the domain comes from here, as far as they are known, since a domain has one
    record for all of them; None for that of the evaluation alone.
    """
    known = (str(evaluation.request.ip),) if addresses is None else tuple(addresses)
    return (*_of_result(evaluation, known), *risks(evaluation, known))


def to_report(evaluation: SpfEvaluation) -> SpfIdentity:
    """Return what the report holds of it."""
    return SpfIdentity(
        shown(evaluation.domain),
        evaluation.result,
        evaluation.explanation,
        evaluation.lookups,
        evaluation.void_lookups,
    )


def _of_result(evaluation: SpfEvaluation, addresses: Sequence[str]) -> tuple[Finding, ...]:
    match evaluation.result:
        case SpfResult.PASS:
            return (_made(evaluation, f"{_subject(evaluation)} passes for {evaluation.request.ip}"),)
        case SpfResult.NONE:
            return _none(evaluation, addresses)
        case SpfResult.PERMERROR | SpfResult.TEMPERROR:
            return (_error(evaluation),)
        case _:
            return (_refused(evaluation),)


def _refused(evaluation: SpfEvaluation) -> Finding:
    """Judge a result that does not let the address pass."""
    return _made(
        evaluation,
        f"{_subject(evaluation)} {_REFUSED[evaluation.result]} for {evaluation.request.ip}",
        meaning=_why_refused(evaluation),
        actions=spf_advice.to_authorise(evaluation),
    )


def _why_refused(evaluation: SpfEvaluation) -> str | None:
    """Return what is particular about a refusal, in place of the catalogue's meaning; None for nothing."""
    decided = evaluation.decided
    if _lists_ipv4_alone(evaluation):
        return (
            "The SPF record lists IPv4 addresses only, and mail to MX hosts with IPv6 leaves from an IPv6 address."
        )
    if decided is None:
        return "No term of the SPF record matches this IP address, and the record does not end with all."
    if decided.term.mechanism is not Mechanism.ALL:
        return (
            f"The term {short(decided.term)} in the SPF record of {shown(decided.domain)} matches this IP address."
        )
    return None


def _lists_ipv4_alone(evaluation: SpfEvaluation) -> bool:
    """Whether an IPv6 address met records that name IPv4 addresses, and no IPv6 one."""
    if evaluation.request.ip.version == 4:
        return False
    kinds = {term.mechanism for seen in evaluation.records for term in seen.record.mechanisms}
    return Mechanism.IP4 in kinds and Mechanism.IP6 not in kinds


def _none(evaluation: SpfEvaluation, addresses: Sequence[str]) -> tuple[Finding, ...]:
    """Judge a domain without a record; an EHLO name without one is usual."""
    if evaluation.request.by_ehlo and not evaluation.near:
        return ()
    name = shown(evaluation.domain)
    if evaluation.malformed:
        headline = f"SPF does not apply to sender domain {name}"
        meaning = "SPF needs a domain name of at least 2 labels."
        action = Action("", "Send from an address whose domain is a registered name.")
        return (_made(evaluation, headline, meaning=meaning, actions=(action,)),)
    headline = f"{name} has no SPF record"
    if not evaluation.near:
        return (_made(evaluation, headline, actions=spf_advice.to_publish(evaluation, addresses)),)
    meaning = 'A TXT record looks like one, but does not begin with "v=spf1" and a space. Receivers ignore it.'
    near = tuple(f'{name} TXT "{shown(text, octets=True)}"' for text in evaluation.near)
    actions = spf_advice.to_begin_rightly(evaluation)
    return (_made(evaluation, headline, meaning=meaning, actions=actions, first=near),)


def _error(evaluation: SpfEvaluation) -> Finding:
    problem = evaluation.problem
    if problem is None:
        raise ValueError("an error has a problem")
    return _made(
        evaluation,
        _about_problem(evaluation, problem),
        meaning=_why_problem(problem),
        actions=spf_advice.to_repair(evaluation),
        first=_first_evidence(evaluation, problem),
    )


def _about_problem(evaluation: SpfEvaluation, problem: SpfProblem) -> str:
    """Return the headline of a permerror or temperror."""
    name, own = shown(problem.domain), _subject(evaluation)
    term = short(problem.term) if problem.term is not None else ""
    match problem.kind:
        case ProblemKind.SYNTAX:
            return f"SPF record of {name} has a syntax error in {term}"
        case ProblemKind.SEVERAL_RECORDS:
            return f"{name} has {len(problem.texts)} SPF records; only one is allowed"
        case ProblemKind.TOO_MANY_LOOKUPS:
            return f"{own} needs more than {MOST_LOOKUPS} DNS lookups"
        case ProblemKind.TOO_MANY_VOID:
            return f"{own} makes more than {MOST_VOID} void lookups"
        case ProblemKind.TOO_MANY_NAMES:
            return f"{term} in the SPF record of {name} finds {problem.why}"
        case ProblemKind.NO_RECORD:
            return f"{term} in the SPF record of {name} finds no SPF record"
        case ProblemKind.DNS:
            return f"{own} could not be evaluated: {shown(str(problem.question))} failed"


def _why_problem(problem: SpfProblem) -> str | None:
    if problem.kind is ProblemKind.SYNTAX and problem.term is not None:
        return f"{_capital(shown(problem.term.error))}. Receivers discard the whole SPF record."
    if problem.kind is ProblemKind.TOO_MANY_VOID:
        return "Lookups that find nothing are limited (void lookups). Receivers stop the evaluation."
    return None


def _first_evidence(evaluation: SpfEvaluation, problem: SpfProblem) -> tuple[str, ...]:
    """Return what tells a problem best, before the trace."""
    match problem.kind:
        case ProblemKind.SEVERAL_RECORDS:
            return tuple(f'{shown(problem.domain)} TXT "{shown(text)}"' for text in problem.texts[:MOST_LOOKUPS])
        case ProblemKind.TOO_MANY_LOOKUPS:
            costs = evaluation.costs[: 2 * MOST_LOOKUPS]
            return tuple(f"{short(item.term)}: {spf_advice.cost_of(item)}" for item in costs)
        case ProblemKind.TOO_MANY_VOID:
            return tuple(f"{shown(str(item))}: nothing found" for item in problem.void[: 2 * MOST_LOOKUPS])
        case ProblemKind.DNS:
            return (f"{shown(str(problem.question))}: {shown(problem.why)}",)
        case _:
            return ()


def _subject(evaluation: SpfEvaluation) -> str:
    return f"SPF of {shown(evaluation.domain)}"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _made(
    evaluation: SpfEvaluation,
    headline: str,
    *,
    meaning: str | None = None,
    actions: spf_advice.Actions = (),
    first: tuple[str, ...] = (),
) -> Finding:
    names = [evaluation.domain]
    if evaluation.problem is not None:
        names += [evaluation.problem.domain, evaluation.problem.target]
    return finding(
        _CODES[evaluation.result],
        fitted(headline, (), [name for name in names if name]),
        evidence=(*first, *spf_lines(evaluation)),
        meaning=meaning,
        advice=actions,
    )
