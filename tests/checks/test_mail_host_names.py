"""Names of mail hosts: the forgotten final dot, and hosts that do not exist."""

import itertools

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution
from smtpdiag_tui.checks.mail_host_names import judge_host_name, missing_name, unregistered
from smtpdiag_tui.checks.mail_hosts import judge_host, judge_sender_hosts
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Side
from tests.checks.making import answer, codes

DOMAIN = "partner.example"


def host(
    name: str, *addresses: str, kind: AnswerKind | None = None, soa: str = "example", chain: tuple[str, ...] = ()
) -> HostLookup:
    """Return a host with IPv4 addresses, or whose lookups come to `kind`, through the CNAMEs of `chain`."""
    names = (name, *chain)
    aliases = list(itertools.pairwise(names))
    found = [
        answer(rdtype, data, kind=kind, name=name, soa=soa, aliases=aliases)
        for rdtype, data in (("A", addresses), ("AAAA", ()))
    ]
    a, aaaa = (Resolution((item,), names) for item in found)
    return HostLookup(MailHost(name, 10), a, aaaa)


@pytest.mark.parametrize(
    ("name", "owners", "right"),
    [
        ("mx1.partner.example.partner.example", (DOMAIN,), "mx1.partner.example."),
        ("partner.example.partner.example", (DOMAIN,), "partner.example."),
        ("mx1.partner.example.partner.example", ("sub.partner.example",), "mx1.partner.example."),
        ("mx.hosted.example.hosted.example", (DOMAIN, "hosted.example"), "mx.hosted.example."),
        ("mail", (DOMAIN,), "mail.partner.example."),
    ],
)
def test_a_forgotten_final_dot_is_told_with_the_right_name(name: str, owners: tuple[str, ...], right: str) -> None:
    [found] = judge_host_name(host(name, "192.0.2.25"), owners)
    assert (found.code, found.severity, found.side) == ("mx-missing-dot", "warning", Side.RECIPIENT)
    assert name in found.message
    assert found.actions == (
        Action(
            f"DNS administrator of {owners[0]}",
            f"set the MX target of {owners[0]} to {right} in the zone file, with the final dot.",
        ),
    )


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("mx1.partner.example", (DOMAIN,)),
        ("partner.example", (DOMAIN,)),
        ("partner.example.mail.partner.example", (DOMAIN,)),
        ("mypartner.example.partner.example", (DOMAIN,)),
        ("mx.hosted.example", (DOMAIN,)),
        ("example.example", ("example",)),
        ("localhost", (DOMAIN,)),
        ("intranet", ("intranet",)),
        ("192.0.2.25", (DOMAIN,)),
    ],
)
def test_other_names_are_silent(name: str, owners: tuple[str, ...]) -> None:
    assert judge_host_name(host(name, "192.0.2.25"), owners) == ()


def test_a_host_that_no_mx_names_is_not_judged_by_its_name() -> None:
    assert judge_host(host("mail", "192.0.2.25")) == ()
    assert codes(judge_host(host("mail", "192.0.2.25"), (DOMAIN,))) == ["mx-missing-dot"]


def test_a_host_that_does_not_exist_is_told_so_and_not_as_one_without_address() -> None:
    [found] = judge_host(host("mx.partner.example", kind=AnswerKind.NXDOMAIN, soa=DOMAIN), (DOMAIN,))
    assert (found.code, found.message) == ("mx-unresolvable", "mx.partner.example does not exist (NXDOMAIN)")
    assert "registers" not in found.meaning
    [empty] = judge_host(host("mx.partner.example"), (DOMAIN,))
    assert empty.message == "mx.partner.example has no A or AAAA record"
    assert empty.advice == (
        "DNS administrator of partner.example: give mx.partner.example an A or AAAA record, or remove"
        " mx.partner.example from the MX set."
    )


def test_whoever_registers_a_missing_domain_gets_the_mail() -> None:
    [found] = judge_host(host("mx.gone.example", kind=AnswerKind.NXDOMAIN), (DOMAIN,))
    assert found.meaning == (
        "gone.example is not registered. If somebody else registers it, they receive mail meant for this MX host."
    )
    assert found.actions == (
        Action(
            "DNS administrator of partner.example",
            "remove mx.gone.example from the MX set, or register gone.example.",
        ),
    )


@pytest.mark.parametrize(
    ("soa", "free"),
    [("example", "gone.example"), ("gone.example", None), (".", None), ("le", None), ("other.example", None)],
)
def test_only_a_zone_above_the_registered_domain_says_that_it_is_missing(soa: str, free: str | None) -> None:
    assert unregistered(host("mx.gone.example", kind=AnswerKind.NXDOMAIN, soa=soa)) == free


def test_it_is_the_end_of_the_aliases_that_does_not_exist() -> None:
    seen = host("mx.partner.example", kind=AnswerKind.NXDOMAIN, chain=("mx.gone.example",))
    assert (missing_name(seen), unregistered(seen)) == ("mx.gone.example", "gone.example")
    found = judge_host(seen, (DOMAIN,))
    assert codes(found) == ["mx-is-cname", "mx-unresolvable"]
    assert found[1].message == ("mx.partner.example (mx.gone.example, its CNAME target) does not exist (NXDOMAIN)")


def test_one_family_alone_does_not_settle_that_a_name_is_missing() -> None:
    whole = host("mx.gone.example", kind=AnswerKind.NXDOMAIN)
    half = HostLookup(whole.host, whole.a, host("mx.gone.example").aaaa)
    assert missing_name(half) is None
    assert missing_name(HostLookup(whole.host)) is None
    failed = HostLookup(whole.host, whole.a, host("mx.gone.example", kind=AnswerKind.SERVFAIL).aaaa)
    assert codes(judge_host(failed, (DOMAIN,))) == ["mx-lookup-failed"]


def test_two_faults_of_one_name_are_both_told() -> None:
    name = "mx1.partner.example.partner.example"
    found = judge_host(host(name, kind=AnswerKind.NXDOMAIN, soa=DOMAIN), (DOMAIN,))
    assert codes(found) == ["mx-missing-dot", "mx-unresolvable"]


def test_the_senders_mail_hosts_are_this_sides_affair() -> None:
    doubled = host("mx.sender.example.sender.example", "192.0.2.25")
    gone = host("mx.gone.example", kind=AnswerKind.NXDOMAIN)
    found = judge_sender_hosts([doubled, gone, host("mx.sender.example", "192.0.2.11")], ("sender.example",))
    assert [(item.code, item.side) for item in found] == [
        ("mx-missing-dot", Side.HERE),
        ("sender-mx-unresolvable", Side.HERE),
    ]
    assert found[0].advice == (
        "Set the MX target of sender.example to mx.sender.example. in the zone file, with the final dot."
    )
    assert found[1].advice == "Remove mx.gone.example from the MX set, or register gone.example."


def test_a_name_from_the_dns_is_shown_and_never_raw() -> None:
    [found] = judge_host_name(host("a\x1b[31m.partner.example.partner.example", "192.0.2.25"), (DOMAIN,))
    assert (found.message + (found.advice or "")).isprintable()
