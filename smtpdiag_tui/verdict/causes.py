"""Root causes: which single thing explains what many steps found. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from smtpdiag_tui.checks.lookups.answers import Answer, name_text, rdata_set
from smtpdiag_tui.checks.lookups.domain import DomainObservation
from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.checks.lookups.soa_judgement import late_resolvers, newest
from smtpdiag_tui.checks.lookups.transports import nowhere
from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind, Party, ReportFacts
from smtpdiag_tui.report.findings import Finding, Side, finding, gravest_first
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import DNS_BRANCHES, StepId, within, within_any
from smtpdiag_tui.settings import family_of
from smtpdiag_tui.verdict.contacts import GIVEN_HERE, HOSTMASTERS
from smtpdiag_tui.verdict.outcome import Verdict, nobody_answered

ROOT_CAUSES = frozenset(
    {
        "blocklisted-here",
        "egress-blocked",
        "no-ipv6-here",
        "no-network-here",
        "rate-limited-here",
        "resolver-broken",
        "reverse-name-here",
        "stale-resolver",
    }
)
# What the first words of the answer are, where the cause is plain.
LEADS = {
    "greylisted": "This is greylisting.",
    "greylisting-persists": "This is greylisting.",
}
_REFUSALS = frozenset(
    {"greeting-rejected", "helo-rejected", "sender-rejected", "recipient-rejected", "blocklisted"}
)
_INSIDE = "mx-address-not-public"
_UNREACHED = frozenset({"connection-refused", "connection-reset", "connection-timeout", "network-unreachable"})
_REVERSE = re.compile(
    r"\breverse (?:dns|name|host|look|record|mapping|ip)|\breverse dns\b|\bptr\b|\brdns\b|\bfcrdns\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"<[^<>]{0,400}>|\S{0,100}@\S{0,200}")  # a mailbox may have any name
_ONE_TRANSPORT = {"dns-tcp-failed": ("UDP", "TCP"), "dns-udp-failed": ("TCP", "UDP")}
_SHOWN = 3  # hosts that a sentence names
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """What causes are found in: the steps so far, and the outcome."""

    report: Report
    verdict: Verdict

    def having(self, *codes: str) -> list[tuple[Step, Finding]]:
        """Return the findings of some codes with their steps, in tree order."""
        return [
            (step, item)
            for step in self.report.steps.values()
            if not step.stale and not within(step.id, "senders")
            for item in step.findings
            if item.code in codes
        ]

    def observed(self, step_id: str, kind: type[T]) -> T | None:
        """Return what the check of a step saw, None where it saw nothing of that kind."""
        step = self.report.steps.get(step_id)
        return step.observation if step is not None and isinstance(step.observation, kind) else None

    def decides(self, ids: Iterable[str]) -> bool:
        """Whether the outcome comes of one of these steps, or of what lies above one; an accept has no cause."""
        place = self.verdict.step
        if place is None or self.verdict.outcome is Outcome.ACCEPTED:
            return False
        return any(within(key, place) for key in ids)


def find_causes(report: Report, verdict: Verdict) -> tuple[Cause, ...]:
    """Return the causes of a run, those first that decide its outcome.

    Where no known cause decides, the gravest finding at the step that did stands for it.
    """
    case = Case(report, verdict)
    found = [cause for look in _LOOKS if (cause := look(case)) is not None]
    if not any(cause.decides for cause in found):
        found = [*_plain(case), *found]
    return tuple(sorted(found, key=lambda cause: not cause.decides))


def deciding_findings(report: Report, branch: str | None, but: Collection[str] = ()) -> list[Finding]:
    """Return the problems found at a step and below it, or anywhere for None, the gravest first.

    Those of the steps in `but` are left out.
    """
    steps = [step for step in report.steps.values() if branch is None or within(step.id, branch)]
    steps = [step for step in steps if not step.stale and step.id not in but]
    return gravest_first(item for step in steps for item in step.findings if item.is_problem)


def _cause(
    case: Case,
    code: str,
    message: str,
    ids: Sequence[str],
    *,
    advice: str | None = None,
    decides: bool | None = None,
) -> Cause:
    kind = finding(code, message, advice=advice)
    return Cause(
        code=code,
        side=kind.side or Side.HERE,
        message=message,
        meaning=kind.meaning,
        advice=kind.advice or "",
        reference=kind.reference,
        evidence=tuple(dict.fromkeys(ids)),
        decides=case.decides(ids) if decides is None else decides,
    )


def _plain(case: Case) -> list[Cause]:
    """Return the gravest finding at the step that decided, with all steps that found the same."""
    if case.verdict.outcome is Outcome.ACCEPTED or case.verdict.step is None:
        return []
    found = deciding_findings(case.report, case.verdict.step)
    if not found:
        return []
    facts = case.report.facts
    decisive = _decisive(found, facts)
    return [
        Cause(
            code=decisive.code,
            side=case.verdict.side or decisive.side or Side.RECIPIENT,
            message=decisive.message,
            meaning=decisive.meaning,
            advice=_advice(decisive, facts),
            reference=decisive.reference,
            evidence=tuple(step.id for step in case.report.steps.values() if _tells(step, decisive.code)),
            decides=True,
        )
    ]


def _decisive(found: Sequence[Finding], facts: ReportFacts) -> Finding:
    """Return the gravest finding; where the address that an MX names lies inside some network, that it does."""
    inside = next((item for item in found if item.code == _INSIDE), None)
    by_mx = facts.destination_kind is DestinationKind.DOMAIN
    if inside is None or not by_mx or found[0].code not in _UNREACHED:
        return found[0]
    return replace(
        inside,
        meaning="Only hosts inside the same network can reach it. This says nothing about outbound port 25.",
        advice=f"DNS administrator of {facts.destination}: give the MX hosts public addresses.",
    )


def _advice(decisive: Finding, facts: ReportFacts) -> str:
    """Return what to do about a finding; the name of a host that is given here is no affair of the domain's."""
    if facts.destination_kind in GIVEN_HERE and decisive.code in HOSTMASTERS:
        return "Check the name: it is given here, not by the recipient's domain, and must have an address."
    return decisive.advice or ""


