"""A report as Markdown: to paste into a ticket, the same answer as text in the same order."""

from collections.abc import Sequence

from smtpdiag_tui.render.answer import Answer, Trouble, answer_of
from smtpdiag_tui.render.checks import Check
from smtpdiag_tui.render.deciding import DecidingReply, reply_lines
from smtpdiag_tui.render.hosts import HostRow, host_rows
from smtpdiag_tui.render.markdown_steps import markdown_steps, trouble_details
from smtpdiag_tui.render.markdown_text import code, escape, fenced, links, paragraph
from smtpdiag_tui.render.provenance import provenance
from smtpdiag_tui.render.room import (
    MARKDOWN,
    lines_for,
    room_for_problems,
    room_for_rows,
    room_for_session,
    rows_told,
)
from smtpdiag_tui.render.session_lines import session_lines
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.text import (
    FIRST_PROBLEMS,
    MOST_ACTIONS,
    NO_MESSAGE,
    held,
    more_actions,
    rest,
    tls,
    where,
)
from smtpdiag_tui.render.words import GLYPHS
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible

_PROBLEMS_FRAME = 4  # lines: around the heading, and the one that counts what is left out
_TABLE_HEAD = ("| pref | host | address | result | TLS |", "|---|---|---|---|---|")


def to_markdown(report: Report, *, verbose: bool = False) -> str:
    """Return the report as Markdown; `verbose` adds all steps, transcripts, explanations and codes."""
    answer = answer_of(report)
    rows = host_rows(report)
    lines = _top(answer, verbose=verbose)
    ending = _ending(report, answer, verbose=verbose)
    room = _room_for_problems(answer, rows, len(lines) + len(ending))
    lines += _troubles(answer.troubles, None if verbose else room)
    lines += _evidence(answer, rows, len(lines) + len(ending), verbose=verbose)
    lines += ending
    if verbose:
        lines += markdown_steps(report)
    return "\n".join(lines) + "\n"


def _top(answer: Answer, *, verbose: bool) -> list[str]:
    """Return the answer: outcome and addresses, the headline, and the fields in their order."""
    sender, recipient = code(visible(answer.sender)), code(visible(answer.recipient))
    company = f", {GLYPHS[Status.FAILED]} {answer.company}" if answer.company else ""
    lines = [f"# {GLYPHS[answer.status]} {answer.word}{company}: {sender} to {recipient}", ""]
    lines += [f"**{paragraph(answer.headline)}**", ""]
    lines += _labelled("Delivery", answer.delivery)
    lines += _labelled("Cause", answer.why)
    lines += _labelled("Responsible", answer.responsible)
    lines += _actions(answer.actions, verbose=verbose)
    lines += _labelled("After DATA", answer.after_data)
    lines += _labelled("Problems", answer.problems_line)
    if answer.reply is not None:
        lines += _reply(answer.reply, accepted=answer.outcome is Outcome.ACCEPTED)
    if verbose:
        lines += [line for cause in answer.deciding for line in ("", *trouble_details(cause, ""))]
    return lines


def _labelled(label: str, text: str) -> list[str]:
    return [f"- **{label}:** {escape(text)}"] if text else []


def _actions(actions: Sequence[Action], *, verbose: bool) -> list[str]:
    if len(actions) == 1:
        return [f"- **Action:** {links(str(actions[0]))}"]
    told = actions if verbose else actions[:MOST_ACTIONS]
    numbered = [f"  {number}. {links(str(action))}" for number, action in enumerate(told, 1)]
    if len(actions) > len(told):
        numbered += ["", f"  {more_actions(actions)}"]
    return ["- **Action:**", *numbered] if numbered else []


def _reply(reply: DecidingReply, *, accepted: bool) -> list[str]:
    source = f" from {code(reply.source)}" if reply.source else ""
    place = code(where(reply.host, reply.address))
    label = f"- **Reply:** {place} to {escape(reply.verb)}{source}, {reply.when}"
    return [label, "", *fenced(reply_lines(reply, accepted=accepted), "")]


