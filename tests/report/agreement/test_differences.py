"""What several vantage points saw differently, and what they did not, with all that may be so at once."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.agreement.model import Disagreement, Topic
from smtpdiag_tui.report.agreement.together import agreement_of
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Relay
from tests.report.agreement.made import (
    ACCEPTED,
    DEFERRED,
    LOCAL,
    MX1,
    MX2,
    SETTINGS,
    SOCKS,
    SSH,
    V6,
    accepted,
    greylisted,
    made,
    rejected,
)

UNTRUSTED = replace(ACCEPTED, certificate=(CertificateVerdict.UNTRUSTED,))
UNJUDGED = replace(ACCEPTED, certificate=(CertificateVerdict.NOT_JUDGED,))
PLAIN = SessionFacts(SessionEnd.ACCEPTED, "250 2.1.5")


def found(topic: Topic, *points: Vantage) -> list[Disagreement]:
    return [item for item in agreement_of(points).differences if item.topic is topic]


def one(session: SessionFacts, via: object = LOCAL, **more: object) -> Vantage:
    return made(via, Outcome.ACCEPTED, {MX1: session, MX2: ACCEPTED}, **more)  # type: ignore[arg-type]


class TestDns:
    def test_the_odd_resolver_is_named(self) -> None:
        odd = made(LOCAL, Outcome.ACCEPTED, {MX1: ACCEPTED})
        [item] = found(Topic.MX, odd, accepted(SSH), accepted(SOCKS))
        assert item.headline == "The resolver of local returns other MX hosts"
        assert item.views[0].what == "10 mx1.partner.example"

    def test_of_two_none_is_the_odd_one(self) -> None:
        [item] = found(Topic.MX, made(LOCAL, Outcome.ACCEPTED, {MX1: ACCEPTED}), accepted(SSH))
        assert item.headline == "Resolvers return different MX hosts"

    def test_other_preferences_are_another_set(self) -> None:
        swapped = accepted(SSH, preferences={MX1[0]: 20, MX2[0]: 10})
        assert found(Topic.MX, accepted(LOCAL), swapped)

    def test_where_none_was_looked_up_none_differs(self) -> None:
        settings = replace(SETTINGS, relay=(Relay("relay.sender.example"),))
        one_host = made(LOCAL, Outcome.ACCEPTED, {MX1: ACCEPTED}, settings=settings)
        other = made(SSH, Outcome.ACCEPTED, {MX2: ACCEPTED}, settings=settings)
        assert not found(Topic.MX, one_host, other)

    def test_addresses_of_a_host_differ(self) -> None:
        [item] = found(
            Topic.ADDRESSES, made(LOCAL, Outcome.ACCEPTED, {MX1: ACCEPTED, V6: ACCEPTED}), one(ACCEPTED, SSH)
        )
        assert item.host == MX1[0]
        assert item.views[0].what == "192.0.2.21, 2001:db8::21"

    def test_serials_differ(self) -> None:
        [item] = found(Topic.SERIAL, accepted(LOCAL, serial=8), accepted(SSH), accepted(SOCKS, serial=None))
        assert [view.what for view in item.views] == ["serial 8", "serial 7"]

    def test_an_unknown_serial_is_none(self) -> None:
        assert not found(Topic.SERIAL, accepted(LOCAL), accepted(SSH, serial=None))


class TestSessions:
    def test_replies_differ_at_an_address(self) -> None:
        [item] = found(Topic.SESSION, one(DEFERRED), accepted(SSH))
        assert (item.host, item.address) == MX1
        assert [view.what for view in item.views] == ["deferred 450 4.2.0", "accepted 250 2.1.5"]

    def test_another_enhanced_code_of_the_same_reply_is_no_difference(self) -> None:
        assert not found(Topic.SESSION, one(replace(ACCEPTED, reply="250 2.0.0")), accepted(SSH))

    def test_an_address_that_one_alone_tried_is_none(self) -> None:
        assert not found(
            Topic.SESSION, made(LOCAL, Outcome.ACCEPTED, {MX1: ACCEPTED, V6: DEFERRED}), accepted(SSH)
        )

    def test_a_host_without_sockets_met_nothing(self) -> None:
        assert not found(Topic.SESSION, one(SessionFacts(SessionEnd.NO_SOCKET)), accepted(SSH))


class TestTls:
    def test_starttls_that_one_alone_is_not_offered(self) -> None:
        lacking = one(PLAIN, plaintext=frozenset({MX1}))
        [item] = found(Topic.TLS, lacking, accepted(SSH))
        assert "does not offer STARTTLS to local" in item.headline
        assert "firewall" in item.note

    def test_a_session_that_ended_before_says_nothing_of_it(self) -> None:
        early = one(SessionFacts(SessionEnd.GREETING_REFUSED, "554"), plaintext=frozenset({MX1}))
        assert not found(Topic.TLS, early, accepted(SSH))

    def test_offered_to_nobody_is_no_difference(self) -> None:
        plain = [one(PLAIN, via, plaintext=frozenset({MX1})) for via in (LOCAL, SSH)]
        assert not agreement_of(plain).differences

    def test_versions_differ(self) -> None:
        [item] = found(Topic.TLS, one(replace(ACCEPTED, tls="TLSv1.2")), accepted(SSH))
        assert [view.what for view in item.views] == ["TLS 1.2", "TLS 1.3"]

    def test_a_certificate_is_not_judged_alike(self) -> None:
        [item] = found(Topic.CERTIFICATE, one(UNTRUSTED), accepted(SSH))
        assert [view.what for view in item.views] == ["untrusted", "verified"]

    def test_one_without_authorities_judges_nothing(self) -> None:
        assert not found(Topic.CERTIFICATE, one(UNJUDGED), accepted(SSH))

    def test_certificates_with_other_ends_are_others(self) -> None:
        [item] = found(Topic.CERTIFICATE, one(replace(ACCEPTED, days=3)), accepted(SSH))
        assert [view.what for view in item.views] == ["3 days left", "90 days left"]

    @pytest.mark.parametrize("days", [89, 90, 91, None])
    def test_a_day_apart_is_two_clocks(self, days: int | None) -> None:
        assert not found(Topic.CERTIFICATE, one(replace(ACCEPTED, days=days)), accepted(SSH))


class TestEhlo:
    def test_names_are_told_where_nothing_else_says_why(self) -> None:
        points = rejected(LOCAL, Reason.UNEXPLAINED, ehlo="a.example"), accepted(SSH, ehlo="b.example")
        assert [item.what for item in found(Topic.EHLO, *points)[0].views] == ["a.example", "b.example"]

    def test_not_where_something_else_does(self) -> None:
        points = greylisted(LOCAL, ehlo="a.example"), accepted(SSH, ehlo="b.example")
        assert not found(Topic.EHLO, *points)

    def test_the_same_name_is_no_difference(self) -> None:
        points = rejected(LOCAL, None, ehlo="a.example"), accepted(SSH, ehlo="a.example")
        assert not found(Topic.EHLO, *points)


def test_the_same_outcome_for_other_reasons() -> None:
    [item] = found(Topic.OUTCOME, rejected(LOCAL, Reason.IP_BLOCKLIST), rejected(SSH, Reason.NO_SUCH_MAILBOX))
    assert item.headline == "Reasons differ"
