"""What a comparison says, whatever draws it: its headline, its facts and its problems in lines. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from smtpdiag_tui.render.answer import NULL_SENDER
from smtpdiag_tui.render.words import moment
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.comparison import Comparison, Fact, FactKind
from smtpdiag_tui.report.comparison.compare import run_host
from smtpdiag_tui.report.comparison.problems import ProblemChange
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.fitting import HEADLINE, fitted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import SEVERITY_STATUS, Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible

_RANK = {Outcome.ACCEPTED: 0, Outcome.DEFERRED: 1, Outcome.BOUNCED: 2}
_NAMED = 3  # of several things that became otherwise in the same way
_APART = frozenset({FactKind.MX_ADDRESS, FactKind.MX_PREFERENCE})  # told for each host
_SETS = frozenset({FactKind.MX_HOST, FactKind.MX_ADDRESS})  # of which several come and go
_HALF = 1 << 31
LABELS = {
    FactKind.SENDER: "Sender",
    FactKind.RECIPIENT: "Recipient",
    FactKind.SETTING: "Setting",
    FactKind.CAUSE: "Reason",
    FactKind.REPLY: "Reply",
    FactKind.MX_HOST: "MX host",
    FactKind.MX_PREFERENCE: "Preference",
    FactKind.MX_ADDRESS: "Address",
    FactKind.CERTIFICATE: "Certificate",
    FactKind.TLS: "TLS",
    FactKind.PROFILE: "Profile",
    FactKind.SPF: "SPF",
    FactKind.DKIM: "DKIM key",
    FactKind.DMARC: "DMARC",
    FactKind.BEYOND: "After DATA",
    FactKind.MTA_STS: "MTA-STS",
    FactKind.DANE: "DANE",
    FactKind.DNSSEC: "DNSSEC",
    FactKind.TLS_RPT: "TLS-RPT",
    FactKind.SERIAL: "Zone serial",
    FactKind.EHLO: "EHLO name",
    FactKind.PTR: "PTR",
    FactKind.SOURCE: "Source",
    FactKind.RESOLVER: "DNS servers",
    FactKind.SOFTWARE: "Software",
    FactKind.VERSION: "Version",
}
PARTIAL = "One run is masked: names and addresses of its host are not compared"
_BEYOND = {"receivers": "receivers' requirements", "message": "the message"}


@dataclass(frozen=True, slots=True)
class FactLine:
    """What became otherwise in one way: `about` whom, then and now.

    `steps` are where it is seen first, in the older run and in the newer one, "" for nowhere.
    """

    kind: FactKind
    about: str
    old: str
    new: str
    steps: tuple[str, str]

    @property
    def label(self) -> str:
        """What is otherwise."""
        return LABELS[self.kind]

    def told(self, arrow: str) -> str:
        """Return all but the label in a sentence: `mx.example [192.0.2.1]: deferred 450 4.2.0 → accepted 250`."""
        about = f"{self.about}: " if self.about else ""
        if self.kind is not FactKind.SETTING and not (self.old and self.new):
            word = "removed" if self.old else "added"
            return (
                f"{self.about} {word}" if self.kind is FactKind.DKIM else f"{about}{self.old or self.new} {word}"
            )
        return f"{about}{self.old or 'default'} {arrow} {self.new or 'default'}{_direction(self)}"


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One problem, wherever it was seen: what it looks like, its headline, what it was before if otherwise."""

    status: Status
    headline: str
    was: str
    steps: tuple[str, str]


def headline(found: Comparison) -> str:
    """Return the whole comparison in one fact of at most 80 characters."""
    names = [*found.names, *(report.settings.recipient for report in (found.old, found.new))]
    names += [report.settings.sender for report in (found.old, found.new)]
    whole = _headline(found, found.reasons)
    if len(whole) > HEADLINE:
        whole = _headline(found, ("", ""))
    return fitted(whole, (), [name for name in names if name])


