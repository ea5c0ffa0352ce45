"""Outcome and words agree, whatever hosts stand at whatever preferences."""

import errno
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution
from smtpdiag_tui.checks.session.session import Attempt, AttemptResult
from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.engine.branches.delivery import Delivery
from smtpdiag_tui.engine.branches.senders import ending
from smtpdiag_tui.network.seam import ByteStream
from smtpdiag_tui.render.deciding import deciding_reply
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.rollup import at_most_warning, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.verdict.delivery import delivered_when
from smtpdiag_tui.verdict.outcome import of_hosts
from smtpdiag_tui.verdict.walk import PROFILES, HostAddress, HostAddresses, walk
from tests.checks.making import answer
from tests.engine.running import at, codes, run

RETURNS = re.compile(r"\breturns? the (mail|message)|\breturned\b|\bbounces?\b|\bbounced\b|\b5\.4\.[46]\b")
QUEUES = re.compile(r"\bqueues?\b|\btries again\b|\bretr(y|ies)\b|\btry again\b|\bdeferred\b|\b4\.4\.4\b")
ACCEPTS = re.compile(r"\btakes \S+@|\baccepted\b")
UNKNOWN = re.compile(r"\bis not known\b|\bwould wait\b|\bno route\b|\bwas tested\b|\bwas talked to\b")
FORBIDDEN = {
    Outcome.ACCEPTED: (RETURNS, QUEUES),
    Outcome.DEFERRED: (RETURNS, ACCEPTS),
    Outcome.BOUNCED: (QUEUES, ACCEPTS),
    Outcome.UNKNOWN: (QUEUES, RETURNS, ACCEPTS),
}
SAID = {  # what the answer on delivery begins with
    Outcome.ACCEPTED: re.compile(r"yes, up to RCPT TO"),
    Outcome.DEFERRED: re.compile(r"delayed; the sending server retries|not until |delayed, at worst; "),
    Outcome.BOUNCED: re.compile(r"no; .* returns the message|no, at worst; "),
    Outcome.UNKNOWN: re.compile(r"unknown; "),
}
# Kind of host: its address (the number of its place filled in), and what came of it; None where nobody connects.
KINDS: dict[str, tuple[str, Attempt | None]] = {
    "loopback": ("127.0.0.{}", None),
    "multicast": ("224.0.0.{}", None),
    "own": ("192.0.2.18{}", Attempt(AttemptResult.CONNECTION_FAILED, "connection refused")),
    "private": ("10.{}.0.1", Attempt(AttemptResult.CONNECTION_FAILED, "no answer within 30 s")),
    "refused": ("198.51.100.{}", Attempt(AttemptResult.CONNECTION_FAILED, "connection refused")),
    "timeout": ("203.0.113.{}", Attempt(AttemptResult.CONNECTION_FAILED, "no answer within 30 s")),
    "no route": ("2001:db8::{}", Attempt(AttemptResult.NO_ROUTE, "no IPv6 route from this machine")),
    "later": ("198.51.100.1{}", Attempt(AttemptResult.TRANSIENT, "450 4.2.0 busy", in_session=True)),
    "never": ("198.51.100.2{}", Attempt(AttemptResult.REJECTED, "550 5.1.1 no", in_session=True)),
    "accepts": ("198.51.100.3{}", Attempt(AttemptResult.ACCEPTED, "250 2.1.5 Ok", in_session=True)),
    "too slow": ("198.51.100.4{}", Attempt(AttemptResult.OUR_LIMIT, "no reply within 60 s", in_session=True)),
    "no address": ("", None),
    "not looked up": ("", None),
}


def combinations(most: int) -> Iterator[tuple[str, ...]]:
    for number in range(1, most + 1):
        yield from itertools.product(KINDS, repeat=number)


