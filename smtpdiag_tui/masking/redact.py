"""Masking a report: local parts, this machine's addresses and internal names, each by the same mask everywhere."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.masking.authentication import (
    masked_authentication,
    masked_beyond,
    masked_selectors,
    names_with_local_part,
    selectors_in,
)
from smtpdiag_tui.masking.masks import Masker, Masks, is_mask
from smtpdiag_tui.masking.of_this_machine import inside, own_things, theirs
from smtpdiag_tui.masking.peer_words import PeerWords, line_of_reply
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Masked
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.conclusions import Cause, SenderResult
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.fitting import fitted, names_in, places_in, unfitted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import DnsServer, GivenMessage, Relay, Settings, Via

_SESSIONS = ("delivery", "probes")  # branches
_KEY_LENGTH = 20  # of a subscriber's key in a blocklist's domain, at least


def redact(
    report: Report,
    names: Collection[str] = (),
    addresses: Collection[str] = (),
    *,
    masks: Masks | None = None,
) -> Report:
    """Return the report with local parts, own addresses and own names masked; `names` and `addresses` name more.

    With `masks`, what these know has the mask that it has there.

    Own are the source addresses of the sessions, the name that this machine says it has and greets with, the
    address and name by which the mail hosts see it, what `identity` found about these, what the local mail server
    is set to, its relay hosts, and a server that the user gave and the DNS does not name. A blocklist's domain
    whose first label is a subscriber's key is masked too. The domains of sender and recipient, the mail hosts and
    the DNS servers stay: the diagnosis needs them. Local parts alone are masked in the peers' words only. Exact
    bytes are left out. Steps stay in their order. Doing it twice changes nothing more. `masks` are those that
    another report was masked with: the same thing gets the same one.
    """
    masker = masker_of(report, names, addresses, masks)
    received = (
        entry.text
        for step in report.steps.values()
        for entry in step.transcript
        if entry.direction is Direction.RECEIVED
    )
    sentence = PeerWords(masker, received)
    steps: dict[str, Step] = {}
    for key, step in report.steps.items():
        masked = masker.fixed(key)
        while masked in steps:  # two spellings of one address, as only a file made by hand has them
            masked += "+"
        steps[masked] = _step(step, masked, masker, sentence)
    return replace(
        report,
        settings=_settings(report.settings, masker),
        summary=_summary(report, masker, sentence),
        headline=_headline(report, masker, sentence),
        delivery=sentence(report.delivery),
        actions=_actions(report.actions, sentence),
        causes=tuple(_cause(item, masker, sentence) for item in report.causes),
        senders=tuple(_sender(item, masker, sentence) for item in report.senders),
        authentication=tuple(masked_authentication(item, masker, sentence) for item in report.authentication),
        beyond=tuple(masked_beyond(item, sentence) for item in report.beyond),
        steps=steps,
    )


def _headline(report: Report, masker: Masker, sentence: PeerWords) -> str:
    """Return the headline masked: a name that was shortened in it would not be found, and is masked whole."""
    names = names_in(report)
    text = sentence(unfitted(report.headline, names))
    return fitted(text, places_in(report), [masker.plain(name) for name in names])


def _summary(report: Report, masker: Masker, sentence: PeerWords) -> str:
    """Return the summary masked, which begins with the headline."""
    if not report.headline or not report.summary.startswith(report.headline):
        return sentence(report.summary)
    rest = report.summary.removeprefix(report.headline)
    return _headline(report, masker, sentence) + sentence(rest)


def without_masks(settings: Settings) -> Settings:
    """Return settings to run with: a masked address, name, server or relay host is none, and no more a message."""
    known: dict[str, Any] = {"relay": tuple(relay for relay in settings.relay if not is_mask(relay.host))}
    for option in table.OPTIONS:
        if option.masked in (Masked.OWN_ADDRESS, Masked.OWN_HOST, Masked.MAIL_HOST):
            value = getattr(settings, option.name)
            known[option.name] = None if value and is_mask(value) else value
        elif option.masked in (Masked.MAILBOX, Masked.MESSAGE):
            value = getattr(settings, option.name)
            known[option.name] = None if value is None or _is_masked(value) else value
        elif option.masked is Masked.VANTAGE_POINTS:
            known[option.name] = () if any(is_mask(point.host) for point in settings.via) else settings.via
        elif option.masked is Masked.SELECTORS:
            known[option.name] = tuple(item for item in settings.dkim_selectors if not is_mask(item.domain or ""))
        elif option.masked in (Masked.OWN_HOSTS, Masked.OWN_ADDRESSES):
            known[option.name] = tuple(host for host in getattr(settings, option.name) if not is_mask(host))
    return replace(settings, **known)


def _is_masked(value: Any) -> bool:
    """Whether a mail address or a message stands in a report that was masked and saved."""
    return is_mask(value.name if isinstance(value, GivenMessage) else value.rpartition("@")[0])


def masker_of(
    report: Report, names: Collection[str], addresses: Collection[str], masks: Masks | None = None
) -> Masker:
    """Return what masks all that is private in a report."""
    settings = report.settings
    own = own_things(report)
    paths = (settings.sender, settings.recipient, *([settings.header_from] if settings.header_from else []))
    more = {name.lower().rstrip(".") for name in names} - own.names
    ordered = [*sorted(own.names, key=lambda name: (-len(name), name)), *sorted(more)]
    kept = {"", "localhost", *(path.rpartition("@")[2].lower() for path in paths)}
    words = {step.branch for step in report.steps.values()} | set(Phase)  # of step ids
    return Masker(
        paths,
        [name for name in ordered if name not in kept],
        own.addresses | set(addresses),
        _keys(settings.dnsbl),
        hosts=inside(report).names - words,
        others=theirs(report),
        files=[settings.message.name] if settings.message is not None else [],
        selectors=selectors_in(report),
        derived=names_with_local_part(report) - own.names - kept,
        masks=masks,
    )


def _keys(blocklists: Iterable[str]) -> set[str]:
    """Return the subscribers' keys in the domains of blocklists."""
    labels = {name.partition(".")[0] for name in blocklists}
    return {label for label in labels if len(label) >= _KEY_LENGTH}


