"""The catalogue: its promised codes and severities, and that nobody uses a code that it does not have."""

import re
from pathlib import Path

import pytest

import smtpdiag_tui
from smtpdiag_tui.report.findings import Finding, Severity, catalogue, finding, gravest_first

PROMISED = {
    Severity.FAILURE: """
        address-invalid address-trailing-dot dns-udp-failed dns-truncated domain-not-found dns-server-failure
        soa-missing soa-mx-mismatch null-mx no-mail-host mx-is-address mx-address-unusable mx-none-usable
        connection-refused connection-timeout connection-reset network-unreachable greeting-rejected helo-rejected
        sender-rejected recipient-rejected blocklisted reply-too-long reply-malformed smtputf8-not-offered""",
    Severity.WARNING: """
        domain-single-label domain-underscore dns-tcp-failed dns-answers-differ dns-malformed soa-serial-mismatch
        soa-lame-server delegation-mismatch domain-only-outside null-mx-not-alone implicit-mx mx-is-cname
        mx-unresolvable mx-address-not-public mx-ipv6-only mx-is-this-machine greylisted sender-deferred
        recipient-deferred service-unavailable closed-early reply-codes-differ starttls-required
        starttls-not-offered starttls-refused starttls-injection tls-handshake-failed tls-protocol-old
        certificate-untrusted certificate-expired certificate-name-mismatch""",
    Severity.UNKNOWN: """
        no-dns-servers dns-unreachable dns-egress-blocked mx-lookup-failed rate-limited greeting-timeout
        reply-timeout internal-error""",
    Severity.INFO: """
        address-internationalised address-literal special-use-domain null-sender mx-shared-address no-ipv6-route
        recipient-accepted greeting-slow ehlo-rejected bare-line-feed quit-unanswered tls-established""",
}


@pytest.mark.parametrize("severity", PROMISED)
def test_promised_codes_keep_their_severity(severity: Severity) -> None:
    assert [code for code in PROMISED[severity].split() if catalogue()[code].severity is not severity] == []


def test_every_code_says_what_it_means_and_every_problem_what_to_do() -> None:
    for code, kind in catalogue().items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert kind.meaning.endswith("."), code
        assert all(action.what.endswith(".") for action in kind.actions), code
        if kind.severity is Severity.FAILURE:
            assert kind.actions, code


def test_the_why_is_two_sentences_at_most_and_each_action_begins_as_it_is_printed() -> None:
    for code, kind in catalogue().items():
        assert len(re.findall(r"[.?] [A-Z]|\.$", kind.meaning)) <= 2, code
        for action in kind.actions:
            first = action.what[0]
            assert first.islower() if action.who else first.isupper(), code
            assert ":" not in action.who, code


def test_every_code_in_use_is_in_the_catalogue_and_every_one_there_is_in_use() -> None:
    folder = Path(smtpdiag_tui.__file__).parent
    rooms = ("checks", "verdict", "engine")
    source = "\n".join(path.read_text() for room in rooms for path in (folder / room).rglob("*.py"))
    used = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"', source))
    assert set(catalogue()) - used == set()
    calls = set(re.findall(r'finding\(\s*"([^"]+)"', source))
    assert calls - set(catalogue()) == set()


def test_an_unknown_code_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        finding("no-such-code", "x")


def test_strict_makes_a_warning_a_failure_and_nothing_else() -> None:
    assert finding("certificate-expired", "x", strict=True).severity is Severity.FAILURE
    assert finding("tls-established", "x", strict=True).severity is Severity.INFO
    assert finding("certificate-expired", "x").severity is Severity.WARNING


def test_what_is_given_wins_over_the_catalogue() -> None:
    given = finding("greylisted", "x", meaning="It is.", advice="Wait long.", reference="RFC 6647 §2")
    assert (given.meaning, given.advice, given.reference) == ("It is.", "Wait long.", "RFC 6647 §2")
    assert finding("greylisted", "x").meaning == catalogue()["greylisted"].meaning


def test_evidence_of_usual_size_is_whole() -> None:
    lines = tuple(f"250-line {number}" for number in range(60))
    assert finding("bare-line-feed", "x", evidence=lines).evidence == lines


def test_of_evidence_without_end_the_first_lines_are_kept_and_the_rest_is_counted() -> None:
    many = finding("bare-line-feed", "x", evidence=tuple(f"250-line {number}" for number in range(5000)))
    assert len(many.evidence) == 60
    assert many.evidence[-1] == "… (4,941 more lines)"
    wide = finding("bare-line-feed", "x", evidence=("a" * 60_000, "b" * 60_000, "c"))
    assert wide.evidence[0] == "a" * 60_000
    assert wide.evidence[1] == "b" * 5_536 + " … (54,464 more characters)"
    assert wide.evidence[2] == "… (1 more line)"


def test_the_gravest_comes_first_and_information_is_no_problem() -> None:
    found = [Finding(severity, severity, severity) for severity in Severity]
    assert [item.code for item in gravest_first(found)] == ["failure", "unknown", "warning", "info"]
    assert {item.code for item in found if not item.is_problem} == {"info"}
    same = [Finding("a", Severity.WARNING, ""), Finding("b", Severity.WARNING, "")]
    assert gravest_first(same) == same
