"""A mail domain in words: its line among the checks, and what is told and advised of each route."""

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.domain_judgement import detail, judge
from smtpdiag_tui.checks.lookups.routing import MailHost, Resolution, Route, RouteKind
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding
from tests.checks.making import DOMAIN, answer

KEEPER = f"DNS administrator of {DOMAIN}"


def domain(
    kind: RouteKind, mx: Answer, *, sender: bool = False, names: tuple[str, ...] = (DOMAIN,)
) -> DomainObservation:
    """Return a domain whose MX answer led to a route of one kind, with two MX hosts where it has any."""
    hosts = (MailHost("mx1.partner.example", 10), MailHost("mx2.partner.example", 20))
    route = Route(DOMAIN, kind, Resolution((mx,), names), hosts if kind is RouteKind.MX else ())
    return DomainObservation(DOMAIN, sender, (), route)


def told(kind: RouteKind, mx: Answer, *, sender: bool = False) -> Finding:
    """Return the one finding about such a domain."""
    [found] = judge(domain(kind, mx, sender=sender))
    return found


@pytest.mark.parametrize(
    ("kind", "mx", "words"),
    [
        (RouteKind.MX, answer(data=["10 mx1.partner.example."]), "2 MX hosts"),
        (RouteKind.IMPLICIT, answer(), "no MX record, own address used"),
        (RouteKind.NULL, answer(data=["0 ."]), "null MX, accepts no mail"),
        (RouteKind.NO_HOST, answer(), "no MX, A or AAAA record"),
        (RouteKind.NOT_FOUND, answer(kind=AnswerKind.NXDOMAIN), "does not exist (NXDOMAIN)"),
        (RouteKind.LOOP, answer(), "CNAME loop"),
        (RouteKind.FAILED, answer(kind=AnswerKind.SERVFAIL), "SERVFAIL for MX"),
        (RouteKind.FAILED, answer(kind=AnswerKind.TIMEOUT), "no usable answer for MX"),
    ],
)
def test_the_line_among_the_checks_names_the_domain_and_what_it_comes_to(
    kind: RouteKind, mx: Answer, words: str
) -> None:
    assert detail(domain(kind, mx)) == f"partner.example: {words}"


@pytest.mark.parametrize(
    ("kind", "mx", "message", "actions"),
    [
        (
            RouteKind.NULL,
            answer(data=["0 ."]),
            "partner.example accepts no mail (null MX)",
            (Action("", "Use another address for the recipient; partner.example accepts no mail."),),
        ),
        (
            RouteKind.IMPLICIT,
            answer(),
            "partner.example has no MX record; sending servers use its own address",
            (
                Action(
                    KEEPER,
                    "add an MX record for partner.example, or a null MX if partner.example accepts no mail.",
                ),
            ),
        ),
        (
            RouteKind.NO_HOST,
            answer(),
            "Recipient domain partner.example has no MX, A or AAAA record",
            (
                Action("", "Check the spelling of partner.example."),
                Action(KEEPER, "add an MX record for partner.example."),
            ),
        ),
        (
            RouteKind.NOT_FOUND,
            answer(kind=AnswerKind.NXDOMAIN),
            "Recipient domain partner.example does not exist (NXDOMAIN)",
            (
                Action("", "Check the spelling of partner.example."),
                Action("", "Ask the recipient through another channel whether partner.example has expired."),
            ),
        ),
        (
            RouteKind.FAILED,
            answer(kind=AnswerKind.SERVFAIL),
            "192.0.2.53 returned SERVFAIL for MX partner.example",
            (
                Action("", "Rerun later."),
                Action(KEEPER, "check the name servers and DNSSEC of partner.example, if it persists."),
            ),
        ),
    ],
)
def test_each_route_has_its_headline_and_who_can_do_what(
    kind: RouteKind, mx: Answer, message: str, actions: tuple[Action, ...]
) -> None:
    found = told(kind, mx)
    assert (found.message, found.actions) == (message, actions)


def test_the_senders_domain_is_the_readers_to_put_right() -> None:
    found = told(RouteKind.NO_HOST, answer(), sender=True)
    assert found.message == "Sender domain partner.example has no MX, A or AAAA record"
    assert found.actions[1] == Action("", "Add an MX record for partner.example.")
    null = told(RouteKind.NULL, answer(data=["0 ."]), sender=True)
    assert null.advice == "Replace the null MX of partner.example with MX records, or use another sender domain."
    gone = told(RouteKind.NOT_FOUND, answer(kind=AnswerKind.NXDOMAIN), sender=True)
    assert gone.actions[1] == Action("", "Check that partner.example is registered and has not expired.")


def test_a_cname_is_told_with_its_end_and_the_way_there() -> None:
    names = (DOMAIN, "a.example", "b.example")
    [found] = judge(domain(RouteKind.MX, answer(data=["10 mx1.partner.example."]), names=names))
    assert found.message == "partner.example is a CNAME for b.example"
    assert found.evidence == ("partner.example → a.example → b.example",)
