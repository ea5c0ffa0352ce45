"""The vantage points that the interface keeps apart."""

from smtpdiag_tui.report.agreement.together import agreement_of
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.tui.model.live_report import LiveReport
from smtpdiag_tui.tui.model.points import LOCAL, Points

SETTINGS = Settings("a@sender.example", "bob@partner.example")
SSH, OTHER = Via("ssh", "mx2.far.example"), Via("ssh", "third.far.example")


def busy(points: Points) -> bool:
    return points.under_way


def problem(points: Points) -> str | None:
    return points.problem


def test_this_host_alone_at_first() -> None:
    first = LiveReport(SETTINGS)
    points = Points(first)
    assert points.live is first
    assert not points.several
    assert not busy(points)


def test_those_that_stay_keep_their_report() -> None:
    first = LiveReport(SETTINGS)
    points = Points(first)
    points.begin((LOCAL, SSH), SETTINGS)
    assert points.live is first
    points.show(SSH)
    ssh = points.live
    points.begin((SSH, OTHER), SETTINGS)
    assert points.live is ssh
    points.begin((OTHER,), SETTINGS)
    assert points.in_view == OTHER


def test_who_is_awaited_is_under_way_until_the_run_is_over() -> None:
    points = Points(LiveReport(SETTINGS))
    points.begin((LOCAL, SSH), SETTINGS)
    assert busy(points)
    assert [item.pending for item in agreement_of(points.vantages()).uncounted] == [True, True]
    points.settle((points.begun,))
    assert not busy(points)
    assert {point.error for point in points.vantages()} == {"cancelled before it began"}


def test_an_earlier_run_settles_nothing_of_a_later_one() -> None:
    points = Points(LiveReport(SETTINGS))
    points.begin((LOCAL, SSH), SETTINGS)
    earlier = points.begun
    points.begin((LOCAL, SSH), SETTINGS)
    points.settle((earlier,))
    assert busy(points)
    assert {point.error for point in points.vantages()} == {""}


def test_a_failure_is_told_of_the_one_in_view() -> None:
    points = Points(LiveReport(SETTINGS))
    points.begin((LOCAL, SSH), SETTINGS)
    points.end(Vantage(SSH, error="login refused"))
    assert problem(points) is None
    points.show(SSH)
    assert problem(points) == "login refused"
    points.begin((LOCAL, SSH), SETTINGS)
    assert problem(points) is None
