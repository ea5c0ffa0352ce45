"""The corpus of refusals: it is well formed, and each reply is read as a postmaster would read it."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.reasons import Reason
from tests.checks.session.reason_cases import Case, judged

REFUSALS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "refusals.toml").read_text(encoding="utf-8")
)["refusal"]
PHASES = {Phase.GREETING, Phase.EHLO, Phase.MAIL, Phase.RCPT}
SIDES = {"here", "path", "recipient", "policy"}
REASONS = {reason.value for reason in Reason}
LONGEST_LINE = 512 - len("\r\n")  # RFC 5321 §4.5.3.1.5
REPLY_LINE = re.compile(r"([45][0-9][0-9])([ -])([^\r\n]{0,600})")  # RFC 5321 §4.2.1
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MISLEADING_STATUS = re.compile(r"\b(?:status|code)\b")
MADE_UP = re.compile(r"\b(?:alice|bob|staff)@(?!(?:sender|partner)\.example\b|localhost\b|mailbox\.example\b)")


def faulty(rule: Callable[[dict[str, Any]], bool]) -> list[tuple[list[str], str]]:
    """The reply and the note of each entry that breaks a rule."""
    return [(refusal["lines"], refusal["note"]) for refusal in REFUSALS if not rule(refusal)]


def within(key: str, known: set[str]) -> Callable[[dict[str, Any]], bool]:
    """A rule: a list that is not empty, of known words, none of them twice."""

    def rule(refusal: dict[str, Any]) -> bool:
        words = refusal[key]
        return bool(words) and set(words) <= known and len(set(words)) == len(words)

    return rule


def one_reply(refusal: dict[str, Any]) -> bool:
    """Whether one code stands on every line, a hyphen behind it on all but the last, a blank on the last."""
    matches = [REPLY_LINE.fullmatch(line) for line in refusal["lines"]]
    found = [(match[1], match[2]) for match in matches if match]
    marks = [mark for _, mark in found]
    return (
        len(found) == len(matches)
        and len({code for code, _ in found}) == 1
        and marks == ["-"] * (len(marks) - 1) + [" "]
    )


def on_the_wire(refusal: dict[str, Any]) -> bool:
    """Whether each line is short enough, without control characters and without blanks at its end."""
    return all(
        len(line.encode()) <= LONGEST_LINE and line == line.rstrip() and CONTROL.search(line) is None
        for line in refusal["lines"]
    )


def test_an_entry_has_these_keys_and_no_others() -> None:
    assert faulty(lambda refusal: set(refusal) == {"phase", "lines", "reasons", "sides", "note"}) == []
    assert faulty(lambda refusal: refusal["note"].strip() == refusal["note"] != "") == []


def test_phases_reasons_and_sides_are_of_the_closed_lists() -> None:
    assert faulty(lambda refusal: refusal["phase"] in PHASES) == []
    assert faulty(within("reasons", REASONS)) == []
    assert faulty(within("sides", SIDES)) == []


def test_lines_are_one_reply_that_defers_or_refuses() -> None:
    assert faulty(one_reply) == []


def test_lines_can_stand_on_the_wire() -> None:
    assert faulty(on_the_wire) == []


def test_addresses_are_those_of_the_examples() -> None:
    assert faulty(lambda refusal: MADE_UP.search(" ".join(refusal["lines"])) is None) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["250 2.1.0 Ok"],
        ["550 no", "550 such user"],
        ["550-no", "551 such user"],
        ["550-no such user"],
        ["550no such user"],
        ["no such user"],
    ],
)
def test_what_is_no_refusal_is_seen(lines: list[str]) -> None:
    assert not one_reply({"lines": lines})


def test_no_reply_stands_twice() -> None:
    said = Counter((refusal["phase"], tuple(refusal["lines"])) for refusal in REFUSALS)
    assert [reply for reply, times in said.items() if times > 1] == []


def test_every_reason_has_its_share() -> None:
    shares = Counter(refusal["reasons"][0] for refusal in REFUSALS)
    assert set(shares) == REASONS
    assert min(shares.values()) >= 4
    assert len(REFUSALS) >= 260


def test_replies_of_several_lines_and_misleading_ones_are_among_them() -> None:
    several = [refusal for refusal in REFUSALS if len(refusal["lines"]) > 1]
    status = [refusal for refusal in REFUSALS if MISLEADING_STATUS.search(refusal["note"])]
    words = [refusal for refusal in REFUSALS if "words mislead" in refusal["note"]]
    assert len(several) >= 40
    assert len(status) >= 60
    assert len(words) >= 60
    assert {refusal["phase"] for refusal in several} >= {Phase.GREETING, Phase.MAIL, Phase.RCPT}


@pytest.mark.parametrize("entry", REFUSALS, ids=lambda entry: " / ".join(entry["lines"])[:60])
def test_a_refusal_is_read_as_a_postmaster_reads_it(entry: dict[str, Any]) -> None:
    sender = "" if entry["reasons"][0] == Reason.NULL_SENDER else "alice@sender.example"
    case = Case(
        tuple(entry["lines"]), Phase(entry["phase"]), tuple(entry["reasons"]), tuple(entry["sides"]), sender=sender
    )
    found = judged(case)
    assert found.reason in case.reasons
    assert found.side in case.sides
    assert found.advice