def _settings(settings: Settings, masker: Masker) -> Settings:
    masked = {
        option.name: _setting(option.masked, getattr(settings, option.name), masker) for option in table.OPTIONS
    }
    sender, recipient = masker.plain(settings.sender), masker.plain(settings.recipient)
    return replace(settings, sender=sender, recipient=recipient, **masked)


def _setting(kind: Masked, value: Any, masker: Masker) -> Any:
    """Return the value of a setting that tells such things, masked; one that is not set stays as it is."""
    return _SETTING_MASKS[kind](value, masker) if value else value


def _dns_servers(servers: Iterable[DnsServer], masker: Masker) -> tuple[DnsServer, ...]:
    return tuple(replace(server, address=masker.plain(server.address)) for server in servers)


def _relays(relays: Iterable[Relay], masker: Masker) -> tuple[Relay, ...]:
    return tuple(replace(relay, host=masker.name(relay.host)) for relay in relays)


def masked_vantage_points(points: Iterable[Via], masker: Masker) -> tuple[Via, ...]:
    """Return vantage points without the names of their hosts and users."""
    return tuple(
        replace(point, host=masker.name(point.host), user="user" if point.user else "") if point.host else point
        for point in points
    )


def _hosts(hosts: Iterable[str], masker: Masker) -> tuple[str, ...]:
    return tuple(masker.name(host) for host in hosts)


def _texts(texts: Iterable[str], masker: Masker) -> tuple[str, ...]:
    return tuple(masker.plain(text) for text in texts)


