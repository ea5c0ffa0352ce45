"""What to change in which SPF record, and who can do that. Pure."""

import ipaddress
from collections.abc import Callable, Iterable, Sequence

from smtpdiag_tui.checks.authentication.spf.macros import is_domain
from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_LOOKUPS,
    MOST_NAMES,
    ProblemKind,
    SpfCost,
    SpfEvaluation,
    SpfProblem,
    SpfRecordSeen,
    SpfTerm,
)
from smtpdiag_tui.checks.authentication.spf.trace import shown
from smtpdiag_tui.checks.registered_domain import related
from smtpdiag_tui.report.actions import Action, by, dns_administrator
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.authentication import SpfResult

MOST_ACTIONS = 4
_LEADING_ON = ("include:", "redirect=")  # to other records
_MOST_COSTS = 3  # terms whose costs are named
_MOST_TERM = 60  # characters of a term in a sentence

Actions = tuple[Action, ...]


def own_term(evaluation: SpfEvaluation) -> str:
    """Return the term that lists the address: `ip4:203.0.113.10`."""
    ip = evaluation.request.ip
    return f"ip{ip.version}:{ip}"


def terms_for(addresses: Iterable[str]) -> str:
    """Return the terms that list addresses, one behind the other."""
    parsed = (ipaddress.ip_address(address) for address in addresses)
    return " ".join(f"ip{ip.version}:{ip}" for ip in parsed)


def is_own(evaluation: SpfEvaluation, domain: str) -> bool:
    """Whether a record belongs to who runs the judged domain, as far as names tell."""
    return related(domain, evaluation.domain)


def who_keeps(evaluation: SpfEvaluation, domain: str) -> str:
    """Return who can change the record of a domain: "" for whoever runs the sending server."""
    return "" if is_own(evaluation, domain) else dns_administrator(shown(domain))


def short(term: SpfTerm | str) -> str:
    """Return a term as a sentence names it."""
    text = term if isinstance(term, str) else term.text
    return shown(text[:_MOST_TERM], octets=True) + ("…" if len(text) > _MOST_TERM else "")


def to_authorise(evaluation: SpfEvaluation) -> Actions:
    """Return what lets the address pass: its own term, before the one that decided (§4.6.2)."""
    holder, first, term = evaluation.holder, evaluation.first, own_term(evaluation)
    if holder is None or first is None:
        return ()
    decided = evaluation.decided
    before = f", before {short(decided.term)}" if decided is not None else ""
    name = shown(first.domain)
    late = _listed_late(evaluation, holder)
    if late is not None and is_own(evaluation, holder.record.domain):
        where = before.removeprefix(", ")
        what = f"Move {short(late)} {where} in the SPF record of {shown(holder.record.domain)}."
        return (Action("", what),)
    if not holder.via:
        return (Action("", f"Add {term} to the SPF record of {name}{before}."),)
    target = shown(holder.record.domain)
    if is_own(evaluation, holder.record.domain):
        what = f"Add {term} to the SPF record of {target}{before}; {name} redirects to it."
        return (Action("", what),)
    return (Action("", f"Add {term} to the SPF record of {name}, before {short(holder.via[0])}."),)


def _listed_late(evaluation: SpfEvaluation, holder: SpfRecordSeen) -> SpfTerm | None:
    """Return the term that would let the address pass, if it stood before the one that decided."""
    ip = evaluation.request.ip
    for term in holder.record.mechanisms:
        if term.network is not None and ip in term.network and term.result is SpfResult.PASS:
            return term
    return None


def to_publish(evaluation: SpfEvaluation, addresses: Sequence[str]) -> Actions:
    """Return the one record that a domain without one should have, for all addresses that mail comes from."""
    record = f'"v=spf1 {terms_for(addresses[:MOST_NAMES])} ~all"'
    name = shown(evaluation.domain)
    more = f"Add every other host that sends for {name} to its SPF record."
    return Action("", f"Publish the TXT record {record} at {name}."), Action("", more)


