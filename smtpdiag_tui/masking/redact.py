"""Masking a report: local parts, this machine's addresses and internal names, each by the same mask everywhere."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.masking.masks import Masker, is_mask
from smtpdiag_tui.masking.peer_words import PeerWords, line_of_reply
from smtpdiag_tui.masking.visible_escapes import without_escapes
from smtpdiag_tui.report.conclusions import Cause, SenderResult
from smtpdiag_tui.report.facts import StepFacts, address_in
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report, Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import DnsServer, Settings, parse_ip

_LITERAL = r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,45}"
_LIKE_ADDRESS = re.compile(r"\d\.\d+\.\d|[0-9A-Fa-f]:")  # cheap: most lines hold none
# As replies name their client: "client host cust1.isp.example[192.0.2.1]", "your IP 192.0.2.1".
_CALLED = re.compile(
    r"(?:(?<![\w.-])(?P<name>[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})\.?\s?)?"
    rf"[\[(](?:IPv6:)?(?P<inside>{_LITERAL})[\])]"
    r"|\b(?:client|your|hello|helo|ehlo|ip|host|address|from)\b[\s:=]+(?:(?:ip|host|address|is)\b[\s:=]+){0,2}"
    rf"(?P<after>{_LITERAL})(?![\w.])",
    re.IGNORECASE,
)
# Words before the name of a client that is refused without its address.
_REFUSED_NAME = re.compile(
    r"(?:\b(?:connections?|connecting|sessions?|clients?|mail|messages?|access|hosts?)\s+from"
    r"|\b(?:client|helo|ehlo|hello|your)(?:\s+(?:host|hostname|name|server))?)"
    r"[\s:=]+[<(\[\"']?(?P<name>[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?:(?<=ip[46]:)|(?<=ipv6:)|(?<![\w.:-]))(?:{_LITERAL})(?![\w:-]|\.\w)", re.IGNORECASE)
_MOST_SEEN = 64  # names and addresses that one peer can call ours in a session
_SESSIONS = ("delivery", "probes")  # branches
_KEY_LENGTH = 20  # of a subscriber's key in a blocklist's domain, at least


def redact(report: Report, names: Collection[str] = (), addresses: Collection[str] = ()) -> Report:
    """Return the report with local parts, own addresses and own names masked; `names` and `addresses` name more.

    Own are the source addresses of the sessions, the name that this machine says it has and greets with, the
    address and name by which the mail hosts see it, what `identity` found about these, what the local mail server
    is set to, its relay hosts, and a server that the user gave and the DNS does not name. A blocklist's domain
    whose first label is a subscriber's key is masked too. The domains of sender and recipient, the mail hosts and
    the DNS servers stay: the diagnosis needs them. Local parts alone are masked in the peers' words only. Exact
    bytes are left out. Steps stay in their order. Doing it twice changes nothing more.
    """
    masker = _masker(report, names, addresses)
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
        summary=sentence(report.summary),
        advice=tuple(sentence(item) for item in report.advice),
        causes=tuple(_cause(item, masker, sentence) for item in report.causes),
        senders=tuple(_sender(item, masker, sentence) for item in report.senders),
        steps=steps,
    )


def without_masks(settings: Settings) -> Settings:
    """Return settings to run with: a masked source address, EHLO name, server or relay host is none."""

    def known(text: str | None) -> str | None:
        return None if text and is_mask(text) else text

    return replace(
        settings,
        source=known(settings.source),
        source4=known(settings.source4),
        source6=known(settings.source6),
        ehlo=known(settings.ehlo),
        server=known(settings.server),
        relay=tuple(item for item in settings.relay if not is_mask(item.host)),
        local_hosts=tuple(item for item in settings.local_hosts if not is_mask(item)),
    )


def _masker(report: Report, names: Collection[str], addresses: Collection[str]) -> Masker:
    settings = report.settings
    hosts = {value for kind, value in _inside(report) if kind == "name"}
    found = [*_given(settings), *_inside(report)]
    for step in report.steps.values():
        found += _own(step)
    theirs = _theirs(report)
    for step in report.steps.values():
        if StepId(step.id).branch == "delivery":
            found += _seen_as(step, theirs)
    own_names = {value for kind, value in found if kind == "name"}
    own_addresses = {*addresses, *(value for kind, value in found if kind == "address")}
    paths = (settings.sender, settings.recipient)
    more = {name.lower().rstrip(".") for name in names} - own_names
    ordered = [*sorted(own_names, key=lambda name: (-len(name), name)), *sorted(more)]
    kept = {"localhost", *(path.rpartition("@")[2].lower() for path in paths)}
    keys = {name.partition(".")[0] for name in settings.dnsbl if len(name.partition(".")[0]) >= _KEY_LENGTH}
    words = {StepId(key).branch for key in report.steps} | set(Phase)  # of step ids
    ordered = [name for name in ordered if name and name not in kept]
    return Masker(paths, ordered, own_addresses, keys, hosts=hosts - words, others=theirs)


def _settings(settings: Settings, masker: Masker) -> Settings:
    mask, host = masker.plain, masker.name
    return replace(
        settings,
        sender=mask(settings.sender),
        recipient=mask(settings.recipient),
        ehlo=host(settings.ehlo) if settings.ehlo else None,
        source=mask(settings.source) if settings.source else None,
        server=host(settings.server) if settings.server else None,
        dns=tuple(DnsServer(mask(server.address), server.port) for server in settings.dns),
        dnsbl=tuple(mask(item) for item in settings.dnsbl),
        source4=mask(settings.source4) if settings.source4 else None,
        source6=mask(settings.source6) if settings.source6 else None,
        relay=tuple(replace(item, host=host(item.host)) for item in settings.relay),
        local_facts=tuple(mask(line) for line in settings.local_facts),
        local_hosts=tuple(host(name) for name in settings.local_hosts),
    )


def _given(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what the settings tell of this machine: those that were given, and the local mail server's."""
    for source in (settings.source, settings.source4, settings.source6):
        if source:
            yield "address", source
    if settings.ehlo:
        yield from _greeting(settings.ehlo)
    for line in settings.local_facts:
        for found in _BARE.finditer(line):
            address = _outside(found[0], ())
            if address is not None:
                yield "address", address
    for name in settings.local_hosts:
        yield "name", name


