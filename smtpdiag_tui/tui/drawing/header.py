"""What the header says of a run: its outcome, what changed, and from where it was held. Pure: reads reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from smtpdiag_tui.render.words import SIDES, moment, seconds
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.drawing.glyphs import company_look, run_look, stroke
from smtpdiag_tui.tui.model.live_report import Around

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.then_and_now import Beside
    from smtpdiag_tui.report.difference import Difference

_GAP = "  "
FADED = "dim"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the first row tells, in several forms, the longest first: the first that fits is shown."""

    forms: tuple[str, ...]
    style: str = ""


def headline(report: Report) -> str:
    """Return the outcome in one fact; older files have sentences alone."""
    return report.headline or report.summary


def ended_parts(report: Report, around: Around, origin: Sequence[str]) -> list[Part]:
    """Return what the first row tells behind the outcome, the most important first; `origin` as `origin_of`."""
    colour = run_look(report)[2]
    parts = [Part(tuple(origin), "bold")] if around.saved else []
    if around.beside is not None:
        parts.append(Part(then_forms(around.beside), FADED if around.about else "bold"))
    if around.watched:
        parts.append(Part(tuple(f"{stroke('dot')} {form}" for form in around.watched), "bold"))
    if around.difference is not None:
        parts.append(Part(tuple(f"{stroke('dot')} {form}" for form in changes(around.difference))))
    if around.took is not None:
        parts.append(Part((f"{stroke('dot')} rerun {seconds(around.took)}",), FADED))
    elif report.seconds is not None:
        parts.append(Part((seconds(report.seconds),), FADED))
    if report.side:
        parts.append(Part((f"[{SIDES[report.side]}]",), FADED if around.about else colour))
    if not around.saved:
        parts.append(Part(tuple(origin), FADED))
    return parts


def then_forms(beside: "Beside") -> tuple[str, ...]:
    """Return what a bounce told and whether that would happen again, the longest form first."""
    then = visible(beside.then)
    code = " ".join(then.split(" ")[:2]) if then[:1].isdigit() else then
    short = then.partition(" (")[0]
    told = (f"then {then}; {beside.because}", f"then {then}", f"then {short}", f"then {code}")
    forms = [f"{words}: {beside.verdict.words}" for words in (told if beside.because else told[1:])]
    return tuple(dict.fromkeys((*forms, beside.verdict.words)))


def row_of(badge: Text, parts: Sequence[Part], width: int) -> Text:
    """Return the outcome with as many parts behind it as fit in a row, each whole; all of them for width 0."""
    row = badge.copy()
    for part in parts:
        form = next((form for form in part.forms if not width or row.cell_len + 2 + len(form) <= width), None)
        if form:
            row.append(_GAP).append(form, part.style)
    return row


def badge_of(report: Report, about: str) -> Text:
    """Return the outcome as a badge, and beside it what fails that RCPT does not cover.

    It is told in words of the past where the fields ask something else by now.
    """
    glyph, word, colour = run_look(report)
    failed, failed_style = company_look(report)
    beside = f" {failed}" if failed else ""
    if about:
        return Text.assemble((f" {glyph} {word}{beside} {about}", "bold"))
    # What follows has no part in the outcome's ground.
    return Text.assemble((f" {glyph} {word} ", f"bold reverse {colour}"), (beside, failed_style))


def verdict_before(report: Report, *, cancelled: bool = False) -> Text:
    """Return the outcome of an earlier run in a row, dimmed: it stands until there is a new one.

    `cancelled`: the run just before this one was cancelled, and has none.
    """
    glyph, word, _ = run_look(report)
    which = "last complete run" if cancelled else "before"
    told = " ".join(filter(None, (f"{glyph} {word}", company_look(report)[0], headline(report))))
    return Text(f"   {which}: {told}", FADED)


def changes(difference: "Difference") -> tuple[str, ...]:
    """Return what became of the outcome and of the problems, the longest form first.

    `was deferred; problems: 2 fixed, 1 new, 3 unchanged`
    """
    was = ""
    if difference.outcome.changed and difference.outcome.before is not None:
        was = f"was {difference.outcome.before}"
    words = []
    counts = (
        (len(difference.fixed), "fixed"),
        (len(difference.new), "new"),
        (len(difference.unchanged), "unchanged"),
    )
    if any(number for number, _ in counts):
        words = [f"{number} {word}" for number, word in counts]
    if difference.untested:
        words.append(f"{len(difference.untested)} not retested")
    if not words:
        return (was or "no change",)
    of_problems = ", ".join(words)
    told = f"problems: {of_problems}"
    return (f"{was}; {told}", f"{was}; {of_problems}", told) if was else (told, of_problems)


def origin_of(report: Report, *, saved: bool, at: datetime | None = None) -> tuple[str, ...]:
    """Return when and from where a run was held, the longest form first; `at`: when a part of it ran again.

    A saved report names the host that held it, one of this session its source addresses and EHLO name.
    """
    facts = report.facts
    if saved:
        when = f"saved {moment(report.started)}"
        host = visible(facts.host_name or facts.ehlo)
        return (f"{when}, {host}", when) if host else (when,)
    began = at or report.started
    time = f"{began:%H:%M:%S} UTC"
    source = visible(" and ".join(facts.sources))
    from_source = f" from {source}" if source else ""
    name = f", EHLO {visible(facts.ehlo)}" if facts.ehlo else ""
    long = f"{from_source}{name}"
    forms = (f"{moment(began)}{long}", f"{time}{long}", f"{time}{from_source}", time)
    return tuple(dict.fromkeys(forms))
