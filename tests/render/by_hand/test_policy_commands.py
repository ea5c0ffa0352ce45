"""The commands for MTA-STS and DANE."""

from smtpdiag_tui.render.by_hand.commands import by_hand
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.settings import Settings
from tests.render.by_hand.making import RESOLVER, SESSION, report, session, step

STEP = "tls-policy/mta-sts"
NOTES = (
    "192.0.2.53 over UDP: TXT _mta-sts.a.example: NOERROR, 1 record, flags RD RA, 89 bytes in 40 ms",
    "A mta-sts.a.example: 192.0.2.177",
    "AAAA mta-sts.a.example: 2001:db8::177",
    "connecting to 2001:db8::177 port 443",
    "2001:db8::177 connection refused",
    "connecting to 192.0.2.177 port 443",
    "GET https://mta-sts.a.example/.well-known/mta-sts.txt",
)


def test_the_policy_is_fetched_from_each_address_that_was_tried() -> None:
    settings = Settings("a@a.example", "b@a.example", source="192.0.2.10")
    found = [item.line for item in by_hand(report(RESOLVER, step(STEP, *NOTES), settings=settings), STEP)]
    assert [line.split()[0] for line in found] == ["dig", "kdig"] * 3 + ["curl"] * 2
    assert "'mta-sts.a.example:443:[2001:db8::177]'" in found[-2]
    assert found[-1] == (
        "curl --silent --show-error --noproxy '*' --interface 192.0.2.10"
        " --resolve mta-sts.a.example:443:192.0.2.177 https://mta-sts.a.example/.well-known/mta-sts.txt"
    )


def test_who_publishes_none_has_nothing_to_fetch() -> None:
    note = "192.0.2.53 over UDP: TXT _mta-sts.a.example: NXDOMAIN, flags RD RA, 89 bytes in 40 ms"
    assert [item.program for item in by_hand(report(RESOLVER, step(STEP, note)), STEP)] == ["dig", "kdig"]


def test_dnssec_asks_for_the_root_and_for_each_name_that_it_tells_of() -> None:
    notes = (
        "192.0.2.53 validates (the root's SOA record came back with AD); it is on this host",
        "MX of a.example: secure",
        "A and AAAA of mx.a.example: insecure",
    )
    made = report(RESOLVER, step("tls-policy/dnssec", *notes))
    digs = [item.words[1:3] for item in by_hand(made, "tls-policy/dnssec") if item.program == "dig"]
    assert digs == [(".", "SOA"), ("a.example.", "MX"), ("mx.a.example.", "A"), ("mx.a.example.", "AAAA")]


def test_dane_matches_each_address_with_the_records_that_are_told() -> None:
    good, bad = "3 1 1 " + "ab" * 32, "2 0 1 " + "cd" * 32
    evidence = (
        f"192.0.2.25 matches _25._tcp.mx.partner.example. IN TLSA {good}",
        f"_25._tcp.mx.partner.example. IN TLSA {bad}: matches no certificate presented",
        "_25._tcp.mx.partner.example. IN TLSA 1 1 1 abcd: usage 1 is not for mail",
        f"_25._tcp.mx.partner.example. IN TLSA 3 1 1 {'ab' * 16}…",
    )
    found = Finding("dane-valid", Severity.INFO, "", evidence=evidence)
    told = ("connecting to 192.0.2.25 port 25", "> EHLO x", "> STARTTLS", "TLS established: TLSv1.3, X")
    key = "tls-policy/dane/mx.partner.example"
    [command] = by_hand(report(session(SESSION, *told), step(key, findings=(found,))), key)
    assert command.words[-7:] == (
        "-dane_tlsa_domain",
        "mx.partner.example",
        "-dane_ee_no_namechecks",
        "-dane_tlsa_rrdata",
        good,
        "-dane_tlsa_rrdata",
        bad,
    )
    assert by_hand(report(step(key, findings=(found,))), key) == ()
