"""What a watch says of two attempts, where two things are so at once: no more than both have measured."""

from dataclasses import replace
from datetime import UTC, datetime

from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import SessionEnd
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.watching.changes import changes_between
from tests.report.comparison.made import EXPIRED, GREY, MX, V4, report, routed, session, step

AT = datetime(2026, 11, 28, 4, 20, tzinfo=UTC)
SILENT = finding("dns-server-failure", "192.0.2.53 did not answer")
DNS = "dns-servers/192.0.2.53"


def with_resolver(found: Report) -> Report:
    return replace(found, steps={DNS: step(DNS), **found.steps})


GREYLISTED = with_resolver(
    routed(
        [*session(V4, SessionEnd.DEFERRED, "450 4.2.0", GREY), step(f"{V4}/tls", Status.WARNING, "", EXPIRED)],
        outcome=Outcome.DEFERRED,
    )
)


def offline() -> Report:
    """A run that had no network: no resolver answered, and no MX host is known."""
    steps = (
        step(DNS, Status.FAILED, "", SILENT),
        step("remote", Status.UNKNOWN),
        step("delivery", Status.UNKNOWN),
    )
    cause = Cause("no-network", Side.HERE, "It is so", decides=True)
    return replace(report(*steps, outcome=Outcome.UNKNOWN), causes=(cause,), headline="This host has no network")


def words(before: Report, after: Report) -> list[str]:
    return [change.words for change in changes_between(before, after, AT)]


def test_a_network_that_is_lost_has_fixed_nothing_and_removed_no_mx_host() -> None:
    found = words(GREYLISTED, offline())
    assert found[0] == "UNKNOWN: This host has no network (was deferred)"
    assert not [line for line in found if line.startswith("fixed")]
    assert not [line for line in found if "no longer an MX host" in line]
    assert "new: 192.0.2.53 did not answer" in found


def test_a_network_that_is_back_has_made_no_problem_and_no_mx_host() -> None:
    found = words(offline(), GREYLISTED)
    assert not [line for line in found if "new MX host" in line]
    assert not [line for line in found if line.startswith("new")]
    assert f"found: {EXPIRED.message}" in found


def test_lost_and_back_in_two_attempts_ends_as_it_began() -> None:
    assert words(GREYLISTED, GREYLISTED) == []


def test_an_mx_host_that_is_gone_while_another_still_defers_is_told() -> None:
    other = MX.replace("mx.", "mx2.")
    both = routed(session(V4, SessionEnd.DEFERRED, "450 4.2.0", GREY), outcome=Outcome.DEFERRED)
    moved = report(
        step("delivery"),
        step(other),
        *session(f"{other}/192.0.2.26", SessionEnd.DEFERRED, "450 4.2.0", GREY),
        outcome=Outcome.DEFERRED,
    )
    found = words(both, moved)
    assert [line for line in found if "no longer an MX host" in line]
    assert [line for line in found if "new MX host" in line]


def test_greylisting_that_becomes_a_rejection_and_a_certificate_that_is_renewed_are_both_told() -> None:
    refused = finding("recipient-rejected", "mx.partner.example rejected the recipient")
    after = routed(
        [*session(V4, SessionEnd.REJECTED, "550 5.1.1", refused), step(f"{V4}/tls")], outcome=Outcome.BOUNCED
    )
    found = words(GREYLISTED, replace(after, headline="mx.partner.example rejected the recipient"))
    assert found[0].startswith("BOUNCED")
    assert [line for line in found if "450" in line and "550" in line]
    assert f"fixed: {EXPIRED.message}" in found
