"""What a sender profile looks like: glyph and word come of one rule."""

from smtpdiag_tui.report.conclusions import SenderAttempt, SenderResult
from smtpdiag_tui.report.profiles import STANDARD, profile_status, profile_word
from smtpdiag_tui.report.status import Outcome, Status

DEFERRED = SenderAttempt("mx.a.example", "192.0.2.1", "transient", "450 4.2.0 later")


def profile(name: str, outcome: Outcome, summary: str, *attempts: SenderAttempt) -> SenderResult:
    return SenderResult(name, name, outcome, summary, attempts)


def look(sender: SenderResult, standard: SenderResult | None) -> tuple[Status, str]:
    return profile_status(sender, standard), profile_word(sender, standard)


def test_the_standard_profile_is_never_left_out() -> None:
    standard = profile(STANDARD, Outcome.BOUNCED, "null MX")
    assert look(standard, None) == look(standard, standard) == (Status.FAILED, "bounced")


def test_a_profile_without_an_address_of_its_own_is_not_reachable() -> None:
    standard = profile(STANDARD, Outcome.DEFERRED, "450 4.2.0", DEFERRED)
    alone = profile("ipv6-only", Outcome.BOUNCED, "no MX host has an IPv6 address")
    assert look(alone, standard) == look(alone, None) == (Status.SKIPPED, "not reachable")


def test_where_no_profile_has_an_address_all_end_as_the_standard_one() -> None:
    standard = profile(STANDARD, Outcome.BOUNCED, "the domain does not exist")
    assert look(profile("ipv6-only", Outcome.BOUNCED, standard.summary), standard) == (Status.FAILED, "bounced")
    other = profile("ipv6-only", Outcome.UNKNOWN, standard.summary)
    assert look(other, standard) == (Status.SKIPPED, "not reachable")


def test_a_profile_that_was_answered_is_shown_by_what_became_of_it() -> None:
    standard = profile(STANDARD, Outcome.ACCEPTED, "accepted")
    late = profile("tls-verified", Outcome.DEFERRED, "certificate expired", DEFERRED)
    assert look(late, standard) == (Status.WARNING, "deferred")