def _tells(step: Step, code: str) -> bool:
    """Whether a step of this run has a finding of a code."""
    return not step.stale and any(item.code == code for item in step.findings)


def _no_network(case: Case) -> Cause | None:
    """This machine has no way to any DNS server: it has no network."""
    steps = [
        step for step in case.report.children("dns-servers") if isinstance(step.observation, ServerObservation)
    ]
    pairs = [step.observation.pair for step in steps if isinstance(step.observation, ServerObservation)]
    if not pairs or not all(nowhere(pair) for pair in pairs):
        return None
    servers = ", ".join(pair.udp.server.label for pair in pairs[:_SHOWN])
    message = f"This machine has no network, it seems: there is no way to its DNS servers ({servers})."
    return _cause(case, "no-network-here", message, [step.id for step in steps])


def _resolver_broken(case: Case) -> Cause | None:
    """Our own DNS servers resolve nothing."""
    if _no_network(case) is not None:
        return None
    found = case.having("dns-resolver-broken", "no-dns-servers", "dns-infrastructure")
    found += [(step, item) for step, item in case.having("dns-unreachable") if within(step.id, "dns-servers")]
    ids = [*(step.id for step, _ in found), *_unknown_lookups(case.report)]
    if not found or not _lookups_matter(case.verdict) or not case.decides(ids):
        return None
    first = found[0][1]
    return _cause(case, "resolver-broken", first.message, ids, advice=first.advice)


def _lookups_matter(verdict: Verdict) -> bool:
    """Whether the outcome can come of lookups that failed here."""
    return verdict.outcome is Outcome.UNKNOWN or verdict.step == "remote"


def _unknown_lookups(report: Report) -> list[str]:
    """Return the steps that ask DNS servers and do not know the answer, branch by branch."""
    unknown = [step for step in report.steps.values() if step.status is Status.UNKNOWN]
    return [step.id for branch in DNS_BRANCHES for step in unknown if step.branch == branch]


