"""The Authentication-Results field (RFC 8601 §2.2, §2.7)."""

import email.policy
import re

import pytest

from smtpdiag_tui.checks.authentication.results_header import authserv_id, results_header
from smtpdiag_tui.report.authentication import (
    Dkim,
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    Spf,
    SpfIdentity,
    SpfResult,
)

HOST = "mx1.partner.example"
PASSES = Spf(SpfIdentity("sender.example", SpfResult.PASS))
SIGNED = Dkim("s1", "sender.example", DkimResult.PASS)


def dmarc(result: DmarcResult, policy: Policy | None = Policy.REJECT) -> Dmarc:
    return Dmarc("sender.example", "sender.example", policy, result, "because")


def test_all_three() -> None:
    found = results_header(HOST, "alice@sender.example", PASSES, [SIGNED], dmarc(DmarcResult.PASS), message=True)
    assert found == (
        "mx1.partner.example; spf=pass smtp.mailfrom=alice@sender.example; dkim=pass header.d=sender.example"
        " header.s=s1; dmarc=pass (p=reject) header.from=sender.example"
    )


@pytest.mark.parametrize("result", SpfResult)
def test_spf_in_its_own_words(result: SpfResult) -> None:
    found = results_header(HOST, "a@b.example", Spf(SpfIdentity("b.example", result)), [], None, message=False)
    assert found == f"{HOST}; spf={result} smtp.mailfrom=a@b.example"


@pytest.mark.parametrize("result", [item for item in DkimResult if item is not DkimResult.KEY])
def test_every_signature_has_its_own_result(result: DkimResult) -> None:
    other = Dkim("s2", "other.example", result)
    found = results_header(HOST, "", Spf(), [SIGNED, other], None, message=True)
    assert found == (
        f"{HOST}; dkim=pass header.d=sender.example header.s=s1; dkim={result} header.d=other.example header.s=s2"
    )


@pytest.mark.parametrize("result", [item for item in DmarcResult if item is not DmarcResult.UNKNOWN])
def test_dmarc_in_its_own_words(result: DmarcResult) -> None:
    found = results_header(HOST, "", Spf(), [], dmarc(result, None), message=False)
    assert found == f"{HOST}; dmarc={result} header.from=sender.example"


def test_what_is_unknown_is_left_out() -> None:
    key = Dkim("s1", "sender.example", DkimResult.KEY)
    unknown = dmarc(DmarcResult.UNKNOWN)
    assert results_header(HOST, "a@b.example", Spf(), [key], unknown, message=False) == f"{HOST}; none"
    assert results_header(HOST, "a@b.example", PASSES, [key], unknown, message=False) == (
        f"{HOST}; spf=pass smtp.mailfrom=a@b.example"
    )


def test_a_message_without_signatures() -> None:
    assert results_header(HOST, "a@b.example", Spf(), [], None, message=True) == f"{HOST}; dkim=none"


def test_the_null_sender_is_its_ehlo_name() -> None:
    spf = Spf(SpfIdentity("mail.sender.example", SpfResult.FAIL))
    assert (
        results_header(HOST, "", spf, [], None, message=False) == f"{HOST}; spf=fail smtp.helo=mail.sender.example"
    )


@pytest.mark.parametrize(
    ("sender", "value"),
    [
        ("alice@sender.example", "alice@sender.example"),
        ("alice+tag=x@sender.example", "alice+tag=x@sender.example"),
        ('"a b"@sender.example', '"a b"@sender.example'),
        ('"a\\"b"@sender.example', '"a\\"b"@sender.example'),
        ("jürgen@sender.example", "jürgen@sender.example"),
        ("alice@[192.0.2.1]", '"alice@[192.0.2.1]"'),
        ("a;b@sender.example", '"a;b@sender.example"'),
        ("a..b@sender.example", '"a..b@sender.example"'),
        ('"a"b"@sender.example', '"\\"a\\"b\\"@sender.example"'),
        ('"a\\"@sender.example', '"\\"a\\\\\\"@sender.example"'),
    ],
)
def test_addresses_are_quoted_where_the_grammar_wants_it(sender: str, value: str) -> None:
    assert (
        results_header(HOST, sender, PASSES, [], None, message=False) == f"{HOST}; spf=pass smtp.mailfrom={value}"
    )


def test_hostile_names_stay_one_value() -> None:
    signature = Dkim("s;1", 'x"; dmarc=pass', DkimResult.FAIL)
    found = results_header("mx (a)", "", Spf(), [signature], None, message=True)
    assert found == '"mx (a)"; dkim=fail header.d="x\\"; dmarc=pass" header.s="s;1"'


RESINFO = re.compile(
    r' [a-z]+=[a-z]+(?: \(p=[a-z]+\))?(?: [a-z]+\.[a-z]+=(?:"(?:[^"\\]|\\.)*"|[^\s;"]+|"[^"]*"@[^\s;]+))*'
)


def test_it_keeps_the_grammar_and_the_library_reads_it() -> None:
    found = results_header(HOST, "alice@sender.example", PASSES, [SIGNED], dmarc(DmarcResult.FAIL), message=True)
    host, *parts = found.split(";")
    assert host == HOST
    assert all(RESINFO.fullmatch(part) for part in parts)
    message = email.message_from_string(f"Authentication-Results: {found}\n\n", policy=email.policy.SMTP)
    assert str(message["Authentication-Results"]) == found


def test_who_would_write_it() -> None:
    assert authserv_id("mx2.partner.example", ["mx1.partner.example"], "partner.example") == "mx2.partner.example"
    assert authserv_id("", ["mx1.partner.example"], "partner.example") == "mx1.partner.example"
    assert authserv_id("", [], "partner.example") == "partner.example"
    assert authserv_id("[192.0.2.27]", [], "partner.example") == "partner.example"
