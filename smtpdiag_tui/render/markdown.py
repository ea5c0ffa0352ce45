"""A report as Markdown: to paste into a ticket, where a peer's words must not become markup."""

import re
from collections.abc import Sequence

from smtpdiag_tui.render.answer import (
    ADVICE_TITLE,
    SENDERS_TITLE,
    Answer,
    AnswerCause,
    AnswerSender,
    answer_of,
    causes_title,
    first_of,
)
from smtpdiag_tui.render.conclusion import run_on
from smtpdiag_tui.render.problems import Problem
from smtpdiag_tui.render.run_line import run_line
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.transcript import transcript_lines
from smtpdiag_tui.render.words import GLYPHS, OUTCOMES, SIDES
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible

_MARKUP = re.compile(r"([\\`*\[\]<>#|~&$]|(?<![^\W_])_|_(?![^\W_]))")
# What begins a list or underlines a heading where a line begins.
_BEGINS = re.compile(r"^(\d{0,9})([-+=.)])")
_WORD = re.compile(r"[^\s`|<>()\[\]{}\"',;]+")
# What a reader makes a link of by itself: web and mail addresses (GitHub Flavored Markdown 6.9), and GitHub's
# mentions and references to issues. Most are looked for in the finished text, where no backslash stops it.
_LIVE = re.compile(r"@|//|www\.|#\d|(?<![A-Za-z0-9_])GH-\d", re.IGNORECASE)
_ENDS = ".:!?*_~"  # of a sentence or of emphasis, not of the address before it
_SHOWN_STEPS = 8  # of a cause, or of a sender's attempts; the steps below have them all
_TABLE_HEAD = ("| sender | outcome | in the end | attempts in order |", "|---|---|---|---|")
_FENCE = re.compile(r"`{3,}")
_WEB_ADDRESS = re.compile(r"https://[\w.-]+(?:/[\w./?=&%-]*)?", re.ASCII)


def to_markdown(report: Report) -> str:
    """Return the report as Markdown: the outcome first, then reasons, advice, steps and conversations."""
    answer = answer_of(report)
    lines = [
        f"# {code(visible(report.settings.sender) or '<>')} to {code(visible(report.settings.recipient))}",
        "",
        f"**{GLYPHS[answer.status]} {OUTCOMES[answer.outcome]}**",
        "",
        _paragraph(answer.sentence),
        *_about_run(report),
    ]
    if answer.side:
        lines += ["", f"Whose side: {SIDES[answer.side]}"]
    lines += _causes(answer.causes)
    lines += _senders(answer.senders)
    lines += _section(
        ADVICE_TITLE,
        [f"{number}. {_advice(text)}" for number, text in enumerate(list(map(str, answer.actions)), 1)],
    )
    for aside in answer.asides:
        lines += _section(aside.title, [f"- {GLYPHS[status]} {escape(words)}" for status, words in aside.lines])
    lines += _problems(answer)
    lines += ["", "## Steps", ""]
    lines += _steps(report)
    lines += _conversations(report)
    return "\n".join(lines) + "\n"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    """Return lines under a heading; no heading stands without any."""
    return ["", f"## {title}", "", *lines] if lines else []


def _about_run(report: Report) -> list[str]:
    """Return when, where and how the run was held."""
    lines = ["", run_line(report)]
    name = run_on(report)
    if name is not None:
        lines += ["", f"Run on {code(name)}"]
    extra = settings_line(report.settings)
    if extra:
        lines += ["", f"Settings: {escape(extra)}"]
    return lines


def _advice(text: str) -> str:
    """Return advice of ours, the page to see at its end as a link: no peer's words end so."""
    words, see, page = text.rpartition(" See ")
    if see and re.fullmatch(r"https://[\w./#?=&%+-]+", page):
        return f"{_paragraph(words)} See <{page}>"
    return _paragraph(text)


def escape(text: str) -> str:
    """Return `text` so that Markdown shows it as it is: no markup, link, mention or table cell comes of it.

    A word that a reader would make a link of stands in a code span; all else keeps its letters.
    """
    parts: list[str] = []
    done = 0
    for found in _WORD.finditer(text):
        word = found[0]
        if _LIVE.search(word):
            address = word.rstrip(_ENDS)
            address = address if _LIVE.search(address) else word
            parts += [_literal(text[done : found.start()]), code(address)]
            done = found.start() + len(address)
    return "".join([*parts, _literal(text[done:])])


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _paragraph(text: str) -> str:
    """Return `text` as `escape` does, for the place where a line begins."""
    return _BEGINS.sub(r"\1\\\2", escape(text.strip()))


