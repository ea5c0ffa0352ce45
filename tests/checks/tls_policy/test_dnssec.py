"""Whose AD counts, and what follows from it for the records of a run."""

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, EdnsTrouble
from smtpdiag_tui.checks.lookups.routing import Resolution
from smtpdiag_tui.checks.lookups.servers import MachineObservation
from smtpdiag_tui.checks.tls_policy.dnssec import (
    Security,
    State,
    Validator,
    Way,
    judge_state,
    of_addresses,
    way_to,
)
from smtpdiag_tui.checks.tls_policy.dnssec_judgement import DnssecSeen, Subject, detail, judge, notes
from smtpdiag_tui.network.seam import SystemResolver
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.rollup import of_findings
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import DnsServer
from tests.checks.making import OTHER, SERVER, answer, codes

AD = ("RD", "RA", "AD")
TRUSTED = Validator(SERVER, Way.LOOPBACK, validates=True)
OPEN = Validator(SERVER, Way.OPEN, validates=True)
SILENT = Validator(SERVER, Way.LOOPBACK, validates=None)
NOT_VALIDATING = Validator(SERVER, Way.LOOPBACK, validates=False)
MX = ("10 mx.partner.example.",)
SIGNED, UNSIGNED = answer(data=MX, flags=AD), answer(data=MX)
BOGUS = answer(kind=AnswerKind.SERVFAIL, extended_codes=(7,))
SERVFAIL = answer(kind=AnswerKind.SERVFAIL)


def found(*answers: Answer, looping: bool = False) -> Resolution:
    return Resolution(answers, ("partner.example",), looping)


@pytest.mark.parametrize(
    ("address", "trust_ad", "target", "way"),
    [
        ("127.0.0.1", False, False, Way.LOOPBACK),
        ("127.0.0.53", False, False, Way.LOOPBACK),
        ("::1", False, True, Way.LOOPBACK),
        ("::ffff:127.0.0.1", False, False, Way.LOOPBACK),
        ("192.0.2.10", False, True, Way.OWN),
        ("192.0.2.53", False, False, Way.OPEN),
        ("192.0.2.53", True, False, Way.TRUST_AD),
        ("192.0.2.53", True, True, Way.OPEN),  # resolv.conf says nothing of a server given by hand
        ("fe80::1%eth0", False, False, Way.OPEN),
    ],
)
def test_the_way_to_a_server(address: str, trust_ad: bool, target: bool, way: Way) -> None:
    server = DnsServer(address)
    system = () if target else (server,)
    machine = MachineObservation(system, (server,) if target else (), SystemResolver(system, trust_ad=trust_ad))
    assert way_to(server, machine, lambda item: item == "192.0.2.10") is way


@pytest.mark.parametrize(
    ("resolution", "validators", "security", "claimed"),
    [
        (found(SIGNED), [TRUSTED], "secure", "secure"),
        (found(UNSIGNED), [TRUSTED], "insecure", "insecure"),
        (found(SIGNED), [OPEN], "unknown", "secure"),
        (found(UNSIGNED), [OPEN], "unknown", "insecure"),
        (found(SIGNED), [NOT_VALIDATING], "unknown", "unknown"),  # it passes on what it heard
        (found(SIGNED), [SILENT], "unknown", "unknown"),
        (found(SIGNED), [], "unknown", "unknown"),
        (found(SIGNED, UNSIGNED), [TRUSTED], "insecure", "insecure"),  # a signed alias of an unsigned name
        (found(BOGUS), [NOT_VALIDATING], "bogus", "bogus"),
        (found(BOGUS), [OPEN], "bogus", "bogus"),
        (found(SERVFAIL), [TRUSTED], "unknown", "unknown"),
        (found(answer(kind=AnswerKind.TIMEOUT)), [TRUSTED], "unknown", "unknown"),
        (found(answer(flags=AD)), [TRUSTED], "secure", "secure"),  # no data, proved
        (found(answer(kind=AnswerKind.NXDOMAIN)), [TRUSTED], "insecure", "insecure"),
        (found(answer(data=MX, edns_trouble=EdnsTrouble.DROPPED)), [TRUSTED], "unknown", "unknown"),
        (found(answer(data=MX, flags=AD, edns_trouble=EdnsTrouble.DROPPED)), [TRUSTED], "secure", "secure"),
        (found(SIGNED, looping=True), [TRUSTED], "unknown", "unknown"),
        (found(), [TRUSTED], "unknown", "unknown"),
        (found(SIGNED, answer(data=MX, flags=AD, server=OTHER)), [TRUSTED], "unknown", "unknown"),
    ],
)
def test_what_is_known_of_records(
    resolution: Resolution, validators: list[Validator], security: str, claimed: str
) -> None:
    state = judge_state(resolution, validators)
    assert (state.security, state.claimed) == (security, claimed)


