"""A report from several vantage points as Markdown: the same as the text, in the same order."""

from collections.abc import Sequence

from smtpdiag_tui import __version__
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.markdown_text import code, escape, paragraph
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.text import NO_MESSAGE
from smtpdiag_tui.render.vantage.grid import GridRow, grid
from smtpdiag_tui.render.vantage.words import (
    first_report,
    labelled_of,
    parties_of,
    point_answer,
    told_differences,
    views_of,
    word_of,
)
from smtpdiag_tui.render.words import GLYPHS, moment
from smtpdiag_tui.report.agreement.model import Agreement
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.report.visible import visible


def vantage_markdown(points: Sequence[Vantage], agreement: Agreement, *, verbose: bool = False) -> str:
    """Return the reports taken together as Markdown; `verbose` adds each of them whole."""
    status, word = word_of(agreement)
    sender, recipient = (code(visible(party)) for party in parties_of(points))
    lines = [f"# {GLYPHS[status]} {word}: {sender} to {recipient}", "", f"**{paragraph(agreement.headline)}**", ""]
    lines += [f"- **{label}:** {escape(visible(text))}" for label, text in labelled_of(agreement)]
    lines += _section("Differences", _differences(agreement, verbose=verbose))
    lines += _section("MX hosts", _columns(points))
    lines += _section("Vantage points", [line for point in points for line in _answer(point)])
    lines += ["", _ending(points, verbose=verbose)]
    text = "\n".join(lines) + "\n"
    return text + "".join(map(_whole, points)) if verbose else text


def _whole(point: Vantage) -> str:
    if point.report is None:
        return ""
    return f"\n---\n\n_{escape(visible(point.via.label))}_\n\n{to_markdown(point.report, verbose=True)}"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *lines] if lines else []


def _differences(agreement: Agreement, *, verbose: bool) -> list[str]:
    lines: list[str] = []
    for item in told_differences(agreement):
        note = f" {escape(item.note)}" if verbose and item.note else ""
        lines.append(f"- **{escape(visible(item.headline))}**{note}")
        lines += [f"  - {escape(visible(line))}" for line in views_of(item)]
    return lines


def _columns(points: Sequence[Vantage]) -> list[str]:
    points = [point for point in points if point.report is not None]
    rows = grid(points)
    if not rows:
        return []
    labels = [escape(visible(point.via.label)) for point in points]
    head = ["pref", "host", "address", *labels]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *map(_row, rows)]


def _row(row: GridRow) -> str:
    preference = "" if row.preference is None else str(row.preference)
    results = ["" if cell is None else f"{GLYPHS[cell.status]} {visible(cell.outcome)}" for cell in row.cells]
    return f"| {' | '.join(escape(cell) for cell in (preference, row.host, row.address, *results))} |"


def _answer(point: Vantage) -> list[str]:
    told = point_answer(point)
    lines = [f"- {GLYPHS[told.status]} **{escape(visible(told.label))}** {told.word}"]
    return [*lines, *(f"  - {escape(visible(text))}" for text in told.lines)]


def _ending(points: Sequence[Vantage], *, verbose: bool) -> str:
    report = first_report(points)
    when = settings = ""
    if report is not None:
        when = f"smtpdiag {__version__}, {moment(report.started)}. "
        told = settings_line(report.settings, without=("via",))
        settings = f"Settings: {escape(told)}. " if told else ""
    return f"{when}{settings}{NO_MESSAGE}{'' if verbose else ' Whole reports: `-v`.'}"
