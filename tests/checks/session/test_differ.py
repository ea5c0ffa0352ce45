"""Addresses beside each other: what differs is told in a table, what is not known never counts."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.differ import NOT_NAMED, judge_addresses, judge_hosts, software
from smtpdiag_tui.checks.session.session import Phase, SessionObservation, Target, TlsAttempt
from smtpdiag_tui.checks.session.table import table
from smtpdiag_tui.network.seam import TlsSession
from tests.checks.making import codes, exchange, reply, session
from tests.checks.session.issuer import TRUSTED, UNKNOWN

HOST = "mx.partner.example"
LEAF, OTHER = TRUSTED.leaf(HOST), TRUSTED.leaf(HOST, days=5)
POSTFIX = "220 mx.partner.example ESMTP Postfix"


def seen(
    address: str,
    *keywords: str,
    greeting: str = POSTFIX,
    leaf: bytes | None = LEAF,
    protocol: str = "TLSv1.3",
    host: str = HOST,
) -> SessionObservation:
    """Return a session whose EHLO reply offers so much, in clear and under TLS."""
    lines = [f"250-{word}" for word in (host, *keywords)]
    lines[-1] = lines[-1].replace("-", " ", 1)
    ehlo = [exchange(Phase.EHLO, *lines, command=b"EHLO mail.sender.example", tls=tls) for tls in (False, True)]
    tls = TlsAttempt(TlsSession(protocol, "X", (leaf,), host)) if leaf is not None else None
    made = session(exchange(Phase.GREETING, greeting), *ehlo[: 2 if leaf else 1], tls=tls)
    return replace(made, target=Target(host, address, 25, host))


BASE = seen("192.0.2.1", "SIZE 1000", "PIPELINING")


@pytest.mark.parametrize(
    ("other", "told", "cell"),
    [
        (seen("192.0.2.2", "SIZE 1000"), "EHLO keywords", "PIPELINING"),
        (seen("192.0.2.2", "SIZE 2000", "PIPELINING"), "SIZE", "2000"),
        (seen("192.0.2.2", "SIZE 1000", "PIPELINING", protocol="TLSv1.2"), "TLS", "TLSv1.2"),
        (seen("192.0.2.2", "SIZE 1000", "PIPELINING", leaf=OTHER), "certificate", "2026-11-29"),
        (seen("192.0.2.2", "SIZE 1000", "PIPELINING", leaf=b"rubbish"), "certificate", "unreadable"),
        (
            seen("192.0.2.2", "SIZE 1000", "PIPELINING", greeting="220 other.example ESMTP Exim 4.98"),
            "software",
            "Exim 4.98",
        ),
    ],
)
def test_addresses_that_differ_are_told_with_what_differs(other: SessionObservation, told: str, cell: str) -> None:
    [found] = judge_addresses(HOST, [BASE, other])
    assert (found.code, found.severity) == ("addresses-differ", "warning")
    assert found.message == f"The 2 addresses of {HOST} differ in {told}"
    assert cell in "\n".join(found.evidence)
    assert [line.split("  ")[0] for line in found.evidence[1:]] == ["192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize(
    "others",
    [
        [],
        [seen("192.0.2.2", "SIZE 1000", "PIPELINING")],
        [
            seen(
                "192.0.2.2",
                "PIPELINING",
                "size 1000",
                greeting="220 node-17.partner.example ESMTP Postfix (abc123)",
            )
        ],
        [replace(session(connect_error=None), target=Target(HOST, "192.0.2.2", 25, HOST))],
        [session(exchange(Phase.GREETING, "421 4.3.2 busy"))],
        [session(exchange(Phase.GREETING, POSTFIX), exchange(Phase.EHLO, "502 no", command=b"EHLO x"))],
    ],
)
def test_addresses_that_are_alike_or_not_known_are_no_finding(others: list[SessionObservation]) -> None:
    assert judge_addresses(HOST, [BASE, *others]) == ()


def test_a_keyword_that_all_offer_stands_in_no_row_and_tls_twice_in_none() -> None:
    [found] = judge_addresses(HOST, [BASE, seen("192.0.2.2", "SIZE 1000", "CHUNKING")])
    assert found.evidence[0].strip() == "only some: EHLO keywords"
    assert [line.split()[-1] for line in found.evidence[1:]] == ["PIPELINING", "CHUNKING"]


def test_hosts_that_differ_are_told_and_no_problem() -> None:
    backup = seen("192.0.2.9", "SIZE 10", "PIPELINING", host="backup.example", leaf=TRUSTED.leaf("backup.example"))
    [found] = judge_hosts({HOST: [BASE], "backup.example": [backup]})
    assert (found.code, found.severity) == ("hosts-differ", "info")
    assert found.message == "The 2 MX hosts differ in SIZE"
    assert found.evidence[2].split() == ["backup.example", "192.0.2.9", "10"]


def test_each_host_may_have_its_own_certificate_but_another_issuer_is_told() -> None:
    own = seen("192.0.2.9", "SIZE 1000", "PIPELINING", host="b.example", leaf=TRUSTED.leaf("b.example", days=3))
    assert judge_hosts({HOST: [BASE], "b.example": [own]}) == ()
    other = replace(own, tls=TlsAttempt(TlsSession("TLSv1.3", "X", (UNKNOWN.leaf("b.example"),), None)))
    assert judge_hosts({HOST: [BASE], "b.example": [other]}) == ()  # issuers of the same name
    assert judge_hosts({HOST: [BASE]}) == judge_hosts({}) == ()


def test_what_one_host_says_differently_itself_is_not_told_of_the_hosts_too() -> None:
    pair = [BASE, seen("192.0.2.2", "SIZE 2000", "PIPELINING")]
    same = [seen(f"192.0.2.{n}", f"SIZE {n}000", "PIPELINING", host="b.example") for n in (1, 2)]
    assert codes(judge_addresses(HOST, pair)) == ["addresses-differ"]
    assert judge_hosts({HOST: pair, "b.example": same}) == ()


@pytest.mark.parametrize(
    ("greeting", "name"),
    [
        ("220 mx ESMTP Postfix (Debian/GNU)", "Postfix"),
        ("220 mx ESMTP Exim 4.96 Tue, 24 Nov 2026 04:20:00 +0000", "Exim 4.96"),
        ("220 mx ESMTP Sendmail 8.17.1/8.17.1; Tue, 24 Nov 2026", "Sendmail 8.17.1"),
        (
            "220 AB1.mail.protection.example Microsoft ESMTP MAIL Service ready at Tue",
            "Microsoft ESMTP MAIL Service",
        ),
        ("220 mx.example ESMTP d2e1a72fcca58-7f1b5 - gsmtp", "gsmtp"),
        ("220 mx.example ESMTP Foobar", "Foobar"),
        ("220 mx.example ESMTP ready", NOT_NAMED),
        ("220 mx.example ESMTP 3f9a1c", NOT_NAMED),
        ("220 exim.example ESMTP", NOT_NAMED),
        ("554 no", None),
    ],
)
def test_software_is_what_the_greeting_names(greeting: str, name: str | None) -> None:
    assert software(reply(greeting)) == name


def test_many_rows_become_few_and_none_is_lost() -> None:
    rows = {f"192.0.2.{n}": ("a" if n % 3 else "b", "c") for n in range(300)}
    lines = table(["one", "two"], rows)
    assert len(lines) <= 12
    assert any(line.startswith("and 197 more like these") for line in lines)
    assert any(line.startswith("and 97 more like these") for line in lines)


def test_rows_that_are_all_different_are_bounded() -> None:
    lines = table(["one"], {f"row{n}": (f"{n:03}" * 100,) for n in range(300)})
    assert len(lines) == 22
    assert lines[-1] == "and 280 more, each in yet another way"
    assert max(len(line) for line in lines) < 100
