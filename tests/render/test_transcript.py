"""A conversation as it goes to the clipboard."""

from smtpdiag_tui.render.problems import problems
from smtpdiag_tui.render.transcript import transcript_text
from tests.render.made import SESSION, WORDS, made


def test_a_conversation_says_when_and_with_whom() -> None:
    report = made()
    lines = transcript_text(report, [report.steps[SESSION]]).splitlines()
    assert lines[0] == f"{SESSION}, run of 2026-11-24 04:20:00 UTC"
    assert lines[1:] == [
        r"   0.20  ← 220 \x1b[31m\xff",
        "   0.22 T→ RCPT TO:<bob@partner.example>",
        f"   0.25 T← {WORDS}",
    ]


def test_problems_name_each_problem_once_and_where() -> None:
    [reason] = problems(made())
    assert (reason.finding.code, reason.where) == ("recipient-rejected", f"{SESSION}/rcpt-to")
