"""A report from several vantage points as text: the answer, where they differ, columns, then each one's answer."""

from collections.abc import Mapping, Sequence

from smtpdiag_tui import __version__
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.text import NO_MESSAGE, to_text
from smtpdiag_tui.render.text_page import WIDTH, Page
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
from smtpdiag_tui.render.words import ASCII_GLYPHS, moment
from smtpdiag_tui.report.agreement.model import Agreement, Disagreement
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.report.visible import visible

_GAP = 2  # columns between two
_LEAST = 12  # columns of a vantage point
_MOST_DIFFERENCES = 6
_MOST_ROWS = 24
_CUT, _ASCII_CUT = "…", "~"  # each one column wide


def vantage_text(
    points: Sequence[Vantage],
    agreement: Agreement,
    *,
    colour: bool = False,
    verbose: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the reports taken together as lines of text; `verbose` adds each of them whole."""
    page = Page(colour=colour, ascii_only=ascii_only)
    _top(page, points, agreement)
    _differences(page, told_differences(agreement), verbose=verbose)
    _columns(page, points, verbose=verbose)
    _answers(page, points)
    _ending(page, points, verbose=verbose)
    text = page.text()
    if not verbose:
        return text
    whole = [text]
    for point in points:
        if point.report is not None:
            one = to_text(point.report, colour=colour, verbose=True, ascii_only=ascii_only)
            whole.append(f"\n{_ruled(point.via.label, ascii_only=ascii_only)}\n\n{one}")
    return "".join(whole)


def _ruled(label: str, *, ascii_only: bool) -> str:
    rule = "=" if ascii_only else "═"
    return f"{rule * 2} {visible(label)} {rule * max(2, WIDTH - len(label) - 4)}"


def _top(page: Page, points: Sequence[Vantage], agreement: Agreement) -> None:
    status, word = word_of(agreement)
    sender, recipient = parties_of(points)
    page.outcome(status, word, visible(f"{sender} to {recipient}"), "")
    page.headline(agreement.headline)
    page.blank()
    for label, text in labelled_of(agreement):
        page.labelled(label, visible(text))


def _differences(page: Page, told: Sequence[Disagreement], *, verbose: bool) -> None:
    if not told:
        return
    page.section("Differences")
    shown = told if verbose else told[:_MOST_DIFFERENCES]
    for item in shown:
        page.wrapped(f"{page.glyphs[Status.WARNING]} {visible(item.headline)}", 2, hang=2)
        for line in views_of(item):
            page.wrapped(visible(line), 4, hang=2)
        if verbose and item.note:
            page.wrapped(item.note, 4, page.grey_code)
    if len(told) > len(shown):
        page.grey(f"    … {counted(len(told) - len(shown), 'more difference')} (-v)")


def _columns(page: Page, points: Sequence[Vantage], *, verbose: bool) -> None:
    """Add a row for each MX address, in as many blocks of columns as fit the page."""
    rows = grid(points)
    held = [number for number, point in enumerate(points) if point.report is not None]
    if not rows:
        return
    shown = rows if verbose else rows[:_MOST_ROWS]
    names = max(len(f"     {row.address}") for row in shown)
    widths = {number: _width(number, points[number], shown) for number in held}
    for columns in _blocks(widths, WIDTH - names - _GAP):
        _block(page, points, shown, names, {number: widths[number] for number in columns})
    if len(rows) > len(shown):
        page.grey(f"    … {counted(len(rows) - len(shown), 'more address')} (-v)")


def _width(number: int, point: Vantage, rows: Sequence[GridRow]) -> int:
    """Return the columns of a vantage point: its results whole, and of its name what they leave room for."""
    results = max((len(_result(row, number)) + 2 for row in rows), default=0)
    return max(results, min(len(_heading(number, point)), 2 * _LEAST), _LEAST)


def _heading(number: int, point: Vantage) -> str:
    return visible(f"{number + 1} {point.via.label}")


def _result(row: GridRow, number: int) -> str:
    cell = row.cells[number]
    return "" if cell is None else visible(cell.outcome)


def _blocks(widths: Mapping[int, int], room: int) -> list[list[int]]:
    """Return which columns stand beside each other: at least one in each block."""
    blocks: list[list[int]] = []
    used = 0
    for number, width in widths.items():
        if not blocks or used + width > room:
            blocks.append([])
            used = 0
        blocks[-1].append(number)
        used += width + _GAP
    return blocks


def _block(
    page: Page,
    points: Sequence[Vantage],
    rows: Sequence[GridRow],
    names: int,
    widths: Mapping[int, int],
) -> None:
    gap = " " * _GAP
    sign = _ASCII_CUT if page.glyphs is ASCII_GLYPHS else _CUT
    headings = [
        f"{_cut(_heading(number, points[number]), width, sign):<{width}}" for number, width in widths.items()
    ]
    page.section(f"{'MX hosts':<{names}}{gap}{gap.join(headings)}".rstrip())
    before = None
    for row in rows:
        if (row.preference, row.host) != before and row.address:
            preference = "" if row.preference is None else str(row.preference)
            page.line(visible(f"  {preference:>2} {row.host}"))
        before = (row.preference, row.host)
        name = f"     {row.address}" if row.address else f"  {row.preference or '':>2} {row.host}"
        if len(name) > names:
            page.line(visible(name))
            name = ""
        cells = [_cell(page, row, number, width) for number, width in widths.items()]
        page.line(f"{visible(name):<{names}}{gap}{gap.join(cells)}".rstrip())


def _cell(page: Page, row: GridRow, number: int, width: int) -> str:
    cell = row.cells[number]
    if cell is None:
        return " " * width
    return page.painted(f"{page.glyphs[cell.status]} {_result(row, number):<{width - 2}}", cell.status)


def _cut(words: str, width: int, sign: str) -> str:
    """Return a name in so many columns: both its ends tell whose it is."""
    if len(words) <= width:
        return words
    head = (width - 1) // 2
    return f"{words[:head]}{sign}{words[len(words) - (width - 1 - head) :]}"


def _answers(page: Page, points: Sequence[Vantage]) -> None:
    page.section("Vantage points")
    for number, point in enumerate(points):
        told = point_answer(point)
        page.judged(told.status, f"{number + 1} {visible(told.label)}  {told.word}", 2)
        for line in told.lines:
            page.wrapped(visible(line), 6, hang=2)


def _ending(page: Page, points: Sequence[Vantage], *, verbose: bool) -> None:
    report = first_report(points)
    page.blank()
    if report is not None:
        page.wrapped(f"smtpdiag {__version__}, {moment(report.started)}", 0, page.grey_code)
        settings = settings_line(report.settings, without=("via",))
        if settings:
            page.wrapped(f"Settings: {settings}", 0, page.grey_code)
    page.grey(NO_MESSAGE if verbose else f"{NO_MESSAGE} Whole reports: -v or --report json.")