_SETTING_MASKS: dict[Masked, Callable[[Any, Masker], Any]] = {
    Masked.NOT: lambda value, _: value,
    Masked.OWN_ADDRESS: lambda address, masker: masker.plain(address),
    Masked.OWN_ADDRESSES: _texts,
    Masked.OWN_HOST: lambda host, masker: masker.name(host),
    Masked.OWN_HOSTS: _hosts,
    Masked.MAIL_HOST: lambda host, masker: masker.name(host),
    Masked.RELAYS: _relays,
    Masked.DNS_SERVERS: _dns_servers,
    Masked.BLOCKLISTS: _texts,
    Masked.LINES: _texts,
    Masked.MAILBOX: lambda address, masker: masker.plain(address),
    Masked.SELECTORS: masked_selectors,
    Masked.VANTAGE_POINTS: masked_vantage_points,
    Masked.MESSAGE: lambda message, masker: replace(message, name=masker.file(message.name)),
}


def _step(step: Step, masked: str, masker: Masker, sentence: PeerWords) -> Step:
    return replace(
        step,
        id=masked,
        title=masker.plain(step.title) if step.parent == "delivery" else masker.fixed(step.title),
        detail=_detail(step, masker, sentence),
        findings=tuple(_finding(item, step, masker, sentence) for item in step.findings),
        transcript=tuple(_entry(entry, masker, sentence) for entry in step.transcript),
        observation=None,
        facts=_facts(step.facts, masker),
    )


def _detail(step: Step, masker: Masker, sentence: PeerWords) -> str:
    said = step.facts.said
    if not said or not step.detail.startswith(said):
        return sentence(step.detail)
    return line_of_reply(said, masker) + step.detail[len(said) :]


def _facts(facts: StepFacts, masker: Masker) -> StepFacts:
    session = facts.session
    return replace(
        facts,
        host_name=masker.name(facts.host_name),
        sources=_each_once(map(masker.plain, facts.sources)),
        seen_as=_each_once(map(masker.plain, facts.seen_as)),
        names=_each_once(map(masker.name, facts.names)),
        addresses=_each_once(map(masker.plain, facts.addresses)),
        ehlo=masker.name(facts.ehlo),
        said=line_of_reply(facts.said, masker),
        session=session
        and replace(session, software=masker.words(session.software), subject=masker.words(session.subject)),
    )


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _actions(actions: Iterable[Action], sentence: PeerWords) -> tuple[Action, ...]:
    return tuple(Action(sentence(action.who), sentence(action.what)) for action in actions)


def _cause(item: Cause, masker: Masker, sentence: PeerWords) -> Cause:
    return replace(
        item,
        message=sentence(item.message),
        meaning=masker.plain(item.meaning),
        actions=_actions(item.actions, sentence),
        evidence=tuple(masker.fixed(key) for key in item.evidence),
    )


def _sender(item: SenderResult, masker: Masker, sentence: PeerWords) -> SenderResult:
    attempts = tuple(
        replace(one, host=masker.name(one.host), address=masker.plain(one.address), reply=sentence(one.reply))
        for one in item.attempts
    )
    return replace(item, summary=sentence(item.summary), attempts=attempts)


def _finding(item: Finding, step: Step, masker: Masker, sentence: PeerWords) -> Finding:
    talked = StepId(step.id).branch in _SESSIONS  # there, evidence is what a peer said, whole or in parts
    return replace(
        item,
        message=sentence(item.message),
        meaning=masker.plain(item.meaning),
        actions=_actions(item.actions, sentence),
        evidence=tuple(line_of_reply(line, masker) if talked else sentence(line) for line in item.evidence),
    )


def _entry(entry: Entry, masker: Masker, sentence: PeerWords) -> Entry:
    if entry.direction is Direction.RECEIVED:
        text = line_of_reply(entry.text, masker)
    else:
        text = sentence(entry.text) if entry.direction is Direction.NOTE else masker.plain(entry.text)
    # What the eyes cannot see in a changed line might still stand in its bytes.
    return replace(entry, text=text, raw=None, facts=None)
