"""The commands for all steps of all stories of the demo."""

import re
import shlex

import pytest

from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.render.by_hand.commands import MOST, ByHand
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepKind
from smtpdiag_tui.report.transcript import Direction
from tests.story_reports import story_report

pytestmark = pytest.mark.timeout(300)
EACH = pytest.mark.parametrize("recipient", [story.recipient for story in STORIES])


def all_of(report: Report) -> dict[str, tuple[Command, ...]]:
    hand = ByHand(report)
    return {key: hand.at(key) for key in report.steps}


@EACH
def test_every_command_reads_back_prints_and_never_sends_content(recipient: str) -> None:
    for commands in all_of(story_report(recipient)).values():
        assert len(commands) <= MOST
        assert len(commands) == len(set(commands))
        for command in commands:
            assert command.program in ("dig", "kdig", "swaks", "openssl", "curl")
            assert command.line.isprintable()
            assert command.what.isprintable()
            if not command.typed:
                assert shlex.split(command.line) == list(command.argv)
            assert not re.search(r"\b(DATA|BDAT)\b", " ".join((*command.argv, *command.typed)))
            if command.program == "swaks":
                assert "--quit-after" in command.words


@EACH
def test_every_question_told_has_a_dig_and_a_kdig(recipient: str) -> None:
    report = story_report(recipient)
    told = 0
    for key, commands in all_of(report).items():
        digs = [item.what for item in commands if item.program == "dig"]
        assert digs == [item.what for item in commands if item.program == "kdig"]
        step = report.steps[key]
        if step.kind is not StepKind.TRANSPORT:
            continue
        lines = [entry.text for entry in step.transcript if not entry.text.startswith("  ")]
        asked = [line.partition(": ")[0] for line in lines if ": not queried" not in line]
        assert [what.partition(" from ")[0] for what in digs] == list(dict.fromkeys(asked))
        wanted = "+tcp" if key.endswith("/tcp") else "+notcp"
        assert all(wanted in item.words for item in commands)
        told += len(asked)
    assert told or recipient.endswith("]")


@EACH
def test_every_session_has_a_command_with_its_own_words(recipient: str) -> None:
    report = story_report(recipient)
    for key, commands in all_of(report).items():
        step = report.steps[key]
        if not step.is_session or not step.transcript:
            continue
        sent = {entry.text for entry in step.transcript if entry.direction is Direction.SENT}
        swaks = [item for item in commands if item.program == "swaks"]
        connecting = any(entry.text.startswith("connecting to") for entry in step.transcript)
        typed = [item for item in commands if item.typed]
        assert bool(swaks or typed) is connecting
        for command in swaks:
            words = dict(zip(command.words, command.words[1:], strict=False))
            if f"RCPT TO:<{words.get('--to')}>" not in sent:
                assert not any(line.startswith("RCPT") for line in sent)
        secured = any(entry.text.startswith("TLS established") for entry in step.transcript)
        assert not secured or any(item.program == "openssl" for item in commands)


@EACH
def test_a_saved_report_gives_the_same_commands(recipient: str) -> None:
    report = story_report(recipient)
    assert all_of(from_json(to_json(report))) == all_of(report)


@EACH
def test_a_masked_report_gives_masked_commands(recipient: str) -> None:
    report = redact(story_report(recipient), ("mail.sender.example",))
    text = "\n".join(item.line for commands in all_of(report).values() for item in commands)
    assert "alice@" not in text
    assert "mail.sender.example" not in text
    assert not re.search(r"(?<![\d.])192\.0\.2\.10(?![\d.])", text)
    assert "swaks" not in text or "user1@" in text or "--quit-after RCPT" not in text


def test_verbose_markdown_shows_them_and_the_short_one_does_not() -> None:
    report = story_report("bob@partner.example")
    whole = to_markdown(report, verbose=True)
    blocks = re.findall(r"```sh\n(.*?)```", whole, re.DOTALL)
    assert any("dig @192.0.2.53 partner.example. MX +notcp" in block for block in blocks)
    assert any("--to bob@partner.example" in block for block in blocks)
    assert "```sh" not in to_markdown(report)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    assert all(line == "" or line.startswith(("#", "dig", "kdig", "swaks", "openssl", "curl")) for line in lines)
