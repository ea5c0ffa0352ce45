"""A bounce set beside the run that followed: never more than was measured."""

from dataclasses import replace

import pytest

from smtpdiag_tui.bounces.beside import beside
from smtpdiag_tui.bounces.then_and_now import Beside, Verdict
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.authentication import (
    Authentication,
    Beyond,
    BeyondName,
    BeyondVerdict,
    DmarcResult,
    SpfResult,
)
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import SessionEnd, StepFacts
from smtpdiag_tui.report.findings import Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import GivenMessage, Settings
from tests.bounces.runs_made import (
    IP1,
    IP2,
    IP6,
    MX1,
    MX2,
    RECIPIENT,
    SENDER,
    SOURCE,
    accepted,
    authenticated,
    refused,
    run,
    silent,
    source_step,
    untested,
)

TOLD = Told(SENDER, RECIPIENT, MX1, IP1, ToldPhase.RCPT, reply="550 5.1.1 User unknown")
LATER = replace(TOLD, phase=ToldPhase.END_OF_DATA, reply="550 5.7.26 unauthenticated")
WITHOUT = replace(TOLD, reply=None, phase=ToldPhase.CONNECT, words="Connection timed out")
A, N, O, U = Verdict.AGAIN, Verdict.NO_LONGER, Verdict.OTHERWISE, Verdict.UNKNOWN  # noqa: E741 - a column of a table
R = Reason


def at_rcpt(reply: str) -> Told:
    return replace(TOLD, reply=reply)


def after_data(reply: str) -> Told:
    return replace(LATER, reply=reply)


def said(told: Told, reason: Reason | None, report: Report) -> Beside:
    return beside(told, reason, report)


@pytest.mark.parametrize(
    ("told", "reason", "report", "verdict"),
    [
        pytest.param(TOLD, R.NO_SUCH_MAILBOX, run(accepted()), N, id="user-known-now"),
        pytest.param(TOLD, R.NO_SUCH_MAILBOX, run(refused("550 5.1.1", R.NO_SUCH_MAILBOX)), A, id="same"),
        pytest.param(
            TOLD, R.NO_SUCH_MAILBOX, run(refused("451 4.1.1", R.NO_SUCH_MAILBOX)), A, id="same-reason-deferred"
        ),
        pytest.param(
            at_rcpt("450 4.2.0 Greylisted"), R.GREYLISTING, run(accepted()), N, id="greylisting-then-accepted"
        ),
        pytest.param(at_rcpt("452 4.2.2 full"), R.MAILBOX_FULL, run(accepted()), N, id="full-then-accepted"),
        pytest.param(
            at_rcpt("452 4.2.2 full"),
            R.MAILBOX_FULL,
            run(refused("450 4.2.0", R.GREYLISTING)),
            U,
            id="greylisting-hides-the-full-mailbox",
        ),
        pytest.param(
            TOLD, R.NO_SUCH_MAILBOX, run(refused("554 5.7.1", R.IP_BLOCKLIST)), O, id="rejected-for-another-reason"
        ),
        pytest.param(
            at_rcpt("421 4.7.0 too many"), R.RATE_LIMIT, run(accepted()), N, id="one-session-is-not-limited"
        ),
        pytest.param(
            at_rcpt("550 5.7.1 no"), R.UNEXPLAINED, run(refused("550 5.7.1", R.UNEXPLAINED)), A, id="same-codes"
        ),
        pytest.param(
            at_rcpt("550 5.7.1 no"), R.UNEXPLAINED, run(refused("554 5.7.1", R.UNEXPLAINED)), O, id="other-codes"
        ),
        pytest.param(
            replace(at_rcpt("530 5.7.0 Must issue a STARTTLS"), phase=ToldPhase.MAIL),
            R.TLS_REQUIRED,
            run(accepted()),
            U,
            id="smtpdiag-used-tls-the-sending-server-may-not",
        ),
        pytest.param(at_rcpt("503 5.5.1 bad sequence"), R.PROTOCOL, run(accepted()), U, id="another-client-spoke"),
        pytest.param(
            replace(at_rcpt("552 5.3.4 too big"), phase=ToldPhase.MAIL),
            R.SIZE,
            run(accepted()),
            U,
            id="no-size-was-declared",
        ),
        pytest.param(
            replace(TOLD, phase=None),
            R.NO_SUCH_MAILBOX,
            run(accepted()),
            U,
            id="command-not-told-may-be-after-data",
        ),
        pytest.param(
            replace(TOLD, phase=None),
            R.NO_SUCH_MAILBOX,
            run(refused("550 5.1.1", R.NO_SUCH_MAILBOX)),
            A,
            id="command-not-told-but-refused-again",
        ),
        pytest.param(
            replace(TOLD, phase=ToldPhase.AUTH, reply="535 5.7.8 failed"),
            R.OWN_ACCOUNT,
            run(accepted()),
            U,
            id="smtpdiag-does-not-log-in",
        ),
    ],
)
def test_what_was_refused_up_to_rcpt(told: Told, reason: Reason, report: Report, verdict: Verdict) -> None:
    assert said(told, reason, report).verdict is verdict


