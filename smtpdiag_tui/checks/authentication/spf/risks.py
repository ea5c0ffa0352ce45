"""What makes an SPF record risky, whatever it comes to now. Pure."""

from collections.abc import Iterator, Sequence

from smtpdiag_tui.checks.authentication.spf import advice as spf_advice
from smtpdiag_tui.checks.authentication.spf.advice import short, who_keeps
from smtpdiag_tui.checks.authentication.spf.macros import uses
from smtpdiag_tui.checks.authentication.spf.model import (
    MANY_LOOKUPS,
    MOST_LOOKUPS,
    MOST_VOID,
    Mechanism,
    ProblemKind,
    SpfEvaluation,
    SpfRecord,
    SpfRecordSeen,
    SpfTerm,
)
from smtpdiag_tui.checks.authentication.spf.trace import record_line, shown
from smtpdiag_tui.report.actions import Action, by
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.authentication import SpfResult
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.fitting import fitted

MOST_OCTETS = 450  # of a record (§3.4)
MOST_RISKS = 6  # findings about one evaluation
_CODE = "spf-record-risky"


def risks(evaluation: SpfEvaluation, addresses: Sequence[str]) -> tuple[Finding, ...]:
    """Return a finding for each risk, the gravest first, at most `MOST_RISKS`.

    `addresses` are those that mail comes from here: a record that is made stricter has to list them.
    """
    found = [
        *_open_to_all(evaluation, addresses),
        *_dead(evaluation),
        *_lookups(evaluation),
        *_void(evaluation),
        *_of_records(evaluation),
    ]
    return tuple(found[:MOST_RISKS])


def _open_to_all(evaluation: SpfEvaluation, addresses: Sequence[str]) -> Iterator[Finding]:
    """Judge what lets every host of a family pass; below an include only where its pass passes (§5.2)."""
    for seen in evaluation.records:
        term = _open_term(seen.record)
        includes = [item for item in seen.via if item.mechanism is Mechanism.INCLUDE]
        if term is None or any(item.result is not SpfResult.PASS for item in includes):
            continue
        name, whom = shown(seen.record.domain), "every host"
        if term.network is not None:
            whom = f"every IPv{term.network.version} host"
        own = evaluation.domain if not seen.via else ""
        headline = f"SPF record of {name} authorises {whom} ({short(term)})"
        meaning = f"Anyone can send as {shown(own or evaluation.domain)} and pass SPF."
        actions = spf_advice.to_close(evaluation, seen, term, addresses)
        yield _risk(evaluation, seen.record, headline, meaning, *actions)


def _open_term(record: SpfRecord) -> SpfTerm | None:
    """Return the first term that lets every host pass, if no `all` stands before it."""
    for term in record.mechanisms:
        everyone = term.network is not None and term.network.prefixlen == 0
        if term.mechanism is Mechanism.ALL or everyone:
            if term.result is SpfResult.PASS and not term.error:
                return term
            if term.mechanism is Mechanism.ALL:
                return None
    return None


def _dead(evaluation: SpfEvaluation) -> Iterator[Finding]:
    """Judge includes and redirects without a target's record, but the one that the result is about already."""
    problem = evaluation.problem
    for item in evaluation.dead:
        told = problem is not None and problem.kind is ProblemKind.NO_RECORD
        if problem is not None and told and (problem.domain, problem.target) == (item.domain, item.target):
            continue
        record = _record_of(evaluation, item.domain)
        headline = f"{short(item.term)} in the SPF record of {shown(item.domain)} finds no SPF record"
        meaning = "SPF is permerror for every host that no earlier term matches."
        actions = spf_advice.to_drop(evaluation, item.domain, item.term, item.target)
        yield _risk(evaluation, record, headline, meaning, *actions)


def _lookups(evaluation: SpfEvaluation) -> Iterator[Finding]:
    if evaluation.lookups < MANY_LOOKUPS or _ended_by(evaluation, ProblemKind.TOO_MANY_LOOKUPS):
        return
    name = shown(evaluation.domain)
    headline = f"SPF of {name} needs {evaluation.lookups} of {MOST_LOOKUPS} DNS lookups"
    meaning = "A few more terms, in this record or in one that it includes, make SPF permerror at every receiver."
    actions = spf_advice.to_save_lookups(evaluation)
    yield _risk(evaluation, evaluation.first, headline, meaning, *actions)


