"""What changed beside the destination: questions, causes, profiles, authentication, the host of the run. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Masked, Option, defaults_of
from smtpdiag_tui.report.authentication import Authentication, SpfIdentity
from smtpdiag_tui.report.comparison.facts import Fact, FactKind
from smtpdiag_tui.report.comparison.pair import Pair, known
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import StepKind
from smtpdiag_tui.settings import GivenMessage, Settings

_NOT_ASKED = frozenset({"verbose", "local_facts", "local_hosts"})
_NULL = "<>"
# Of authentication itself all is told result by result.
_BEYOND = frozenset({"receivers", "message"})


def questions(pair: Pair) -> Iterator[Fact]:
    """Yield what the runs were asked otherwise; of addresses that are masked in one alone, the domain counts."""
    first, second = pair.old.settings, pair.new.settings
    for kind, old, new in (
        (FactKind.SENDER, first.sender, second.sender),
        (FactKind.RECIPIENT, first.recipient, second.recipient),
    ):
        domains = [path.rpartition("@")[2].lower() for path in (old, new)]
        if domains[0] != domains[1] or (old != new and not pair.partial):
            yield Fact(kind, "", old or _NULL, new or _NULL)
    for option in table.OPTIONS:
        values = getattr(first, option.name), getattr(second, option.name)
        hidden = pair.partial and option.masked is not Masked.NOT
        if _asked(values[0]) != _asked(values[1]) and option.name not in _NOT_ASKED and not hidden:
            yield Fact(FactKind.SETTING, option.name, *(_words(option, item) for item in (first, second)))


def _asked(value: object) -> object:
    """Return what a setting asks: of a message its name and size, all that a report tells of it."""
    return (value.name.rpartition("/")[2], value.size) if isinstance(value, GivenMessage) else value


def _words(option: Option, settings: Settings) -> str:
    """Return a setting as reports have it, "" for its default."""
    value = getattr(settings, option.name)
    if value == defaults_of(settings)[option.name]:
        return ""
    return (option.phrase.words(settings) if option.phrase is not None else "") or str(value)


def other_facts(pair: Pair) -> Iterator[Fact]:
    """Yield what is otherwise beside questions and destination."""
    yield from _cause(pair)
    yield from _profiles(pair)
    yield from _authentication(pair)
    yield from _beyond(pair)
    if pair.same_host:
        yield from _this_host(pair)
    if pair.old.version and pair.new.version and pair.old.version != pair.new.version:
        yield Fact(FactKind.VERSION, "smtpdiag", pair.old.version, pair.new.version)


def deciding(report: Report) -> str:
    """Return why the outcome is what it is, in a word: the reason of its cause, else the cause's code."""
    found = next((cause for cause in report.causes if cause.decides), None)
    return "" if found is None else (found.reason.value if found.reason is not None else found.code)


def _cause(pair: Pair) -> Iterator[Fact]:
    old, new = deciding(pair.old), deciding(pair.new)
    if pair.old.outcome is pair.new.outcome and old != new:
        yield Fact(FactKind.CAUSE, "", old, new)


def _profiles(pair: Pair) -> Iterator[Fact]:
    old = {item.name: item for item in pair.old.senders}
    for item in pair.new.senders:
        before = old.get(item.name)
        if before is not None and before.outcome is not item.outcome:
            step = f"senders/{item.name}"
            yield Fact(FactKind.PROFILE, item.title, before.outcome.value, item.outcome.value, step, step)


def _authentication(pair: Pair) -> Iterator[Fact]:
    later = pair.places.names.get("authentication/spf", {})
    new = {item.address: item for item in pair.new.authentication}
    for before in pair.old.authentication:
        after = new.get(later.get(before.address or "", before.address or "") or None)
        if after is not None:
            yield from _spf(before, after)
            yield from _dmarc(before, after)
    # The keys are the domain's, whichever address sends.
    yield from _each(FactKind.DKIM, _keys(pair.old), _keys(pair.new), "authentication/dkim")