SPF_FAILS = (authenticated(SpfResult.FAIL, DmarcResult.UNKNOWN),)
BOTH_PASS = (authenticated(),)
SPF_REPLY = "550 5.7.23 SPF validation failed"
DMARC_REPLY = "550 5.7.1 rejected by DMARC policy of sender.example (SPF and DKIM fail)"
DKIM_REPLY = "550 5.7.20 no passing DKIM signature found"


@pytest.mark.parametrize(
    ("reply", "found", "verdict"),
    [
        pytest.param("550 5.7.26 unauthenticated", SPF_FAILS, A, id="spf-fails"),
        pytest.param(SPF_REPLY, BOTH_PASS, N, id="spf-passes"),
        pytest.param(SPF_REPLY, (authenticated(SpfResult.FAIL, DmarcResult.PASS),), A, id="dkim-is-no-spf"),
        pytest.param(SPF_REPLY, (authenticated(SpfResult.TEMPERROR),), U, id="spf-temperror"),
        pytest.param(SPF_REPLY, (), U, id="spf-not-judged"),
        pytest.param(SPF_REPLY, (authenticated(SpfResult.NONE),), A, id="still-no-spf-record"),
        pytest.param(DMARC_REPLY, BOTH_PASS, N, id="dmarc-passes"),
        pytest.param(DMARC_REPLY, (authenticated(SpfResult.FAIL, DmarcResult.FAIL),), A, id="dmarc-fails"),
        pytest.param(
            DMARC_REPLY, (authenticated(SpfResult.FAIL, DmarcResult.PASS),), N, id="dkim-makes-dmarc-pass"
        ),
        pytest.param(DMARC_REPLY, SPF_FAILS, A, id="dmarc-hangs-on-dkim-and-spf-fails"),
        pytest.param(DMARC_REPLY, (authenticated(dmarc=DmarcResult.TEMPERROR),), U, id="dmarc-temperror"),
        pytest.param(DKIM_REPLY, BOTH_PASS, U, id="dkim-needs-the-message"),
        pytest.param("550 5.7.26 SPF and DKIM did not pass", BOTH_PASS, U, id="spf-passes-dkim-unknown"),
        pytest.param("550 5.7.1 sender not authenticated", BOTH_PASS, U, id="nothing-named-dkim-unknown"),
        pytest.param(
            f"550 5.7.23 SPF of 198.51.100.7 fails [{IP1}]", SPF_FAILS, U, id="reply-is-about-another-client"
        ),
        pytest.param(f"550 5.7.23 SPF of {SOURCE} fails", SPF_FAILS, A, id="reply-names-this-host"),
        pytest.param(
            SPF_REPLY,
            (*BOTH_PASS, authenticated(SpfResult.FAIL, address="2001:db8::10")),
            N,
            id="ipv6-is-no-matter",
        ),
        pytest.param(
            "550 5.7.23 SPF of HELO failed", (authenticated(ehlo=SpfResult.FAIL),), A, id="spf-of-the-ehlo-name"
        ),
    ],
)
def test_authentication_after_data_is_told_by_what_was_looked_up(
    reply: str,
    found: tuple[Authentication, ...],
    verdict: Verdict,
) -> None:
    report = run(accepted(), authentication=found)
    assert said(after_data(reply), R.AUTHENTICATION, report).verdict is verdict


