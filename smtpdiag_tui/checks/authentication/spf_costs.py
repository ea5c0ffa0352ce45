"""What each term of a record costs in lookups, where they are too many (RFC 7208 §4.6.4). Pure."""

from collections.abc import Generator, Iterable

from smtpdiag_tui.checks.authentication import spf_record
from smtpdiag_tui.checks.authentication.spf_macros import is_domain, question_name
from smtpdiag_tui.checks.authentication.spf_model import (
    Mechanism,
    SpfCost,
    SpfEvaluation,
    SpfQuestion,
    SpfRecord,
    SpfTerm,
    SpfTold,
)
from smtpdiag_tui.checks.authentication.spf_walk import Known

MOST_RECORDS = 40  # that are asked for, beyond those that were evaluated
MOST_ROUNDS = 6
_MOST_DEEP = 10  # includes within each other: what is deeper is over the limit by itself
_MOST_COUNTED = 100  # lookups of one term: more is as bad

Costs = Generator[tuple[SpfQuestion, ...], tuple[SpfTold, ...], tuple[SpfCost, ...]]


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
    costs = [_cost(term, known, (first.domain,)) for term in _looking_up(first)[:_MOST_COUNTED]]
    return tuple(sorted(costs, key=lambda item: -item.lookups))


def _looking_up(record: SpfRecord) -> list[SpfTerm]:
    ends = record.all_term is not None
    return [term for term in record.terms if term.looks_up and (term.mechanism is not None or not ends)]


def _target(term: SpfTerm) -> str:
    """Return where an include or redirect leads; "" for another term, and where that depends on the message."""
    leads = term.mechanism is Mechanism.INCLUDE or term.mechanism is None
    target = term.spec.removesuffix(".").lower() if leads and "%" not in term.spec else ""
    return target if is_domain(target) else ""


def _missing(record: SpfRecord, known: Known, seen: set[str]) -> Iterable[SpfQuestion]:
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
        if below is not None:
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
        return SpfCost(term.text, 1)
    if not target or target in path or len(path) > _MOST_DEEP:
        return SpfCost(term.text, 1, least=True)
    record = _record_at(target, known)
    if record is None:
        return SpfCost(term.text, 1, least=SpfQuestion(question_name(target), "TXT") not in known.told)
    lookups, least = 1, False
    for item in _looking_up(record):
        below = _cost(item, known, (*path, target))
        lookups, least = lookups + below.lookups, least or below.least
        if lookups > _MOST_COUNTED:
            return SpfCost(term.text, _MOST_COUNTED, least=True)
    return SpfCost(term.text, lookups, least)
