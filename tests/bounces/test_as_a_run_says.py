"""A reply that is read in a bounce means what a run says that met it in a session."""

import pytest

from smtpdiag_tui.bounces.explaining import Explained, explain
from smtpdiag_tui.bounces.reading import read
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId
from tests.story_reports import story_report

SENDER = "alice@sender.example"
RECIPIENTS = (
    "bob@greylist.example",
    "bob@full.example",
    "nobody@partner.example",
    "bob@blocklist.example",
    "bob@busy.example",
)


def refusals(report: Report) -> list[tuple[StepId, Finding]]:
    """Return the findings about replies, with the steps of the phases that they were made at."""
    found = []
    for step in report.steps.values():
        place = StepId(step.id)
        if place.branch == "delivery" and len(place.parts) == 4:
            found += [(place, item) for item in step.findings if item.reason is not None and item.evidence]
    return found


def from_log(report: Report, place: StepId, finding: Finding) -> Told:
    """Return what a line of Postfix tells that met the same reply."""
    commands = {"rcpt-to": "RCPT TO", "mail-from": "MAIL FROM", "ehlo": "EHLO"}
    phase = place.parts[3]
    where, recipient = f"{place.host}[{place.address}]", report.settings.recipient
    reply = " ".join(finding.evidence)
    if phase == "greeting":
        said = f"host {where} refused to talk to me: {reply}"
    else:
        said = f"host {where} said: {reply} (in reply to {commands[phase]} command)"
    line = f"4XmT9c2Lz1z9: to=<{recipient}>, relay={where}:25, dsn=4.0.0, status=deferred ({said})\n"
    [told] = read(f"4XmT9c2Lz1z9: from=<{SENDER}>, size=1, nrcpt=1 (queue active)\n{line}".encode()).told
    return told


def without_client(text: str, report: Report) -> str:
    """Return a text in which this host's address is called what a bounce calls it, which does not know it."""
    for step in report.steps.values():
        for source in step.facts.sources:
            text = text.replace(source, "this host")
    return text.lower()


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_the_same_is_said_of_the_same_reply(recipient: str) -> None:
    report = story_report(recipient)
    found = refusals(report)
    assert found
    for place, finding in found:
        told = from_log(report, place, finding)
        assert (told.host, told.address) == (place.host, place.address)
        assert told.phase == ToldPhase(place.parts[3])
        assert_same(explain(told), finding, report)


def assert_same(explained: Explained, finding: Finding, report: Report) -> None:
    assert explained.reason == finding.reason
    assert explained.side == finding.side
    assert explained.code == finding.code
    assert explained.probable == finding.probable
    assert explained.reference == finding.reference
    assert without_client(explained.meaning, report) == without_client(finding.meaning, report)
    assert without_client(explained.advice, report) == without_client(finding.advice, report)
    assert len(explained.message) <= 80
