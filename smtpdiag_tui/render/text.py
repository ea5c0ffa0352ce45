"""A report as text: the answer within 15 lines, then the evidence, a line each; whole with `verbose`."""

from collections.abc import Sequence

from smtpdiag_tui.render.answer import Answer, Trouble, answer_of
from smtpdiag_tui.render.checks import Check
from smtpdiag_tui.render.deciding import DecidingReply
from smtpdiag_tui.render.hosts import HostRow, host_rows
from smtpdiag_tui.render.provenance import provenance
from smtpdiag_tui.render.room import room_for_rows, room_for_session, rows_told
from smtpdiag_tui.render.session_lines import session_lines
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.text_steps import text_steps, trouble_details
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible

MOST_ACTIONS = 4
MOST_TROUBLES = 6
_MOST_REPLY = 8  # lines of a reply in the answer; its session has all of them
NO_MESSAGE = "No message was sent."


def to_text(report: Report, *, colour: bool = False, verbose: bool = False, ascii_only: bool = False) -> str:
    """Return the report as lines of text; `verbose` adds all steps, transcripts, explanations and codes.

    `ascii_only` keeps to ASCII for the glyphs and arrows of our own.
    """
    page = Page(colour=colour, ascii_only=ascii_only)
    answer = answer_of(report)
    _top(page, answer, verbose=verbose)
    _troubles(page, answer.troubles, verbose=verbose)
    ending = page.another()
    _ending(ending, report, answer, verbose=verbose)
    _evidence(page, report, answer, len(ending), verbose=verbose)
    page.extend(ending)
    if verbose:
        text_steps(page, report)
    return page.text()


def _top(page: Page, answer: Answer, *, verbose: bool) -> None:
    """Add the answer: what a tired administrator reads, and the stranger who is sent the ticket."""
    page.outcome(answer.status, answer.word, visible(answer.parties))
    page.action(answer.headline)
    page.blank()
    page.labelled("Delivery", answer.delivery)
    page.labelled("Cause", answer.why)
    page.labelled("Responsible", answer.responsible)
    _actions(page, answer.actions, verbose=verbose)
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


def _reply(page: Page, reply: DecidingReply, *, accepted: bool) -> None:
    """Add the reply that decided, verbatim, with what its server's log has to be searched for."""
    source = f" from {reply.source}" if reply.source else ""
    who = "" if accepted else f"{where(reply.host, reply.address)} "
    page.labelled("Reply", f"{who}to {reply.verb}{source}, {reply.at:%H:%M:%S} UTC", whole=True)
    lines = reply.text.split("\n")
    for line in lines[:_MOST_REPLY]:
        page.line(f"  {line}")
    if len(lines) > _MOST_REPLY:
        page.grey(f"  … {counted(len(lines) - _MOST_REPLY, 'more line')} in the session")


def where(host: str, address: str) -> str:
    """Return a host with its address; a literal stands for itself."""
    literal = f"[{address}]"
    return literal if host in ("", literal) else f"{host} {literal}"


def _troubles(page: Page, troubles: Sequence[Trouble], *, verbose: bool) -> None:
    """Add what does not decide the outcome: headline and action together."""
    if not troubles:
        return
    page.section("Problems")
    most = len(troubles) if verbose else MOST_TROUBLES
    for trouble in troubles[:most]:
        times = f" (×{len(trouble.steps)})" if len(trouble.steps) > 1 else ""
        page.judged(trouble.status, f"{trouble.headline}{times}", 2)
        if verbose and trouble.why:
            page.wrapped(trouble.why, 4)
        actions = trouble.actions if verbose else trouble.actions[:1]
        for action in actions:
            page.wrapped(str(action), 4)
        if verbose:
            trouble_details(page, trouble, 4)
    if len(troubles) > most:
        page.grey(f"    … {counted(len(troubles) - most, 'more problem')} (-v)")


def _evidence(page: Page, report: Report, answer: Answer, below: int, *, verbose: bool) -> None:
    """Add the deciding session, then the hosts; `below` lines follow."""
    rows = host_rows(report)
    accepted = answer.outcome is Outcome.ACCEPTED
    if not accepted and not verbose:
        _session(page, answer, room_for_session(len(page) + below, len(rows), accepted=accepted))
    most = len(rows) if verbose else room_for_rows(len(page) + below, len(rows), accepted=accepted)
    _hosts(page, rows, rows_told(rows, most, answer.session.id if answer.session else ""))


def _session(page: Page, answer: Answer, room: int) -> None:
    step = answer.session
    if step is None or not step.transcript:
        return
    place = StepId(step.id)
    page.section(f"SMTP session with {where(place.host, place.address)}")
    for line in session_lines(step.transcript, page.arrows, room):
        page.grey(f" {line}")


def _hosts(page: Page, rows: Sequence[HostRow], told: Sequence[HostRow]) -> None:
    """Add the MX hosts, a line an address; preference and name stand at a host's first alone."""
    if not rows:
        return
    page.section("MX hosts")
    widths = [max((len(cells[place]) for cells in map(_cells, told)), default=0) for place in range(4)]
    before = None
    for row in told:
        preference, host, address, result = _cells(row)
        if (row.preference, row.host) == before:
            preference = host = ""
        before = (row.preference, row.host)
        place = f"{preference:>{widths[0]}} {host:<{widths[1]}}  {address:<{widths[2]}}"
        page.row(row.status, f"{place}  {result:<{widths[3]}}  {tls(row)}".rstrip())
    if len(rows) > len(told):
        page.grey(f"    … {rest(rows, told)}")


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
    return ", ".join(part for part in (row.tls, certificate) if part)


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
    more = "" if verbose else " Full transcripts: -v or --report json."
    page.grey(f"{NO_MESSAGE}{more}")


def _checks(page: Page, title: str, checks: Sequence[Check]) -> None:
    if not checks:
        return
    page.section(title)
    width = max(len(check.title) for check in checks)
    for check in checks:
        page.judged(check.status, f"{check.title:<{width}}  {check.detail}", 2, hang=width + 2)
