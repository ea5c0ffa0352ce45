"""What is said of DKIM keys: one headline for each fault, by the shape of a finding."""

import pytest

from smtpdiag_tui.checks.authentication.dkim.judgement import detail, judge, no_selector, notes
from smtpdiag_tui.checks.authentication.dkim.key import Fault, KeyRecord, parse_key
from smtpdiag_tui.checks.authentication.dkim.observation import KeyObservation, key_of, state_of
from smtpdiag_tui.checks.authentication.seen import KeyState
from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.report.findings import Severity, Side
from tests.checks.authentication.dkim.keys import der, ed25519_key, text

NAME = "mail._domainkey.sender.example"


def seen(*records: KeyRecord, found: Found = Found.DATA, why: str = "", source: str = "") -> KeyObservation:
    return KeyObservation("mail", "sender.example", source, found, records, why)


def published(record: str) -> KeyObservation:
    return seen(parse_key(record.encode()))


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_has_a_headline_a_reason_and_what_to_do(fault: Fault) -> None:
    record = KeyRecord("v=DKIM1", algorithm="ed25519", fault=fault, told="x" * 40, number=17_000)
    [found] = judge(seen(record))
    assert (found.code, found.severity, found.side) == ("dkim-key-invalid", Severity.FAILURE, Side.HERE)
    assert NAME in found.message
    assert len(found.message) <= 80
    assert not found.message.endswith(".")
    assert found.meaning.endswith(".")
    [action] = found.actions
    assert action.who == ""
    assert action.what.endswith(".")
    assert NAME in action.what or "sender.example" in action.what
    assert found.evidence == (f"{NAME} TXT v=DKIM1",)


@pytest.mark.parametrize(
    ("record", "message", "meaning"),
    [
        (
            f"v=DKIM1; p={text(der())[:232]}",
            f"DKIM key at {NAME} is cut off",
            "Its last 120 bytes are missing. A TXT string holds at most 255 bytes, so a longer key needs"
            " several strings"
            " in one record.",
        ),
        (
            f"v=DKIM1; k=ed25519; p={text(der())}",
            f"p= at {NAME} is not an Ed25519 key",
            "k= says Ed25519, and p= holds an RSA key.",
        ),
        (
            "v=DKIM1; p=AA.A",
            f"DKIM key at {NAME} is not valid base64",
            "It contains the character '.'.",
        ),
        (
            f"v=DKIM1; s=tlsrpt; p={text(der())}",
            f"DKIM key at {NAME} is not for mail",
            "s=tlsrpt names neither email nor *, so receivers ignore the key.",
        ),
    ],
)
def test_what_is_said_of_a_record(record: str, message: str, meaning: str) -> None:
    [found] = judge(published(record))
    assert (found.message, found.meaning) == (message, meaning)


@pytest.mark.parametrize(
    ("record", "state", "codes", "words"),
    [
        (f"v=DKIM1; p={text(der(2048))}", KeyState.VALID, ["dkim-key-valid"], "RSA, 2048 bits"),
        (f"v=DKIM1; p={text(der(1024))}", KeyState.VALID, ["dkim-key-weak"], "RSA, 1024 bits"),
        (
            f"v=DKIM1; t=y; p={text(der(1024))}",
            KeyState.VALID,
            ["dkim-key-weak", "dkim-key-testing"],
            "RSA, 1024 bits, testing mode",
        ),
        (f"v=DKIM1; k=ed25519; p={text(ed25519_key())}", KeyState.VALID, ["dkim-key-valid"], "Ed25519"),
        ("v=DKIM1; p=", KeyState.REVOKED, ["dkim-key-revoked"], "revoked"),
        ("v=DKIM1; t=y; p=", KeyState.REVOKED, ["dkim-key-revoked"], "revoked"),
        ("v=DKIM1", KeyState.INVALID, ["dkim-key-invalid"], "invalid"),
        ("v=spf1 -all", KeyState.MISSING, ["dkim-key-missing"], "no key"),
    ],
)
def test_one_record(record: str, state: KeyState, codes: list[str], words: str) -> None:
    observation = published(record)
    assert state_of(observation) is state
    assert [item.code for item in judge(observation)] == codes
    assert detail(observation) == words


def test_several_records_are_invalid_whatever_they_are() -> None:
    good, other = parse_key(f"p={text(der())}".encode()), parse_key(b"v=spf1 -all")
    for records in ((good, good), (good, other), (other, good)):
        assert state_of(seen(*records)) is KeyState.INVALID
        assert judge(seen(*records))[0].message == f"{NAME} has 2 TXT records"
        assert detail(seen(*records)) == "2 records"
    assert state_of(seen(other, other)) is KeyState.MISSING


def test_a_failed_lookup_is_unknown_and_says_why() -> None:
    failed = seen(found=Found.FAILED, why="192.0.2.53: SERVFAIL")
    [found] = judge(failed)
    assert (found.code, found.message, found.evidence) == (
        "dkim-lookup-failed",
        f"TXT query for {NAME} failed",
        ("192.0.2.53: SERVFAIL",),
    )
    assert (detail(failed), key_of(failed).state) == ("lookup failed", KeyState.UNKNOWN)
    [foreign] = judge(failed, own=False)
    assert [action.who for action in foreign.actions] == ["", "Administrator of sender.example"]


def test_what_other_checks_are_told() -> None:
    key = key_of(published(f"v=DKIM1; t=y; p={text(der(1024))}"))
    assert (key.selector, key.domain, key.algorithm, key.bits, key.testing) == (
        "mail",
        "sender.example",
        "rsa",
        1024,
        True,
    )


def test_a_crowd_of_long_records_is_shown_in_part() -> None:
    crowd = seen(*[parse_key(b"v=DKIM1; p=" + b"A" * 60_000)] * 500, source="OpenDKIM")
    lines = notes(crowd)
    assert lines[0] == "selector configured in OpenDKIM"
    assert lines[-1] == "  (492 more records not shown)"
    assert sum(map(len, lines)) < 10_000
    assert sum(map(len, judge(crowd)[0].evidence)) < 10_000


def test_where_no_selector_is_known() -> None:
    found = no_selector("sender.example")
    assert (found.severity, found.side) == (Severity.UNKNOWN, Side.HERE)
    assert found.message == "DKIM selector of sender.example is unknown"
    assert [action.what for action in found.actions] == [
        "Give a selector of sender.example with --dkim-selector, or a signed message with --message."
    ]