def test_the_sentence_of_the_house() -> None:
    report = run(accepted(), authentication=SPF_FAILS)
    seen = said(LATER, R.AUTHENTICATION, report)
    assert seen.line == (
        "then 550 5.7.26 after DATA (authentication); now accepted at RCPT TO;"
        " SPF of sender.example fails for 203.0.113.10: the same would happen again"
    )


def test_a_dkim_signature_of_a_given_message_tells_of_dkim() -> None:
    given = Settings(SENDER, RECIPIENT, message=GivenMessage("mail.eml", 100))
    for verdict, expected in ((BeyondVerdict.PASS, N), (BeyondVerdict.FAIL, A), (BeyondVerdict.UNKNOWN, U)):
        beyond = (Beyond(BeyondName.DKIM, verdict, "DKIM"),)
        report = replace(run(accepted(), settings=given, authentication=BOTH_PASS), beyond=beyond)
        assert said(after_data(DKIM_REPLY), R.AUTHENTICATION, report).verdict is expected
    passing = (Beyond(BeyondName.DKIM, BeyondVerdict.PASS, "The key is valid"),)
    report = replace(run(accepted(), authentication=BOTH_PASS), beyond=passing)
    assert said(after_data(DKIM_REPLY), R.AUTHENTICATION, report).verdict is U  # a key is no signature


PTR_MISSING = source_step(finding("ptr-missing", f"{SOURCE} has no PTR record."))
PTR_FINE = source_step(names=("mail.sender.example",))
LISTED = Step(
    "identity/dnsbl/zen.spamhaus.org", "zen", Status.WARNING, findings=(finding("dnsbl-listed", "listed"),)
)
NOT_LISTED = Step("identity/dnsbl/zen.spamhaus.org", "zen", Status.PASSED)
PTR_REPLY, LIST_REPLY = "550 5.7.25 no PTR", "554 5.7.1 blocked using zen.spamhaus.org"
TOO_LARGE = Step("x", "x", Status.FAILED, findings=(finding("message-too-large", "The message is too large"),))


@pytest.mark.parametrize(
    ("told", "reason", "steps", "verdict"),
    [
        pytest.param(after_data(PTR_REPLY), R.REVERSE_DNS, (PTR_MISSING,), A, id="no-ptr-still"),
        pytest.param(after_data(PTR_REPLY), R.REVERSE_DNS, (PTR_FINE,), N, id="ptr-now"),
        pytest.param(after_data(PTR_REPLY), R.REVERSE_DNS, (), U, id="ptr-not-looked-up"),
        pytest.param(at_rcpt(PTR_REPLY), R.REVERSE_DNS, (PTR_MISSING,), N, id="accepted-in-spite-of-it"),
        pytest.param(
            at_rcpt("550 5.7.25 198.51.100.7 has no PTR"), R.REVERSE_DNS, (PTR_FINE,), U, id="ptr-of-another-host"
        ),
        pytest.param(after_data(LIST_REPLY), R.IP_BLOCKLIST, (LISTED,), A, id="listed-still"),
        pytest.param(after_data(LIST_REPLY), R.IP_BLOCKLIST, (NOT_LISTED,), N, id="not-listed-now"),
        pytest.param(
            after_data("554 5.7.1 blocked"), R.IP_BLOCKLIST, (NOT_LISTED,), U, id="which-list-is-not-told"
        ),
        pytest.param(after_data(LIST_REPLY), R.IP_BLOCKLIST, (), U, id="no-list-asked"),
        pytest.param(
            at_rcpt("554 5.7.1 198.51.100.7 blocked"), R.IP_BLOCKLIST, (), U, id="listing-of-another-host"
        ),
        pytest.param(after_data("552 5.3.4 too large"), R.SIZE, (TOO_LARGE,), A, id="too-large-still"),
        pytest.param(after_data("552 5.3.4 too large"), R.SIZE, (), U, id="no-message-given"),
        pytest.param(after_data("554 5.7.1 spam"), R.CONTENT, (), U, id="content-is-not-tested"),
        pytest.param(after_data("552 5.2.2 full"), R.MAILBOX_FULL, (), U, id="full-is-said-after-data"),
        pytest.param(after_data("451 4.7.1 greylisted"), R.GREYLISTING, (), U, id="greylisting-after-data"),
    ],
)
def test_what_else_was_measured(told: Told, reason: Reason, steps: tuple[Step, ...], verdict: Verdict) -> None:
    assert said(told, reason, run(accepted(), steps=steps)).verdict is verdict


