"""Texts that no terminal lays out well, and a report that has one of them everywhere."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from smtpdiag_tui.engine.judgement import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.engine.report import Report, Step
from smtpdiag_tui.engine.status import Outcome, Status
from smtpdiag_tui.findings import Finding, Severity, Side
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.transcript import Direction, Entry

MARKS = ("\u0301", "\u0e47", "\u20dd", "\ufe0f", "\u1ab0", "\u0903", "\u1161", "\U0001f3fd", "\U000e0100")
_PIECES = (
    *(mark * 41 for mark in MARKS),
    *MARKS,
    *(
        "a",
        " ",
        "550 5.1.1 ",
        "e\u0301",
        "a-word-longer-than-a-row-is",
        "\u0928\u093f\u0939\u094d",
        "\u0e17\u0e35\u0e48",
    ),
    *(
        "日本語",
        "☺\ufe0f",
        "👨\u200d👩\u200d👧",
        "\u200d",
        "🇩🇪",
        "שָׁלוֹם",
        "مرحبا",
        "\u202e",
        "\\x1b",
        "\\U000e0001",
    ),
    *("\ud800", "\U000e0fff", "\u0378", "\ue000", "\xa0", "\u2028", "\x00", "\x1b[2J", "\t", "\x85", "[bold]x[/]"),
)
SAMPLES = (
    "550 5.1.1 " + "\u0301" * 41,
    *(mark * 41 for mark in MARKS),
    "".join(_PIECES),
    "👨\u200d" * 60,
    "日" * 90,
    "a\u0301" * 90,
    "\ud800",
    "",
)
any_text = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=30).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.text(st.sampled_from([*MARKS, "a", " ", "日"]), max_size=120),
)
SESSION = "delivery/mx.partner.example/192.0.2.25"


def report_of(text: str) -> Report:
    """Return a bounced run that says `text` wherever a report can say something, as it is."""
    found = tuple(
        Finding("internal-error", severity, text, text, Side.RECIPIENT, text, text, (text, text))
        for severity in (Severity.FAILURE, Severity.INFO)
    )
    ids = ("delivery", "delivery/mx.partner.example", SESSION, f"{SESSION}/rcpt-to")
    step = Step("", text, Status.FAILED, text, 0.1, 1.0, findings=found, explanation=text)
    steps = {key: replace(step, id=key) for key in ids}
    steps[SESSION] = replace(
        steps[SESSION], transcript=tuple(Entry(0.25, way, text, tls=True) for way in Direction)
    )
    steps["delivery"] = replace(steps["delivery"], findings=(), status=Status.WARNING)
    return Report(
        Settings("alice@sender.example", "bob@partner.example", server="mx.example"),
        run=1,
        started=datetime(2026, 11, 24, 4, 20, tzinfo=UTC),
        seconds=2.5,
        status=Status.FAILED,
        outcome=Outcome.BOUNCED,
        summary=text,
        side=Side.RECIPIENT,
        advice=(text,),
        causes=(Cause("recipient-rejected", Side.RECIPIENT, text, text, text, text, (text,), decides=True),),
        senders=(SenderResult("standard", text, Outcome.BOUNCED, text, (SenderAttempt(text, text, text, text),)),),
        steps=steps,
    )
