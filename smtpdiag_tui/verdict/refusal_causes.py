"""Causes that the replies of the mail hosts give away: one for all refusals that agree. Pure."""

import re
from collections.abc import Iterable, Mapping

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import family_of
from smtpdiag_tui.verdict.case import SHOWN, Case, cause_of

_REFUSALS = frozenset(
    {"greeting-rejected", "helo-rejected", "sender-rejected", "recipient-rejected", "blocklisted"}
)
_REVERSE = re.compile(
    r"\breverse (?:dns|name|host|look|record|mapping|ip)|\breverse dns\b|\bptr\b|\brdns\b|\bfcrdns\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"<[^<>]{0,400}>|\S{0,100}@\S{0,200}")  # a mailbox may have any name


def blocklisted(case: Case) -> Cause | None:
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
    return cause_of(case, "blocklisted-here", message, [*ids, *asked], advice=listed[0][1].advice)


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


def reverse_name(case: Case) -> Cause | None:
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
    return cause_of(case, "reverse-name-here", message, ids, advice=item.advice)


def rate_limited(case: Case) -> Cause | None:
    """Operators that have had enough of this machine."""
    found = case.having("rate-limited")
    if not found:
        return None
    hosts = (StepId(step.id).host for step, _ in found)
    operators = list(dict.fromkeys(_operator(host) for host in hosts if host))
    names = ", ".join(operators[:SHOWN]) + (" and others" if len(operators) > SHOWN else "")
    message = f"{names} limits this machine: there was too much traffic from here for now."
    if len(operators) > 1:
        message = f"{len(operators)} operators ({names}) limit this machine: there was too much traffic from here."
    return cause_of(case, "rate-limited-here", message, [step.id for step, _ in found], advice=found[0][1].advice)


def _operator(host: str) -> str:
    """Return who runs a host, as far as its name tells: its last two labels, three below a short one."""
    labels = host.strip("[]").split(".")
    if family_of(host) == 6 or all(label.isdecimal() for label in labels):
        return host
    most = 3 if len(labels) > 2 and len(labels[-2]) <= 3 and len(labels[-1]) == 2 else 2
    return ".".join(labels[-most:])