def host(kind: str, place: int, preference: int) -> HostAddresses:
    """Return one host of a kind."""
    pattern, attempt = KINDS[kind]
    name = f"mx{place}.partner.example"
    failing = AnswerKind.SERVFAIL if kind == "not looked up" else None
    lookup = HostLookup(
        MailHost(name, preference),
        Resolution((answer("A", kind=failing, name=name),), (name,)),
        Resolution((answer("AAAA", kind=failing, name=name),), (name,)),
    )
    if not pattern:
        return HostAddresses(name, preference, lookup, ())
    address = pattern.format(place)
    own = kind in ("loopback", "own")
    item = HostAddress(
        address,
        f"delivery/{name}/{address}",
        attempt,
        own=own,
        inside=kind in ("private", "loopback", "multicast"),
    )
    return HostAddresses(name, preference, lookup, (item,), own)


def hosts(kinds: Sequence[str], apart: int = 10) -> tuple[HostAddresses, ...]:
    return tuple(host(kind, place, apart * place) for place, kind in enumerate(kinds, 1))


REPORT = Report(Settings("alice@sender.example", "bob@partner.example"))


def disagreeing(outcome: Outcome, text: str) -> list[str]:
    """Return the words that speak of another outcome; that none accepted speaks of no accept."""
    text = re.sub(r"\bnone of \d+ addresses accepted\b", "", text)
    return [found[0] for words in FORBIDDEN[outcome] if (found := words.search(text))]


@pytest.mark.parametrize("apart", [10, 0], ids=["one after the other", "of equal preference"])
def test_the_summary_and_every_senders_words_agree_with_its_outcome(apart: int) -> None:
    wrong = []
    for kinds in combinations(3):
        found = hosts(kinds, apart)
        verdict = of_hosts(found)
        _, delivery = delivered_when(REPORT, verdict, ())
        chance = verdict.walk is not None and verdict.walk.best_case is not None
        text = f"{verdict.headline}. {verdict.note} {delivery.partition(';')[0]}."
        if not SAID[verdict.outcome].match(delivery) or (not chance and disagreeing(verdict.outcome, text)):
            wrong.append((kinds, verdict.outcome, text, delivery))
        for profile in PROFILES:
            way = walk(profile, found)
            outcome, words = ending(profile, Delivery(verdict, found), way)
            if disagreeing(outcome, words):
                wrong.append((kinds, outcome, words, ""))
            if profile is PROFILES[0] and outcome is not verdict.outcome:
                wrong.append((kinds, outcome, words, verdict.outcome))
    assert wrong == []


EXPECTED = [
    # The loopback is every sender's own: it and what is less preferred are left out (RFC 5321 §5.1).
    (("loopback",), Outcome.BOUNCED),
    (("loopback", "timeout", "timeout"), Outcome.BOUNCED),
    (("loopback", "accepts"), Outcome.BOUNCED),
    (("own", "timeout"), Outcome.BOUNCED),
    (("accepts", "loopback"), Outcome.ACCEPTED),
    (("refused", "loopback", "accepts"), Outcome.DEFERRED),
    # What is preferred to this host and cannot be found is waited for, as Postfix does (4.4.4).
    (("no address", "loopback"), Outcome.DEFERRED),
    (("not looked up", "own"), Outcome.DEFERRED),
    (("no address", "own", "accepts"), Outcome.DEFERRED),
    (("multicast", "loopback"), Outcome.DEFERRED),
    # Otherwise what has no address is passed over.
    (("no address",), Outcome.BOUNCED),
    (("no address", "no address"), Outcome.BOUNCED),
    (("no address", "not looked up"), Outcome.DEFERRED),
    (("no address", "never"), Outcome.BOUNCED),
    (("multicast",), Outcome.DEFERRED),
    (("multicast", "no address"), Outcome.DEFERRED),
    (("multicast", "accepts"), Outcome.ACCEPTED),
    (("private", "never"), Outcome.BOUNCED),
    (("private", "timeout"), Outcome.DEFERRED),
    (("no route", "no address"), Outcome.UNKNOWN),
    (("later", "never"), Outcome.BOUNCED),
]


