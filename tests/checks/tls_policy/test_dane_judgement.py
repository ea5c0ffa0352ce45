"""What is told of an MX host under DANE: per address and record, with the record that should be there."""

from smtpdiag_tui.checks.tls_policy import dane, tlsa
from smtpdiag_tui.checks.tls_policy.dane import HostTlsa
from smtpdiag_tui.checks.tls_policy.dane_judgement import detail, judge_host
from smtpdiag_tui.report.findings import Finding, Severity, Side
from tests.checks.making import codes
from tests.checks.session.issuer import NOW, TRUSTED
from tests.checks.tls_policy.dane_made import (
    ADDRESS,
    BOGUS,
    HOST,
    INSECURE,
    LEAF,
    OTHER,
    SECURE,
    UNKNOWN,
    UNTRUSTED,
    host,
    in_clear,
    presented,
    tlsa_answer,
)

GOOD = tlsa.record_for(LEAF)
PKIX = f"1 1 1 {'ab' * 32}"
OWNER = "_25._tcp.mx.partner.example. IN TLSA"


def judged(seen: HostTlsa, **sessions: object) -> tuple[Finding, ...]:
    """Judge a host by its sessions, one for each address."""
    place = dane.standing(seen)
    held = [(f"192.0.2.{key[1:]}", item) for key, item in sessions.items()]
    return judge_host(seen, place, [dane.meet(place, seen, key, item, NOW) for key, item in held])  # type: ignore[arg-type]


def test_a_mismatch_names_the_record_to_publish_and_how_to_roll_over() -> None:
    (told,) = judged(host(tlsa_answer(OTHER)), a25=presented(LEAF))
    assert (told.code, told.severity, told.side) == ("dane-mismatch", Severity.WARNING, Side.RECIPIENT)
    assert told.message == "Certificate of mx.partner.example [192.0.2.25] matches no TLSA record"
    assert told.evidence == (
        f"192.0.2.25 presented a certificate of TLSA {GOOD}",
        f"{OWNER} {OTHER}: the certificate has another key",
    )
    first, second = map(str, told.actions)
    assert first == (
        f"DNS administrator of mx.partner.example: if the certificate presented by mx.partner.example is its own,"
        f" add {OWNER} {GOOD} to the zone; keep the records of certificates still used by that host."
    )
    assert second == (
        "MX administrator of mx.partner.example: at the next rollover, have the TLSA record of the new certificate"
        " of mx.partner.example published beside the current one at least 2 TTLs before installing the"
        " certificate,"
        " and the old record removed only after."
    )


def test_addresses_that_present_the_same_are_told_together_others_apart() -> None:
    other = TRUSTED.leaf(HOST)
    told = judged(
        host(tlsa_answer(GOOD)),
        a25=presented(LEAF),
        a26=presented(LEAF),
        a27=presented(other),
        a28=in_clear("250 mx.partner.example"),
        a29=in_clear(),
    )
    assert [(item.code, item.message) for item in told] == [
        ("dane-valid", "Certificate of mx.partner.example at 2 addresses matches TLSA record 3 1 1"),
        ("dane-mismatch", "Certificate of mx.partner.example [192.0.2.27] matches no TLSA record"),
        ("dane-no-starttls", "mx.partner.example [192.0.2.28] has TLSA records, but no TLS"),
    ]
    assert told[2].evidence[0] == "192.0.2.28: STARTTLS not offered, DANE requires it"
    assert f"add {OWNER} {tlsa.record_for(other)} to" in str(told[1].actions[0])


def test_records_that_nobody_can_use_are_told_with_the_reason() -> None:
    (told,) = judged(host(tlsa_answer(PKIX, "3 1 1 ab")), a25=presented(LEAF))
    assert (told.code, told.message) == ("dane-unusable", "No TLSA record of mx.partner.example is usable")
    assert told.evidence == (
        f"{OWNER} {PKIX}: certificate usage 1 (PKIX-EE) is not used for SMTP",
        f"{OWNER} 3 1 1 ab: digest has 1 byte instead of 32",
    )
    assert GOOD in str(told.actions[0])


def test_two_things_wrong_at_once_are_both_told() -> None:
    told = judged(host(tlsa_answer(PKIX, OTHER)), a25=presented(LEAF))
    assert codes(told) == ["dane-unusable", "dane-mismatch"]
    told = judged(host(tlsa_answer(PKIX)), a25=in_clear("250 mx"))
    assert codes(told) == ["dane-unusable", "dane-no-starttls"]


