"""Findings: what was seen, what it means, whose side it is on, what to do.

The catalogue (`catalogue.toml` beside this file) holds, for each code, what does not depend on the case at
hand: severity, meaning, side, advice and reference. A check adds the message and the evidence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from smtpdiag_tui.report.actions import Action, Advice, actions_from, actions_in, as_text
from smtpdiag_tui.report.amounts import noun_for
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.reasons import Reason

MAX_EVIDENCE = 60  # lines of one finding
MAX_EVIDENCE_SIZE = 64 * 1024  # characters of one finding: the longest line that is read


class Severity(StrEnum):
    """How a finding colours its own step."""

    INFO = "info"
    WARNING = "warning"
    FAILURE = "failure"
    UNKNOWN = "unknown"


# What is so of most hosts: it is told where it was seen, and nowhere else.
_USUAL = frozenset({"dnssec-unknown"})

_GRAVEST_FIRST = (Severity.FAILURE, Severity.UNKNOWN, Severity.WARNING, Severity.INFO)


class Side(StrEnum):
    """Whose side a finding is on."""

    HERE = "here"
    PATH = "path"
    RECIPIENT = "recipient"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry of the catalogue: all that a code says whatever the case."""

    code: str
    severity: Severity
    meaning: str
    side: Side | None
    actions: tuple[Action, ...]
    reference: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement about one step.

    `message` is one sentence saying what was seen. `evidence` holds lines as they were seen (a server's own
    words, a record), whole, made printable by `transcript.visible`; where a peer sent far more than any server
    does, the first lines, and one that tells what is left out. `party` says whom a refusal is about, `reason`
    what it says; both are None where no reply is judged. `probable`: the reply does not say it in so many words.
    """

    code: str
    severity: Severity
    message: str
    meaning: str = ""
    side: Side | None = None
    actions: tuple[Action, ...] = ()
    reference: str | None = None
    evidence: tuple[str, ...] = ()
    party: Party | None = None
    reason: Reason | None = None
    probable: bool = False

    @property
    def is_problem(self) -> bool:
        """Whether it is more than information, and not what is so of most hosts."""
        return self.severity is not Severity.INFO and self.code not in _USUAL

    @property
    def advice(self) -> str:
        """What to do, as sentences; "" for nothing."""
        return as_text(self.actions)

    @property
    def gravity(self) -> int:
        """Where it stands among others, 0 for the gravest."""
        return _GRAVEST_FIRST.index(self.severity)


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order of their gravity; equal ones keep theirs."""
    return sorted(findings, key=lambda item: item.gravity)


@cache
def catalogue() -> dict[str, Kind]:
    """Return the catalogue, code to kind, read once from the package's data file."""
    # Whoever only shows reports needs neither.
    import tomllib
    from importlib import resources

    text = resources.files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {code: _kind(code, entry) for code, entry in tomllib.loads(text).items()}


def _kind(code: str, entry: dict[str, Any]) -> Kind:
    side = entry.get("side")
    return Kind(
        code=code,
        severity=Severity(entry["severity"]),
        meaning=entry["meaning"],
        side=Side(side) if side else None,
        actions=actions_from(entry),
        reference=entry.get("reference"),
    )


def finding(
    code: str,
    message: str,
    *,
    evidence: tuple[str, ...] = (),
    meaning: str | None = None,
    side: Side | None = None,
    advice: Advice = None,
    reference: str | None = None,
    strict: bool = False,
    severity: Severity | None = None,
    party: Party | None = None,
    reason: Reason | None = None,
    probable: bool = False,
) -> Finding:
    """Make a finding of `code`; what is given here wins over the catalogue's text.

    `strict` turns a warning into a failure: with TLS required, a TLS warning is one. `severity` is given by the
    few checks whose one code is grave or harmless, depending on the case. A code that the catalogue does not know
    raises KeyError: it is our own mistake.
    """
    kind = catalogue()[code]
    weight = severity or kind.severity
    if strict and weight is Severity.WARNING:
        weight = Severity.FAILURE
    return Finding(
        code=code,
        severity=weight,
        message=message,
        meaning=kind.meaning if meaning is None else meaning,
        side=side or kind.side,
        actions=kind.actions if advice is None else actions_in(advice),
        reference=kind.reference if reference is None else reference,
        evidence=_bounded(evidence),
        party=party,
        reason=reason,
        probable=probable,
    )


def _bounded(evidence: tuple[str, ...]) -> tuple[str, ...]:
    """Return the evidence, or as much of it as anybody reads: the same flood would stand in many findings."""
    if len(evidence) <= MAX_EVIDENCE and sum(map(len, evidence)) <= MAX_EVIDENCE_SIZE:
        return evidence
    kept: list[str] = []
    room = MAX_EVIDENCE_SIZE
    for line in evidence[: MAX_EVIDENCE - 1]:
        if len(line) > room:
            kept.append(f"{line[:room]} … ({len(line) - room:,} more characters)")
            break
        kept.append(line)
        room -= len(line)
    left = len(evidence) - len(kept)
    if left:
        kept.append(f"… ({left:,} more {noun_for(left, 'line')})")
    return tuple(kept)
