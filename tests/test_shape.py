"""The reports of all stories keep their shape: the answer first, in a fixed order, within its lines."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.session_lines import session_lines
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.render.words import GLYPHS, paragraphs
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from tests import shape
from tests.story_reports import RECIPIENTS, reports, story_report

LABELS = ["Delivery", "Cause", "Responsible", "Action", "After DATA", "Problems", "Reply"]
SECTIONS = [
    "Problems",
    "SMTP session with",
    "Connection to",
    "MX hosts",
    "Sender profiles",
    "Checks",
    "Extra probes",
]
LONGEST = 79

stories = pytest.mark.parametrize("recipient", RECIPIENTS)


def report_of(recipient: str) -> Report:
    return story_report(recipient)


def plain(markdown: str) -> str:
    """Return Markdown without what makes it one: the same words as in the text report."""
    return re.sub(r"\\(?=[^\w\s]|_)|[`<>]|\*\*", "", markdown)


def one_line(text: str) -> str:
    return " ".join(text.split())


@stories
def test_a_report_keeps_within_its_lines(recipient: str) -> None:
    report = report_of(recipient)
    limit = 40 if answer_of(report).healthy else 60
    for text in (to_text(report), to_markdown(report)):
        assert len(text.splitlines()) <= limit


@stories
def test_the_answer_is_within_15_lines_and_a_healthy_report_within_34(recipient: str) -> None:
    report = report_of(recipient)
    lines = to_text(report).splitlines()
    place = lines.index("", 3)  # behind the one below the headline
    reply = answer_of(report).reply
    assert place - 1 - (reply.text.count("\n") if reply else 0) <= 15  # one of them is empty
    if answer_of(report).healthy:
        assert len(lines) <= 34


@stories
def test_what_rcpt_does_not_cover_is_told_once(recipient: str) -> None:
    report = report_of(recipient)
    later = answer_of(report).after_data
    assert later or (report.outcome is not Outcome.ACCEPTED and not report.beyond)
    assert "after DATA" not in report.delivery or any(item.verdict == "fail" for item in report.beyond)
    for told in (one_line(to_text(report)), one_line(plain(to_markdown(report)))):
        assert told.count("After DATA: ") == bool(later)
        assert one_line(later) in told
        assert told.count("content filtering") <= 1


@stories
def test_the_first_action_is_within_15_lines(recipient: str) -> None:
    report = report_of(recipient)
    found = shape.shape_of(report, to_text(report))
    assert found.first <= 15
    if report.outcome is not Outcome.ACCEPTED or answer_of(report).troubles:
        assert found.first > 0


@stories
def test_the_first_line_is_the_outcome_and_the_second_the_headline(recipient: str) -> None:
    report = report_of(recipient)
    answer = answer_of(report)
    beside = f"{GLYPHS[Status.FAILED]} {answer.company}" if answer.company else ""
    first, second, third, *_ = to_text(report).split("\n")
    told = "  ".join(filter(None, (f"{GLYPHS[answer.status]} {answer.word}", beside)))
    assert first == f"{told}  {report.settings.sender} to {recipient}"
    assert (second, third) == (report.headline, "")
    assert 0 < len(second) <= 80
    first, _, second, *_ = to_markdown(report).split("\n")
    told = ", ".join(filter(None, (f"{GLYPHS[answer.status]} {answer.word}", beside)))
    assert first == f"# {told}: `{report.settings.sender}` to `{recipient}`"
    assert plain(second) == report.headline.replace("`", "")


@stories
def test_labels_and_sections_stand_in_their_order(recipient: str) -> None:
    report = report_of(recipient)
    accepted = report.outcome is Outcome.ACCEPTED
    for text in (to_text(report), to_text(report, verbose=True)):
        lines = text.split("\n")
        labels = [found[1] for found in (re.match(r"([A-Z][A-Za-z ]+):  ", line) for line in lines[:30]) if found]
        assert labels == [label for label in LABELS if label in labels]
        needed = ["Delivery", "After DATA", "Reply"] if accepted else LABELS[:4]
        assert [label for label in needed if label not in labels] == []
    lines = to_text(report).split("\n")
    titles = [line for before, line in pairwise(lines) if not before and not line[:1].isspace()]
    found = [next((name for name in SECTIONS if title.startswith(name)), "") for title in titles[1:-1]]
    assert found == [name for name in SECTIONS if name in found]
    assert titles[-1].startswith("smtpdiag ")
    headings = re.findall(r"^## (.*)$", to_markdown(report), re.MULTILINE)
    assert [next(name for name in SECTIONS if heading.startswith(name)) for heading in headings] == found


@stories
def test_the_deciding_reply_is_printed_twice_at_most(recipient: str) -> None:
    report = report_of(recipient)
    answer = answer_of(report)
    if answer.reply is None:
        return
    most = 1 if answer.outcome is Outcome.ACCEPTED else 2
    for text in (to_text(report), to_markdown(report)):
        for line in answer.reply.text.split("\n"):
            assert 1 <= sum(told.endswith(line) for told in text.splitlines()) <= most


@stories
def test_no_line_of_ours_is_longer_than_a_terminal(recipient: str) -> None:
    report = report_of(recipient)
    answer = answer_of(report)
    quoted = answer.reply.text.split("\n") if answer.reply else []
    session = session_lines(answer.session.transcript) if answer.session else []
    for line in to_text(report).splitlines()[2:]:
        whole = line.strip() in quoted or line[1:] in session or line.startswith("Reply:  ")
        assert whole or len(line) <= LONGEST


@stories
def test_text_markdown_and_json_agree(recipient: str) -> None:
    report = report_of(recipient)
    answer = answer_of(report)
    found = json.loads(to_json(report))
    text = to_text(report, verbose=True)
    markdown = to_markdown(report, verbose=True)
    for told in (one_line(text), one_line(plain(markdown))):
        for label, words in (("Delivery", found["delivery"]), ("Responsible", found["responsible"])):
            assert not words or f"{label}: {words}" in told
        for action in found["actions"]:
            who = "" if action["who"] == "you" else f"{action['who']}: "
            assert one_line(who + action["what"]) in told
        assert found["headline"] in told
        assert not answer.why or f"Cause: {one_line(answer.why)}" in told
        for cause in found["causes"]:
            assert cause["code"] in told
    assert found["outcome"].upper() == answer.word
    assert (found["retry"] is not None) == (found["outcome"] == "deferred")
    if found["reply"] is None:
        assert answer.reply is None
        assert "Reply:" not in text.splitlines()[:20]
        return
    label = next(line for line in text.splitlines() if line.startswith("Reply:  "))
    heading = next(line for line in markdown.splitlines() if line.startswith("- **Reply:**"))
    at = f"{found['reply']['at'][11:19]} UTC"
    for told in (label, heading):
        assert told.endswith(at)
        assert found["reply"]["source"] in told
    assert f"[{found['reply']['address']}]" in heading
    for line in found["reply"]["text"].split("\n"):
        assert f"  {line}\n" in text
        assert f"\n{line}\n" in markdown


def steps_in(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in found["steps"]:
        yield step
        yield from steps_in(step)


def bare(text: str) -> str:
    """Return words in one line without what Markdown makes of them, nor what it may hide there."""
    return one_line(re.sub(r"\\(?=[^\w\s]|_)|[`<>*]", "", text))


@stories
@pytest.mark.parametrize("form", [to_text, to_markdown])
def test_all_that_json_has_is_told_on_request(recipient: str, form: Callable[..., str]) -> None:
    report = report_of(recipient)
    told = form(report, verbose=True)
    words = bare(told)
    lines = "\n".join(line.strip() for line in told.splitlines()) + "\n"
    for step in steps_in(json.loads(to_json(report))):
        said = [step["title"], step["detail"], *(item["message"] for item in step["findings"])]
        said += [item["meaning"] for item in step["findings"]]
        said += [paragraph.removeprefix("- ") for paragraph in paragraphs(step["explanation"]).split("\n")]
        assert [text for text in said if bare(text) not in words] == [], step["id"]
        assert [item["code"] for item in step["findings"] if item["code"] not in told] == []
        quoted = [line for item in step["findings"] for line in item["evidence"]]
        quoted += [entry["text"] for entry in step["transcript"]]
        assert [line for line in quoted if f"{line.strip()}\n" not in lines] == [], step["id"]


@stories
def test_a_masked_report_has_the_same_shape(recipient: str) -> None:
    report = report_of(recipient)
    masked = redact(report, ("mail.sender.example",))
    limit = 40 if answer_of(report).healthy else 60
    for told in (to_text, to_markdown):
        lines, before = told(masked).splitlines(), told(report).splitlines()
        assert len(lines) <= limit
        assert [line for line in lines if line.startswith("#")][1:2] == [
            line for line in before if line.startswith("#")
        ][1:2]
        assert recipient not in "\n".join(lines) or recipient.startswith("<")


def test_the_figures_of_all_stories_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    shape.main()
    printed = capsys.readouterr().out
    assert all(recipient in printed for recipient in reports())
    assert re.search(r"^not accepted: lines mean \d+", printed, re.MULTILINE)
