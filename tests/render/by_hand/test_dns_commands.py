"""Questions read from a step's lines, and the flags that send them again as they were sent."""

import pytest

from smtpdiag_tui.render.by_hand.commands import by_hand
from smtpdiag_tui.render.by_hand.dns_commands import server_of
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.settings import DnsServer, Settings
from tests.render.by_hand.making import RESOLVER, report, step


def digs(step_id: str, *notes: str) -> list[str]:
    made = report(RESOLVER, step(step_id, *notes))
    return [item.line for item in by_hand(made, step_id) if item.program == "dig"]


@pytest.mark.parametrize(
    ("step_id", "note", "flags"),
    [
        (
            "remote/192.0.2.53/udp",
            "MX a.example: NOERROR, 1 record, flags RD RA, 9 bytes in 1 ms",
            "+notcp +ignore +bufsize=1232 +nocookie +adflag",
        ),
        (
            "remote/192.0.2.53/tcp",
            "MX a.example: timeout (no answer within 5 s)",
            "+tcp +bufsize=1232 +nocookie +adflag",
        ),
        (
            "soa/ns1.a.example/192.0.2.51/udp",
            "MX a.example: NOERROR, flags AA, 9 bytes in 1 ms",
            "+notcp +ignore +norecurse +bufsize=1232 +nocookie +noadflag",
        ),
        (
            "remote/192.0.2.53/udp",
            "MX a.example: SERVFAIL, flags RD RA, 9 bytes in 1 ms, without EDNS (not supported by the server)",
            "+notcp +ignore +noedns +noadflag",
        ),
        (
            "remote/192.0.2.53/udp",
            "MX a.example: NOERROR, 1 record, flags RD RA CD, 9 bytes in 1 ms",
            "+notcp +ignore +bufsize=1232 +nocookie +adflag +cdflag",
        ),
    ],
)
def test_a_question_is_sent_as_it_was(step_id: str, note: str, flags: str) -> None:
    server = "192.0.2.51" if step_id.startswith("soa") else "192.0.2.53"
    assert digs(step_id, note) == [f"dig @{server} a.example. MX {flags}"]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("192.0.2.53", "@192.0.2.53 a."),
        ("192.0.2.53:5353", "@192.0.2.53 -p 5353 a."),
        ("2001:db8::53", "@2001:db8::53 a."),
        ("[2001:db8::53]:5353", "@2001:db8::53 -p 5353 a."),
        ("fe80::53%eth0", "@fe80::53%eth0 a."),
        ("[fe80::53%eth0]:5353", "@fe80::53%eth0 -p 5353 a."),
        ("own-ipv4-1", "@own-ipv4-1 a."),
    ],
)
def test_a_server_may_have_a_port_and_a_zone(label: str, words: str) -> None:
    note = "A a: NOERROR, flags RD, 9 bytes in 1 ms"
    assert digs(f"dns-servers/{label}/tcp", note)[0].startswith(f"dig {words} A +tcp")
    assert digs("identity/ipv4", f"{label} over TCP: {note}")[0].startswith(f"dig {words} A +tcp")


@pytest.mark.parametrize(
    "server", [DnsServer("192.0.2.1", 5300), DnsServer("fe80::1%eth0", 5300), DnsServer("::1")]
)
def test_a_label_is_read_back(server: DnsServer) -> None:
    assert server_of(server.label) == (server.address, str(server.port))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (r"a\032b\"$(id)'.example", r"-q 'a\032b\"$(id)'" + '"\'"' + "'.example.' -t A +noidnin"),
        ("-evil.example", "-q -evil.example. -t A +noidnin"),
        ("+tcp.example", "-q +tcp.example. -t A +noidnin"),
        (r"\@x.example", r"-q '\@x.example.' -t A +noidnin"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example. A"),
        ("_dmarc.a.example", "_dmarc.a.example. A"),
        (".", ". A"),
    ],
)
def test_a_name_is_never_an_option(name: str, words: str) -> None:
    [line] = digs("remote/192.0.2.53/tcp", f"A {name}: NXDOMAIN, flags RD RA, 9 bytes in 1 ms")
    assert line == f"dig @192.0.2.53 {words} +tcp +bufsize=1232 +nocookie +adflag"


def test_a_records_own_text_is_no_question() -> None:
    assert (
        digs(
            "authentication/spf/192.0.2.10/mail-from",
            'a.example TXT "192.0.2.66: A b.example: NOERROR"',
            "  192.0.2.66: A b.example: NOERROR, flags RD, 9 bytes in 1 ms",
            "PTR name: mail.sender.example",
            "A a.example: not queried (loopback)",
        )
        == []
    )


def test_a_finding_that_cites_another_servers_answer_has_its_command() -> None:
    line = "192.0.2.51: NS a.example: REFUSED, flags none, 9 bytes in 1 ms"
    found = Finding("soa-lame-server", Severity.WARNING, "lame", evidence=(line, "192.0.2.51 is lame"))
    made = report(RESOLVER, step("soa", findings=(found,)))
    assert [item.line for item in by_hand(made, "soa")][:1] == [
        "dig @192.0.2.51 a.example. NS +norecurse +bufsize=1232 +nocookie +noadflag"
    ]


def test_without_a_server_in_the_line_the_first_resolver_that_works_is_asked() -> None:
    note = "TXT s1._domainkey.a.example: NOERROR, 1 record, flags RD RA, 9 bytes in 1 ms"
    key = "authentication/dkim/s1@a.example"
    assert digs(key, note)[0].startswith("dig @192.0.2.53 s1._domainkey.a.example. TXT +bufsize=1232")
    given = report(step(key, note), settings=Settings("a@a.example", "b@b.example", dns=(DnsServer("192.0.2.9"),)))
    assert by_hand(given, key)[0].line.startswith("dig @192.0.2.9 ")
    assert by_hand(report(step(key, note)), key) == ()


def test_a_branch_gives_what_its_steps_asked_each_once_and_bounded() -> None:
    note = "MX a{}.example: NXDOMAIN, flags RD RA, 9 bytes in 1 ms"
    leaves = [step(f"remote/192.0.2.{n}/udp", note.format(n), note.format(n)) for n in range(1, 60)]
    servers = [step(leaf.id.removesuffix("/udp")) for leaf in leaves]
    made = report(step("remote"), *servers, *leaves)
    assert len(by_hand(made, "remote")) == 60
    assert len(by_hand(made, "remote/192.0.2.7/udp")) == 2
    assert by_hand(made, "nowhere") == ()
