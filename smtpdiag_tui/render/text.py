"""A report as text: the answer within 15 lines, then the evidence, a line each; whole with `verbose`."""

from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.render.answer import Answer, Trouble, answer_of
from smtpdiag_tui.render.checks import Check
from smtpdiag_tui.render.deciding import DecidingReply, reply_lines
from smtpdiag_tui.render.hosts import HostRow, host_rows
from smtpdiag_tui.render.provenance import provenance
from smtpdiag_tui.render.room import (
    TEXT,
    Frame,
    lines_for,
    room_for_problems,
    room_for_rows,
    room_for_session,
    rows_told,
)
from smtpdiag_tui.render.session_lines import session_lines
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.text_page import WIDTH, Page
from smtpdiag_tui.render.text_steps import text_steps, trouble_details
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.report.visible import visible

MOST_ACTIONS = 4
NO_MESSAGE = "No message was sent."
FIRST_PROBLEMS = 1  # that are told whatever the room
_MOST_CAUSE = 6  # lines
_MOST_AFTER_DATA = 4


def to_text(report: Report, *, colour: bool = False, verbose: bool = False, ascii_only: bool = False) -> str:
    """Return the report as lines of text; `verbose` adds all steps, transcripts, explanations and codes.

    `ascii_only` keeps to ASCII for the glyphs and arrows of our own.
    """
    page = Page(colour=colour, ascii_only=ascii_only)
    answer = answer_of(report)
    rows = host_rows(report)
    top(page, answer, verbose=verbose)
    ending = page.another()
    _ending(ending, report, answer, verbose=verbose)
    room = _room_for_problems(page, answer, rows, len(ending))
    list_of_troubles(page, answer.troubles, None if verbose else room)
    _evidence(page, answer, rows, len(ending), verbose=verbose)
    page.extend(ending)
    if verbose:
        text_steps(page, report)
    return page.text()


def top(page: Page, answer: Answer, *, verbose: bool) -> None:
    """Add the answer: what a tired administrator reads, and the stranger who is sent the ticket."""
    page.outcome(answer.status, answer.word, visible(answer.parties), answer.company)
    page.headline(answer.headline)
    page.blank()
    page.labelled("Delivery", answer.delivery)
    page.labelled("Cause", answer.why, most=None if verbose else _MOST_CAUSE)
    page.labelled("Responsible", answer.responsible)
    _actions(page, answer.actions, verbose=verbose)
    page.labelled("After DATA", answer.after_data, most=None if verbose else _MOST_AFTER_DATA)
    page.labelled("Problems", answer.problems_line)
    if answer.reply is not None:
        _reply(page, answer.reply, accepted=answer.outcome is Outcome.ACCEPTED)
    if verbose:
        for cause in answer.deciding:
            trouble_details(page, cause, 0)


def _actions(page: Page, actions: Sequence[Action], *, verbose: bool) -> None:
    if len(actions) == 1:
        page.labelled("Action", str(actions[0]))
        return
    most = len(actions) if verbose else MOST_ACTIONS
    for number, action in enumerate(actions[:most], 1):
        page.labelled("Action" if number == 1 else "", f"{number}. {action}", hang=3)
    if len(actions) > most:
        page.labelled("", more_actions(actions))


def more_actions(actions: Sequence[Action]) -> str:
    """Return how many actions are not told."""
    return f"… {counted(len(actions) - MOST_ACTIONS, 'more action')} (-v)"


def _reply(page: Page, reply: DecidingReply, *, accepted: bool) -> None:
    """Add the reply that decided, verbatim, with what its server's log has to be searched for."""
    source = f" from {reply.source}" if reply.source else ""
    who = "" if accepted else f"{where(reply.host, reply.address)} "
    page.labelled("Reply", f"{who}to {reply.verb}{source}, {reply.when}", whole=True)
    for line in reply_lines(reply, accepted=accepted):
        page.line(f"  {line}")


def where(host: str, address: str) -> str:
    """Return a host with its address; a literal stands for itself."""
    literal = f"[{address}]"
    return literal if host in ("", literal) else f"{host} {literal}"


def _room_for_problems(page: Page, answer: Answer, rows: Sequence[HostRow], below: int) -> int:
    limit = lines_for(healthy=answer.healthy)
    held = answer.outcome is not Outcome.ACCEPTED and answer.session is not None
    return room_for_problems(limit, len(page) + below, len(rows), _frame(rows), session=held)


def list_of_troubles(page: Page, troubles: Sequence[Trouble], room: int | None) -> None:
    """Add what does not decide the outcome, headline and action together: all of it, or what `room` lines hold."""
    if not troubles:
        return
    page.section("Problems")
    used = 3  # with the line that counts the others
    for number, trouble in enumerate(troubles):
        told = page.another()
        _trouble(told, trouble, verbose=room is None)
        used += len(told)
        if room is not None and used > room and number >= FIRST_PROBLEMS:
            page.grey(f"    … {counted(len(troubles) - number, 'more problem')} (-v)")
            return
        page.extend(told)


