"""What a text report begins with: outcome, causes, what senders would do, other findings, and what to do next."""

from smtpdiag_tui.render.problems import reasons
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.words import OUTCOMES, SEVERITY_STATUS, SIDES
from smtpdiag_tui.report.conclusions import Cause, SenderResult
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status
from smtpdiag_tui.report.step_id import StepKind

STANDARD = "standard"
_SHOWN_STEPS = 6  # of a cause; the tree below has them all


def conclusion(page: Page, report: Report) -> None:
    """Add the answer whole."""
    page.blank()
    outcome_heading(page, report)
    page.wrapped(report.summary or "The run has not ended.", 0)
    if report.side:
        page.line(f"Whose side: {SIDES[report.side]}")
    _causes(page, report)
    _senders(page, report.senders)
    if report.advice:
        page.blank()
        page.action("What to do")
        for number, advice in enumerate(report.advice, 1):
            page.wrapped(f"{number}. {advice}", 2, hang=3)
    for title, lines in asides(report):
        page.blank()
        page.action(title)
        for status, words in lines:
            page.wrapped(f"{page.glyphs[status]} {words}", 2, page.codes[status], hang=2)
    _found(page, report)


def outcome_heading(page: Page, report: Report) -> None:
    """Add the outcome in one line."""
    outcome = report.outcome or Outcome.UNKNOWN
    page.heading("Outcome", OUTCOME_STATUS[outcome], "", word=OUTCOMES[outcome])


def found_title(report: Report) -> str:
    """Return what the findings are called that stand beside the causes, or for them where no cause is known."""
    return "Found on the way" if report.causes or report.outcome is Outcome.ACCEPTED else "Reasons"


def cause_status(cause: Cause, outcome: Outcome | None) -> Status:
    """Return what a cause looks like: the outcome where it decides it, a warning where it does not."""
    if cause.code == "no-ipv6-here" and not cause.decides:
        return Status.SKIPPED
    return OUTCOME_STATUS[outcome or Outcome.UNKNOWN] if cause.decides else Status.WARNING


def sender_status(sender: SenderResult) -> Status:
    """Return what a sender looks like, as its step does: skipped where there was nobody for it to turn to."""
    status = OUTCOME_STATUS[sender.outcome]
    if sender.name == STANDARD:
        return status
    if not sender.attempts:
        return Status.SKIPPED
    return Status.WARNING if status is Status.FAILED else status  # it is not the sender here that meets this


def nobody_asked(senders: tuple[SenderResult, ...]) -> bool:
    """Whether all senders meet the same, before any of them turns to a mail host."""
    return len({sender.summary for sender in senders}) == 1 and not any(sender.attempts for sender in senders)


def asides(report: Report) -> list[tuple[str, list[tuple[Status, str]]]]:
    """Return what stands beside the mail itself, title to lines: this machine to others, and side probes."""
    found = {"The sending machine as others see it": identity_lines(report), "Side probes": probe_lines(report)}
    return [(title, lines) for title, lines in found.items() if lines]


def identity_lines(report: Report) -> list[tuple[Status, str]]:
    """Return what others see of this machine: its name and addresses, each with what is known of it."""
    steps = [step for step in report.children("identity") if step.status is not Status.SKIPPED and step.detail]
    steps = [step for step in steps if step.kind is not StepKind.LISTS]
    listed = [step for step in report.children("identity/dnsbl") if step.status is not Status.PASSED]
    return [(step.status, f"{step.title}: {step.detail}") for step in (*steps, *listed)]


def probe_lines(report: Report) -> list[tuple[Status, str]]:
    """Return what became of the side probes that were asked for."""
    return [
        (step.status, f"{step.title}: {step.findings[0].message if step.findings else step.detail}")
        for step in report.children("probes")
    ]


def run_on(report: Report) -> str | None:
    """Return what the machine is called that the run was held on, None if that is not known."""
    return report.facts.host_name or None


def _causes(page: Page, report: Report) -> None:
    if not report.causes:
        return
    page.blank()
    page.action("Causes" if len(report.causes) > 1 else "Cause")
    for cause in report.causes:
        status = cause_status(cause, report.outcome)
        page.wrapped(f"{page.glyphs[status]} {cause.message}", 2, page.codes[status], hang=2)
        if cause.meaning:
            page.wrapped(cause.meaning, 4)
        page.wrapped(f"Whose side: {SIDES[cause.side]}", 4)
        reference = f", {cause.reference}" if cause.reference else ""
        page.grey(f"    ({cause.code}{reference})")
        for key in cause.evidence[:_SHOWN_STEPS]:
            page.grey(f"    {key}")
        more = len(cause.evidence) - _SHOWN_STEPS
        if more > 0:
            page.grey(f"    and {more} more step{'' if more == 1 else 's'}")


def _senders(page: Page, senders: tuple[SenderResult, ...]) -> None:
    if not senders:
        return
    page.blank()
    page.action("What senders would do")
    if nobody_asked(senders):
        page.wrapped(f"{page.glyphs[sender_status(senders[0])]} All alike: {senders[0].outcome.value}.", 2)
        return
    for sender in senders:
        status = sender_status(sender)
        words = f"{page.glyphs[status]} {sender.title}: {sender.outcome.value}: {sender.summary}"
        page.wrapped(words, 2, page.codes[status], hang=2)


def _found(page: Page, report: Report) -> None:
    found = reasons(report)
    if not found:
        return
    page.blank()
    page.action(found_title(report))
    for reason in found:
        status = SEVERITY_STATUS[reason.finding.severity]
        page.wrapped(f"{page.glyphs[status]} {reason.finding.message}", 2, page.codes[status], hang=2)
        page.grey(f"    {reason.where}")
