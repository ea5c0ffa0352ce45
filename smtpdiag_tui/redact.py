"""Masking a report: local parts, this machine's addresses and internal names, each by the same mask everywhere."""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from smtpdiag_tui.engine.judgement import Cause, SenderResult
from smtpdiag_tui.engine.report import Report, Step
from smtpdiag_tui.findings import Finding
from smtpdiag_tui.settings import parse_ip
from smtpdiag_tui.transcript import Direction, Entry

_LOCAL_PART = re.compile(r"(\"(?:[^\"\\]|\\.)+\"|[^\s@<>:;,()\[\]\"'`=]+)@(?=[\w\[])")
_OWN_NAME = re.compile(r"This computer's name: (\S+)$")
_IDENTITY = re.compile(r"(address|name) of (?:this machine|that name): (\S+)")
_SOURCE = re.compile(r"(?:connected )?from (\S+)$")
_MASK = re.compile(r"user\d+\Z")
_KEY_LENGTH = 20  # of a subscriber's key in a blocklist's domain, at least
_NAME = r"(?<![\w.])(?<![A-Za-z]-){}(?![\w-]|\.\w)"  # "250-" may stand before it


class _Masks:
    """Which mask stands for what; the same thing gets the same one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def of(self, kind: str, value: str, form: str) -> str:
        key = (kind, value.lower())
        if key not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[key] = form.format(self._counts[kind])
        return self._known[key]


def redact(report: Report, names: Collection[str] = (), addresses: Collection[str] = ()) -> Report:
    """Return the report with local parts, own addresses and own names masked; `names` and `addresses` name more.

    Own are the source addresses of the sessions, the name that this machine says it has and greets with, and what
    `identity` found about both. A blocklist's domain whose first label is a subscriber's key is masked too. The
    domains of sender and recipient, the mail hosts and the DNS servers stay: the diagnosis needs them. Exact bytes
    of lines that held something masked are left out. Doing it twice changes nothing more.
    """
    masks = _Masks()
    own_names, own_addresses = set(names), set(addresses)
    for step in report.steps.values():
        for kind, value in _own(step):
            (own_addresses if kind == "address" else own_names).add(value)
    settings = report.settings
    own_addresses |= {item for item in (settings.source, settings.source4, settings.source6) if item}
    if settings.ehlo:
        _add_greeting(settings.ehlo, own_names, own_addresses)
    keys = {name.partition(".")[0] for name in settings.dnsbl if len(name.partition(".")[0]) >= _KEY_LENGTH}
    own_names -= {settings.sender.rpartition("@")[2].lower(), settings.recipient.rpartition("@")[2].lower()}
    locals_ = [path.rpartition("@")[0] for path in (settings.sender, settings.recipient)]
    mask = _masker(masks, own_names, own_addresses, [part for part in locals_ if part], keys)
    steps = {mask(key): _step(step, mask) for key, step in report.steps.items()}
    return replace(
        report,
        settings=replace(
            settings,
            sender=mask(settings.sender),
            recipient=mask(settings.recipient),
            ehlo=mask(settings.ehlo) if settings.ehlo else None,
            source=mask(settings.source) if settings.source else None,
            dnsbl=tuple(mask(item) for item in settings.dnsbl),
            source4=mask(settings.source4) if settings.source4 else None,
            source6=mask(settings.source6) if settings.source6 else None,
            relay=tuple(replace(item, host=mask(item.host)) for item in settings.relay),
            local_facts=tuple(mask(line) for line in settings.local_facts),
        ),
        summary=mask(report.summary),
        advice=tuple(mask(item) for item in report.advice),
        causes=tuple(_cause(item, mask) for item in report.causes),
        senders=tuple(_sender(item, mask) for item in report.senders),
        steps=steps,
    )


def _own(step: Step) -> Iterator[tuple[str, str]]:
    """Yield what a step tells of this machine."""
    if step.id.endswith("/connect"):
        found = _SOURCE.fullmatch(step.detail)
        if found and parse_ip(found[1]) is not None:
            yield "address", found[1]
    for entry in step.transcript:
        if entry.direction is Direction.NOTE:
            source, name = _SOURCE.fullmatch(entry.text), _OWN_NAME.fullmatch(entry.text)
            if source and parse_ip(source[1]) is not None:
                yield "address", source[1]
            told = _IDENTITY.fullmatch(entry.text) if step.id.startswith("identity/") else None
            if told and (told[1] == "name" or parse_ip(told[2]) is not None):
                yield told[1], told[2].lower()
            if name and "." in name[1]:
                yield "name", name[1].lower()
        elif entry.direction is Direction.SENT and entry.text[:5] in ("EHLO ", "HELO "):
            greeted = entry.text[5:].strip()
            literal = greeted.strip("[]").removeprefix("IPv6:")
            yield ("address", literal) if parse_ip(literal) is not None else ("name", greeted.lower())


def _add_greeting(text: str, names: set[str], addresses: set[str]) -> None:
    literal = text.strip("[]").removeprefix("IPv6:")
    if parse_ip(literal) is not None:
        addresses.add(literal)
    else:
        names.add(text.lower())


def _masker(
    masks: _Masks,
    names: Collection[str],
    addresses: Collection[str],
    local_parts: Sequence[str],
    keys: Collection[str],
) -> Callable[[str], str]:
    longest_first = sorted(names, key=lambda item: (-len(item), item))
    patterns = [
        (_whole(name), masks.of("name", name, "host{}.masked"))
        for name in longest_first
        if not re.fullmatch(r"host\d+\.masked", name)
    ]
    for address in sorted(addresses):
        literal = parse_ip(address)
        if literal is None:
            continue
        family = f"ipv{literal.version}"
        shown = masks.of(family, address, f"own-{family}-{{}}")
        patterns += [(_whole(form), shown) for form in _forms(literal)]
        patterns.append((_asked_for(literal), shown))

    patterns += [
        (re.compile(rf"(?<!\w){re.escape(key)}(?=\.)", re.IGNORECASE), masks.of("key", key, "key{}"))
        for key in sorted(keys)
    ]

    # Replies name a mailbox without its domain too. Its case counts: a mailbox "mail" is not the command MAIL.
    patterns += [
        (re.compile(_NAME.format(re.escape(part))), masks.of("user", part, "user{}"))
        for part in local_parts
        if not _MASK.match(part)
    ]

    def local_part(found: re.Match[str]) -> str:
        text = found[1]
        return found[0] if _MASK.match(text) else f"{masks.of('user', text, 'user{}')}@"

    def mask(text: str) -> str:
        for pattern, shown in patterns:
            text = pattern.sub(shown, text)
        return _LOCAL_PART.sub(local_part, text)

    return mask


def _forms(literal: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[str]:
    """Return how an address may be written in replies: as it is, in full, and reversed as in the DNS."""
    forms = [literal.exploded, str(literal), literal.reverse_pointer]
    if literal.version == 4:
        forms.append(".".join(reversed(str(literal).split("."))))
        forms.append(str(literal).replace(".", "-"))
    return list(dict.fromkeys(forms))


def _asked_for(literal: ipaddress.IPv4Address | ipaddress.IPv6Address) -> re.Pattern[str]:
    """Return what finds an address as a blocklist is asked for it: reversed, before the list's domain."""
    reversed_labels = literal.reverse_pointer.rsplit(".", 2)[0]
    return re.compile(rf"(?<![\w.]){re.escape(reversed_labels)}(?=\.[a-z0-9_])", re.IGNORECASE)


