"""A reply of several lines is one text."""

import pytest

from smtpdiag_tui.verdict.quoting import MOST, whole_reply


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ((), ""),
        (("550 5.1.1 No such user",), "550 5.1.1 No such user"),
        (
            (
                "550-5.7.1 [203.0.113.10] has a very low",
                "550-5.7.1 reputation.",
                "550 5.7.1 See https://a.example/",
            ),
            "550 5.7.1 [203.0.113.10] has a very low reputation. See https://a.example/",
        ),
        (("550-no status here", "550 but 5.7.1 there"), "550 no status here but 5.7.1 there"),
        (("421-", "421 4.7.0 "), "421"),
        (("450", "450"), "450"),
        (("no reply at all", "550 5.1.1 or one"), "no reply at all or one"),
        (("554 one", "… (3 more lines)"), "554 one … (3 more lines)"),
        (("550-5.7.1 a", "2024 was a year"), "550 5.7.1 a 2024 was a year"),
    ],
)
def test_codes_and_statuses_stand_once(lines: tuple[str, ...], text: str) -> None:
    assert whole_reply(lines) == text


def test_a_flood_is_cut() -> None:
    assert len(whole_reply(("550 " + "x" * 70_000, "550 y" * 9))) == MOST


def test_codes_that_differ_inside_a_reply_are_all_quoted() -> None:
    lines = ("450-4.2.0 greylisted", "450-4.2.0 for now", "550 5.1.1 user unknown")
    assert whole_reply(lines) == "450 4.2.0 greylisted for now 550 5.1.1 user unknown"
