"""Sender profiles, grouped by what becomes of the message."""

from smtpdiag_tui.render.profiles import ProfileGroup, profile_groups
from smtpdiag_tui.report.conclusions import SenderAttempt, SenderResult
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.verdict.walk import PROFILES
from tests.story_reports import reports

ACCEPTED = SenderAttempt("mx.a.example", "192.0.2.1", "accepted", "250 2.1.5 Ok")
TLSA = SenderAttempt("mx.a.example", "192.0.2.1", "transient", "TLSA record does not match")
DEFERRED = SenderAttempt("mx.a.example", "192.0.2.1", "transient", "450 4.2.0 later")


def profile(name: str, outcome: Outcome, summary: str, *attempts: SenderAttempt) -> SenderResult:
    return SenderResult(name, name, outcome, summary, attempts)


def shown(*senders: SenderResult) -> list[str]:
    return [group.line for group in profile_groups(senders)]


def test_profiles_that_fare_as_the_standard_one_are_one_group_without_a_reason() -> None:
    other = SenderAttempt("mx.a.example", "2001:db8::1", "accepted", "250 Fine")
    assert shown(
        profile("standard", Outcome.ACCEPTED, "one", ACCEPTED),
        profile("IPv6 only", Outcome.ACCEPTED, "two", other),
    ) == ["accepted: standard, IPv6 only"]


def test_one_that_fares_otherwise_has_its_reason() -> None:
    assert shown(
        profile("standard", Outcome.ACCEPTED, "one", ACCEPTED),
        profile("verified TLS", Outcome.DEFERRED, "certificate expired 3 days ago", DEFERRED),
        profile("IPv4 only", Outcome.ACCEPTED, "two", ACCEPTED),
        profile("IPv6 only", Outcome.BOUNCED, "no MX host has an IPv6 address"),
    ) == [
        "accepted: standard, IPv4 only",
        "deferred: verified TLS (certificate expired 3 days ago)",
        "not reachable: IPv6 only (no MX host has an IPv6 address)",
    ]


def test_the_same_outcome_for_another_reason_is_another_group() -> None:
    other = SenderAttempt("mx.a.example", "192.0.2.2", "connection-failed")
    assert shown(
        profile("standard", Outcome.DEFERRED, "one", DEFERRED),
        profile("IPv6 only", Outcome.DEFERRED, "connection refused", other),
    ) == ["deferred: standard", "deferred: IPv6 only (connection refused)"]


def test_where_nobody_is_turned_to_all_fare_alike() -> None:
    names = ("standard", "IPv4 only", "IPv6 only")
    assert shown(*(profile(name, Outcome.BOUNCED, "null MX") for name in names)) == [
        "bounced: standard, IPv4 only, IPv6 only"
    ]


def test_a_reason_with_brackets_stands_behind_a_semicolon() -> None:
    group = ProfileGroup(Status.WARNING, "deferred", ("verified TLS",), "certificate does not match (it names b)")
    assert group.line == "deferred: verified TLS; certificate does not match (it names b)"


def test_glyph_and_word_agree() -> None:
    groups = profile_groups(
        (
            profile("standard", Outcome.BOUNCED, "one", DEFERRED),
            profile("IPv6 only", Outcome.UNKNOWN, "no IPv6 address was tested"),
            profile("verified TLS", Outcome.UNKNOWN, "not known", DEFERRED),
        )
    )
    assert [(group.status, group.word) for group in groups] == [
        (Status.FAILED, "bounced"),
        (Status.SKIPPED, "not reachable"),
        (Status.UNKNOWN, "unknown"),
    ]


def test_without_profiles_there_is_no_group() -> None:
    assert profile_groups(()) == ()


def test_each_profile_of_each_story_is_in_one_group() -> None:
    for report in reports().values():
        groups = profile_groups(report.senders)
        titles = [title for group in groups for title in group.titles]
        assert sorted(titles) == sorted(sender.title for sender in report.senders)
        assert not any(group.status is Status.SKIPPED and group.word != "not reachable" for group in groups)


def test_the_reason_of_a_group_is_a_few_words() -> None:
    for recipient, report in reports().items():
        for group in profile_groups(report.senders):
            reason = group.reason
            assert len(reason) <= 70, (recipient, reason)
            assert not reason.endswith("."), (recipient, reason)
            assert "))" not in reason, (recipient, reason)
            assert not reason[:1].isupper() or reason.split()[0].isupper(), (recipient, reason)


def many(*deferred: str, summary: str = "TLSA record does not match the certificate of mx.a.example") -> list[str]:
    """Return the groups of all profiles, of which these are deferred."""
    return shown(
        *(
            SenderResult(item.name, item.title, Outcome.DEFERRED, summary, (TLSA,))
            if item.name in deferred
            else SenderResult(item.name, item.title, Outcome.ACCEPTED, "one", (ACCEPTED,))
            for item in PROFILES
        )
    )


def test_where_all_seven_fare_alike_they_are_counted_and_fewer_are_named() -> None:
    assert many() == ["accepted: all 7 profiles"]
    group = ProfileGroup(Status.PASSED, "accepted", ("standard", "IPv4 only", "IPv6 only"), "", all_alike=True)
    assert group.line == "accepted: standard, IPv4 only, IPv6 only"


def test_strict_senders_that_end_for_one_reason_share_it() -> None:
    reason = "TLSA record does not match the certificate of mx.a.example"
    assert many("dane", "dane-or-mta-sts") == [
        "accepted: standard, IPv4 only, IPv6 only, verified TLS, MTA-STS",
        f"deferred: DANE, DANE/MTA-STS ({reason})",
    ]
    assert many("mta-sts", summary="mx.a.example is not in the MTA-STS policy")[1] == (
        "deferred: MTA-STS (mx.a.example is not in the MTA-STS policy)"
    )


def test_the_longest_list_of_names_fits_into_a_line() -> None:
    """DANE never fails alone: a sender of both ends as one of DANE where DANE decides."""
    for name in ("ipv4-only", "ipv6-only", "tls-verified", "mta-sts", "dane-or-mta-sts"):
        assert max(len(f"  ! {line}") for line in many(name, summary="")) <= 79