def _inside(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the hosts that this machine's own set-up names: relay hosts, and a server that no MX record names."""
    server = report.settings.server
    hidden = server is not None and not _is_public(report, server)
    given = [item.host for item in report.settings.relay] + ([server] if hidden and server else [])
    for host in given:
        yield from _greeting(host)
    if not given or (server is not None and not hidden):
        return
    for step_id in map(StepId, report.steps):  # all that delivery turned to
        if step_id.branch == "delivery" and step_id.host:
            yield from _greeting(step_id.host)
            if parse_ip(step_id.address) is not None:
                yield "address", step_id.address


def _is_public(report: Report, server: str) -> bool:
    """Whether all can know of a server: an MX record names it, or it is a public address."""
    literal = parse_ip(server)
    if literal is not None:
        return literal.is_global
    record = re.compile(rf"\bMX \d+ {re.escape(server)}\.?(?![\w.-])", re.IGNORECASE)
    notes = (entry.text for step in report.steps.values() for entry in step.transcript if "MX" in entry.text)
    return any(record.search(text) for text in notes)


def _own(step: Step) -> Iterator[tuple[str, str]]:
    """Yield what a step tells of this machine."""
    facts = step.facts
    for address in (*facts.sources, *facts.seen_as, *facts.addresses):
        if parse_ip(address) is not None:
            yield "address", address
    for name in facts.names:
        yield "name", name.lower()
    if "." in facts.host_name:
        yield "name", facts.host_name.lower()
    if facts.ehlo:
        yield from _greeting(facts.ehlo)
    for entry in step.transcript:  # of a session that still goes on, too
        if entry.direction is Direction.SENT and entry.text[:5] in ("EHLO ", "HELO "):
            yield from _greeting(entry.text[5:].strip())


def _greeting(text: str) -> Iterator[tuple[str, str]]:
    address = address_in(text)
    yield ("address", address) if parse_ip(address) is not None else ("name", text.lower())


def _theirs(report: Report) -> set[str]:
    """Return the names and addresses that are others': hosts and servers that steps are about."""
    found = {part.lower() for key in report.steps for part in StepId(key).parts[1:]}
    found |= {server.address for server in report.settings.dns}
    found.add((report.settings.server or "").lower())
    return found


def _seen_as(step: Step, theirs: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the addresses and names by which a mail host calls this machine: a NAT shows them nowhere else."""
    called = (
        one
        for entry in step.transcript
        if entry.direction is Direction.RECEIVED
        for line in [without_escapes(entry.text)]
        for one in (*_greeted(line, theirs), *_refused(line, theirs))
    )
    found: dict[tuple[str, str], None] = {}
    for one in called:
        found[one] = None
        if len(found) >= _MOST_SEEN:
            break
    yield from found


def _greeted(line: str, theirs: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield address and name where a line calls them a client's."""
    if not _LIKE_ADDRESS.search(line):
        return
    speaker = line[4:].partition(" ")[0].lower()
    for found in _CALLED.finditer(line):
        address = _outside(found["inside"] or found["after"], theirs)
        if address is None:
            continue
        name = (found["name"] or "").lower()
        if name == speaker and line.startswith("2"):
            continue  # a server that tells its own address
        yield "address", address
        if name and name not in theirs and not re.fullmatch(r"[\d.]+", name):
            yield "name", name


def _refused(line: str, theirs: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what a refusal is about: an address in it that is nobody else's is this machine's."""
    if not line.startswith(("4", "5")):
        return
    if _LIKE_ADDRESS.search(line):
        for found in _BARE.finditer(line[4:]):
            address = _outside(found[0], theirs)
            if address is not None:
                yield "address", address
    for found in _REFUSED_NAME.finditer(line[4:]):
        name = found["name"].lower()
        if name not in theirs and re.search(r"\.(?:[a-z]{2,}|xn--[\w-]+)\Z", name):
            yield "name", name


def _outside(text: str, theirs: Collection[str]) -> str | None:
    """Return the address that a text is, None if it is none that a machine has, or another's."""
    literal = parse_ip(text.rstrip(".:"))
    if literal is None or str(literal) in theirs or literal.is_loopback or literal.is_unspecified:
        return None
    return str(literal)


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
    return replace(
        facts,
        host_name=masker.name(facts.host_name),
        sources=_each_once(map(masker.plain, facts.sources)),
        seen_as=_each_once(map(masker.plain, facts.seen_as)),
        names=_each_once(map(masker.name, facts.names)),
        addresses=_each_once(map(masker.plain, facts.addresses)),
        ehlo=masker.name(facts.ehlo),
        said=line_of_reply(facts.said, masker),
    )


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _cause(item: Cause, masker: Masker, sentence: PeerWords) -> Cause:
    return replace(
        item,
        message=sentence(item.message),
        meaning=masker.plain(item.meaning),
        advice=sentence(item.advice),
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
        advice=sentence(item.advice) if item.advice else item.advice,
        evidence=tuple(line_of_reply(line, masker) if talked else sentence(line) for line in item.evidence),
    )


def _entry(entry: Entry, masker: Masker, sentence: PeerWords) -> Entry:
    if entry.direction is Direction.RECEIVED:
        text = line_of_reply(entry.text, masker)
    else:
        text = sentence(entry.text) if entry.direction is Direction.NOTE else masker.plain(entry.text)
    # What the eyes cannot see in a changed line might still stand in its bytes.
    return replace(entry, text=text, raw=None, facts=None)
