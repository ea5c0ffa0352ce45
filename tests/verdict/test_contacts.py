"""Whom to contact, and what to quote."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.verdict.contacts import contact
from tests.checks.making import answer
from tests.engine.running import run
from tests.verdict.making import MX1, MX3, refusal, report, session, step

LINES = ("550-5.7.1 The user or domain that you are sending to", "550-5.7.1 has a policy.", "550 5.7.1 gsmtp")


def cause(reason: Reason | None, side: Side, *, code: str = "recipient-rejected", step_id: str = MX1) -> Cause:
    return Cause(code, side, "It was refused.", evidence=(f"{step_id}/rcpt-to",), reason=reason, decides=True)


@pytest.mark.parametrize(
    ("reason", "side", "written"),
    [
        (Reason.RECIPIENT_POLICY, Side.POLICY, True),
        (Reason.IP_BLOCKLIST, Side.POLICY, True),
        (Reason.NO_SUCH_MAILBOX, Side.RECIPIENT, True),
        (None, Side.RECIPIENT, True),
        (Reason.GREYLISTING, Side.POLICY, False),
        (Reason.RATE_LIMIT, Side.POLICY, False),
        (Reason.IP_BLOCKLIST, Side.HERE, False),
        (Reason.REVERSE_DNS, Side.HERE, False),
        (Reason.PATH_INTERFERENCE, Side.PATH, False),
    ],
)
def test_the_postmaster_is_contacted_where_that_helps(reason: Reason | None, side: Side, *, written: bool) -> None:
    made = report(session(MX1, finding("starttls-not-offered", "x"), refusal(reason, *LINES, side=side)))
    told = "Contact postmaster@partner.example from another mailbox; quote the reply."
    assert contact(made, cause(reason, side)) == ((Action("", told),) if written else ())


def test_whom_the_advice_names_already_is_not_named_again() -> None:
    made = report(session(MX1, refusal(Reason.IP_BLOCKLIST, *LINES, side=Side.POLICY)))
    advised = replace(
        cause(Reason.IP_BLOCKLIST, Side.POLICY), actions=(Action("", "Ask postmaster@partner.example."),)
    )
    assert contact(made, advised) == ()


def test_where_no_server_replied_the_report_is_quoted() -> None:
    beside = finding("reply-unexpected", "x", evidence=("250 of nobody",))
    silent = replace(cause(None, Side.RECIPIENT, code="closed-early"), evidence=(f"{MX1}/rcpt-to",))
    made = report(session(MX1, beside, finding("closed-early", "y")))
    assert str(contact(made, silent)[0]) == (
        "Contact postmaster@partner.example from another mailbox; quote this report."
    )


@pytest.mark.parametrize(
    ("given", "whose"),
    [
        ({"server": "mx.here.example"}, "mx.here.example"),
        ({"relay": (Relay("out.here.example", 587),)}, "[out.here.example]:587"),
    ],
)
def test_a_host_that_was_given_is_its_own_administrators(given: dict, whose: str) -> None:  # type: ignore[type-arg]
    settings = Settings("alice@sender.example", "bob@partner.example", **given)
    made = report(session(MX1, refusal(Reason.SERVER_TROUBLE, *LINES)), settings=settings)
    [action] = contact(made, cause(Reason.SERVER_TROUBLE, Side.RECIPIENT))
    assert action == Action("", f"Contact the administrator of {whose}; quote the reply.")


def test_the_zone_that_fails_is_the_mail_hosts() -> None:
    failing = answer("A", kind=AnswerKind.SERVFAIL, name="mx3.other.example")
    lookup = HostLookup(MailHost("mx3.other.example", 10), Resolution((failing,), ("mx3.other.example",)))
    host = MX3.rpartition("/")[0]
    item = Cause("mx-lookup-failed", Side.RECIPIENT, "x", evidence=(host,), decides=True)
    made = report(step(host, finding("mx-lookup-failed", "x"), observation=lookup))
    [action] = contact(made, item)
    through = "through another channel; quote this report."
    assert action == Action("", f"Contact the DNS administrator of mx3.other.example {through}")
    own = Cause("mx-none-usable", Side.RECIPIENT, "x", evidence=("delivery", host), decides=True)
    assert contact(made, own) == (Action("", f"Contact the DNS administrator of partner.example {through}"),)


async def test_the_hostmaster_is_named_where_the_zone_tells_and_the_zone_where_it_does_not() -> None:
    async with DemoNetwork() as network:
        inside = await run(network, "bob@servfail.example")
    repair = "repair the name servers of servfail.example, or its delegation."
    assert inside.actions == (Action("DNS administrator of servfail.example", repair),)


def test_a_domain_that_no_mail_reaches_is_not_contacted_by_mail() -> None:
    dead = replace(cause(None, Side.RECIPIENT, code="connection-refused"), evidence=(f"{MX1}/connect",))
    made = report(session(MX1, finding("connection-refused", "x"), phase="connect"))
    told = "Contact the MX administrator of partner.example through another channel; quote this report."
    assert contact(made, dead) == (Action("", told),)


def test_a_full_mailbox_is_for_its_owner_alone() -> None:
    made = report(session(MX1, refusal(Reason.MAILBOX_FULL, "552 5.2.2 full", side=Side.RECIPIENT)))
    assert contact(made, cause(Reason.MAILBOX_FULL, Side.RECIPIENT)) == ()


def test_who_acts_on_the_zone_is_not_told_twice() -> None:
    fix = Action("DNS administrator of partner.example", "correct the MX records of partner.example.")
    own = Cause("mx-none-usable", Side.RECIPIENT, "x", actions=(fix,), evidence=("delivery",), decides=True)
    assert contact(report(step("delivery", finding("mx-none-usable", "x"))), own) == ()
