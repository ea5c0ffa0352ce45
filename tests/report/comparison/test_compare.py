"""What is told of two runs made by hand: facts beside each other, moves, hosts of the runs, older files."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.comparison import compare
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Via
from tests.report.comparison.made import (
    EXPIRED,
    GREY,
    MX,
    REFUSED,
    SETTINGS,
    TEXTS,
    V4,
    assert_symmetric,
    certified,
    codes,
    facts_of,
    from_host,
    report,
    routed,
    session,
    step,
)

DEFERRED = session(V4, SessionEnd.DEFERRED, "450 4.2.0", GREY, status=Status.WARNING)
GREYLISTING = Cause("greylisted", Side.POLICY, "It is so", decides=True, reason=Reason.GREYLISTING)


def test_a_reply_that_was_greylisted_and_is_accepted_is_told_with_both_codes() -> None:
    found = assert_symmetric(routed(DEFERRED, outcome=Outcome.DEFERRED), routed(session()))
    assert facts_of(found) == [
        ("reply", "mx.partner.example [192.0.2.25]", "deferred 450 4.2.0 (greylisting)", "accepted 250 2.1.5")
    ]
    assert codes(found.problems.fixed) == ["greylisted"]
    assert found.outcome.changed


def test_another_queue_id_in_the_same_reply_is_no_change() -> None:
    old, new = (routed([replace(item, detail=words) for item in DEFERRED]) for words in TEXTS)
    assert compare(old, new).is_none


def test_the_same_code_for_another_reason_is_a_changed_problem() -> None:
    limited = finding("rate-limited", "Too much", reason=Reason.RATE_LIMIT)
    again = session(V4, SessionEnd.DEFERRED, "450 4.2.0", limited, status=Status.WARNING)
    found = assert_symmetric(routed(DEFERRED), routed(again))
    assert facts_of(found)[0][2:] == ("deferred 450 4.2.0 (greylisting)", "deferred 450 4.2.0 (rate-limit)")
    assert codes(found.problems.changed) == ["rate-limited"]
    assert found.problems.fixed == found.problems.new == ()


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (certified(90, "b" * 64), "verified, expires 2027-02-22, CN=mx.partner.example"),
        (certified(10, "b" * 64), "verified, expires 2026-12-04, CN=mx.partner.example (bbbbbbbbbbbbbbbb)"),
        (certified(90), "verified, expires 2027-02-22"),
        (
            certified(10, "a" * 64, CertificateVerdict.UNTRUSTED),
            "untrusted, expires 2026-12-04, CN=mx.partner.example",
        ),
        (certified(10, "a" * 64), ""),
        (certified(10), ""),
    ],
    ids=["renewed", "another key", "renewed, of an older file", "not trusted", "the same", "the same, older file"],
)
def test_a_certificate(new: dict[str, object], told: str) -> None:
    before = certified(10, "a" * 64)
    found = assert_symmetric(routed(session(**before)), routed(session(**new)))  # type: ignore[arg-type]
    assert [fact[3] for fact in facts_of(found)] == ([told] if told else [])


def test_a_certificate_that_cannot_be_judged_on_one_host_has_not_changed() -> None:
    both = [certified(10, "a" * 64, item) for item in (CertificateVerdict.VERIFIED, CertificateVerdict.NOT_JUDGED)]
    assert compare(*(routed(session(**item)) for item in both)).facts == ()  # type: ignore[arg-type]


def test_tls_that_no_session_came_to_is_no_fact() -> None:
    met = routed(session(tls="TLSv1.3"))
    clear = routed(session())
    assert facts_of(assert_symmetric(met, clear)) == [
        ("tls", "mx.partner.example [192.0.2.25]", "TLS 1.3", "no TLS")
    ]
    refused = session(V4, SessionEnd.CONNECTION_REFUSED, "", status=Status.FAILED)
    refused[1] = step(f"{V4}/starttls", Status.SKIPPED)
    assert [fact[0] for fact in facts_of(assert_symmetric(met, routed(refused)))] == ["reply"]


def test_a_host_that_moved_and_answers_otherwise_is_both() -> None:
    other = "delivery/mx.other.example"
    new = routed(session(f"{other}/198.51.100.7", reply="250 2.1.5"), host=other, preference=20)
    found = assert_symmetric(routed(DEFERRED), new)
    assert sorted(facts_of(found)) == [
        ("mx-address", "mx.other.example", "192.0.2.25", "198.51.100.7"),
        ("mx-host", "", "mx.partner.example", "mx.other.example"),
        ("mx-preference", "mx.other.example", "10", "20"),
        (
            "reply",
            "mx.other.example [198.51.100.7]",
            "deferred 450 4.2.0 (greylisting)",
            "accepted 250 2.1.5",
        ),
    ]
    assert codes(found.problems.fixed) == ["greylisted"]


def test_the_same_problem_at_a_renamed_host_is_changed_and_neither_fixed_nor_new() -> None:
    other = "delivery/mx2.partner.example"
    old = routed(session(V4, SessionEnd.ACCEPTED, "250 2.1.5", EXPIRED))
    new = routed(session(f"{other}/192.0.2.25", SessionEnd.ACCEPTED, "250 2.1.5", EXPIRED), host=other)
    found = assert_symmetric(old, new)
    assert codes(found.problems.changed) == ["certificate-expired"]
    assert found.problems.fixed == found.problems.new == ()


def test_hosts_that_came_and_went_in_numbers_are_not_paired() -> None:
    def with_hosts(*names: str) -> object:
        hosts = [step(f"delivery/{name}", facts=StepFacts(preference=10)) for name in names]
        return report(step("delivery"), *hosts)

    found = assert_symmetric(with_hosts("a.example", "b.example"), with_hosts("c.example", "d.example"))  # type: ignore[arg-type]
    assert sorted((fact[2], fact[3]) for fact in facts_of(found)) == [
        ("", "c.example"),
        ("", "d.example"),
        ("a.example", ""),
        ("b.example", ""),
    ]


def test_a_problem_of_a_host_that_is_gone_is_fixed_but_not_where_the_route_is_not_known() -> None:
    gone = "delivery/old.partner.example"
    old = routed(session(), [step(gone, Status.FAILED), step(f"{gone}/192.0.2.9", Status.FAILED, "", REFUSED)])
    assert codes(assert_symmetric(old, routed(session())).problems.fixed) == ["connection-refused"]
    for status in (Status.CANCELLED, Status.UNKNOWN, Status.SKIPPED):
        found = assert_symmetric(old, report(step("delivery", status)))
        assert codes(found.problems.untested) == ["connection-refused"]
        assert found.facts == ()


def test_a_session_that_was_not_held_leaves_the_certificate_untested() -> None:
    old = routed([step(V4), step(f"{V4}/starttls", Status.WARNING, "", EXPIRED)])
    new = routed([step(V4, Status.FAILED), step(f"{V4}/starttls", Status.SKIPPED)])
    found = assert_symmetric(old, new)
    assert codes(found.problems.untested) == ["certificate-expired"]
    assert found.problems.untested[0].new is None


def test_two_hosts_are_named_and_their_addresses_are_no_change_of_the_destination() -> None:
    sources = [step("identity"), step("identity/ipv4", facts=StepFacts(sources=("192.0.2.10",)))]
    first = routed(session(), sources)
    second = replace(
        routed(DEFERRED, [sources[0], replace(sources[1], facts=StepFacts(sources=("198.51.100.1",)))]),
        outcome=Outcome.DEFERRED,
        causes=(GREYLISTING,),
    )
    found = assert_symmetric(from_host(second, "mail2.example"), from_host(first, "mail1.example"))
    assert found.names == ("mail2.example", "mail1.example")
    assert found.reasons == ("greylisting", "")
    assert [fact.kind.value for fact in found.facts] == ["reply"]
    same = compare(from_host(first, "mail1.example"), from_host(first, "mail1.example"))
    assert same.names == ("", "")


def test_runs_by_way_of_a_vantage_point_are_named_by_it() -> None:
    via = replace(SETTINGS, via=(Via("ssh", "mail2.example"),))
    found = compare(
        from_host(routed(), "mail1.example"), replace(from_host(routed(), "mail1.example"), settings=via)
    )
    assert found.names == ("mail1.example", "ssh:mail2.example")


def test_another_recipient_is_said_and_nothing_is_fixed_by_it() -> None:
    other = replace(SETTINGS, recipient="bob@else.example", port=587)
    host = "delivery/mx.else.example"
    new = replace(routed(session(f"{host}/192.0.2.77"), host=host), settings=other)
    found = assert_symmetric(routed(DEFERRED), new)
    assert [(fact.kind.value, fact.old, fact.new) for fact in found.questions] == [
        ("recipient", "bob@partner.example", "bob@else.example"),
        ("setting", "", "port 587"),
    ]
    assert found.facts == ()
    assert codes(found.problems.untested) == ["greylisted"]


def test_what_was_not_asked_for_again_is_untested() -> None:
    listed = finding("blocklisted-here", "192.0.2.10 is listed")
    asked = replace(SETTINGS, dnsbl=("zen.example",))
    steps = [
        step("identity"),
        step("identity/dnsbl"),
        step("identity/dnsbl/zen.example", Status.WARNING, "", listed),
    ]
    old = report(*steps, settings=asked)
    assert codes(assert_symmetric(old, report(step("identity"))).problems.untested) == ["blocklisted-here"]


def test_a_run_of_an_earlier_version_is_compared_by_codes_alone() -> None:
    old = report(step("delivery"), step(MX), step(V4, Status.WARNING, "450 4.2.0 greylisted"), version="0.0.9")
    found = assert_symmetric(old, replace(routed(session()), version="0.1.0"))
    assert ("reply", "mx.partner.example [192.0.2.25]", "450", "accepted 250 2.1.5") in facts_of(found)
    assert ("version", "smtpdiag", "0.0.9", "0.1.0") in facts_of(found)
    same = report(step("delivery"), step(MX), step(V4, detail="250 2.1.5 Ok"))
    assert [fact[0] for fact in facts_of(compare(same, routed(session())))] == []


def test_a_masked_run_beside_one_that_is_not_is_compared_but_for_names() -> None:
    hidden = replace(SETTINGS, sender="user1@sender.example", recipient="user2@partner.example")
    masked = replace(from_host(routed(session()), "host1.masked"), settings=hidden)
    found = assert_symmetric(masked, from_host(routed(session()), "mail.sender.example"), partial=True)
    assert found.questions == ()
    assert found.names == ("", "")
    assert found.facts == ()


@pytest.mark.parametrize(("old", "new"), [(1, 2), (4294967295, 1)])
def test_a_serial(old: int, new: int) -> None:
    both = [report(step("soa", facts=StepFacts(serial=serial))) for serial in (old, new)]
    assert facts_of(assert_symmetric(*both)) == [("serial", "partner.example", str(old), str(new))]


def test_no_route_on_one_host_tells_nothing_of_the_server() -> None:
    v6 = f"{MX}/2001:db8::25"
    without = [step(v6, Status.SKIPPED, facts=StepFacts(session=SessionFacts(SessionEnd.NO_ROUTE)))]
    found = assert_symmetric(from_host(routed(session(v6)), "a.example"), from_host(routed(without), "b.example"))
    assert found.facts == ()