def _whole(text: str) -> re.Pattern[str]:
    return re.compile(_NAME.format(re.escape(text)), re.IGNORECASE)


def _step(step: Step, mask: Callable[[str], str]) -> Step:
    return replace(
        step,
        id=mask(step.id),
        title=mask(step.title),
        detail=mask(step.detail),
        findings=tuple(_finding(item, mask) for item in step.findings),
        transcript=tuple(_entry(entry, mask) for entry in step.transcript),
        observation=None,
    )


def _cause(item: Cause, mask: Callable[[str], str]) -> Cause:
    return replace(
        item,
        message=mask(item.message),
        meaning=mask(item.meaning),
        advice=mask(item.advice),
        evidence=tuple(mask(key) for key in item.evidence),
    )


def _sender(item: SenderResult, mask: Callable[[str], str]) -> SenderResult:
    attempts = tuple(replace(one, host=mask(one.host), reply=mask(one.reply)) for one in item.attempts)
    return replace(item, summary=mask(item.summary), attempts=attempts)


def _finding(item: Finding, mask: Callable[[str], str]) -> Finding:
    return replace(
        item,
        message=mask(item.message),
        advice=mask(item.advice) if item.advice else item.advice,
        evidence=tuple(mask(line) for line in item.evidence),
    )


def _entry(entry: Entry, mask: Callable[[str], str]) -> Entry:
    text = mask(entry.text)
    # What the eyes cannot see in a changed line might still stand in its bytes.
    return replace(entry, text=text, raw=None)