def test_what_is_still_wrong_counts_where_another_reason_is_met_first() -> None:
    report = run(refused("450 4.2.0", R.GREYLISTING), steps=(PTR_MISSING,))
    seen = said(at_rcpt(PTR_REPLY), R.REVERSE_DNS, report)
    assert (seen.verdict, seen.because) == (A, f"{SOURCE} has no PTR record")


def test_what_is_still_wrong_says_nothing_of_a_host_that_is_not_reached() -> None:
    report = run(silent(SessionEnd.TIMEOUT), steps=(PTR_MISSING,))
    seen = said(at_rcpt(PTR_REPLY), R.REVERSE_DNS, report)
    assert (seen.verdict, seen.now) == (U, "timed out")


def test_a_private_address_in_a_reply_is_of_a_host_behind_the_receiver() -> None:
    told = after_data("550 5.7.25 no PTR (edge1.internal [10.1.2.3])")
    assert said(told, R.REVERSE_DNS, run(accepted(), steps=(PTR_MISSING,))).verdict is A


@pytest.mark.parametrize(
    ("told", "report", "verdict", "now"),
    [
        pytest.param(TOLD, run(accepted(MX2, IP2)), U, f"accepted at RCPT TO by {MX2} [{IP2}]", id="host-is-gone"),
        pytest.param(
            TOLD,
            run(refused("550 5.1.1", R.NO_SUCH_MAILBOX, MX2, IP2)),
            A,
            f"550 5.1.1 at RCPT TO (no-such-mailbox), {MX2} [{IP2}]",
            id="host-is-gone-and-its-heir-says-the-same",
        ),
        pytest.param(
            TOLD,
            run(refused("554 5.7.1", R.IP_BLOCKLIST, MX2, IP2)),
            O,
            f"554 5.7.1 at RCPT TO (ip-blocklist), {MX2} [{IP2}]",
            id="host-is-gone-and-its-heir-rejects",
        ),
        pytest.param(
            replace(TOLD, host="mail.alias.example"), run(accepted()), N, "accepted at RCPT TO", id="other-name"
        ),
        pytest.param(
            replace(TOLD, address="192.0.2.99"),
            run(accepted()),
            N,
            f"accepted at RCPT TO by {MX1} [{IP1}]",
            id="the-host-moved",
        ),
        pytest.param(
            replace(TOLD, address=None),
            run(accepted(), refused("550 5.1.1", R.NO_SUCH_MAILBOX, MX1, IP6)),
            A,
            "550 5.1.1 at RCPT TO (no-such-mailbox)",
            id="one-address-of-the-host-says-the-same",
        ),
        pytest.param(
            TOLD,
            run(accepted(), refused("550 5.1.1", R.NO_SUCH_MAILBOX, MX2, IP2)),
            N,
            "accepted at RCPT TO",
            id="another-mx-rejects-but-this-one-does-not",
        ),
        pytest.param(
            at_rcpt("451 4.1.1 later"),
            run(refused("451 4.1.1", R.NO_SUCH_MAILBOX), accepted(MX2, IP2), by=MX2),
            O,
            "451 4.1.1 at RCPT TO (no-such-mailbox)",
            id="deferred-again-but-another-mx-accepts",
        ),
        pytest.param(
            TOLD,
            run(silent(SessionEnd.TIMEOUT), accepted(MX2, IP2), by=MX2),
            O,
            "timed out",
            id="not-reached-another-mx-accepts",
        ),
        pytest.param(TOLD, run(silent(SessionEnd.TIMEOUT)), U, "timed out", id="not-reached"),
        pytest.param(
            replace(TOLD, address=IP6),
            run(silent(SessionEnd.NO_ROUTE, MX1, IP6), accepted()),
            U,
            "no route from this host",
            id="it-was-over-ipv6-and-this-host-has-none",
        ),
        pytest.param(TOLD, run(untested(), accepted(MX2, IP2), by=MX2), U, "not tested, IPv4 only", id="untested"),
        pytest.param(
            replace(TOLD, host=None, address=None),
            run(accepted()),
            N,
            f"accepted at RCPT TO by {MX1} [{IP1}]",
            id="no-host",
        ),
    ],
)
def test_where_the_bounce_came_from(told: Told, report: Report, verdict: Verdict, now: str) -> None:
    seen = said(told, R.NO_SUCH_MAILBOX, report)
    assert (seen.verdict, seen.now) == (verdict, now)


