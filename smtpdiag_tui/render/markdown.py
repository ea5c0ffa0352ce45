"""A report as Markdown: to paste into a ticket, where a peer's words must not become markup."""

import re

from smtpdiag_tui import __version__
from smtpdiag_tui.render.conclusion import asides, cause_status, found_title, run_on, sender_status
from smtpdiag_tui.render.problems import reasons
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.transcript import transcript_lines
from smtpdiag_tui.render.words import GLYPHS, OUTCOMES, SEVERITY_STATUS, SIDES, seconds
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report, Step
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome
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
_FENCE = re.compile(r"`{3,}")
_WEB_ADDRESS = re.compile(r"https://[\w.-]+(?:/[\w./?=&%-]*)?", re.ASCII)


def to_markdown(report: Report) -> str:
    """Return the report as Markdown: the outcome first, then reasons, advice, steps and conversations."""
    outcome = report.outcome or Outcome.UNKNOWN
    took = "" if report.seconds is None else f", {seconds(report.seconds)}"
    lines = [
        f"# {code(visible(report.settings.sender) or '<>')} to {code(visible(report.settings.recipient))}",
        "",
        f"**{GLYPHS[OUTCOME_STATUS[outcome]]} {OUTCOMES[outcome]}**",
        "",
        _paragraph(report.summary or "The run has not ended."),
        "",
        f"smtpdiag {__version__}, {report.started:%Y-%m-%d %H:%M:%S} UTC{took}",
    ]
    name = run_on(report)
    if name is not None:
        lines += ["", f"Run on {code(name)}"]
    extra = settings_line(report.settings)
    if extra:
        lines += ["", f"Settings: {escape(extra)}"]
    if report.side:
        lines += ["", f"Whose side: {SIDES[report.side]}"]
    lines += _causes(report)
    lines += _senders(report)
    if report.advice:
        lines += ["", "## What to do", "", *(f"{n}. {_advice(item)}" for n, item in enumerate(report.advice, 1))]
    for title, items in asides(report):
        lines += ["", f"## {title}", "", *(f"- {GLYPHS[status]} {escape(words)}" for status, words in items)]
    lines += _reasons(report)
    lines += ["", "## Steps", ""]
    lines += _steps(report)
    lines += _conversations(report)
    return "\n".join(lines) + "\n"


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


def _causes(report: Report) -> list[str]:
    if not report.causes:
        return []
    lines = ["", "## Causes" if len(report.causes) > 1 else "## Cause", ""]
    for cause in report.causes:
        glyph = GLYPHS[cause_status(cause, report.outcome)]
        reference = f", {_reference(cause.reference)}" if cause.reference else ""
        lines.append(f"- {glyph} **{escape(cause.message)}** {escape(cause.meaning)}".rstrip())
        lines.append(f"  Whose side: {SIDES[cause.side]}; {code(cause.code)}{reference}.")
        seen = ", ".join(code(key) for key in cause.evidence[:_SHOWN_STEPS])
        more = len(cause.evidence) - _SHOWN_STEPS
        lines.append(f"  Seen at {seen}{f' and {more} more' if more > 0 else ''}.")
    return lines


def _senders(report: Report) -> list[str]:
    """Return a table: senders, how they end, and the addresses they turn to in order."""
    if not report.senders:
        return []
    lines = ["", "## What senders would do", "", "| sender | outcome | in the end | attempts in order |"]
    lines.append("|---|---|---|---|")
    for sender in report.senders:
        tries = [f"{item.address} {item.result}" for item in sender.attempts[:_SHOWN_STEPS]]
        tries += [f"{len(sender.attempts) - _SHOWN_STEPS} more"] if len(sender.attempts) > _SHOWN_STEPS else []
        cells = (
            sender.title,
            f"{GLYPHS[sender_status(sender)]} {sender.outcome}",
            sender.summary,
            "; ".join(tries),
        )
        lines.append(f"| {' | '.join(escape(cell) for cell in cells)} |")
    return lines


def _reasons(report: Report) -> list[str]:
    lines: list[str] = []
    for reason in reasons(report):
        lines += _finding(reason.finding, f"{code(reason.steps[0])}{reason.more}")
    return ["", f"## {found_title(report)}", "", *lines] if lines else []


def _finding(item: Finding, where: str) -> list[str]:
    glyph = GLYPHS[SEVERITY_STATUS[item.severity]] if item.severity is not Severity.INFO else "i"
    parts = [f"- {glyph} **{escape(item.message)}** {escape(item.meaning)}".rstrip()]
    if item.side:
        parts.append(f"  Whose side: {SIDES[item.side]}.")
    if item.advice:
        parts.append(f"  What to do: {escape(item.advice)}")
    reference = f", {_reference(item.reference)}" if item.reference else ""
    parts.append(f"  At {where}; {code(item.code)}{reference}.")
    if item.evidence:
        parts += ["", *_fenced(list(item.evidence), "  "), ""]
    return parts


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
