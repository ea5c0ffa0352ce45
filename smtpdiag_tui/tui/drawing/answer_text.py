"""The answer as the interface draws it: lines that can be gone through, copied, and followed to their step. Pure.

The order is that of the reports: outcome, headline, Delivery, Cause, Responsible, Action, After DATA, Problems,
Reply, then the problems one by one, the sender profiles, the checks, and where the run was held.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from smtpdiag_tui.render.answer import Answer, AnswerSender, Trouble, answer_of, first_of
from smtpdiag_tui.render.bounces.beside import compared
from smtpdiag_tui.render.checks import Check
from smtpdiag_tui.render.deciding import DecidingReply
from smtpdiag_tui.render.words import with_reference
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, company_look, run_look, spelt, stroke
from smtpdiag_tui.tui.drawing.header import origin_of

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.then_and_now import Beside

_LABEL = 13  # columns
_MOST_PLACES = 30  # of one problem: the tree has all of them


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One thing that the answer says: how it is drawn, what is copied of it, and the id of the step it rests on.

    `step` is "" where no single step tells it. `first`: it begins a section.
    """

    text: Text
    copy: str
    step: str = ""
    first: bool = False


def answer_lines(
    report: Report, width: int, *, saved: bool = False, beside: "Beside | None" = None
) -> tuple[AnswerLine, ...]:
    """Return the answer's lines, broken to `width` columns; 0 breaks nothing.

    `saved`: it was read from a file. `beside` is the bounce whose hop was run.
    """
    answer = answer_of(report)
    page = _Page(report, width)
    _add_top(page, report, answer, beside)
    for trouble in answer.troubles:
        _add_trouble(page, trouble, title=trouble is answer.troubles[0])
    for number, group in enumerate(answer.profiles):
        page.judged(group.status, group.line, "senders", title="" if number else "Sender profiles")
    _add_checks(page, "Extra probes", answer.probes, "probes")
    _add_checks(page, "Checks", answer.checks, "")
    page.line("Run", origin_of(report, saved=saved)[0], first=True)
    return tuple(page.lines)


class _Page:
    """Collects lines."""

    def __init__(self, report: Report, width: int) -> None:
        self.lines: list[AnswerLine] = []
        self._steps = report.steps
        self._width = width

    def titled(self, title: str) -> str:
        """Return the id of the branch with a title, "" if there is none."""
        return next((key for key, step in self._steps.items() if step.title == title and "/" not in key), "")

    def line(self, label: str, words: str, step: str = "", *, style: str = "", first: bool = False) -> None:
        """Add words behind a label, hanging below each other."""
        if words:
            head = Text(f"{label + ':' if label else '':<{_LABEL}}", "dim")
            copied = f"{label}: {words}" if label else words
            self.add(
                hanging(Text(spelt(words), style), head, Text(" " * _LABEL), self._width),
                copied,
                step,
                first=first,
            )

    def judged(self, status: Status, words: str, step: str, *, title: str = "") -> None:
        """Add words behind the glyph of a status; a `title` stands above them."""
        glyph = Text(f"{GLYPHS[status]} ", f"bold {COLOURS[status]}")
        text = Text(f"{title}\n", "bold") if title else Text()
        text.append_text(hanging(Text(spelt(words)), glyph, Text("  "), self._width))
        self.add(text, f"{GLYPHS[status]} {words}", step, first=bool(title))

    def place(self, words: str, step: str, *, title: str = "") -> None:
        """Add the place where something was seen; a `title` stands above it."""
        text = Text(f"{title}\n", "bold") if title else Text()
        text.append_text(hanging(Text(spelt(words), "dim"), Text("  "), Text("    "), self._width))
        self.add(text, words, step, first=bool(title))

    def quoted(self, text: str, step: str) -> None:
        """Add a server's own words, each line behind a bar."""
        bar = Text(f"  {stroke('pipe')} ", "dim")
        whole = Text()
        for line in text.split("\n"):
            whole.append_text(hanging(Text(line, "cyan"), bar, bar, self._width))
        self.add(whole, text, step)

    def add(self, text: Text, copied: str, step: str = "", *, first: bool = False) -> None:
        """Add a line as it is drawn, with what is copied of it."""
        text.rstrip()
        self.lines.append(AnswerLine(text, copied, step if step in self._steps else "", first))