def to_close(evaluation: SpfEvaluation, seen: SpfRecordSeen, term: SpfTerm, addresses: Sequence[str]) -> Actions:
    """Return what takes the place of a term that lets every host pass, so that mail from here still does."""
    name, domain = shown(seen.record.domain), shown(evaluation.domain)
    rest = "~all" if term.network is None else ""
    if not is_own(evaluation, seen.record.domain):
        what = f"replace {short(term)} with ~all in the SPF record of {name}."
        if not rest:
            what = f"remove {short(term)} from the SPF record of {name}."
        return (by(who_keeps(evaluation, seen.record.domain), what),)
    needed = [address for address in addresses if _lets_in(term, address) and not _listed(seen, term, address)]
    instead = f"{terms_for(needed[:MOST_NAMES])} {rest}".strip()
    what = f"Replace {short(term)} with {instead} in the SPF record of {name}."
    if not instead:
        what = f"Remove {short(term)} from the SPF record of {name}."
    return Action("", what), Action("", f"Add every other host that sends for {domain} to its SPF record.")


def _lets_in(term: SpfTerm, address: str) -> bool:
    return term.network is None or ipaddress.ip_address(address) in term.network


def _listed(seen: SpfRecordSeen, last: SpfTerm, address: str) -> bool:
    """Whether a term before the last one lists an address by itself."""
    terms = seen.record.mechanisms
    before = terms[: terms.index(last)]
    ip = ipaddress.ip_address(address)
    return any(
        item.network is not None and ip in item.network and item.result is SpfResult.PASS for item in before
    )


def to_begin_rightly(evaluation: SpfEvaluation) -> Actions:
    """Return what makes a record of a TXT record that only looks like one."""
    near = short(evaluation.near[0])
    what = f'Begin the TXT record "{near}" of {shown(evaluation.domain)} with "v=spf1" and a space.'
    return Action("", what), Action("", f"List {own_term(evaluation)} in it.")


def to_repair(evaluation: SpfEvaluation) -> Actions:
    """Return what ends a permerror or temperror."""
    problem = evaluation.problem
    if problem is None:
        return ()
    repairs: dict[ProblemKind, Callable[[SpfEvaluation, SpfProblem], Actions]] = {
        ProblemKind.SYNTAX: _of_syntax,
        ProblemKind.SEVERAL_RECORDS: _of_several,
        ProblemKind.TOO_MANY_LOOKUPS: _of_lookups,
        ProblemKind.TOO_MANY_VOID: _of_void,
        ProblemKind.TOO_MANY_NAMES: _of_names,
        ProblemKind.NO_RECORD: _of_no_record,
        ProblemKind.DNS: _of_dns,
    }
    return repairs[problem.kind](evaluation, problem)


def to_save_lookups(evaluation: SpfEvaluation) -> Actions:
    """Return which terms to replace, the most expensive first; a loop is to be removed."""
    loop = _loop_in(evaluation.records)
    if loop is not None:
        term, domain = loop
        what = f"remove {short(term)} from the SPF record of {shown(domain)}; its includes form a loop."
        return (by(who_keeps(evaluation, domain), what),)
    costs = [item for item in evaluation.costs if item.lookups > 1][:_MOST_COSTS]
    if not costs:
        return _of_single_lookups(evaluation)
    named = listed(f"{short(item.term)} ({cost_of(item)})" for item in costs)
    what = f"replace {named} in the SPF record of {shown(costs[0].domain)} with ip4: and ip6: terms."
    return (by(who_keeps(evaluation, costs[0].domain), what),)


def _of_single_lookups(evaluation: SpfEvaluation) -> Actions:
    """Return what saves lookups where no term costs more than one: what names hosts can list their addresses."""
    record = f"the SPF record of {shown(evaluation.domain)}"
    terms = [item.term for item in evaluation.costs]
    hosts = [term for term in dict.fromkeys(terms) if not term.lstrip("+-~?").lower().startswith(_LEADING_ON)]
    named = listed(short(term) for term in hosts[:_MOST_COSTS]) or "a, mx, exists and ptr terms"
    replace = Action("", f"Replace {named} in {record} with ip4: and ip6: terms.")
    remove = Action("", f"Remove the includes of services that no longer send mail from {record}.")
    left = sum(term not in hosts for term in terms)
    if left < MOST_LOOKUPS - 1:
        return (replace,)
    return (replace, remove) if hosts else (remove,)


