"""The blocklists that refusals name, and what this run heard from them itself (RFC 5782). Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from smtpdiag_tui.checks.machine.blocklists import ListAnswer, ListObservation
from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.replies.normal_form import normal_form
from smtpdiag_tui.checks.session.reply_texts import Listing
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.smtp.reply import Reply
from smtpdiag_tui.verdict.case import Case
from smtpdiag_tui.verdict.measuring import Measured
from smtpdiag_tui.verdict.quoting import whole_reply
from smtpdiag_tui.verdict.session_end import SessionEnd

_LISTS = "identity/dnsbl"
_LINK = re.compile(r"https?://\S{1,400}", re.IGNORECASE)
# Refusals that look alike, and that no removal from a public list of addresses ends.
_NO_HELP = "removal from a public list does not help."
_OTHERS = {
    Reason.DOMAIN_BLOCKLIST: "{host} refused because of a listed domain, not of this address.",
    Reason.IP_REPUTATION: f"{{host}} refused by a reputation of its own: {_NO_HELP}",
    Reason.RECIPIENT_POLICY: f"{{host}} refused by a rule of its own: {_NO_HELP}",
}
_DEAD = "{host} uses a list that gives no valid answers: that is for its administrator to change."


def lists_this_host(end: SessionEnd) -> bool:
    """Whether a session ended because of a public list that this host's address is on."""
    if end.reason is not Reason.IP_BLOCKLIST or end.finding.party is Party.SENDER:
        return False
    return end.finding.side in (Side.HERE, Side.POLICY, None)


def not_joined(ends: Iterable[SessionEnd]) -> str:
    """Return sentences on refusals that look like a listing of this host and are none; "" where there are none."""
    sentences: list[str] = []
    for end in ends:
        pattern = _OTHERS.get(end.reason) if end.reason is not None else None
        if end.reason is Reason.IP_BLOCKLIST and not lists_this_host(end):
            pattern = _DEAD
        if pattern is not None:
            sentences.append(pattern.format(host=end.host))
    return " ".join(dict.fromkeys(sentences))


def lists_named(ends: Iterable[SessionEnd]) -> dict[str, str]:
    """Return the lists that refusals name, each to the address that it is said to hold, "" where none is said."""
    lists: dict[str, str] = {}
    for end in ends:
        named = _listing(end.finding.evidence)
        if named is not None:
            lists.setdefault(named.name, named.address)
    return lists


def _listing(lines: Sequence[str]) -> Listing | None:
    """Return the list that the lines of a reply name, by its zone where they tell that, and the address on it."""
    text = whole_reply(lines)
    named = reply_texts.listing(text)
    zones = normal_form(Reply(0, tuple(line.encode() for line in lines))).zones
    zone = reply_texts.zone_in(reply_texts.masked(_LINK.sub("", text))) or next(iter(zones), "")
    return Listing(zone, reply_texts.address_in(text)) if zone else named


def in_words(lists: Mapping[str, str]) -> str:
    """Return the lists with the addresses that they hold."""
    return ", ".join(f"{name} ({address})" if address else name for name, address in lists.items())


def measured_listings(case: Case, ends: Iterable[SessionEnd]) -> list[Measured]:
    """Return what this run heard from the lists that refusals name, as far as it was to ask; each list once."""
    found: dict[str, Measured | None] = {}
    for end in ends:
        for name, address in lists_named([end]).items():
            if name not in found:
                found[name] = _measured(case, end, name, address)
    return [item for item in found.values() if item is not None]


def _measured(case: Case, end: SessionEnd, name: str, address: str) -> Measured | None:
    step_id = f"{_LISTS}/{name}"
    seen = case.observed(step_id, ListObservation)
    if seen is None:
        return None
    if seen.failed_tests:
        return Measured(f"This run could not determine it: {name} gives this host no valid answers.", True, ())
    answers = _answers_about(seen, address)
    listed = [item.address for item in answers if item.believable]
    if listed:
        return Measured(f"This run found {', '.join(listed)} on {name}.", True, (), (step_id,))
    if not answers or not all(item.absent for item in answers):
        return None
    return _ended(end, name, ", ".join(item.address for item in answers))


def _answers_about(seen: ListObservation, address: str) -> list[ListAnswer]:
    """Return what a list said of the address that a refusal names; of all addresses where it names none."""
    if not address:
        return list(seen.answers)
    return [item for item in seen.answers if item.address == address]


def _ended(end: SessionEnd, name: str, absent: str) -> Measured:
    """Return that a list does not hold the addresses, though a server says so."""
    fact = f"{name} did not list {absent} when this run asked it: {end.host} holds an old answer."
    theirs = Action(
        f"MX administrator of {end.host}",
        f"check why {end.host} still finds {absent} on {name}; the listing has ended.",
    )
    return Measured(fact, False, (Action("", "Rerun in an hour: an outdated answer expires."), theirs))


def asked_and_listed(case: Case, names: Sequence[str]) -> list[str]:
    """Return the steps of lists, among those named, where this run found this host's address too."""
    return [step.id for step, _ in case.having("dnsbl-listed") if StepId(step.id).name in names]
