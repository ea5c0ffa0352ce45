"""The outcome where a resolver's word is not the authority's."""

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.arbiter import AuthorityWord, Reading, ResolverWord, Ruling, Why
from smtpdiag_tui.checks.lookups.arbitration import Alias, Arbitration
from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.routing import Resolution, Route, RouteKind
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.outcome import Verdict, of_route
from smtpdiag_tui.verdict.overruled import overruled
from tests.checks.making import DOMAIN, SERVER, answer

MX = answer(data=["10 mx.partner.example."], flags=("AA",))
NXDOMAIN = answer(kind=AnswerKind.NXDOMAIN, flags=("AA",))
ACCEPTED = Verdict(Outcome.ACCEPTED, "mx takes it", "delivery/mx.partner.example/192.0.2.1")


def remote(reading: Reading, kind: RouteKind, truth: Answer = MX, alias: Alias | None = None) -> DomainObservation:
    told = answer(kind=AnswerKind.NXDOMAIN)
    ruling = Ruling(reading, DOMAIN, ResolverWord(SERVER, told), AuthorityWord((truth,)), Why.TOLD)
    route = Route(DOMAIN, kind, Resolution((told,), (DOMAIN,)))
    return DomainObservation(DOMAIN, False, (), route, arbitration=Arbitration((ruling,), alias=alias))


def denied() -> Verdict:
    verdict = of_route(RouteKind.NOT_FOUND, DOMAIN, broken=False)
    assert verdict is not None
    return verdict


@pytest.mark.parametrize("reading", [Reading.STALE, Reading.FILTERED, Reading.OWN_VIEW])
def test_what_the_resolver_denies_is_returned_from_here_and_told_as_its_word(reading: Reading) -> None:
    verdict = overruled(denied(), remote(reading, RouteKind.NOT_FOUND))
    assert (verdict.outcome, verdict.side, verdict.step) == (Outcome.BOUNCED, Side.HERE, "remote")
    assert "does not exist" not in verdict.headline
    assert "192.0.2.53" in verdict.headline


def test_a_contradiction_is_the_worst_of_both_and_not_ours() -> None:
    verdict = overruled(denied(), remote(Reading.CONTRADICTS, RouteKind.NOT_FOUND))
    assert (verdict.outcome, verdict.side) == (Outcome.BOUNCED, None)
    assert "Postfix" in verdict.note
    assert "Exim" in verdict.note


@pytest.mark.parametrize(("truth", "outcome"), [(NXDOMAIN, Outcome.BOUNCED), (MX, Outcome.UNKNOWN)])
def test_what_a_made_up_answer_led_to_is_not_believed(truth: Answer, outcome: Outcome) -> None:
    verdict = overruled(ACCEPTED, remote(Reading.REWRITTEN, RouteKind.IMPLICIT, truth))
    assert (verdict.outcome, verdict.side) == (outcome, Side.HERE)


def test_a_hidden_mx_is_no_missing_domain() -> None:
    alias = Alias(answer(aliases=[(DOMAIN, "web.example")]), cut=True, own=MX)
    verdict = overruled(denied(), remote(Reading.AGREES, RouteKind.NOT_FOUND, alias=alias))
    assert verdict.outcome is Outcome.BOUNCED
    assert "CNAME" in verdict.headline
    assert "does not exist" not in verdict.headline


def test_all_else_stays() -> None:
    assert overruled(ACCEPTED, None) is ACCEPTED
    assert overruled(ACCEPTED, remote(Reading.STALE, RouteKind.MX)) is ACCEPTED
    assert overruled(ACCEPTED, remote(Reading.STALE, RouteKind.NOT_FOUND)) is ACCEPTED  # another destination's
    assert overruled(denied(), remote(Reading.AGREES, RouteKind.NOT_FOUND, NXDOMAIN)) == denied()
    assert overruled(denied(), remote(Reading.UNDECIDED, RouteKind.NOT_FOUND)) == denied()
