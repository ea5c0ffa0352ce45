"""Causes that lie in the DNS, as this host meets it. Pure."""

from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.checks.lookups.transports import nowhere
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import DNS_BRANCHES, StepId, within
from smtpdiag_tui.verdict.case import Case, cause_of
from smtpdiag_tui.verdict.outcome import Verdict

_ONE_TRANSPORT = {"dns-tcp-failed": ("UDP", "TCP"), "dns-udp-failed": ("TCP", "UDP")}


def no_network(case: Case) -> Cause | None:
    """This host has no route to any DNS server: it has no network."""
    steps = [
        step for step in case.report.children("dns-servers") if isinstance(step.observation, ServerObservation)
    ]
    pairs = [step.observation.pair for step in steps if isinstance(step.observation, ServerObservation)]
    if not pairs or not all(nowhere(pair) for pair in pairs):
        return None
    message = "This host has no route to its DNS servers; its network appears to be down"
    return cause_of(case, "no-network-here", message, [step.id for step in steps])


def resolver_broken(case: Case) -> Cause | None:
    """The DNS servers of this host resolve nothing."""
    if no_network(case) is not None:
        return None
    found = case.having("dns-resolver-broken", "no-dns-servers", "dns-infrastructure")
    found += [(step, item) for step, item in case.having("dns-unreachable") if within(step.id, "dns-servers")]
    ids = [*(step.id for step, _ in found), *_unknown_lookups(case.report)]
    if not found or not _lookups_matter(case.verdict) or not case.decides(ids):
        return None
    first = found[0][1]
    return cause_of(case, "resolver-broken", first.message, ids, advice=first.actions)


def _lookups_matter(verdict: Verdict) -> bool:
    """Whether the outcome can come of lookups that failed here."""
    return verdict.outcome is Outcome.UNKNOWN or verdict.step == "remote"


def _unknown_lookups(report: Report) -> list[str]:
    """Return the steps that ask DNS servers and do not know the answer, branch by branch."""
    unknown = [step for step in report.steps.values() if step.status is Status.UNKNOWN]
    return [step.id for branch in DNS_BRANCHES for step in unknown if step.branch == branch]


def one_transport(case: Case) -> Cause | None:
    """A DNS server in use speaks one transport only: every one of its steps says so."""
    for code, (works, fails) in _ONE_TRANSPORT.items():
        by_server: dict[str, list[str]] = {}
        for step, _ in case.having(code):
            if server := StepId(step.id).server:
                by_server.setdefault(server, []).append(step.id)
        for server, ids in by_server.items():
            if StepId("dns-servers") / server / fails.lower() in ids:
                message = f"DNS server {server} answers over {works}, but not over {fails}"
                advice = f"Let {fails} port 53 through between this host and {server}, both ways."
                verdict = case.verdict
                decides = verdict.outcome is Outcome.DEFERRED and verdict.step == "dns-servers"
                return cause_of(case, "resolver-broken", message, ids, advice=advice, decides=decides)
    return None
