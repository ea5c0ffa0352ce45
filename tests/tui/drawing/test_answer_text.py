"""The answer as the interface draws it."""

from dataclasses import replace

from smtpdiag_tui.report.conclusions import Cause, SenderResult
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.tui.drawing.answer_text import answer_text
from tests.render.made import made


def test_it_is_drawn_in_the_order_in_which_it_is_read() -> None:
    cause = Cause(
        "x", Side.PATH, "It is so.", "So it means.", evidence=("a", "b", "c", "d", "e", "f"), decides=True
    )
    text = answer_text(replace(made(), causes=(cause,))).plain
    lines = text.splitlines()
    assert lines[0] == " ✗ BOUNCED "
    assert lines[2].startswith("Returned: ")
    assert lines[lines.index("Cause: ✗ It is so.") :][:6] == [
        "Cause: ✗ It is so.",
        "So it means.",
        "the path between, x; seen at a, b, c, d and 2 more",
        "",
        "What to do",
        "1. Check it.",
    ]
    assert lines[-3] == "Found on the way"
    assert lines[-1] == "  delivery/mx.partner.example/192.0.2.25/rcpt-to"


def test_senders_that_turn_to_nobody_are_told_once() -> None:
    senders = tuple(SenderResult(name, name, Outcome.DEFERRED, "nobody answers") for name in ("standard", "other"))
    text = answer_text(replace(made(), senders=senders)).plain
    assert "What senders would do\nAll alike: deferred.\n" in text
    other = replace(senders[1], outcome=Outcome.BOUNCED, summary="it gives up")
    text = answer_text(replace(made(), senders=(senders[0], other))).plain
    assert "! standard: deferred, nobody answers\n– other: bounced, it gives up\n" in text


def test_a_run_that_was_cancelled_says_so() -> None:
    text = answer_text(replace(made(), status=Status.CANCELLED, outcome=Outcome.UNKNOWN)).plain
    assert text.startswith(" × CANCELLED ")
