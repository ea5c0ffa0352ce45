"""What terms cost in lookups and where they lead, also those that were not evaluated (RFC 7208 §4.6.4). Pure.

None of it changes what SPF comes to.
"""

from collections.abc import Generator, Iterable

from smtpdiag_tui.checks.authentication.spf import record as spf_record
from smtpdiag_tui.checks.authentication.spf.macros import is_domain, question_name
from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_LOOKUPS,
    Mechanism,
    SpfCost,
    SpfDead,
    SpfEvaluation,
    SpfQuestion,
    SpfRecord,
    SpfTerm,
    SpfTold,
)
from smtpdiag_tui.checks.authentication.spf.walk import Known
from smtpdiag_tui.checks.lookups.record_set import Found

MOST_RECORDS = 40  # that are asked for, beyond those that were evaluated
MOST_ROUNDS = 6
_MOST_DEEP = 10  # includes within each other: what is deeper is over the limit by itself
_MOST_COUNTED = 100  # lookups of one term: more is as bad

Batch = tuple[SpfQuestion, ...]
Costs = Generator[Batch, tuple[SpfTold, ...], tuple[SpfCost, ...]]


def costs_of(evaluation: SpfEvaluation, known: Known) -> Costs:
    """Ask for the records that includes lead to, level by level; return the costs of the first record's terms."""
    first = evaluation.first
    if first is None:
        return ()
    room = MOST_RECORDS
    for _ in range(MOST_ROUNDS):
        missing = list(dict.fromkeys(_missing(first, known, set())))[:room]
        if not missing:
            break
        room -= len(missing)
        batch = tuple(missing)
        known.learn(batch, (yield batch))
    path = _to_the_terms(first, known)
    record = _record_at(path[-1], known) or first
    costs = [_cost(term, known, path) for term in _looking_up(record)[:_MOST_COUNTED]]
    return tuple(sorted(costs, key=lambda item: -item.lookups))


def _to_the_terms(first: SpfRecord, known: Known) -> tuple[str, ...]:
    """Return the domains from the first one to that whose record does more than redirect."""
    path: tuple[str, ...] = (first.domain,)
    record = first
    for _ in range(_MOST_DEEP):
        terms = _looking_up(record)
        target = _target(terms[0]) if len(terms) == 1 and terms[0].mechanism is None else ""
        below = _record_at(target, known) if target and target not in path else None
        if below is None:
            break
        path, record = (*path, target), below
    return path


def look_further(evaluation: SpfEvaluation, known: Known) -> Generator[Batch, tuple[SpfTold, ...], None]:
    """Ask, in one batch, for the targets of the domain's own record that evaluation did not get to."""
    first = evaluation.first
    if first is None:
        return
    batch = tuple(dict.fromkeys(_missing(first, known, set(), deep=False)))[:MOST_LOOKUPS]
    if batch:
        known.learn(batch, (yield batch))


def dead_in(evaluation: SpfEvaluation, known: Known) -> tuple[SpfDead, ...]:
    """Return the includes and redirects of the evaluated records whose targets have no record, each once."""
    found: dict[SpfDead, None] = {}
    for seen in evaluation.records:
        for term in _looking_up(seen.record):
            target = _target(term)
            told = known.told.get(SpfQuestion(question_name(target), "TXT")) if target else None
            if told is not None and told.found is not Found.FAILED and not spf_record.records_in(told.texts):
                found[SpfDead(seen.record.domain, term, target)] = None
    return tuple(found)


def _looking_up(record: SpfRecord) -> list[SpfTerm]:
    ends = record.all_term is not None
    return [term for term in record.terms if term.looks_up and (term.mechanism is not None or not ends)]


def _target(term: SpfTerm) -> str:
    """Return where an include or redirect leads; "" for another term, and where that depends on the message."""
    leads = term.mechanism is Mechanism.INCLUDE or term.mechanism is None
    target = term.spec.removesuffix(".").lower() if leads and "%" not in term.spec else ""
    return target if is_domain(target) else ""


def _missing(record: SpfRecord, known: Known, seen: set[str], *, deep: bool = True) -> Iterable[SpfQuestion]:
    """Yield what is still to be asked below a record; each record is read once."""
    seen.add(record.domain)
    for term in _looking_up(record):
        target = _target(term)
        if not target or target in seen or len(seen) > MOST_RECORDS:
            continue
        question = SpfQuestion(question_name(target), "TXT")
        if question not in known.told:
            yield question
            continue
        below = _record_at(target, known)
        if deep and below is not None:
            yield from _missing(below, known, seen)


def _record_at(domain: str, known: Known) -> SpfRecord | None:
    told = known.told.get(SpfQuestion(question_name(domain), "TXT"))
    texts = spf_record.records_in(told.texts) if told is not None else ()
    return known.record(domain, texts[0]) if len(texts) == 1 else None


def _cost(term: SpfTerm, known: Known, path: tuple[str, ...]) -> SpfCost:
    """Return what a term costs with all below it; a loop, and what is not known, makes it the least."""
    leads = term.mechanism in {Mechanism.INCLUDE, None}
    target = _target(term)
    if not leads:
        return SpfCost(path[-1], term.text, 1)
    if not target or target in path or len(path) > _MOST_DEEP:
        return SpfCost(path[-1], term.text, 1, least=True)
    record = _record_at(target, known)
    if record is None:
        return SpfCost(path[-1], term.text, 1, least=SpfQuestion(question_name(target), "TXT") not in known.told)
    lookups, least = 1, False
    for item in _looking_up(record):
        below = _cost(item, known, (*path, target))
        lookups, least = lookups + below.lookups, least or below.least
        if lookups > _MOST_COUNTED:
            return SpfCost(path[-1], term.text, _MOST_COUNTED, least=True)
    return SpfCost(path[-1], term.text, lookups, least)