def _headline(found: Comparison, reasons: tuple[str, str]) -> str:
    old, new = (_with_reason(report, why) for report, why in zip((found.old, found.new), reasons, strict=True))
    same = found.old.status is not Status.CANCELLED and outcome_word(found.old) == outcome_word(found.new)
    if any(found.names):
        first, second = found.names
        if same and reasons[0] == reasons[1]:
            return f"{_capital(new)} from both {second} and {first}"
        return f"{_capital(new)} from {second}, {old} from {first}"
    asked = {fact.kind: fact for fact in found.questions}
    for kind, word in ((FactKind.RECIPIENT, "for"), (FactKind.SENDER, "from")):
        fact = asked.get(kind)
        if fact is not None and old == new:
            return f"{_capital(new)} {word} both {fact.new} and {fact.old}"
        if fact is not None:
            return f"{_capital(new)} {word} {fact.new}, {old} {word} {fact.old}"
    if not same:
        return _then_and_now(found, old, new)
    if found.reasons[0] != found.reasons[1]:
        return f"Still {outcome_word(found.new)}, for another reason: {found.reasons[1]}, was {found.reasons[0]}"
    return f"No change: {new}" if found.is_none else f"Still {new}; {amounts(found)}"


def _then_and_now(found: Comparison, old: str, new: str) -> str:
    outcomes = [report.outcome or Outcome.UNKNOWN for report in (found.old, found.new)]
    if Status.CANCELLED in (found.old.status, found.new.status) or Outcome.UNKNOWN in outcomes:
        return f"{_capital(new)}, was {old}"
    better = _RANK[outcomes[1]] < _RANK[outcomes[0]]
    return f"{'Better' if better else 'Worse'}: {new}, was {old}"


def outcome_word(report: Report) -> str:
    """Return what a run came to, in a word."""
    return "cancelled" if report.status is Status.CANCELLED else (report.outcome or Outcome.UNKNOWN).value


def _with_reason(report: Report, reason: str) -> str:
    return f"{outcome_word(report)} ({reason})" if reason else outcome_word(report)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def amounts(found: Comparison) -> str:
    """Return how much is otherwise: `2 changes; problems: 1 fixed, 1 new`."""
    changes = len(fact_lines((*found.questions, *found.facts)))
    parts = [counted(changes, "change")] if changes else []
    problems = problems_line(found)
    if problems:
        parts.append(f"problems: {problems}")
    return "; ".join(parts) or "other steps"


def problems_line(found: Comparison) -> str:
    """Return how many problems became what, "" where there are none in either run."""
    each = (
        ("fixed", found.problems.fixed),
        ("new", found.problems.new),
        ("changed", found.problems.changed),
        ("unchanged", found.problems.unchanged),
        ("not retested", [item for item in found.problems.untested if item.new is None]),
        ("not tested before", [item for item in found.problems.untested if item.old is None]),
    )
    return ", ".join(f"{len(problem_lines(items))} {word}" for word, items in each if items)


def parties(found: Comparison) -> str:
    """Return who writes to whom in the later run."""
    settings = found.new.settings
    return f"{settings.sender or NULL_SENDER} to {settings.recipient}"


def origin(report: Report) -> str:
    """Return when and from where a run was held."""
    host = run_host(report)
    where = f" on {host}" if host and not host.startswith(("ssh:", "socks5:")) else f" via {host}" if host else ""
    return visible(f"{moment(report.started)}{where}")


def fact_lines(facts: Iterable[Fact]) -> list[FactLine]:
    """Return facts in their order; those that became otherwise in the same way are one line."""
    groups: dict[tuple[FactKind, str, str, str], list[Fact]] = {}
    for fact in facts:
        key = (fact.kind, fact.old, fact.new, fact.about if fact.kind in _APART else "")
        if fact.kind in _SETS and not (fact.old and fact.new):
            key = (fact.kind, "added" if fact.new else "", "removed" if fact.old else "", fact.about)
        groups.setdefault(key, []).append(fact)
    return [_fact_line(items) for items in groups.values()]