def _void(evaluation: SpfEvaluation) -> Iterator[Finding]:
    """Judge lookups without a result that the RFC counts by terms, and some receivers one by one."""
    if len(evaluation.void) <= MOST_VOID or evaluation.problem is not None:
        return
    name = shown(evaluation.domain)
    names = listed(shown(question.name) for question in evaluation.void[:MOST_LOOKUPS])
    rdtype = evaluation.void[0].rdtype
    headline = f"SPF of {name} makes {counted(len(evaluation.void), 'void lookup')}"
    meaning = f"Receivers that count each lookup, not each term, stop after {MOST_VOID} with permerror."
    decided = evaluation.decided
    records = f"{rdtype} records at {names}"
    what = f"Remove the terms that find nothing from the SPF record of {name}, or publish {records}."
    if decided is not None and decided.depth == 0 and decided.term.network is not None:
        what = f"Move {short(decided.term)} to the front of the SPF record of {name}."
    yield _risk(evaluation, evaluation.first, headline, meaning, Action("", what))


def _of_records(evaluation: SpfEvaluation) -> Iterator[Finding]:
    """Judge each evaluated record by its text, once."""
    for record in dict.fromkeys(seen.record for seen in evaluation.records):
        yield from _ptr(evaluation, record)
        if spf_advice.is_own(evaluation, record.domain):
            yield from _long(evaluation, record)
            yield from _idle(evaluation, record)


def _ptr(evaluation: SpfEvaluation, record: SpfRecord) -> Iterator[Finding]:
    term = next((item for item in record.mechanisms if not item.error and _validates(item)), None)
    if term is None:
        return
    name = shown(record.domain)
    headline = f"SPF record of {name} uses {short(term)}"
    meaning = "Reverse lookups are slow and unreliable, and some receivers skip them."
    action = by(
        who_keeps(evaluation, record.domain),
        f"replace {short(term)} with ip4: and ip6: terms in the SPF record of {name}.",
    )
    yield _risk(evaluation, record, headline, meaning, action, reference="RFC 7208 §5.5")


def _validates(term: SpfTerm) -> bool:
    """Whether a term depends on the names that the address has (§5.5, §7.3)."""
    return term.mechanism is Mechanism.PTR or uses(term.spec, "p")


def _long(evaluation: SpfEvaluation, record: SpfRecord) -> Iterator[Finding]:
    size = len(record.text)
    if size <= MOST_OCTETS:
        return
    name = shown(record.domain)
    headline = f"SPF record of {name} is {size:,} bytes long"
    meaning = (
        f"Over {MOST_OCTETS} bytes, its DNS answer may not fit into 512 bytes. Receivers without TCP get nothing."
    )
    action = Action("", f"Move terms of the SPF record of {name} to another record and include that one.")
    yield _risk(evaluation, record, headline, meaning, action, reference="RFC 7208 §3.4")


def _idle(evaluation: SpfEvaluation, record: SpfRecord) -> Iterator[Finding]:
    """Judge terms that look as if they counted: behind `all`, or a mechanism written as a modifier."""
    name = shown(record.domain)
    known = {item.value for item in Mechanism}
    for term in record.terms:
        if term.mechanism is None and term.name in known and not term.error:
            headline = f"{short(term)} in the SPF record of {name} is ignored"
            what = f"Write {term.name}:{short(term.spec)} in the SPF record of {name} in place of {short(term)}."
            yield _risk(evaluation, record, headline, "A mechanism is written with a colon.", Action("", what))
    every = record.all_term
    behind = record.mechanisms[record.mechanisms.index(every) + 1 :] if every is not None else ()
    redirect = record.modifier("redirect") if every is not None else None
    idle = [*behind, *([redirect] if redirect is not None else [])]
    if every is None or not idle:
        return
    named = short(idle[0]) if len(idle) == 1 else f"{short(idle[0])} and {len(idle) - 1} more"
    headline = f"{named} in the SPF record of {name} never {'applies' if len(idle) == 1 else 'apply'}"
    meaning = f"Evaluation ends at {short(every)}."
    what = f"Move {short(every)} to the end of the SPF record of {name}."
    if redirect is not None and not behind:
        what = f"Remove {short(every)} or {short(redirect)} from the SPF record of {name}."
    yield _risk(evaluation, record, headline, meaning, Action("", what))


def _risk(
    evaluation: SpfEvaluation,
    record: SpfRecord | None,
    headline: str,
    meaning: str,
    *actions: Action,
    reference: str | None = None,
) -> Finding:
    names = [item for item in (evaluation.domain, record.domain if record is not None else "") if item]
    evidence = (record_line(record),) if record is not None else ()
    return finding(
        _CODE,
        fitted(headline, (), names),
        evidence=evidence,
        meaning=meaning,
        advice=actions,
        reference=reference,
    )


def _record_of(evaluation: SpfEvaluation, domain: str) -> SpfRecord | None:
    seen: SpfRecordSeen | None = next((item for item in evaluation.records if item.record.domain == domain), None)
    return seen.record if seen is not None else None


def _ended_by(evaluation: SpfEvaluation, kind: ProblemKind) -> bool:
    return evaluation.problem is not None and evaluation.problem.kind is kind