@pytest.mark.parametrize(
    ("words", "phase", "report", "verdict"),
    [
        pytest.param("Connection timed out", "connect", run(accepted()), N, id="connected-now"),
        pytest.param("Connection timed out", "connect", run(silent(SessionEnd.TIMEOUT)), A, id="silent-still"),
        pytest.param(
            "Connection refused", "connect", run(silent(SessionEnd.TIMEOUT)), A, id="no-session-in-another-way"
        ),
        pytest.param(
            "Connection timed out",
            "connect",
            run(refused("550 5.1.1", R.NO_SUCH_MAILBOX)),
            O,
            id="connected-refused",
        ),
        pytest.param(
            "Connection timed out",
            "connect",
            run(silent(SessionEnd.TIMEOUT), accepted(MX2, IP2), by=MX2),
            O,
            id="another-mx-takes-it",
        ),
        pytest.param(
            "Connection timed out",
            "connect",
            run(silent(SessionEnd.TIMEOUT, phase="rcpt-to")),
            U,
            id="connected-but-silent-later",
        ),
        pytest.param("lost connection with mx", "rcpt-to", run(accepted()), N, id="lost-then"),
        pytest.param("lost connection with mx", "end-of-data", run(accepted()), U, id="lost-after-data"),
        pytest.param("Server certificate not verified", None, run(accepted()), U, id="certificate"),
        pytest.param("TLS is required, but was not offered", None, run(accepted(tls="")), A, id="no-tls-still"),
        pytest.param("mail transport unavailable", None, run(accepted()), U, id="held-on-the-sending-host"),
        pytest.param("Host or domain name not found", None, run(accepted()), N, id="domain-found-now"),
        pytest.param("something else", None, run(accepted()), U, id="unknown-words"),
    ],
)
def test_what_failed_without_a_reply(words: str, phase: str | None, report: Report, verdict: Verdict) -> None:
    told = replace(WITHOUT, words=words, phase=ToldPhase(phase) if phase else None)
    assert said(told, None, report).verdict is verdict


def test_a_domain_that_is_still_not_found_is_told_by_the_cause() -> None:
    cause = Cause("domain-not-found", Side.RECIPIENT, "It does not exist", decides=True)
    report = run(outcome=Outcome.BOUNCED, causes=(cause,))
    told = replace(WITHOUT, words="Host or domain name not found", phase=None, host=None, address=None)
    assert said(told, None, report).verdict is A
    assert said(TOLD, R.NO_SUCH_MAILBOX, report).verdict is O


@pytest.mark.parametrize(
    "told", [replace(TOLD, sender="carol@sender.example"), replace(TOLD, recipient="x@y.example")]
)
def test_a_run_for_another_pair_says_nothing_of_this_one(told: Told) -> None:
    for report in (run(accepted()), run(refused("550 5.1.1", R.NO_SUCH_MAILBOX))):
        seen = said(told, R.NO_SUCH_MAILBOX, report)
        assert seen.verdict is U
        assert "another" in seen.because


def test_a_pair_that_is_written_in_another_case_is_the_same() -> None:
    assert said(replace(TOLD, recipient="Bob@Partner.Example"), R.NO_SUCH_MAILBOX, run(accepted())).verdict is N


def test_what_is_refused_before_the_sender_is_named_is_the_same_for_every_pair() -> None:
    told = replace(TOLD, sender="carol@x.example", phase=ToldPhase.GREETING, reply="554 5.7.1 blocked")
    report = run(refused("554 5.7.1", R.IP_BLOCKLIST, phase="greeting"))
    assert said(told, R.IP_BLOCKLIST, report).verdict is A


def test_a_run_that_was_cancelled_tells_nothing() -> None:
    report = replace(run(accepted()), status=Status.CANCELLED)
    assert said(TOLD, R.NO_SUCH_MAILBOX, report).verdict is U
    assert said(TOLD, R.NO_SUCH_MAILBOX, replace(run(accepted()), outcome=None)).verdict is U


