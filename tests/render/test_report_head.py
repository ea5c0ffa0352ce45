"""The beginning of a saved report, which may be anything."""

import json

from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.report_head import HEAD, head_of, is_whole
from smtpdiag_tui.report.status import Outcome
from tests.render.made import deciding, made

WHOLE = to_json(deciding(made(), "delivery")).encode()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
KEYS = ("schema", "sender", "recipient", "started", "outcome", "status", "causes", "settings", "facts", "headline")


def test_a_saved_report_is_told_of() -> None:
    run = head_of(WHOLE, "file", 7)
    assert (run.number, run.key, run.error) == (7, "file", "")
    assert run.pair == ("alice@sender.example", "bob@partner.example")
    assert run.outcome is Outcome.BOUNCED
    assert run.reason == "recipient-rejected"
    assert f"{run.started:%Y-%m-%d %H:%M}" == "2026-11-24 04:20"
    assert run.headline.startswith("Returned: 550 5.1.1")


def test_the_steps_are_not_read() -> None:
    begin = WHOLE[: WHOLE.index(b'"steps"') + 10] + b'{"broken'
    assert head_of(begin, "file") == head_of(WHOLE, "file")
    assert is_whole(begin)
    assert not is_whole(WHOLE[:200])


def test_what_is_cut_is_told_as_far_as_it_was_read() -> None:
    for end in range(0, len(WHOLE), 97):
        run = head_of(WHOLE[:end], "file")
        assert run.error or run.recipient == "bob@partner.example"


def test_a_file_of_an_earlier_version_is_listed_too() -> None:
    old = {"schema": 1, "sender": "a@a.example", "recipient": "b@b.example", "started": "2026-01-02T03:04:05Z"}
    run = head_of(json.dumps({**old, "outcome": "deferred", "summary": "Later.", "steps": []}).encode(), "file")
    assert (run.error, run.headline, run.reason, run.where) == ("", "Later.", "", "")


def test_foreign_files_are_one_sentence() -> None:
    assert head_of(b"", "f").error == head_of(b"\x7fELF", "f").error == "not a JSON file"
    assert head_of(b'{"a": 1}', "f").error == "not a report of schema 1"
    assert head_of(b"[" * HEAD, "f").error == "not a JSON file"
    assert head_of(b'{"schema": ' + b"[" * HEAD, "f").error == "not a JSON file"


@given(
    st.binary(max_size=200) | st.dictionaries(st.sampled_from(KEYS), VALUES).map(lambda v: json.dumps(v).encode())
)
def test_nothing_makes_it_raise(data: bytes) -> None:
    run = head_of(data, "file")
    assert "\n" not in run.error
    assert all(text.isprintable() for text in (run.sender, run.recipient, run.headline, run.where, run.reason))


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_nothing_in_a_report_makes_it_raise(values: dict[str, object]) -> None:
    head_of(json.dumps({"recipient": "b@b.example", **values, "schema": 1}).encode(), "file")
