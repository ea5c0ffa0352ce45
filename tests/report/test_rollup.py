"""How the status of a step follows from those below it."""

import pytest

from smtpdiag_tui.report.rollup import worst_known
from smtpdiag_tui.report.status import Status


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([Status.PASSED, Status.UNKNOWN], Status.PASSED),
        ([Status.WARNING, Status.UNKNOWN, Status.PASSED], Status.WARNING),
        ([Status.FAILED, Status.UNKNOWN], Status.FAILED),
        ([Status.UNKNOWN, Status.CANCELLED], Status.CANCELLED),
        ([Status.UNKNOWN, Status.SKIPPED], Status.UNKNOWN),
        ([Status.SKIPPED], Status.SKIPPED),
        ([], Status.SKIPPED),
    ],
)
def test_what_could_not_be_known_does_not_stand_above_what_is(statuses: list[Status], expected: Status) -> None:
    assert worst_known(iter(statuses)) is expected
