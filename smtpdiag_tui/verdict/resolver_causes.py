"""Causes that lie in what a resolver says, where that is not what the authority says. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.answers import id_name, name_text
from smtpdiag_tui.checks.lookups.arbiter import Reading, Ruling, usable_addresses
from smtpdiag_tui.checks.lookups.arbiter_judgement import judge_ruling
from smtpdiag_tui.checks.lookups.arbitration import Arbitration
from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.host_judgement import Reached, judge_host_view
from smtpdiag_tui.checks.lookups.host_views import HostView
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step_id import StepId, within_any
from smtpdiag_tui.verdict.case import Case, cause_of

_REMOTE = StepId("remote")
_DELIVERY = StepId("delivery")


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing that a resolver says wrongly: what is told of it, where it shows, whether it decides."""

    item: Finding
    places: tuple[str, ...]
    decides: bool


def made_up_answers(case: Case) -> Cause | None:
    """The resolver makes up addresses of names that do not exist."""
    return _of_resolver(case, "nxdomain-rewritten")


def filtered_answers(case: Case) -> Cause | None:
    """The resolver keeps back what the authority says."""
    return _of_resolver(case, "answer-filtered")


def stale_resolver(case: Case) -> Cause | None:
    """The resolver has an old copy of the mail hosts or of their addresses, the authority has new ones."""
    return _of_resolver(case, "stale-resolver")


def _of_resolver(case: Case, code: str) -> Cause | None:
    """Return the cause of one code, with all places where it shows; of several, the one that decides is told."""
    remote = case.observed(_REMOTE, DomainObservation)
    if remote is None or remote.arbitration is None:
        return None
    arbitration = remote.arbitration
    found = [*_of_domain(case, remote, arbitration, code), *_of_hosts(case, arbitration, code)]
    if not found:
        return None
    first = next((told for told in found if told.decides), found[0])
    item = first.item
    places = [place for told in found for place in told.places]
    cause = cause_of(case, code, item.message, places, advice=item.actions, decides=first.decides)
    return replace(cause, meaning=item.meaning)


def _of_domain(case: Case, remote: DomainObservation, arbitration: Arbitration, code: str) -> Iterator[_Told]:
    """Yield what the servers in use say of the domain's mail hosts, of one code; only what is followed can decide.

    A server that resolves nothing is told as that, not as one that answers wrongly, and one that is passed over
    without a word at the domain's step is no cause either.
    """
    step = case.report.steps.get(_REMOTE)
    messages = {item.message for item in step.findings} if step is not None else set()
    for ruling in arbitration.rulings:
        random = arbitration.random_at(ruling.server)
        item = judge_ruling(ruling, now=arbitration.at, here=False, random=random)
        if item is not None and item.code == code and item.message in messages:
            yield _of_ruling(case, remote, ruling, item)


def _of_ruling(case: Case, remote: DomainObservation, ruling: Ruling, item: Finding) -> _Told:
    """Return what is told of one server, with the steps of it, of its zone, and of the hosts that are gone."""
    followed = ruling is remote.ruling
    gone = tuple(_DELIVERY / id_name(name) for name in _hosts_gone(remote, ruling)) if followed else ()
    label = ruling.server.label
    # Where addresses are made up, NXDOMAIN for the SOA contradicts them at the zone too.
    zone = ("soa",) if ruling.reading is Reading.REWRITTEN else ()
    places = tuple(key for key in (_REMOTE / label, f"soa/{label}", *zone, *gone) if key in case.report.steps)
    return _Told(item, places or (_REMOTE,), followed and _decides(case, places, gone))


def _hosts_gone(remote: DomainObservation, ruling: Ruling) -> list[str]:
    """Return the mail hosts of a route that the authority does not name, or not any more."""
    records = ruling.truth.records if ruling.truth is not None else ()
    named = {name_text(record.data.split()[-1]) for record in records if record.data}
    return [host.name for host in remote.route.hosts if host.name not in named]


def _decides(case: Case, places: tuple[str, ...], hosts: tuple[str, ...]) -> bool:
    """Whether the outcome comes of one of these places, of what stands above, or of what lies below the hosts."""
    if case.verdict.outcome is Outcome.ACCEPTED:
        return False
    return case.decides(places) or within_any(case.verdict.step or "", hosts)


def _of_hosts(case: Case, arbitration: Arbitration, code: str) -> Iterator[_Told]:
    """Yield what the resolver that is followed says of mail hosts' addresses, where their steps have the code."""
    for view in arbitration.hosts:
        step = case.report.steps.get(_DELIVERY / id_name(view.host))
        if step is None or step.stale or all(told.code != code for told in step.findings):
            continue
        reached = Reached(_made_here(view))
        for item in judge_host_view(view, reached, arbitration.at):
            if item.code == code:
                yield _Told(item, (step.id,), _host_decides(case, view, step.id))


def _made_here(view: HostView) -> frozenset[str]:
    """Return the addresses that the resolver gives and the authority does not."""
    told = view.resolvers[0] if view.resolvers else ()
    return usable_addresses(told) - usable_addresses(view.truth)


def _host_decides(case: Case, view: HostView, step_id: str) -> bool:
    """Whether the outcome comes of an address that the authority does not give, or of there being none."""
    place = StepId(case.verdict.step or "")
    if case.verdict.outcome is Outcome.ACCEPTED:
        return False
    if place.is_session:
        return place.within(step_id) and place.address in _made_here(view)
    told = view.resolvers[0] if view.resolvers else ()
    return case.decides([step_id]) and not usable_addresses(told)