def test_a_reply_of_ones_own_server_is_another_hop() -> None:
    assert said(replace(TOLD, ours=True), R.NO_SUCH_MAILBOX, run(accepted())).verdict is U


def test_what_was_delivered_is_compared_as_far_as_a_run_comes() -> None:
    told = after_data("250 2.0.0 Ok: queued")
    assert said(told, None, run(accepted())).verdict is A
    assert said(told, None, run(refused("550 5.1.1", R.NO_SUCH_MAILBOX))).verdict is O


def test_stale_steps_of_an_earlier_run_are_not_read() -> None:
    report = run(accepted())
    stale = {key: replace(step, stale=True) for key, step in report.steps.items()}
    assert said(TOLD, R.NO_SUCH_MAILBOX, replace(report, steps=stale)).verdict is U


def test_hostile_names_are_printable() -> None:
    told = replace(TOLD, host="mx\x1b[31m.example", address="192.0.2.99")
    seen = said(told, R.NO_SUCH_MAILBOX, run(accepted()))
    assert seen.line.isprintable()


def ranked(report: Report, **preferences: int) -> Report:
    """Return a run whose MX hosts have these preferences: `mx1=10, mx2=20`."""
    hosts = {name: f"delivery/{name}.partner.example" for name in preferences}
    above = {
        hosts[name]: Step(hosts[name], name, facts=StepFacts(preference=number))
        for name, number in preferences.items()
    }
    return replace(report, steps={**above, **report.steps})


@pytest.mark.parametrize(
    ("preferences", "verdict"),
    [
        pytest.param({"mx1": 10, "mx2": 20}, O, id="the-first-host-accepts-so-nobody-comes-to-the-second"),
        pytest.param({"mx1": 10, "mx2": 10}, U, id="either-may-be-tried-first"),
        pytest.param({"mx1": 20, "mx2": 10}, A, id="the-host-that-rejects-is-tried-first"),
    ],
)
def test_a_bounce_of_one_mx_host_while_another_accepts(preferences: dict[str, int], verdict: Verdict) -> None:
    told = replace(TOLD, host=MX2, address=IP2)
    report = run(accepted(), refused("550 5.1.1", R.NO_SUCH_MAILBOX, MX2, IP2))
    found = said(told, R.NO_SUCH_MAILBOX, ranked(report, **preferences))
    assert found.verdict is verdict


def test_greylisted_then_and_now_is_the_same_again() -> None:
    found = said(at_rcpt("450 4.2.0 Greylisted"), R.GREYLISTING, run(refused("450 4.2.0", R.GREYLISTING)))
    assert found.line.endswith("(greylisting): the same would happen again")


def test_greylisted_by_the_second_host_then_and_the_first_accepts_now() -> None:
    told = replace(at_rcpt("450 4.2.0 Greylisted"), host=MX2, address=IP2)
    report = run(accepted(), refused("450 4.2.0", R.GREYLISTING, MX2, IP2))
    assert said(told, R.GREYLISTING, report).verdict is O


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("TLS is required, but was not offered by host mx1.partner.example[192.0.2.21]", A),
        ("TLSA lookup error for mx1.partner.example:25", U),
        ("Server certificate not verified", U),
    ],
)
def test_a_session_without_tls_says_nothing_of_a_certificate_or_of_dane(words: str, verdict: Verdict) -> None:
    told = replace(WITHOUT, phase=ToldPhase.STARTTLS, words=words)
    assert said(told, None, run(accepted(tls=""))).verdict is verdict


def test_the_reply_that_a_relay_of_the_recipients_got_is_another_hop() -> None:
    told = replace(TOLD, reporter="relay.partner.example")
    assert said(told, R.NO_SUCH_MAILBOX, run(accepted())).verdict is U


@pytest.mark.parametrize(
    "words", ["conversation with mx timed out while sending end of data -- message may be sent more than once"]
)
def test_an_end_of_data_that_was_not_confirmed_is_not_settled_by_rcpt(words: str) -> None:
    told = replace(WITHOUT, phase=ToldPhase.END_OF_DATA, words=words)
    assert said(told, None, run(accepted())).verdict is U
