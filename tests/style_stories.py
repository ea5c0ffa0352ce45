"""What the demo's stories are told as, by the rules for headlines, actions and quotes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import within
from smtpdiag_tui.report.transcript import Direction
from tests.story_reports import reports
from tests.style import problems

LONGEST = 80  # characters of a headline

_IN_A_MOUTH = re.compile(r"\b(?:reject|refus|deferr?)\w*", re.IGNORECASE)
_NOT_ACCEPTED = re.compile(r"\brefused (?:the connection|port|this host)|\brefuses connections", re.IGNORECASE)
_SILENCE = re.compile(
    r"\b(?:timed out|no (?:answer|reply|greeting)|did not (?:answer|reply)|reset)\b", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b"  # a host, a domain, a list
    r"|\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*"  # an address
    r"|\S@\S|(?<![\w-])--?\w+|\bkeys? \S|\bport \d+|/etc/\w+"
    r"|\b[Tt]his host(?:'s)?\b|\b[Rr]ecipient\b|\bsender\b|\bresolver configuration\b|\bsmtpdiag\b"
)
_COMPLETE = re.compile(r"None\b|(?:Rerun|Wait)\b[^.]*\brerun|Rerun [^.]*\.$")  # what names nobody stands alone


@dataclass(frozen=True)
class Said:
    """One thing said in a report, with all that it is judged by."""

    place: str
    text: str
    quotes: tuple[str, ...] = ()
    silent: bool = False


def story_departures() -> list[str]:
    """Return one line for each departure in the reports of all stories, each once."""
    found: dict[str, str] = {}
    for recipient, report in reports().items():
        of_all = [(f"{recipient}, {place}", what) for place, what in of_report(report)]
        for form, text in (
            ("text", to_text(report)),
            ("text -v", to_text(report, verbose=True)),
            ("markdown", to_markdown(report)),
        ):
            of_all += [(f"{recipient}, {form}", what) for what in of_printed(text, quotes_of(report))]
        for place, what in of_all:
            found.setdefault(what, place)
    return [f"{place}: {what}" for what, place in found.items()]


def of_report(report: Report) -> Iterator[tuple[str, str]]:
    """Yield where a report departs in its headlines, sentences and actions, and `text: rule`."""
    for said in headlines(report):
        yield from ((said.place, f"{said.text}: {problem}") for problem in of_headline(said))
        yield from ((said.place, f"{said.text}: {problem}") for problem in problems(said.text))
    quotes = quotes_of(report)
    for place, whole in sentences(report):
        text = whole
        for quote in quotes:
            text = text.replace(quote, "{}")
        shown = " ".join(text.split())
        yield from ((place, f"{shown}: {problem}") for problem in problems(text))
    for place, who, what in actions(report):
        shown = f"{who}: {what}" if who else what
        yield from ((place, f"{shown}: {problem}") for problem in of_action(who, what))


def headlines(report: Report) -> Iterator[Said]:
    """Yield the headline of the report, of its causes and of all findings."""
    yield Said(report.settings.recipient, report.headline, quotes_of(report))
    for cause in report.causes:
        yield Said(cause.code, cause.message, quotes_of(report), _silent(report, cause.evidence))
    for step in report.steps.values():
        for finding in step.findings:
            yield Said(finding.code, finding.message, _replies(finding), _silent(report, (step.id,)))


def actions(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield where each action stands, who acts ("" for the reader), and what is to be done."""
    given = [(report.settings.recipient, report.actions)]
    given += [(cause.code, cause.actions) for cause in report.causes]
    given += [(item.code, item.actions) for step in report.steps.values() for item in step.findings]
    for place, found in given:
        yield from ((place, action.who, action.what) for action in found)


def sentences(report: Report) -> Iterator[tuple[str, str]]:
    """Yield where each other thing said in a report stands, and its text."""
    yield report.settings.recipient, report.summary
    yield report.settings.recipient, report.delivery
    yield from ((cause.code, cause.meaning) for cause in report.causes)
    yield from ((sender.name, f"{sender.title}: {sender.summary}") for sender in report.senders)
    for step in report.steps.values():
        yield step.id, f"{step.title}: {step.detail}"
        yield step.id, step.explanation
        yield from ((item.code, item.meaning) for item in step.findings)


def quotes_of(report: Report) -> tuple[str, ...]:
    """Return the replies that a report quotes, each once."""
    found = (reply for step in report.steps.values() for item in step.findings for reply in _replies(item))
    return tuple(dict.fromkeys(found))


def _replies(finding: Finding) -> tuple[str, ...]:
    return tuple(line for line in finding.evidence if re.match(r"[245]\d\d[ -]", line) and len(line.split()) > 2)


def _silent(report: Report, step_ids: tuple[str, ...]) -> bool:
    """Whether the steps are of sessions in which no server said a word."""
    sessions = [step for step in report.steps.values() if step.is_session]
    of_these = [step for step in sessions if any(within(key, step.id) for key in step_ids)]
    said = (entry for step in of_these for entry in step.transcript if entry.direction is Direction.RECEIVED)
    return bool(of_these) and next(said, None) is None


def of_headline(said: Said) -> Iterator[str]:
    """Yield what is wrong with a headline."""
    text = said.text
    if len(text) > LONGEST:
        yield f"{len(text)} characters"
    if text.endswith((".", ":", ";", ",")):
        yield "ends in punctuation"
    if len(re.findall(r":(?=\s)", text)) > 1:
        yield "more than one colon"
    if "\n" in text:
        yield "more than one line"
    if text[:1].islower() and not re.match(r"\S*[.@:\d]\S*|smtpdiag\b", text):
        yield "begins with a small letter"
    if any(quote.split(None, 1)[1] in text for quote in said.quotes):
        yield "quotes the reply"
    silent = said.silent or _SILENCE.search(text)
    if silent and _IN_A_MOUTH.search(_NOT_ACCEPTED.sub("", text)):
        yield "puts words in the mouth of a server that said none"


def of_action(who: str, what: str) -> Iterator[str]:
    """Yield what is wrong with an action."""
    yield from problems(what, "advice")
    if not what.endswith((".", "…")) and not re.search(r"https?://\S+$", what):
        yield "advice is not a sentence"
    if who and what[:1].isupper() and not re.match(r"\S*[.\d]|[A-Z]{2}", what):
        yield "advice begins with a capital behind who acts"
    if not _COMPLETE.match(what) and not _SUBJECT.search(f"{who} {what}"):
        yield "advice names no host, address, domain, list or option"


def of_printed(text: str, quotes: tuple[str, ...]) -> Iterator[str]:
    """Yield what is wrong with a printed report: doubled full stops, and signs of ours behind a quote."""
    line = " ".join(text.split())
    for found in re.finditer(r"[^ ]*\w\.\.(?!\.)[^ ]*", line):
        yield f"{found[0]}: doubled full stop"
    for found in re.finditer(r"https?://[^\s<>|]+[.,;:](?=\s)", line):
        if not any(found[0] in quote for quote in quotes):
            yield f"{found[0]}: punctuation behind an address of the web"
    for quote in quotes:
        for found in re.finditer(re.escape(" ".join(quote.split())) + r"['\"`]?[.,;:](?=\s|$)", line):
            yield f"{found[0]}: punctuation behind a quoted reply"
