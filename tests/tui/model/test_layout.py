"""How much room the panes get."""

import pytest

from smtpdiag_tui.tui.model.layout import findings_height, most_findings, steps_height, steps_width


@pytest.mark.parametrize(
    ("body", "rows", "given", "height"),
    [
        (19, 300, None, 9),  # 80×24: eight rows, and the line above them
        (19, 2, None, 9),
        (45, 12, None, 13),  # no more than there is to show
        (45, 300, None, 22),
        (10, 300, None, 5),  # 60×15
        (19, 300, 12, 12),
        (19, 300, 99, 13),
        (19, 300, -5, 3),
    ],
)
def test_the_steps_above_the_rest_have_what_they_need_up_to_half(
    body: int, rows: int, given: int | None, height: int
) -> None:
    assert steps_height(body, rows, given) == height


def test_the_steps_beside_the_rest_have_their_usual_part_or_what_was_given() -> None:
    assert steps_width(120, None) is None
    assert [steps_width(120, given) for given in (60, 5, 500)] == [60, 24, 96]


def test_findings_give_way_to_a_conversation_and_take_the_room_of_an_empty_one() -> None:
    assert most_findings(12, empty=False) == 8
    assert most_findings(12, empty=True) == 9
    assert most_findings(4, empty=True) == 3
    assert [findings_height(12, given) for given in (None, 5, 99, -1)] == [None, 5, 9, 3]