def test_an_answer_with_checking_disabled_shows_bogus_records() -> None:
    unchecked = answer(data=MX, checking=False)
    assert judge_state(found(SERVFAIL), [TRUSTED], unchecked).security is Security.BOGUS
    assert judge_state(found(SERVFAIL), [TRUSTED], answer(kind=AnswerKind.SERVFAIL)).security is Security.UNKNOWN


def test_a_hosts_addresses_are_those_that_it_has() -> None:
    a, none = found(answer("A", ("192.0.2.25",))), found(answer("AAAA"))
    secure = State(Security.SECURE, Security.SECURE)
    insecure, bogus = State(Security.INSECURE, Security.INSECURE), State(Security.BOGUS, Security.BOGUS)
    assert of_addresses([(a, secure), (none, insecure)]) is secure
    assert of_addresses([(a, secure), (a, insecure)]) is insecure
    assert of_addresses([(a, secure), (found(BOGUS), bogus)]) is secure
    assert of_addresses([(found(BOGUS), bogus), (none, secure)]) is bogus
    assert of_addresses([]).security is Security.UNKNOWN


def subject(name: str, state: State, *, sender: bool = False) -> Subject:
    return Subject(name, "MX", state, sender)


def test_each_state_is_told_once_and_each_broken_name() -> None:
    secure = State(Security.SECURE, Security.SECURE, SIGNED)
    insecure = State(Security.INSECURE, Security.INSECURE, UNSIGNED)
    bogus = State(Security.BOGUS, Security.BOGUS, BOGUS)
    seen = DnssecSeen(
        (TRUSTED,),
        (
            subject("sender.example", bogus, sender=True),
            subject("partner.example", bogus),
            subject("mx1.partner.example", secure),
            subject("mx2.partner.example", secure),
            subject("mx3.partner.example", secure),
            subject("mx4.partner.example", insecure),
        ),
    )
    told = judge(seen)
    assert codes(told) == ["dnssec-bogus", "dnssec-bogus", "dnssec-secure", "dnssec-insecure"]
    assert [item.side for item in told[:2]] == [Side.HERE, Side.RECIPIENT]
    assert told[2].message == "mx1.partner.example and 2 more names are signed with DNSSEC"
    assert told[3].message == "mx4.partner.example is not signed with DNSSEC"
    assert detail(seen) == "3 secure, 1 insecure, 2 bogus"
    assert of_findings(told) is Status.FAILED


@pytest.mark.parametrize(
    ("validators", "state", "message"),
    [
        ([NOT_VALIDATING], State(answer=SIGNED), "No resolver in use validates DNSSEC"),
        ([SILENT], State(), "Whether a resolver in use validates DNSSEC could not be determined"),
        (
            [OPEN],
            State(Security.UNKNOWN, Security.SECURE, SIGNED),
            "192.0.2.53 validates DNSSEC, but the path to it is not trusted",
        ),
        ([TRUSTED], State(answer=SERVFAIL), "DNSSEC state of partner.example could not be determined"),
    ],
)
def test_why_nothing_is_known(validators: list[Validator], state: State, message: str) -> None:
    told = judge(DnssecSeen(tuple(validators), (subject("partner.example", state),)))
    assert [(item.code, item.message) for item in told] == [("dnssec-unknown", message)]
    assert not told[0].is_problem  # most hosts are like that
    assert of_findings(told) is Status.UNKNOWN


def test_what_would_be_so_is_told_and_what_a_forwarder_proves() -> None:
    claimed = State(Security.UNKNOWN, Security.INSECURE, UNSIGNED)
    resolved = Validator(DnsServer("127.0.0.53"), Way.LOOPBACK, validates=False)
    lines = notes(DnssecSeen((OPEN, TRUSTED, resolved), (subject("partner.example", claimed),)))
    assert lines[0].endswith("it is across the network, so its AD can be forged")
    assert lines[1].endswith(
        "a forwarder that passes AD on without validating proves no more than the path behind it"
    )
    assert lines[2].endswith("(systemd-resolved: it validates with DNSSEC=yes only)")
    assert lines[3] == "MX of partner.example: would be insecure if the resolver were trusted"
    docker = Validator(DnsServer("127.0.0.11"), Way.LOOPBACK, validates=True)
    (line,) = notes(DnssecSeen((docker,), ()))
    assert line == (
        "127.0.0.11 validates (the root's SOA record came back with AD); it is on this host (Docker's resolver:"
        " it forwards, so AD proves no more than the path from the Docker host to its resolvers)"
    )