@pytest.mark.parametrize(("kinds", "outcome"), EXPECTED)
def test_what_a_sender_does(kinds: tuple[str, ...], outcome: Outcome) -> None:
    assert of_hosts(hosts(kinds)).outcome is outcome


def test_of_equal_preference_this_host_takes_the_others_with_it() -> None:
    assert of_hosts(hosts(("no address", "loopback"), apart=0)).outcome is Outcome.BOUNCED
    assert of_hosts(hosts(("accepts", "loopback"), apart=0)).outcome is Outcome.BOUNCED


def test_lookups_that_an_accident_ended_are_no_missing_addresses() -> None:
    lost = replace(hosts(("no address",))[0], lookup=None)
    assert of_hosts([lost]).outcome is Outcome.UNKNOWN


class AnyHosts(DemoNetwork):
    """Mail hosts of every kind at the addresses of `KINDS`; nobody is waited for."""

    def __init__(self, *domains: tuple[str, Sequence[str]]) -> None:
        super().__init__()
        zones = build_zones({domain: _records(kinds) for domain, kinds in domains})
        self.resolvers["192.0.2.53"] = DnsScript({**self.resolvers["192.0.2.53"].zones, **zones}, recursive=True)
        for place in (1, 2, 3):
            for kind, reply in (
                ("later", b"450 4.2.0 busy\r\n"),
                ("never", b"550 5.1.1 no\r\n"),
                ("accepts", b""),
            ):
                address = KINDS[kind][0].format(place)
                self.hosts[address] = SmtpScript(f"mx{place}.here.example", rcpt=reply or b"250 2.1.5 Ok\r\n")

    def is_own(self, address: str) -> bool:
        return any(address == KINDS["own"][0].format(place) for place in (1, 2, 3))

    def is_public(self, address: str) -> bool:
        return not address.startswith(("10.", "100.64.", "127.", "224."))

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        if address in self.hosts:
            return await super().connect(address, port, source=source, limit=limit)
        if address.startswith(("10.", "100.64.", "203.0.113.", "198.18.")):
            raise TimeoutError
        number = errno.ENETUNREACH if ":" in address else errno.ECONNREFUSED
        raise OSError(number, os.strerror(number))


def _records(kinds: Sequence[str]) -> str:
    lines = []
    for place, kind in enumerate(kinds, 1):
        name = f"mx{place}.servfail.example." if kind == "not looked up" else f"mx{place}"
        lines.append(f"@ MX {10 * place} {name}")
        address = KINDS.get(kind, (kind,))[0].format(place)
        if address:
            lines.append(f"{name} {'AAAA' if ':' in address else 'A'} {address}")
    return "\n".join(lines)


def told(report: Report) -> Iterator[str]:
    """Yield all that is said of the outcome."""
    yield report.headline
    yield report.delivery.partition("; filtering")[0]
    yield from report.advice
    for cause in report.causes:
        if cause.decides:
            yield cause.message
            yield cause.meaning
    standard = report.senders[0]
    yield standard.summary
    yield at(report, "senders/standard").detail


ENGINE_KINDS = ("loopback", "own", "timeout", "later", "never", "accepts", "no address")


@pytest.mark.timeout(150)  # a run for each pair of kinds
async def test_all_that_a_report_says_agrees_with_its_outcome() -> None:
    wanted = [kinds for kinds in combinations(2) if set(kinds) <= set(ENGINE_KINDS)]
    wanted += [("loopback", "timeout", "private"), ("no address", "loopback", "timeout"), ("loopback",) * 3]
    wanted += [("not looked up", "own"), ("private", "multicast"), ("no route", "loopback", "timeout")]
    domains = {f"c{number}.example": kinds for number, kinds in enumerate(wanted)}
    wrong = []
    async with AnyHosts(*domains.items()) as network:
        for domain, kinds in domains.items():
            report = await run(network, f"bob@{domain}", probes=())
            assert report.outcome is of_hosts(hosts(kinds)).outcome, kinds
            assert report.senders[0].outcome is report.outcome
            others = [at_most_warning(item.status) for item in report.children("senders")]
            assert at(report, "senders").status is worst([at(report, "senders/standard").status, *others])
            assert "internal-error" not in codes(report)
            wrong += [(kinds, report.outcome, text) for text in told(report) if disagreeing(report.outcome, text)]
    assert wrong == []