def _add_top(page: _Page, report: Report, answer: Answer, beside: "Beside | None") -> None:
    glyph, word, colour = run_look(report)
    parties = visible(answer.parties)
    failed, failed_style = company_look(report)
    company = f"  {failed}" if failed else ""
    badge = Text.assemble((f"{glyph} {word}", f"bold {colour}"), (company, failed_style), f"  {parties}")
    page.add(badge, f"{glyph} {word}{company} {parties}", answer.session.id if answer.session is not None else "")
    page.add(Text(answer.headline, "bold"), answer.headline, _first_step(answer.deciding))
    if beside is not None:
        _add_beside(page, beside)
    page.line("Delivery", answer.delivery, first=True)
    page.line("Cause", answer.why, _first_step(answer.deciding))
    page.line("Responsible", answer.responsible)
    for number, action in enumerate(answer.actions, 1):
        words = f"{number}. {action}" if len(answer.actions) > 1 else str(action)
        page.line("Action" if number == 1 else "", words)
    page.line("After DATA", answer.after_data, answer.later)
    page.line("Problems", answer.problems_line)
    if answer.reply is not None:
        _add_reply(page, answer.reply)
    for number, cause in enumerate(answer.deciding):
        _add_places(page, cause, title="" if number else "Seen at")


def _add_beside(page: _Page, beside: "Beside") -> None:
    """Add what a bounce told, what this run met, and whether that would happen again."""
    page.line("Then", visible(beside.then), beside.step, first=True)
    page.line("Now", visible(beside.now), beside.step)
    page.line("Compared", compared(beside), beside.step, style="bold")


def _first_step(troubles: Sequence[Trouble]) -> str:
    return next((step for trouble in troubles for step in trouble.steps), "")


def _add_places(page: _Page, trouble: Trouble, *, title: str = "") -> None:
    """Add the steps that a cause or problem rests on, and what programs call it; a `title` stands above them."""
    steps, more = first_of(trouble.steps, _MOST_PLACES)
    for number, step in enumerate(steps):
        page.place(step, step, title="" if number else title)
    code = with_reference(trouble.code, trouble.reference, trouble.reason)
    page.place(f"and {counted(more, 'more step')}; {code}" if more else code, "")


def _add_reply(page: _Page, reply: DecidingReply) -> None:
    host = f"{reply.host} " if reply.host not in ("", f"[{reply.address}]") else ""
    source = f" from {reply.source}" if reply.source else ""
    where = f"{host}[{reply.address}] to {reply.verb}{source}, {reply.at:%Y-%m-%d %H:%M:%S} UTC"
    page.line("Reply", where, reply.step)
    page.quoted(reply.text, reply.step)


def _add_trouble(page: _Page, trouble: Trouble, *, title: bool) -> None:
    elsewhere = trouble.elsewhere.replace("×", stroke("times"))
    step = _first_step([trouble])
    page.judged(trouble.status, f"{trouble.headline}{elsewhere}", step, title="Problems" if title else "")
    if trouble.why:
        page.place(trouble.why, step)
    for action in trouble.actions:
        page.place(f"Action: {action}", step)
    _add_places(page, trouble)


def _add_checks(page: _Page, title: str, checks: Sequence[Check], step: str) -> None:
    for number, check in enumerate(checks):
        place = step or page.titled(check.title)
        page.judged(check.status, f"{check.title}: {check.detail}", place, title="" if number else title)


def add_senders(text: Text, senders: Iterable[AnswerSender]) -> None:
    """Add a line for each sender profile: how the message ends with it, and why."""
    for sender in senders:
        text.append(f"{GLYPHS[sender.status]} ", f"bold {COLOURS[sender.status]}")
        text.append(f"{sender.title}: ")
        text.append(sender.word, COLOURS[sender.status]).append(f", {sender.summary}\n")
