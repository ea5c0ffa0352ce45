"""A report as text: the outcome with its causes and what to do, then the sequence as it ran."""

from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.render.conclusion import conclusion, outcome_heading, run_on
from smtpdiag_tui.render.run_line import run_line
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.transcript import transcript_lines
from smtpdiag_tui.render.words import SIDES, paragraphs, seconds, with_reference
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import SEVERITY_STATUS, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepKind
from smtpdiag_tui.report.visible import visible

_MARGIN = 11  # the column of glyph and status word
_MOST_LINES = 160  # of one transcript, unless verbose


def to_text(report: Report, *, colour: bool = False, verbose: bool = False, ascii_only: bool = False) -> str:
    """Return the report as lines of text; `verbose` says why each test is made and leaves nothing out.

    `ascii_only` keeps to ASCII for the glyphs and arrows of our own.
    """
    page = Page(colour=colour, ascii_only=ascii_only)
    answer = answer_of(report)
    _header(page, report)
    conclusion(page, answer, verbose=verbose)
    tree = report.tree()
    for branch in tree.get(None, ()):
        _branch(page, branch, tree, verbose=verbose)
    page.blank()
    outcome_heading(page, answer)
    return page.text()


def _header(page: Page, report: Report) -> None:
    sender = report.settings.sender or "<> (null sender)"
    page.action(visible(f"From {sender} to {report.settings.recipient}"))
    page.grey(run_line(report))
    name = run_on(report)
    if name is not None:
        page.grey(f"Run on {name}")
    extra = settings_line(report.settings)
    if extra:
        page.wrapped(f"Settings: {extra}", 0, page.grey_code)


def _branch(page: Page, branch: Step, tree: dict[str | None, list[Step]], *, verbose: bool) -> None:
    page.blank()
    detail = f" ({branch.detail})" if branch.detail else ""
    page.heading(f"Checking: {branch.title}", branch.status, detail)
    if verbose and branch.explanation:
        page.wrapped(paragraphs(branch.explanation), 0, page.grey_code)
    _body(page, branch, 0, verbose=verbose)
    for child in tree.get(branch.id, ()):
        _step(page, child, tree, 0, verbose=verbose)


def _step(page: Page, step: Step, tree: dict[str | None, list[Step]], depth: int, *, verbose: bool) -> None:
    phase = step.kind is StepKind.PHASE
    if phase and step.status is Status.SKIPPED and not verbose:
        return
    detail = f": {step.detail}" if step.detail else ""
    page.status(step.status, "  " * depth + step.title + detail, _took(step))
    left = _MARGIN + 2 * depth + 2
    if verbose and step.explanation:
        page.wrapped(paragraphs(step.explanation), left, page.grey_code)
    for child in tree.get(step.id, ()):
        _step(page, child, tree, depth + 1, verbose=verbose)
    _body(page, step, left, verbose=verbose)


def _took(step: Step) -> str:
    return "" if step.seconds is None or step.seconds < 1 else f" ({seconds(step.seconds)})"


def _body(page: Page, step: Step, left: int, *, verbose: bool) -> None:
    most = None if verbose else _MOST_LINES
    for line in transcript_lines(step.transcript, page.arrows, most):
        page.grey(" " * left + line)
    for finding in step.findings:
        _finding(page, finding, left, verbose=verbose)


def _finding(page: Page, finding: Finding, left: int, *, verbose: bool) -> None:
    if finding.severity is Severity.INFO:
        page.wrapped(f"i {finding.message}", left, page.grey_code, hang=2)
        if not verbose:
            return
    else:
        page.judged(SEVERITY_STATUS[finding.severity], finding.message, left)
    inner = left + 2
    if finding.meaning:
        page.wrapped(finding.meaning, inner)
    if finding.side:
        page.wrapped(f"Whose side: {SIDES[finding.side]}", inner)
    if finding.advice:
        page.wrapped(f"What to do: {finding.advice}", inner)
    for line in finding.evidence:
        page.line(" " * inner + f"| {line}")
    reason = finding.reason if verbose else None
    page.wrapped(f"({with_reference(finding.code, finding.reference, reason)})", inner, page.grey_code, hang=1)