TWO_OUTSIDE = ("203.0.113.5", "198.18.0.5")


@pytest.mark.parametrize(
    ("addresses", "cause", "side"),
    [
        (("10.0.0.1", "10.7.1.1"), "mx-address-not-public", Side.RECIPIENT),
        (("100.64.0.1",), "mx-address-not-public", Side.RECIPIENT),
        (("10.0.0.1", "203.0.113.5"), "connection-timeout", Side.PATH),
        (("203.0.113.5", "10.0.0.1"), "connection-timeout", Side.PATH),
        (("203.0.113.5", "203.0.113.6"), "connection-timeout", Side.PATH),
        (TWO_OUTSIDE, "egress-blocked", Side.PATH),
        (("10.0.0.1", *TWO_OUTSIDE), "egress-blocked", Side.PATH),
        (("127.0.0.1", *TWO_OUTSIDE), "mx-address-unusable", Side.RECIPIENT),
    ],
)
async def test_what_lies_inside_a_network_says_nothing_of_the_way_out(
    addresses: tuple[str, ...], cause: str, side: Side
) -> None:
    async with AnyHosts(("there.example", addresses)) as network:
        report = await run(network, "bob@there.example")
    deciding = [item.code for item in report.causes if item.decides]
    assert (deciding, report.side) == ([cause], side)
    assert report.actions[0].who.startswith("DNS administrator of ") is (side is Side.RECIPIENT)
    if "smtp-egress-blocked" not in codes(report):
        return
    evidence = {item.code: item.evidence for item in report.causes}["egress-blocked"]
    assert any("203.0.113.5" in key for key in evidence)
    assert not any("10.0.0.1" in key for key in evidence)
    [blocked] = [item for item in at(report, "delivery").findings if item.code == "smtp-egress-blocked"]
    assert blocked.evidence == (f"tested: {', '.join(TWO_OUTSIDE)}",)


async def test_an_answer_from_inside_is_an_answer() -> None:
    async with AnyHosts(("there.example", ("10.0.0.1", *TWO_OUTSIDE))) as network:
        network.hosts["10.0.0.1"] = SmtpScript("mx1.there.example", rcpt=b"450 4.2.0 busy\r\n")
        report = await run(network, "bob@there.example")
    assert "smtp-egress-blocked" not in codes(report)
    reply = deciding_reply(report)
    assert reply is not None
    assert (reply.address, reply.text) == ("10.0.0.1", "450 4.2.0 busy")


@pytest.mark.parametrize(("recipient", "server"), [("bob@partner.example", "10.0.0.1"), ("bob@[10.0.0.1]", None)])
async def test_an_inner_address_that_was_given_by_hand_is_no_fault_of_the_domain(
    recipient: str, server: str | None
) -> None:
    async with AnyHosts() as network:
        report = await run(network, recipient, server=server)
    assert [item.code for item in report.causes if item.decides] == ["connection-timeout"]


async def test_a_domain_that_names_the_loopback_is_returned_and_told_as_its_own_fault() -> None:
    async with AnyHosts(("there.example", ("127.0.0.1", *TWO_OUTSIDE))) as network:
        report = await run(network, "bob@there.example")
    assert (report.outcome, report.status) == (Outcome.BOUNCED, Status.FAILED)
    assert report.headline == "Best MX host mx1.there.example [127.0.0.1] has a loopback address"
    assert report.delivery == "no; the sending server returns the message to the sender"
    assert at(report, "senders/standard").status is Status.FAILED