def code(text: str) -> str:
    """Return `text` as a code span, whatever backquotes it holds; a blank where there is nothing."""
    if not text:
        return "` `"
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    edges = text[:1] + text[-1:]
    pad = " " if "`" in edges or (edges == "  " and text.strip()) else ""  # a reader takes one blank off each side
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _causes(causes: Sequence[AnswerCause]) -> list[str]:
    lines: list[str] = []
    for cause in causes:
        steps, more = first_of(cause.steps, _SHOWN_STEPS)
        and_more = f" and {more} more" if more else ""
        lines.append(f"- {GLYPHS[cause.status]} **{escape(cause.message)}** {escape(cause.meaning)}".rstrip())
        lines.append(
            f"  Whose side: {SIDES[cause.side]}; {_with_reference(cause.code, cause.reference, cause.reason)}."
        )
        lines.append(f"  Seen at {', '.join(map(code, steps))}{and_more}.")
    return _section(causes_title(causes), lines)


def _senders(senders: Sequence[AnswerSender]) -> list[str]:
    """Return a table: senders, how they end, and the addresses they turn to in order."""
    if not senders:
        return []
    rows = [_row(sender) for sender in senders]
    return _section(SENDERS_TITLE, [*_TABLE_HEAD, *rows])


def _row(sender: AnswerSender) -> str:
    attempts, more = first_of(sender.attempts, _SHOWN_STEPS)
    tries = [f"{attempt.address} {attempt.result}" for attempt in attempts]
    if more:
        tries.append(f"{more} more")
    cells = (sender.title, f"{GLYPHS[sender.status]} {sender.outcome}", sender.summary, "; ".join(tries))
    return f"| {' | '.join(escape(cell) for cell in cells)} |"


def _problems(answer: Answer) -> list[str]:
    lines = [line for problem in answer.problems for line in _problem(problem)]
    return _section(answer.problems_title, lines)


def _problem(problem: Problem) -> list[str]:
    finding = problem.finding
    lines = [f"- {GLYPHS[problem.status]} **{escape(finding.message)}** {escape(finding.meaning)}".rstrip()]
    if finding.side:
        lines.append(f"  Whose side: {SIDES[finding.side]}.")
    if finding.advice:
        lines.append(f"  What to do: {escape(finding.advice)}")
    where = f"{code(problem.steps[0])}{problem.more}"
    lines.append(f"  At {where}; {_with_reference(finding.code, finding.reference, finding.reason)}.")
    if finding.evidence:
        lines += ["", *_fenced(list(finding.evidence), "  "), ""]
    return lines


def _with_reference(name: str, reference: str | None, reason: Reason | None) -> str:
    parts = [code(name)]
    if reason is not None:
        parts.append(f"reason {code(reason)}")
    if reference:
        parts.append(_reference(reference))
    return ", ".join(parts)


def _reference(text: str) -> str:
    """Return a reference as Markdown: a plain web address as a link, all else as it is."""
    return f"<{text}>" if _WEB_ADDRESS.fullmatch(text) else escape(text)


def _steps(report: Report) -> list[str]:
    tree = report.tree()
    lines: list[str] = []

    def descend(parent: str | None, depth: int) -> None:
        for step in tree.get(parent, ()):
            detail = f": {escape(step.detail)}" if step.detail else ""
            lines.append(f"{'  ' * depth}- {GLYPHS[step.status]} {step.status} {escape(step.title)}{detail}")
            descend(step.id, depth + 1)

    descend(None, 0)
    return lines


def _conversations(report: Report) -> list[str]:
    branches = (report.descendants(branch) for branch in ("delivery", "probes"))
    talked = [step for steps in branches for step in steps if step.transcript]
    if not talked:
        return []
    lines = ["", "## Conversations"]
    for step in talked:
        lines += ["", f"### {code(_peer(step))}", "", *_fenced(transcript_lines(step.transcript, most=400), "")]
    return lines


def _peer(step: Step) -> str:
    branch, *below = StepId(step.id).parts
    return " ".join(below if branch == "delivery" else [branch, *below])


def _fenced(lines: list[str], indent: str) -> list[str]:
    longest = max((len(run) for line in lines for run in _FENCE.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return [f"{indent}{fence}text", *(f"{indent}{line}" for line in lines), f"{indent}{fence}"]