def _room_for_problems(answer: Answer, rows: Sequence[HostRow], used: int) -> int:
    session = answer.outcome is not Outcome.ACCEPTED and answer.session is not None
    return room_for_problems(lines_for(healthy=answer.healthy), used, len(rows), MARKDOWN, session=session)


def _troubles(troubles: Sequence[Trouble], room: int | None) -> list[str]:
    """Return what does not decide the outcome: all of it, or what `room` lines hold."""
    lines: list[str] = []
    for number, trouble in enumerate(troubles):
        told = _trouble(trouble, verbose=room is None)
        used = len(lines) + len(told) + _PROBLEMS_FRAME
        if room is not None and used > room and number >= FIRST_PROBLEMS:
            lines.append(f"- … {counted(len(troubles) - number, 'more problem')} (`-v`)")
            break
        lines += told
    return _section("Problems", lines)


def _trouble(trouble: Trouble, *, verbose: bool) -> list[str]:
    lines = [f"- {GLYPHS[trouble.status]} **{escape(trouble.headline)}**{escape(trouble.elsewhere)}"]
    if verbose and trouble.why:
        lines.append(f"  {paragraph(trouble.why)}")
    actions = trouble.actions if verbose else trouble.actions[:1]
    lines += [f"  {links(str(action))}" for action in actions]
    if verbose:
        lines += trouble_details(trouble, "  ")
        if trouble.evidence:
            lines += ["", *fenced(list(trouble.evidence), "  "), ""]
    return lines


def _evidence(answer: Answer, rows: Sequence[HostRow], used: int, *, verbose: bool) -> list[str]:
    """Return the deciding session and the hosts, in the lines that are left."""
    limit = lines_for(healthy=answer.healthy)
    lines: list[str] = []
    if answer.outcome is not Outcome.ACCEPTED and not verbose:
        lines += _session(answer, room_for_session(limit, used, len(rows), MARKDOWN))
    most = len(rows) if verbose else room_for_rows(limit, used + len(lines), len(rows), MARKDOWN)
    told = rows_told(rows, most, answer.session.id if answer.session else "")
    return lines + _hosts(rows, told)


def _session(answer: Answer, room: int) -> list[str]:
    step = answer.session
    if step is None or not step.transcript:
        return []
    place = StepId(step.id)
    title = f"{held(step)} {code(where(place.host, place.address))}"
    return _section(title, fenced(session_lines(step.transcript, most=room), ""))


def _hosts(rows: Sequence[HostRow], told: Sequence[HostRow]) -> list[str]:
    if not rows:
        return []
    lines = [*_TABLE_HEAD, *map(_row, told)]
    if len(rows) > len(told):
        lines += ["", f"… {escape(rest(rows, told))}"]
    return _section("MX hosts", lines)


def _row(row: HostRow) -> str:
    preference = "" if row.preference is None else str(row.preference)
    cells = (preference, row.host, row.address, f"{GLYPHS[row.status]} {row.outcome}", tls(row))
    return f"| {' | '.join(escape(cell) for cell in cells)} |"


def _ending(report: Report, answer: Answer, *, verbose: bool) -> list[str]:
    profiles = [f"- {GLYPHS[group.status]} {escape(group.line)}" for group in answer.profiles]
    more = "" if verbose else " Full transcripts: `-v`."
    return [
        *_section("Sender profiles", profiles),
        *_section("Checks", list(map(_check, answer.checks))),
        *_section("Extra probes", list(map(_check, answer.probes))),
        "",
        f"{paragraph(provenance(report))}.{_settings(report)} {NO_MESSAGE}{more}",
    ]


def _settings(report: Report) -> str:
    settings = settings_line(report.settings)
    return f" Settings: {escape(settings)}." if settings else ""


def _check(check: Check) -> str:
    return f"- {GLYPHS[check.status]} {escape(check.title)}: {escape(check.detail)}"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    """Return lines under a heading; no heading stands without any."""
    return ["", f"## {title}", "", *lines] if lines else []
