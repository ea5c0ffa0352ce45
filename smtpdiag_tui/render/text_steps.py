"""All steps of a report as text, in the order in which they ran: what is told on request alone."""

from smtpdiag_tui.render.answer import Trouble
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.transcript import transcript_lines
from smtpdiag_tui.render.words import SIDES, paragraphs, seconds, with_reference
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import SEVERITY_STATUS
from smtpdiag_tui.report.step import Step

_MARGIN = 11  # the column of glyph and status word


def text_steps(page: Page, report: Report) -> None:
    """Add each branch with all that it found, said and received; an explanation at the first step that has it."""
    tree = report.tree()
    explained = set[str]()
    for branch in tree.get(None, ()):
        _branch(page, branch, tree, explained)


def trouble_details(page: Page, trouble: Trouble, left: int) -> None:
    """Add what is for programs and for who digs deeper: code, reason, reference, and where it was seen."""
    code = with_reference(trouble.code, trouble.reference, trouble.reason)
    page.wrapped(f"({code})", left, page.grey_code, hang=1)
    for step_id in trouble.steps:
        page.grey(f"{' ' * left}{step_id}")


def _branch(page: Page, branch: Step, tree: dict[str | None, list[Step]], explained: set[str]) -> None:
    page.blank()
    detail = f" ({branch.detail})" if branch.detail else ""
    page.heading(branch.title, branch.status, detail)
    _explanation(page, branch, 0, explained)
    _body(page, branch, 0)
    for child in tree.get(branch.id, ()):
        _step(page, child, tree, 0, explained)


def _step(page: Page, step: Step, tree: dict[str | None, list[Step]], depth: int, explained: set[str]) -> None:
    detail = f": {step.detail}" if step.detail else ""
    page.status(step.status, "  " * depth + step.title + detail, _took(step))
    left = _MARGIN + 2 * depth + 2
    _explanation(page, step, left, explained)
    for child in tree.get(step.id, ()):
        _step(page, child, tree, depth + 1, explained)
    _body(page, step, left)


def _explanation(page: Page, step: Step, left: int, explained: set[str]) -> None:
    if not step.explanation or step.explanation in explained:
        return
    explained.add(step.explanation)
    for line in paragraphs(step.explanation).split("\n"):
        page.wrapped(line, left, page.grey_code, hang=2 if line.startswith("- ") else 0)


def _took(step: Step) -> str:
    return "" if step.seconds is None or step.seconds < 1 else f" ({seconds(step.seconds)})"


def _body(page: Page, step: Step, left: int) -> None:
    for line in transcript_lines(step.transcript, page.arrows):
        page.grey(" " * left + line)
    for finding in step.findings:
        _finding(page, finding, left)


def _finding(page: Page, finding: Finding, left: int) -> None:
    if finding.severity is Severity.INFO:
        page.wrapped(f"i {finding.message}", left, page.grey_code, hang=2)
    else:
        page.judged(SEVERITY_STATUS[finding.severity], finding.message, left)
    inner = left + 2
    if finding.meaning:
        page.wrapped(finding.meaning, inner)
    if finding.side and finding.is_problem:
        page.wrapped(f"Responsible: {SIDES[finding.side]}", inner)
    for action in finding.actions:
        page.wrapped(f"Action: {action}", inner, hang=2)
    for line in finding.evidence:
        page.line(" " * inner + f"| {line}")
    page.wrapped(
        f"({with_reference(finding.code, finding.reference, finding.reason)})", inner, page.grey_code, hang=1
    )
