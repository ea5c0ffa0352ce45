from datetime import UTC, datetime

import pytest

from smtpdiag_tui.checks.session.phases import judge_phase
from smtpdiag_tui.checks.session.session import Ending, Exchange, Phase, SessionObservation, TlsAttempt
from smtpdiag_tui.network.seam import TrustStore
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.settings import Settings, TlsPolicy
from tests.checks.making import codes, exchange, session

NOW = datetime(2026, 11, 24, tzinfo=UTC)
READY = exchange(Phase.GREETING, "220 mx.partner.example ESMTP")
OFFERS = exchange(Phase.EHLO, "250-mx.partner.example", "250 STARTTLS", command=b"EHLO x")
PLAIN = exchange(Phase.EHLO, "250-mx.partner.example", "250 SIZE", command=b"EHLO x")
GO = exchange(Phase.STARTTLS, "220 go")


def judged(seen: SessionObservation, phase: Phase = Phase.STARTTLS) -> tuple[Finding, ...]:
    return judge_phase(seen, phase, TrustStore(), NOW, ("mx.partner.example",))


@pytest.mark.parametrize("policy", [TlsPolicy.AUTO, TlsPolicy.REQUIRE])
def test_tls_that_is_not_to_be_had(policy: TlsPolicy) -> None:
    settings = Settings("a@b.example", "c@d.example", tls=policy)
    refused_tls = exchange(Phase.STARTTLS, "454 4.7.0 not now")
    cases = {
        "starttls-not-offered": session(READY, PLAIN, settings=settings),
        "starttls-refused": session(READY, OFFERS, refused_tls, settings=settings),
        "tls-handshake-failed": session(
            READY,
            OFFERS,
            exchange(Phase.STARTTLS, "220 go"),
            settings=settings,
            tls=TlsAttempt(None, "wrong version"),
        ),
    }
    for code, seen in cases.items():
        [found] = judged(seen, Phase.STARTTLS)
        assert found.code == code
        assert found.severity == ("failure" if policy is TlsPolicy.REQUIRE else "warning")


def test_absence_of_starttls_is_told_from_a_whole_ehlo_reply_alone() -> None:
    for item in (
        exchange(Phase.EHLO, "421 too busy", command=b"EHLO x"),
        exchange(Phase.EHLO, "451 later", command=b"EHLO x"),
        exchange(Phase.EHLO, ending=Ending.TIMEOUT, command=b"EHLO x"),
        exchange(Phase.EHLO, ending=Ending.CLOSED, command=b"EHLO x"),
    ):
        assert "starttls-not-offered" not in codes(judged(session(READY, item), Phase.STARTTLS))


def test_implicit_tls_needs_no_offer() -> None:
    settings = Settings("a@b.example", "c@d.example", tls=TlsPolicy.IMPLICIT)
    assert judged(session(READY, PLAIN, settings=settings)) == ()


def test_a_refusal_keeps_the_server_s_words() -> None:
    refused = exchange(Phase.STARTTLS, "454 4.7.0 TLS not available due to local problem")
    [found] = judged(session(READY, OFFERS, refused))
    assert found.code == "starttls-refused"
    assert found.evidence == ("454 4.7.0 TLS not available due to local problem",)


def test_text_in_clear_behind_the_reply_is_told_with_its_size() -> None:
    tls = TlsAttempt(None, "wrong version", injected=b"MAIL FROM:<x@y.example>\r\nmore", injected_size=4000)
    found = judged(session(READY, OFFERS, GO, tls=tls))
    assert codes(found) == ["starttls-injection", "tls-handshake-failed"]
    assert found[0].message == "mx.partner.example sent 4000 bytes of plaintext after its STARTTLS reply"
    assert found[0].evidence == ("MAIL FROM:<x@y.example>", "more")


@pytest.mark.parametrize(
    ("again", "code"),
    [
        (exchange(Phase.EHLO, "550 5.7.1 no", command=b"EHLO x", tls=True), "helo-rejected"),
        (exchange(Phase.EHLO, ending=Ending.CLOSED, command=b"EHLO x", tls=True), "closed-early"),
    ],
)
def test_ehlo_again_under_tls_is_judged_with_starttls(again: Exchange, code: str) -> None:
    seen = session(READY, OFFERS, GO, again, tls=TlsAttempt(None, "unknown"))
    assert code in codes(judged(seen))
    assert code not in codes(judged(session(READY, OFFERS, GO, tls=seen.tls)))