def cost_of(item: SpfCost) -> str:
    """Return a cost in words: `6 lookups`."""
    return f"{'at least ' if item.least else ''}{counted(item.lookups, 'lookup')}"


def to_drop(evaluation: SpfEvaluation, domain: str, term: SpfTerm, target: str) -> Actions:
    """Return what to do with a term whose target has no record."""
    publish = f", or publish an SPF record at {shown(target)}" if is_domain(target) else ""
    what = f"remove {short(term)} from the SPF record of {shown(domain)}{publish}."
    return (by(who_keeps(evaluation, domain), what),)


def _of_syntax(evaluation: SpfEvaluation, problem: SpfProblem) -> Actions:
    actions = [_correction(evaluation, problem.domain, term) for term in problem.errors[: MOST_ACTIONS - 1]]
    return (*actions, *_without(evaluation, problem.domain))


def _correction(evaluation: SpfEvaluation, domain: str, term: SpfTerm) -> Action:
    where = f"in the SPF record of {shown(domain)}"
    if term.meant:
        what = f"replace {short(term)} with {short(term.meant)} {where}."
    elif term.error.startswith("a second "):
        what = f"remove {short(term)}, {term.error}, from the SPF record of {shown(domain)}."
    else:
        what = f"correct or remove {short(term)} {where}; {shown(term.error)}."
    return by(who_keeps(evaluation, domain), what)


def _of_several(evaluation: SpfEvaluation, problem: SpfProblem) -> Actions:
    """Return which record goes: they are told in the order that the DNS gave them, which may change."""
    name = shown(problem.domain)
    first, *others = problem.texts
    same = all(text.lower() == first.lower() for text in others)
    if same:
        what = f"delete all but one of the {len(problem.texts)} equal SPF records of {name}."
    else:
        second = others[0] if others[0] != first else others[-1]
        what = f'move the terms of "{short(second)}" to the other SPF record of {name}, then delete it.'
    return (by(who_keeps(evaluation, problem.domain), what), *_without(evaluation, problem.domain))


def _of_lookups(evaluation: SpfEvaluation, _problem: SpfProblem) -> Actions:
    return to_save_lookups(evaluation)


def _of_void(evaluation: SpfEvaluation, problem: SpfProblem) -> Actions:
    names = listed(shown(question.name) for question in problem.void[:MOST_NAMES])
    record = f"the SPF record of {shown(evaluation.domain)}"
    what = f"Remove the terms that find nothing from {record}, or publish addresses at {names}."
    return (Action("", what),)


def _of_names(evaluation: SpfEvaluation, problem: SpfProblem) -> Actions:
    where = f"in the SPF record of {shown(problem.domain)}"
    term = short(problem.term) if problem.term is not None else "mx"
    what = f"replace {term} {where} with ip4: and ip6: terms; {shown(problem.target)} has {problem.why}."
    return (by(who_keeps(evaluation, problem.domain), what),)


def _of_no_record(evaluation: SpfEvaluation, problem: SpfProblem) -> Actions:
    return () if problem.term is None else to_drop(evaluation, problem.domain, problem.term, problem.target)


def _of_dns(evaluation: SpfEvaluation, problem: SpfProblem) -> Actions:
    name = shown(problem.target)
    rerun = Action("", "Rerun in a few minutes.")
    what = f"if it persists, make the name servers of {name} answer {shown(str(problem.question))}."
    return rerun, by(who_keeps(evaluation, problem.target), what)


def _without(evaluation: SpfEvaluation, domain: str) -> Actions:
    """Return what can be done about another's broken record: do without it."""
    if is_own(evaluation, domain):
        return ()
    for seen in evaluation.records:
        for term in seen.record.terms:
            leads = term.looks_up and term.spec.removesuffix(".").lower() == domain
            if leads and is_own(evaluation, seen.record.domain):
                what = (
                    f"Remove {short(term)} from the SPF record of {shown(seen.record.domain)} if it is not needed."
                )
                return (Action("", what),)
    return ()


def _loop_in(records: Iterable[SpfRecordSeen]) -> tuple[SpfTerm, str] | None:
    """Return the term that leads back to a record above it, and whose record it stands in."""
    for seen in records:
        if seen.record.domain in seen.above:
            return seen.via[-1], seen.above[-1]
    return None