def _one_transport(case: Case) -> Cause | None:
    """A DNS server in use speaks one transport only: every one of its steps says so."""
    for code, (works, fails) in _ONE_TRANSPORT.items():
        by_server: dict[str, list[str]] = {}
        for step, _ in case.having(code):
            if server := StepId(step.id).server:
                by_server.setdefault(server, []).append(step.id)
        for server, ids in by_server.items():
            if StepId("dns-servers") / server / fails.lower() in ids:
                message = f"The DNS server {server} answers this machine over {works}, but not over {fails}."
                advice = f"Let {fails} port 53 through between this machine and {server}, both ways."
                return _cause(case, "resolver-broken", message, ids, advice=advice, decides=False)
    return None


def _egress_blocked(case: Case) -> Cause | None:
    """Nobody outside answers on the SMTP port."""
    blocked = case.having("smtp-egress-blocked")
    if not blocked:
        return None
    inside = [step.id for step, _ in case.having(_INSIDE)]
    ids = [step.id for step, _ in case.having("connection-timeout", "network-unreachable")]
    ids = [key for key in ids if not any(within(key, place) for place in inside)] or ids
    evidence = [*(step.id for step, _ in blocked), *ids]
    decides = nobody_answered(case.verdict)
    return _cause(case, "egress-blocked", blocked[0][1].message, evidence, decides=decides)


def _blocklisted(case: Case) -> Cause | None:
    """Every refusal names a blocklist."""
    refusals = case.having(*_REFUSALS)
    listed = [(step, refusal) for step, refusal in refusals if _lists_this_machine(refusal)]
    ids = [step.id for step, _ in listed]
    explained = len(listed) == len(refusals) or case.decides(ids)
    if not listed or not explained:
        return None
    lists = _lists_named(refusal for _, refusal in listed)
    message = f"This machine stands on a blocklist that the mail hosts go by: {_in_words(lists)}."
    asked = [step.id for step, _ in case.having("dnsbl-listed") if StepId(step.id).name in lists]
    return _cause(case, "blocklisted-here", message, [*ids, *asked], advice=listed[0][1].advice)


def _lists_this_machine(refusal: Finding) -> bool:
    """Whether a refusal is because of a list that this machine is on, not the sender's domain."""
    return refusal.code == "blocklisted" and refusal.party is not Party.SENDER


def _in_words(lists: Mapping[str, str]) -> str:
    named = [f"{name} ({address})" if address else name for name, address in lists.items()]
    return ", ".join(named) or "they do not name it"


def _lists_named(refusals: Iterable[Finding]) -> dict[str, str]:
    """Return the lists that refusals name, each to the address that it is said to hold, "" where none is said."""
    lists: dict[str, str] = {}
    for refusal in refusals:
        named = reply_texts.listing(" ".join(refusal.evidence))
        if named is not None:
            lists.setdefault(named.name, named.address)
    return lists


def _reverse_name(case: Case) -> Cause | None:
    """Refusals that speak of this machine's reverse name, which is missing or poor indeed."""
    codes = (*_REFUSALS, "sender-deferred", "recipient-deferred", "service-unavailable")
    spoken = [
        step.id for step, item in case.having(*codes) if _REVERSE.search(_QUOTED.sub("", " ".join(item.evidence)))
    ]
    families = {StepId(key).family for key in spoken} - {None}
    wrong = [
        (step, item)
        for step, item in case.having("ptr-missing", "ptr-mismatch", "ptr-generic")
        if StepId(step.id).family in families
    ]
    if not wrong:
        return None
    item = wrong[0][1]
    message = f"The refusals speak of this machine's reverse DNS name. {item.message}"
    ids = [*spoken, *(step.id for step, _ in wrong)]
    return _cause(case, "reverse-name-here", message, ids, advice=item.advice)


