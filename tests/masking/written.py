"""A run in which a peer says what one likes, and all that is ever written about a run."""

import base64
import json

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Settings

SESSION = "delivery/mx.partner.example/192.0.2.25"


def everything(report: Report) -> str:
    """Return all that is written about a report, the exact bytes included."""
    text = to_json(report)
    raws: list[str] = []

    def collect(found: object) -> None:
        if isinstance(found, dict):
            if "raw" in found:
                raws.append(base64.b64decode(found["raw"]).decode("latin-1"))
            for value in found.values():
                collect(value)
        elif isinstance(found, list):
            for value in found:
                collect(value)

    collect(json.loads(text))
    return "\n".join([text, to_markdown(report), to_text(report, verbose=True), *raws]).lower()


def session(
    *received: str,
    sender: str = "alice@sender.example",
    recipient: str = "bob@partner.example",
    own: tuple[str, ...] = ("10.1.2.3", "2001:db8::5"),
) -> Report:
    """Return a run with one session in which the peer said these lines; the last one is cited everywhere."""
    said = received[-1]
    facts = StepFacts(sources=own)
    entries = [Entry(0.0, Direction.NOTE, f"connected from {address}") for address in own]
    entries.append(Entry(0.1, Direction.SENT, "EHLO ws42.sender.example"))
    entries.append(Entry(0.1, Direction.SENT, f"MAIL FROM:<{sender}>"))
    entries.append(Entry(0.1, Direction.SENT, f"RCPT TO:<{recipient}>"))
    entries += [Entry(0.2, Direction.RECEIVED, line) for line in received]
    message = f"mx.partner.example rejects {recipient}, on account of the recipient: {said.rstrip('. ')}."
    found = finding("recipient-rejected", message, evidence=(said,))
    steps = [
        Step("delivery", "Delivery", Status.FAILED),
        Step("delivery/mx.partner.example", "mx.partner.example (preference 10)", Status.FAILED),
        Step(SESSION, "192.0.2.25", Status.FAILED, detail=said, transcript=tuple(entries), facts=facts),
        Step(f"{SESSION}/{Phase.RCPT}", "RCPT TO", Status.FAILED, detail=said[:30] + "…", findings=(found,)),
    ]
    summary = f"It stops at delivery: mx.partner.example rejects it with {said}, while others take it."
    actions = (Action("MX administrator of mx.partner.example", f"quote: {said}."),)
    return Report(
        Settings(sender, recipient), summary=summary, actions=actions, steps={step.id: step for step in steps}
    )
