"""What is said of signatures, and in the step's transcript."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.authentication.dkim.signature_judgement import judge_signatures
from smtpdiag_tui.checks.authentication.dkim.verification import read_signatures
from smtpdiag_tui.checks.authentication.message.judgement import examine, judge_message
from smtpdiag_tui.checks.authentication.message.notes import message_beyond, notes
from smtpdiag_tui.checks.authentication.message.reading import read_message
from smtpdiag_tui.checks.authentication.seen import MessageSeen, Signature, SignatureFlaw
from smtpdiag_tui.report.authentication import BeyondVerdict, DkimResult
from smtpdiag_tui.report.findings import Severity, finding
from tests.checks.authentication.dkim.signing import NOW, Signer, verified

GOOD = Signature("s1", "sender.example", DkimResult.PASS)
BAD = Signature("s2", "sender.example", DkimResult.FAIL, "body hash does not match", SignatureFlaw.BODY)
SEEN = MessageSeen(100, ("alice@sender.example",))


def judged(*signatures: Signature, unverified: int = 0) -> list[tuple[str, Severity, str]]:
    seen = replace(SEEN, signatures=signatures, unverified=unverified)
    return [(item.code, item.severity, item.message) for item in judge_signatures(seen)]


def test_without_a_signature() -> None:
    (item,) = judge_signatures(SEEN)
    assert (item.code, item.message) == ("dkim-unsigned", "Message has no DKIM signature")
    assert item.advice == (
        "Sign messages from sender.example with DKIM, or give the message as it leaves the signing server."
    )
    assert judge_signatures(MessageSeen(0)) == []
    (item,) = judge_signatures(replace(SEEN, from_addresses=()))
    assert item.advice == "Sign messages with DKIM, or give the message as it leaves the signing server."


def test_a_valid_and_an_invalid_signature() -> None:
    assert judged(GOOD) == [
        ("dkim-signature-valid", Severity.INFO, "DKIM signature s1@sender.example verifies"),
    ]
    assert judged(BAD) == [
        ("dkim-signature-invalid", Severity.FAILURE, "DKIM signature s2@sender.example does not verify"),
    ]


def test_an_invalid_signature_beside_a_valid_one_of_the_same_domain_is_a_warning() -> None:
    assert [severity for _, severity, _ in judged(GOOD, BAD)] == [Severity.INFO, Severity.WARNING]
    other = replace(GOOD, domain="other.example")
    assert [severity for _, severity, _ in judged(other, BAD)] == [Severity.INFO, Severity.FAILURE]


def test_the_reason_is_the_meaning_and_each_flaw_has_its_advice() -> None:
    advice: set[str] = set()
    for flaw in SignatureFlaw:
        (item,) = judge_signatures(replace(SEEN, signatures=(replace(BAD, flaw=flaw),)))
        assert item.meaning == "Body hash does not match. Receivers treat the message as unsigned."
        advice.add(str(item.advice))
    assert len(advice) == len(SignatureFlaw)


def test_what_to_do_about_a_key_is_told_by_its_step_alone() -> None:
    (item,) = judge_signatures(replace(SEEN, signatures=(replace(BAD, flaw=SignatureFlaw.KEY),)))
    assert item.actions == ()


def test_a_key_that_could_not_be_looked_up_is_unknown() -> None:
    because = "its key could not be looked up: SERVFAIL from 192.0.2.53"
    item = Signature("s1", "sender.example", DkimResult.TEMPERROR, because, SignatureFlaw.LOOKUP)
    assert judged(item) == [
        (
            "dkim-signature-unknown",
            Severity.UNKNOWN,
            "DKIM signature s1@sender.example could not be verified",
        ),
    ]


def test_a_signature_without_names_is_told_too() -> None:
    item = Signature("", "", DkimResult.PERMERROR, "it has no d= tag", SignatureFlaw.SYNTAX)
    assert judged(item) == [
        ("dkim-signature-invalid", Severity.FAILURE, "DKIM signature without a name does not verify"),
    ]


def test_a_partial_signature_and_too_many_are_risks() -> None:
    assert judged(replace(GOOD, length=1), unverified=9999)[1:] == [
        ("message-risky", Severity.WARNING, "DKIM signature s1@sender.example covers 1 byte of the body"),
        ("message-risky", Severity.WARNING, "Message has 10,000 DKIM signatures"),
    ]


def noted(message: bytes) -> list[str]:
    read = read_message(message)
    parsed = read_signatures(read, NOW)
    examined = examine(read)
    signatures = verified(message)
    return notes(examined, parsed, MessageSeen(read.size, examined.origin.addresses, signatures))


def test_the_transcript_tells_what_matters_and_no_content() -> None:
    message = Signer().sign()
    lines = noted(message)
    assert lines[1:] == [
        f"line ends in the file: {len(message.splitlines())} CRLF",
        "From alice@sender.example",
        "fields DKIM-Signature From To Subject Date Message-ID",
        "DKIM s1@sender.example, rsa-sha256, relaxed/relaxed, signs from to subject date: pass",
    ]
    assert lines[0].startswith(f"{len(message):,} bytes as it goes out with CRLF line ends; 6 header fields of ")
    whole = "\n".join(lines)
    for secret in ("Alice", "test", "Hello", "<1@", "bob"):
        assert secret not in whole


def test_the_transcript_is_bounded_and_printable() -> None:
    fields = b"".join(b"X-%d-\x1b: y\r\n" % number for number in range(5))
    many = b"".join(b"X-%d: y\r\n" % number for number in range(20_000))
    addresses = b"From: " + b", ".join(b"a%d@b.example" % number for number in range(90)) + b"\r\n"
    lines = noted(addresses + many + b"\r\n\x1b[2J" + fields)
    assert all(line.isprintable() for line in lines)
    assert sum(map(len, lines)) < 2000
    assert "From a0@b.example, a1@b.example, a2@b.example, a3@b.example, a4@b.example and 85 more" in lines
    assert lines[-1].endswith(" and 19,989 more")


def test_line_ends_of_each_kind_are_counted() -> None:
    assert noted(b"")[1] == "line ends in the file: none"
    assert noted(b"A: b\r\n\na\rb\n")[1] == "line ends in the file: 1 CRLF, 2 LF, 1 CR alone"


def test_beyond() -> None:
    fits = finding("message-fits", "Message of 100 bytes fits 1 MX address")
    risk = finding("message-risky", "Message has no Date field")
    bad = finding("message-malformed", "Message has no From field")
    signature = finding("dkim-signature-invalid", "DKIM signature is invalid")
    verdicts = {
        (fits,): (BeyondVerdict.PASS, "Message of 100 bytes is well formed"),
        (fits, signature): (BeyondVerdict.PASS, "Message of 100 bytes is well formed"),
        (fits, risk): (BeyondVerdict.PASS, "Message of 100 bytes has a risk: Message has no Date field"),
        (risk, fits, bad): (BeyondVerdict.FAIL, "Message has no From field"),
        (): (BeyondVerdict.UNKNOWN, "No MX address announced a limit for the 100 bytes of the message"),
    }
    for findings, (verdict, message) in verdicts.items():
        told = message_beyond(SEEN, findings)
        assert told is not None
        assert (told.verdict, told.message) == (verdict, message)
    told = message_beyond(replace(SEEN, readable=False), ())
    assert told is not None
    assert told.verdict is BeyondVerdict.UNKNOWN


@pytest.mark.parametrize("content", [b"", b"\0" * 50, Signer().sign()])
def test_every_message_is_judged(content: bytes) -> None:
    assert isinstance(judge_message(examine(read_message(content))), list)