def _trouble(page: Page, trouble: Trouble, *, verbose: bool) -> None:
    page.judged(trouble.status, f"{trouble.headline}{trouble.elsewhere}", 2)
    if verbose and trouble.why:
        page.wrapped(trouble.why, 4)
    for action in trouble.actions if verbose else trouble.actions[:1]:
        page.wrapped(str(action), 4)
    if verbose:
        trouble_details(page, trouble, 4)


def _evidence(page: Page, answer: Answer, rows: Sequence[HostRow], below: int, *, verbose: bool) -> None:
    """Add the deciding session, then the hosts; `below` lines follow."""
    limit, frame = lines_for(healthy=answer.healthy), _frame(rows)
    if answer.outcome is not Outcome.ACCEPTED and not verbose:
        session(page, answer, room_for_session(limit, len(page) + below, len(rows), frame))
    most = len(rows) if verbose else room_for_rows(limit, len(page) + below, len(rows), frame)
    _hosts(page, rows, rows_told(rows, most, answer.session.id if answer.session else ""))


def session(page: Page, answer: Answer, room: int) -> None:
    """Add the session that the outcome comes from, in so many lines; nothing where none was held."""
    step = answer.session
    if step is None or not step.transcript:
        return
    place = StepId(step.id)
    page.section(f"{held(step)} {where(place.host, place.address)}")
    for line in session_lines(step.transcript, page.arrows, room):
        page.grey(f" {line}")


def held(step: Step) -> str:
    """Return what became of a connection, before the host that it was made to: only a reply makes it a session."""
    replied = any(entry.direction is Direction.RECEIVED for entry in step.transcript)
    return "SMTP session with" if replied else "Connection to"


def _frame(rows: Sequence[HostRow]) -> Frame:
    """Return the lines that hosts take: two for each where one would be too long."""
    return replace(TEXT, row=2) if any(map(_too_long, _lines(rows))) else TEXT


def _too_long(line: tuple[str, str]) -> bool:
    return len(f"  ✓ {line[0]}  {line[1]}") > WIDTH


def _hosts(page: Page, rows: Sequence[HostRow], told: Sequence[HostRow]) -> None:
    """Add the MX hosts, a line an address; preference and name stand at a host's first alone.

    Where that is too long for a terminal, the name has a line of its own.
    """
    if not rows:
        return
    page.section("MX hosts")
    lines = _lines(told)
    apart = any(map(_too_long, lines))
    for row, (name, result) in zip(told, lines, strict=True):
        if not apart:
            page.row(row.status, f"{name}  {result}")
            continue
        if name.strip():
            page.line(f"    {name.rstrip()}")
        page.row(row.status, f"  {result}")
    if len(rows) > len(told):
        page.wrapped(f"… {rest(rows, told)}", 4, page.grey_code, hang=2)


def _lines(rows: Sequence[HostRow]) -> list[tuple[str, str]]:
    """Return preference and name, and what became of the address, in columns; a name once."""
    widths = [max((len(cells[place]) for cells in map(_cells, rows)), default=0) for place in range(4)]
    lines = []
    before = None
    for row in rows:
        preference, host, address, result = _cells(row)
        if (row.preference, row.host) == before:
            preference = host = ""
        before = (row.preference, row.host)
        ended = f"{address:<{widths[2]}}  {result:<{widths[3]}}  {tls(row)}".rstrip()
        lines.append((f"{preference:>{widths[0]}} {host:<{widths[1]}}", ended))
    return lines


def rest(rows: Sequence[HostRow], told: Sequence[HostRow]) -> str:
    """Return how many rows are not told, and what their results are."""
    shown = {row.step for row in told}
    results: dict[str, int] = {}
    for row in rows:
        if row.step not in shown:
            results[row.result] = results.get(row.result, 0) + 1
    of_each = ", ".join(f"{number} {result}" for result, number in results.items())
    return f"{counted(len(rows) - len(told), 'more address')} ({of_each})"


def tls(row: HostRow) -> str:
    """Return protocol and certificate of an address in a few words."""
    certificate = "" if row.certificate in ("verified", "not judged") else row.certificate
    return ", ".join(part for part in (row.tls, f"certificate {certificate}" if certificate else "") if part)


def _cells(row: HostRow) -> tuple[str, str, str, str]:
    preference = "" if row.preference is None else str(row.preference)
    return preference, row.host, row.address, row.outcome


def _ending(page: Page, report: Report, answer: Answer, *, verbose: bool) -> None:
    """Add what stands below the hosts: profiles, checks, probes, and where the report comes from."""
    if answer.profiles:
        page.section("Sender profiles")
        for group in answer.profiles:
            page.judged(group.status, group.line, 2)
    _checks(page, "Checks", answer.checks)
    _checks(page, "Extra probes", answer.probes)
    page.blank()
    page.wrapped(provenance(report), 0, page.grey_code)
    settings = settings_line(report.settings)
    if settings:
        page.wrapped(f"Settings: {settings}", 0, page.grey_code)
    more = "" if verbose else " Full transcripts: -v or --report json."
    page.grey(f"{NO_MESSAGE}{more}")


def _checks(page: Page, title: str, checks: Sequence[Check]) -> None:
    if not checks:
        return
    page.section(title)
    width = max(len(check.title) for check in checks)
    for check in checks:
        page.judged(check.status, f"{check.title:<{width}}  {check.detail}", 2, hang=width + 2)
