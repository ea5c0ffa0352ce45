"""What a saved report says that a session came to."""

import json

import pytest

from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import SavedReportError, from_json
from smtpdiag_tui.render.session_json import session_in, whole
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from tests.render.made import made

GOOD = {"end": "accepted", "reply": "250 2.1.5", "tls": "TLSv1.3", "certificate": ["verified"], "days": 90}


def test_what_was_written_is_read() -> None:
    assert session_in(None) is None
    assert session_in(GOOD) == SessionFacts(
        SessionEnd.ACCEPTED, "250 2.1.5", "TLSv1.3", (CertificateVerdict.VERIFIED,), 90
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "accepted",
        [],
        {},
        {"end": "taken"},
        {"end": 1},
        {**GOOD, "reply": 250},
        {**GOOD, "certificate": "verified"},
        {**GOOD, "certificate": ["fine"]},
        {**GOOD, "certificate": ["verified"] * 99},
        {**GOOD, "software": None},
    ],
)
def test_what_nobody_writes_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        session_in(wrong)
    found = json.loads(to_json(made()))
    found["steps"][1]["steps"][0]["steps"][0]["facts"] = {"session": wrong}
    with pytest.raises(SavedReportError, match="a session"):
        from_json(json.dumps(found))


@pytest.mark.parametrize("value", [True, "9", 1.5, 10**400, -(10**400), None, []])
def test_a_number_that_is_none_tells_nothing(value: object) -> None:
    assert whole(value, 65535) is None


def test_texts_are_short_and_printable() -> None:
    read = session_in({**GOOD, "software": "\x1b[31m" + "x" * 9999})
    assert read is not None
    assert read.software == "\\x1b[31m" + "x" * 247
