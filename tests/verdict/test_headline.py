"""The outcome in one line, whatever it has to name."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.masking.masks import is_mask
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.fitting import HEADLINE
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.verdict.causes import find_causes
from smtpdiag_tui.verdict.headline import headline_of
from smtpdiag_tui.verdict.outcome import Verdict
from tests.story_reports import RECIPIENTS, story_report
from tests.verdict.making import MX1, MX2, report, session, step, walked

DOWN, LATER = AttemptResult.CONNECTION_FAILED, AttemptResult.TRANSIENT
SILENT, REFUSED = finding("connection-timeout", "x"), finding("connection-refused", "x")
LONG = "mail-exchanger-of-the-marketing-department.europe-west.customers.provider.example"


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_every_story_has_a_headline_that_fits(recipient: str) -> None:
    made = story_report(recipient)
    for seen in (made, redact(made)):
        assert 0 < len(seen.headline) <= HEADLINE
        assert not seen.headline.endswith((".", "…"))
        first = seen.headline.split()[0]
        assert first[0].isupper() or "." in first or is_mask(first)
        assert seen.summary.startswith(f"{seen.headline}. ")


def silent(first: object = SILENT, second: object = SILENT, settings: Settings | None = None) -> str:
    made = report(
        session(MX1, first, phase="connect"),  # type: ignore[arg-type]
        session(MX2, second, phase="connect"),  # type: ignore[arg-type]
        settings=settings,
    )
    verdict = walked((MX1, DOWN), (MX2, DOWN))
    return headline_of(made, verdict, find_causes(made, verdict))


def test_what_all_hosts_have_in_common_is_told_of_all() -> None:
    assert silent() == "No MX host of partner.example answered on port 25"
    assert silent(REFUSED, REFUSED) == "No MX host of partner.example is reachable on port 25"
    assert silent(SILENT, REFUSED) == "No MX host of partner.example is reachable on port 25"
    relayed = Settings("alice@sender.example", "bob@partner.example", relay=(Relay("out.example"),))
    assert silent(settings=relayed) == "No relay host answered on port 25"
    port = Settings("alice@sender.example", "bob@partner.example", port=2525)
    assert silent(settings=port) == "No MX host of partner.example answered on port 2525"


def test_one_host_alone_is_named() -> None:
    made = report(
        session(MX1, finding("connection-refused", "mx1 port 25 refused the connection"), phase="connect")
    )
    verdict = walked((MX1, DOWN))
    assert headline_of(made, verdict, find_causes(made, verdict)) == "mx1 port 25 refused the connection"


def test_what_a_host_is_never_connected_for_names_the_host() -> None:
    text = "Best MX host mx1.partner.example [192.0.2.21] has a loopback address"
    verdict = Verdict(Outcome.BOUNCED, text, MX1)
    cause = Cause("mx-address-unusable", Side.RECIPIENT, "192.0.2.21 is a loopback address", decides=True)
    assert headline_of(report(step(MX1)), verdict, [cause]) == text


def test_an_accept_and_an_outcome_without_cause_are_told_by_the_verdict() -> None:
    verdict = Verdict(Outcome.ACCEPTED, "mx1.partner.example [192.0.2.21] accepted the recipient", MX1)
    beside = Cause("no-ipv6-here", Side.HERE, "This host has no IPv6 route; 1 IPv6 address was skipped")
    assert headline_of(report(step(MX1)), verdict, [beside]) == verdict.headline
    assert headline_of(report(step(MX1)), replace(verdict, outcome=Outcome.DEFERRED), []) == verdict.headline


def accepted(host: str, recipient: str = "bob@partner.example") -> str:
    place = f"delivery/{host}/192.0.2.21"
    made = report(step(place), settings=Settings("alice@sender.example", recipient))
    verdict = Verdict(Outcome.ACCEPTED, f"{host} [192.0.2.21] accepted the recipient", place)
    return headline_of(made, verdict, [])


def test_the_address_goes_before_the_name_is_shortened() -> None:
    host = "mail-exchanger.europe-west.customers.provider.example"
    assert accepted(host) == f"{host} accepted the recipient"
    short = accepted(LONG)
    assert len(short) == HEADLINE
    assert short.startswith("mail-exchanger-of-the-mar")
    assert short.endswith("ers.provider.example accepted the recipient")


def test_an_internationalised_name_is_told_in_its_ascii_form() -> None:
    host = "xn--mller-kva.example"
    assert accepted(host, "jörg@xn--mller-kva.example") == f"{host} [192.0.2.21] accepted the recipient"


def test_an_address_of_254_characters_fits() -> None:
    recipient = f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.example"
    made = report(step("syntax/recipient"), settings=Settings("alice@sender.example", recipient))
    verdict = Verdict(Outcome.UNKNOWN, f"'{recipient}' is not a valid address", "syntax/recipient")
    text = headline_of(made, verdict, [])
    assert len(text) <= HEADLINE
    assert text.startswith("'aaaa")
    assert text.endswith(".example' is not a valid address")


def test_a_name_that_is_shortened_is_masked_whole() -> None:
    local = "quetzalcoatl" * 5
    recipient = f"{local}@partner.example"
    made = report(step("syntax/recipient"), settings=Settings("alice@sender.example", recipient))
    text = headline_of(made, Verdict(Outcome.UNKNOWN, f"'{recipient}' is not a valid address of anybody"), [])
    assert "quetz" in text
    assert "…" in text
    masked = redact(replace(made, headline=text, summary=f"{text}. Unknown; nothing was sent."))
    assert "quetz" not in masked.headline + masked.summary
    assert masked.headline == "'user2@partner.example' is not a valid address of anybody"
    assert redact(masked).headline == masked.headline


def test_an_own_host_that_is_shortened_is_masked_whole() -> None:
    host = f"{'vault-of-secrets.' * 5}intern.example"
    place = f"delivery/{host}/192.0.2.21"
    settings = Settings("alice@sender.example", "bob@partner.example", server=host)
    made = report(step(place, facts=StepFacts(sources=("203.0.113.10",))), settings=settings)
    verdict = Verdict(Outcome.ACCEPTED, f"{host} [192.0.2.21] accepted the recipient", place)
    text = headline_of(made, verdict, [])
    assert "vault" in text
    assert "…" in text
    assert "vault" not in redact(replace(made, headline=text)).headline


def test_where_a_resolver_makes_up_answers_what_is_true_of_the_domain_comes_first() -> None:
    made = story_report("bob@misspelt.example")
    assert made.headline == "Domain misspelt.example does not exist; 192.0.2.5 made up an answer"
    assert made.causes[0].code == "nxdomain-rewritten"