def test_no_record_and_one_that_is_not_signed() -> None:
    (none,) = judged(host(tlsa_answer()), a25=presented(LEAF))
    assert (none.code, none.message) == ("dane-none", "mx.partner.example has no TLSA records")
    (unsigned,) = judged(host(tlsa_answer(OTHER, state=INSECURE), addresses=INSECURE), a25=presented(LEAF))
    assert (unsigned.code, unsigned.severity) == ("dane-none", Severity.INFO)
    assert unsigned.message == "TLSA records of mx.partner.example are not signed, so DANE does not apply"
    assert unsigned.evidence == (f"{OWNER} {OTHER}",)
    (insecure,) = judged(host(tlsa_answer(), addresses=INSECURE), a25=presented(LEAF))
    assert "not signed with DNSSEC" in insecure.meaning


def test_a_failed_lookup_is_told_where_the_addresses_are_signed() -> None:
    (told,) = judged(host(tlsa_answer(failed="192.0.2.53: TLSA: SERVFAIL")), a25=presented(LEAF))
    assert (told.code, told.evidence) == ("dane-lookup-failed", ("192.0.2.53: TLSA: SERVFAIL",))
    assert judged(host(tlsa_answer(failed="timeout"), addresses=UNKNOWN), a25=presented(LEAF)) == ()
    assert codes(judged(host(tlsa_answer(failed="timeout"), addresses=INSECURE))) == ["dane-none"]


def test_a_lookup_that_fails_for_its_signatures_is_not_a_matter_of_servers_that_do_not_answer() -> None:
    silent, bogus = (tlsa_answer(failed="SERVFAIL", state=state) for state in (UNKNOWN, BOGUS))
    asked = "DNS administrator of mx.partner.example:"
    owner = "_25._tcp.mx.partner.example"
    assert str(judged(host(silent))[0].actions[0]) == (
        f"{asked} make the name servers of mx.partner.example answer TLSA queries for {owner}."
    )
    assert str(judged(host(bogus))[0].actions[0]) == (
        f"{asked} fix the DNSSEC signatures of the zone that holds {owner}."
    )


def test_records_that_nothing_proves_are_told_with_what_would_be_so() -> None:
    untrusted = host(tlsa_answer(GOOD, state=UNTRUSTED), addresses=UNTRUSTED)
    told = judged(untrusted, a25=presented(LEAF))
    assert codes(told) == ["dane-untrusted", "dane-valid"]
    assert told[0].severity is Severity.UNKNOWN
    assert told[0].meaning == (
        "192.0.2.53 validated them, but its answer crosses the network unprotected."
        " With a trusted path, DANE is valid at 1 of 1 address of mx.partner.example."
    )
    unknown = host(tlsa_answer(OTHER, state=UNKNOWN), addresses=UNKNOWN)
    assert codes(judged(unknown, a25=presented(LEAF))) == ["dane-untrusted", "dane-mismatch"]


def test_an_mx_that_is_not_signed_leaves_it_to_the_sender() -> None:
    for record in (GOOD, OTHER):
        (told,) = judged(host(tlsa_answer(record), mx=INSECURE), a25=presented(LEAF))
        assert told.meaning.endswith("whether DANE applies is the sending server's choice; Postfix applies it.")
    (told,) = judged(host(tlsa_answer(OTHER), mx=SECURE), a25=presented(LEAF))
    assert "choice" not in told.meaning


def test_what_a_peer_says_is_shown_bounded_and_printable() -> None:
    flood = host(
        tlsa_answer(*(f"3 1 1 {number:064x}" for number in range(1000)), f"3 0 0 {'ab' * 30_000}", "\x1b[2J")
    )
    told = judged(flood, a25=presented(LEAF))
    for item in told:
        assert len(item.evidence) <= 60
        assert all(line.isprintable() and len(line) < 400 for line in item.evidence)


def test_the_detail_counts() -> None:
    seen = host(tlsa_answer(GOOD))
    place = dane.standing(seen)
    good = dane.meet(place, seen, ADDRESS, presented(LEAF), NOW)
    bad = dane.meet(place, seen, "192.0.2.26", in_clear("250 mx"), NOW)
    assert detail(place, [good]) == "1 usable TLSA record, matched by 1 of 1 address"
    assert detail(place, [good, bad]) == "1 usable TLSA record, not matched by 1 of 2 addresses"
    assert detail(place, []) == "1 usable TLSA record"
    assert detail(dane.standing(host()), []) == "no TLSA records"