def _rate_limited(case: Case) -> Cause | None:
    """Operators that have had enough of this machine."""
    found = case.having("rate-limited")
    if not found:
        return None
    hosts = (StepId(step.id).host for step, _ in found)
    operators = list(dict.fromkeys(_operator(host) for host in hosts if host))
    names = ", ".join(operators[:_SHOWN]) + (" and others" if len(operators) > _SHOWN else "")
    message = f"{names} limits this machine: there was too much traffic from here for now."
    if len(operators) > 1:
        message = f"{len(operators)} operators ({names}) limit this machine: there was too much traffic from here."
    return _cause(case, "rate-limited-here", message, [step.id for step, _ in found], advice=found[0][1].advice)


def _operator(host: str) -> str:
    """Return who runs a host, as far as its name tells: its last two labels, three below a short one."""
    labels = host.strip("[]").split(".")
    if family_of(host) == 6 or all(label.isdecimal() for label in labels):
        return host
    most = 3 if len(labels) > 2 and len(labels[-2]) <= 3 and len(labels[-1]) == 2 else 2
    return ".".join(labels[-most:])


def _stale_resolver(case: Case) -> Cause | None:
    """The resolver has an old copy of the mail hosts, the authority has new ones."""
    soa, remote = case.observed("soa", SoaObservation), case.observed("remote", DomainObservation)
    if soa is None or remote is None:
        return None
    stale = _stale_copy(remote, soa)
    if stale is None:
        return None
    old, new = stale
    label, domain = old.server.label, remote.domain
    message = f"{label} still has old mail hosts for {domain} ({_shown(old)}); the name servers say {_shown(new)}."
    gone = [StepId("delivery") / name for name in _hosts_gone(remote, new)]
    ids = [key for key in (f"remote/{label}", f"soa/{label}", *gone) if key in case.report.steps]
    decides = case.verdict.outcome is not Outcome.ACCEPTED and within_any(case.verdict.step or "", gone)
    return _cause(case, "stale-resolver", message, ids, decides=decides)


def _stale_copy(remote: DomainObservation, soa: SoaObservation) -> tuple[Answer, Answer] | None:
    """Return the MX answer of a resolver that is behind, and the name servers' own; None if they say the same."""
    old, new = remote.route.mx.last, _newest_mx(soa)
    through_alias = len(remote.route.mx.names) > 1
    if old is None or new is None or through_alias or not old.usable:
        return None
    late = [view.server for view in late_resolvers(soa)]
    return (old, new) if old.server in late and rdata_set(old) != rdata_set(new) else None


def _hosts_gone(remote: DomainObservation, new: Answer) -> list[str]:
    """Return the mail hosts of a route that an answer does not name any more."""
    named = {name_text(record.data.split()[-1]) for record in new.records if record.data}
    return [host.name for host in remote.route.hosts if host.name not in named]


def _newest_mx(soa: SoaObservation) -> Answer | None:
    serials = [view.serial for view in soa.authorities if view.serial is not None]
    if not serials:
        return None
    top = newest(serials)
    return next(
        (view.mx for view in soa.authorities if view.serial == top and view.mx is not None and view.mx.usable),
        None,
    )


def _shown(answer: Answer) -> str:
    return ", ".join(sorted(record.data.rstrip(".") for record in answer.records)[:_SHOWN]) or "none"


def _no_ipv6(case: Case) -> Cause | None:
    """This machine has no IPv6: addresses were left out."""
    found = case.having("no-ipv6-route")
    if not found:
        return None
    number = len({StepId(step.id).address for step, _ in found} - {""})
    plural = f"{number} IPv6 addresses are" if number != 1 else "one IPv6 address is"
    message = f"This machine has no route to the IPv6 internet: {plural} left out."
    way = case.verdict.walk
    nowhere_else = way is not None and bool(way.tries)
    only = way is not None and all(item.attempt.result is AttemptResult.NO_ROUTE for item in way.tries)
    return _cause(case, "no-ipv6-here", message, [step.id for step, _ in found], decides=nowhere_else and only)


_LOOKS: tuple[Callable[[Case], Cause | None], ...] = (
    _no_network,
    _resolver_broken,
    _egress_blocked,
    _blocklisted,
    _reverse_name,
    _rate_limited,
    _stale_resolver,
    _one_transport,
    _no_ipv6,
)