def _spf(before: Authentication, after: Authentication) -> Iterator[Fact]:
    step = "authentication/spf"
    for name, old, new in (
        ("MAIL FROM", before.spf.mail_from, after.spf.mail_from),
        ("EHLO", before.spf.ehlo, after.spf.ehlo),
    ):
        if old is None or new is None or (old.domain, old.result) == (new.domain, new.result):
            continue
        if old.result is not new.result or name == "MAIL FROM":
            source = f" from {after.address}" if after.address else ""
            ids = tuple(f"{step}/{item.address}" if item.address else step for item in (before, after))
            yield Fact(FactKind.SPF, f"{name}{source}", *_spf_words(old, new), *ids)


def _spf_words(old: SpfIdentity, new: SpfIdentity) -> tuple[str, str]:
    if old.domain == new.domain:
        return old.result.value, new.result.value
    return f"{old.result.value} ({old.domain})", f"{new.result.value} ({new.domain})"


def _dmarc(before: Authentication, after: Authentication) -> Iterator[Fact]:
    if before.dmarc is None or after.dmarc is None:
        return
    words = [
        f"{item.result.value} (p={item.policy.value})" if item.policy else item.result.value
        for item in (before.dmarc, after.dmarc)
    ]
    if words[0] != words[1]:
        source = f" from {after.address}" if after.address else ""
        step = "authentication/dmarc"
        yield Fact(FactKind.DMARC, f"{after.dmarc.domain}{source}", words[0], words[1], step, step)


def _keys(report: Report) -> dict[str, str]:
    return {
        f"{item.selector}@{item.domain}": item.result.value
        for authentication in report.authentication
        for item in authentication.dkim
    }


def _each(kind: FactKind, old: Mapping[str, str], new: Mapping[str, str], step: str) -> Iterator[Fact]:
    """Yield each thing that has another value, in the order of the later run, what is gone last."""
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            yield Fact(kind, name, old.get(name, ""), new.get(name, ""), step, step)


def _beyond(pair: Pair) -> Iterator[Fact]:
    old = {item.name: item.verdict for item in pair.old.beyond}
    for item in pair.new.beyond:
        before = old.get(item.name)
        if before is not None and before is not item.verdict and item.name.value in _BEYOND:
            step = f"authentication/{item.name.value}"
            yield Fact(FactKind.BEYOND, item.name.value, before.value, item.verdict.value, step, step)


def _this_host(pair: Pair) -> Iterator[Fact]:
    """Yield what is otherwise of the host that held both runs."""
    old, new = pair.facts
    if old.ehlo and new.ehlo and old.ehlo != new.ehlo:
        step = "identity/ehlo-name"
        yield Fact(FactKind.EHLO, "", old.ehlo, new.ehlo, step, step)
    for before, after in pair.both():
        if before.kind is not StepKind.SOURCE or after.kind is not StepKind.SOURCE or not known(after):
            continue
        if known(before) and Status.UNKNOWN not in (before.status, after.status):
            yield from _joined(FactKind.PTR, after.title, before.facts.names, after.facts.names, before.id)
            for name in ("sources", "seen_as"):
                first, second = getattr(before.facts, name), getattr(after.facts, name)
                yield from _joined(FactKind.SOURCE, after.title, first, second, before.id)
    resolvers = [
        [step.id.partition("/")[2] for step in report.steps.values() if step.parent == "dns-servers"]
        for report in (pair.old, pair.new)
    ]
    if pair.old.settings.dns == pair.new.settings.dns:
        yield from _joined(FactKind.RESOLVER, "", resolvers[0], resolvers[1], "dns-servers")


def _joined(kind: FactKind, about: str, old: Iterable[str], new: Iterable[str], step: str) -> Iterator[Fact]:
    """Yield a fact where two lists hold other things; nothing where one of them is empty: it was not found out."""
    first, second = sorted(set(old)), sorted(set(new))
    if first and second and first != second:
        yield Fact(kind, about, ", ".join(first), ", ".join(second), step, step)