def _fact_line(items: Sequence[Fact]) -> FactLine:
    first = items[0]
    about = _some(_hosts_once(dict.fromkeys(item.about for item in items)))
    if first.kind is FactKind.SETTING:
        about = ""  # its words name it
    if first.kind is FactKind.BEYOND:
        about = _BEYOND.get(about, about)
    old, new = _some(item.old for item in items), _some(item.new for item in items)
    return FactLine(first.kind, visible(about), visible(old), visible(new), (first.old_step, first.new_step))


def _hosts_once(places: Iterable[str]) -> Iterator[str]:
    """Yield places, without the host where it is that of the one before: `mx.example [192.0.2.1], [192.0.2.2]`."""
    before = ""
    for place in places:
        host, bracket, address = place.partition(" [")
        yield f"[{address}" if bracket and host == before else place
        before = host if bracket else ""


def _some(names: Iterable[str]) -> str:
    """Return names, each once: the first of them, and how many more."""
    each = list(dict.fromkeys(name for name in names if name))
    more = len(each) - _NAMED
    return ", ".join([*each[:_NAMED], f"{more} more"] if more > 1 else each)


def _direction(line: FactLine) -> str:
    """Say which way a serial went, in serial number arithmetic (RFC 1982 §3.2)."""
    if line.kind is not FactKind.SERIAL or not (line.old.isdigit() and line.new.isdigit()):
        return ""
    gap = (int(line.new) - int(line.old)) % (1 << 32)
    return " (up)" if gap < _HALF else " (down)"


def problem_lines(changes: Iterable[ProblemChange], *, fixed: bool = False) -> list[ProblemLine]:
    """Return problems, the gravest first, each kind once: its first headline, and how often it was seen.

    `fixed` ones have the look of what has passed.
    """
    groups: dict[object, list[ProblemChange]] = {}
    for change in sorted(changes, key=lambda item: item.either.finding.gravity):
        new, old = change.either.finding, (change.old or change.either).finding
        kind = (new.code, new.reason, old.code, old.reason)
        where = change.either.finding.message if change.either.step.startswith("authentication/") else ""
        groups.setdefault((*kind, where), []).append(change)
    return [_problem_line(items, fixed=fixed) for items in groups.values()]


def _problem_line(items: Sequence[ProblemChange], *, fixed: bool) -> ProblemLine:
    first = items[0]
    found = first.either.finding
    times = f" (×{len(items)})" if len(items) > 1 else ""
    was = ""
    if first.old is not None and first.new is not None and first.old.finding.code != found.code:
        was = first.old.finding.message
    elif first.old is not None and first.new is not None and first.old.step != first.new.step:
        was = _place(first.old.step)
    elif first.old is not None and first.new is not None and first.old.finding.reason is not found.reason:
        was = first.old.finding.message
    status = Status.PASSED if fixed and found.severity is not Severity.INFO else SEVERITY_STATUS[found.severity]
    steps = tuple(side.step if side is not None else "" for side in (first.old, first.new))
    return ProblemLine(status, visible(f"{found.message}{times}"), visible(was), (steps[0], steps[1]))


def _place(step_id: str) -> str:
    place = StepId(step_id)
    address = f" [{place.address}]" if place.address else ""
    return f"at {place.host}{address}" if place.host else f"at {step_id}"


SECTIONS = (
    ("Fixed problems", "fixed"),
    ("New problems", "new"),
    ("Changed problems", "changed"),
)


def sections(found: Comparison) -> list[tuple[str, list[ProblemLine]]]:
    """Return the problems below their titles, those that changed first; none without problems."""
    told = [
        (title, problem_lines(getattr(found.problems, name), fixed=name == "fixed")) for title, name in SECTIONS
    ]
    untested = found.problems.untested
    told.append(("Not tested in the new run", problem_lines(item for item in untested if item.new is None)))
    told.append(("Not tested in the old run", problem_lines(item for item in untested if item.old is None)))
    told.append(("Unchanged problems", problem_lines(found.problems.unchanged)))
    return [(title, lines) for title, lines in told if lines]
