"""Whether a message arrives, and of one that is deferred, whether a retry can succeed."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict
from smtpdiag_tui.report.conclusions import Cause, Retry
from smtpdiag_tui.report.findings import Side, catalogue, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.verdict.causes import find_causes
from smtpdiag_tui.verdict.delivery import delivered_when
from smtpdiag_tui.verdict.outcome import Verdict, of_hosts
from smtpdiag_tui.verdict.walk import HostAddress, HostAddresses
from tests.engine.running import run
from tests.verdict.making import MX1, MX2, MX3, attempt_of, refusal, report, session, step, walked
from tests.verdict.siblings import sibling

LATER, DOWN, OK = AttemptResult.TRANSIENT, AttemptResult.CONNECTION_FAILED, AttemptResult.ACCEPTED
ONE = walked((MX1, LATER))
UNKNOWN = "delayed; the sending server retries, and whether a retry succeeds is unknown"
RETRIES = "delayed; the sending server retries on its own"

FAILS = "until then every retry fails"


def later(reason: Reason | None, reply: str = "450 4.7.1 later", **more: object) -> Report:
    """Return a report whose one session was deferred with a reply about `reason`."""
    item = refusal(reason, reply, code="recipient-deferred", **more)  # type: ignore[arg-type]
    return report(session(MX1, item))


def answer(made: Report, verdict: Verdict = ONE) -> tuple[Retry | None, str]:
    return delivered_when(made, verdict, find_causes(made, verdict))


BY_ITSELF = {Reason.GREYLISTING, Reason.RATE_LIMIT, Reason.RECIPIENT_RATE_LIMIT}
NOBODY_KNOWS = {
    Reason.SERVER_TROUBLE,
    Reason.SERVER_CLOSED,
    Reason.IP_REPUTATION,
    Reason.DOMAIN_REPUTATION,
    Reason.SENDER_CALLOUT,
    Reason.OWN_ACCOUNT,
    Reason.CONTENT,
    Reason.PROTOCOL,
    Reason.UNEXPLAINED,
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_answer(reason: Reason) -> None:
    retry, told = answer(later(reason))
    expected = Retry.BY_ITSELF if reason in BY_ITSELF else Retry.NOT_BEFORE_CHANGE
    assert retry is (Retry.UNKNOWN if reason in NOBODY_KNOWS else expected)
    assert (told == RETRIES) is (reason in BY_ITSELF)
    assert (told == UNKNOWN) is (reason in NOBODY_KNOWS)
    assert told.startswith("not until ") is (retry is Retry.NOT_BEFORE_CHANGE)
    assert "{" not in told


@pytest.mark.parametrize(
    ("reason", "reply", "until"),
    [
        (Reason.MAILBOX_FULL, "452 4.2.2 full", "the recipient frees space in bob@partner.example"),
        (Reason.NO_SUCH_MAILBOX, "450 4.1.1 unknown", "the mailbox bob@partner.example exists"),
        (
            Reason.NOT_HOSTED,
            "454 4.7.1 relay access denied",
            "mx1.partner.example hosts partner.example, or the MX records of partner.example are corrected",
        ),
        (Reason.REVERSE_DNS, "450 4.7.25 no PTR", "the PTR of 203.0.113.10 resolves back to it"),
        (Reason.SENDER_DOMAIN, "450 4.1.8 not found", "sender.example resolves"),
        (Reason.SIZE, "452 4.3.4 too large", "mx1.partner.example accepts messages of that size"),
        (
            Reason.TLS_REQUIRED,
            "450 4.7.0 TLS first",
            "the sending server uses the TLS that mx1.partner.example requires",
        ),
    ],
)
def test_what_has_to_change_names_who_and_what(reason: Reason, reply: str, until: str) -> None:
    assert answer(later(reason, reply)) == (Retry.NOT_BEFORE_CHANGE, f"not until {until}; {FAILS}")


def test_a_listing_has_to_be_removed_and_is_named() -> None:
    reply = "450 4.7.1 Client host [203.0.113.10] blocked using zen.spamhaus.org"
    listed = report(session(MX1, refusal(Reason.IP_BLOCKLIST, reply, code="blocklisted")))
    told = f"not until 203.0.113.10 is no longer listed on zen.spamhaus.org; {FAILS}"
    assert answer(listed) == (Retry.NOT_BEFORE_CHANGE, told)


def test_a_closed_list_is_for_the_server_to_drop() -> None:
    reply = "450 4.7.1 blocked using bl.spamcannibal.org"
    dead = report(session(MX1, refusal(Reason.IP_BLOCKLIST, reply, code="blocklisted", side=Side.RECIPIENT)))
    assert answer(dead) == (
        Retry.NOT_BEFORE_CHANGE,
        f"not until mx1.partner.example stops using that blocklist; {FAILS}",
    )


def test_the_null_sender_and_an_unknown_source_have_noun_phrases() -> None:
    settings = Settings("", "bob@partner.example")
    item = refusal(Reason.AUTHENTICATION, "450 4.7.26 SPF", code="recipient-deferred")
    made = report(session(MX1, item, source=""), settings=settings)
    assert answer(made)[1] == f"not until SPF, DKIM or DMARC of the sender domain are corrected; {FAILS}"
    item = refusal(Reason.REVERSE_DNS, "450 4.7.25 no PTR", code="recipient-deferred")
    assert (
        answer(report(session(MX1, item, source="")))[1]
        == f"not until the PTR of this host resolves back to it; {FAILS}"
    )


def test_what_this_run_contradicts_or_nobody_said_is_unknown() -> None:
    made = later(Reason.REVERSE_DNS)
    [cause] = find_causes(made, ONE)
    for other in (replace(cause, contradicted=True), replace(cause, probable=True)):
        assert delivered_when(made, ONE, [other]) == (Retry.UNKNOWN, UNKNOWN)
    assert answer(later(Reason.GREYLISTING, "450 4.2.0 later", probable=True)) == (Retry.UNKNOWN, UNKNOWN)
    persists = Cause("greylisting-persists", Side.POLICY, "x", decides=True, reason=Reason.GREYLISTING)
    assert delivered_when(made, ONE, [persists]) == (Retry.UNKNOWN, UNKNOWN)


GREY = refusal(Reason.GREYLISTING, "450 4.2.0 later", code="greylisted", side=Side.POLICY)
DEAD = finding("connection-timeout", "x")
LISTED = refusal(Reason.IP_BLOCKLIST, "450 4.7.1 blocked using zen.spamhaus.org", code="blocklisted")
FULL = refusal(Reason.MAILBOX_FULL, "452 4.2.2 full", code="recipient-deferred", side=Side.RECIPIENT)
TROUBLE = refusal(Reason.SERVER_TROUBLE, "451 4.3.0 trouble", code="recipient-deferred", side=Side.RECIPIENT)


@pytest.mark.parametrize(
    ("first", "second", "retry"),
    [
        ((GREY, LATER), (DEAD, DOWN), Retry.BY_ITSELF),
        ((DEAD, DOWN), (GREY, LATER), Retry.BY_ITSELF),
        ((LISTED, LATER), (GREY, LATER), Retry.BY_ITSELF),
        ((TROUBLE, LATER), (GREY, LATER), Retry.BY_ITSELF),
        ((DEAD, DOWN), (DEAD, DOWN), Retry.UNKNOWN),
        ((LISTED, LATER), (DEAD, DOWN), Retry.NOT_BEFORE_CHANGE),
        ((LISTED, LATER), (LISTED, LATER), Retry.NOT_BEFORE_CHANGE),
        ((LISTED, LATER), (TROUBLE, LATER), Retry.UNKNOWN),
        ((FULL, LATER), (TROUBLE, LATER), Retry.NOT_BEFORE_CHANGE),
        ((TROUBLE, LATER), (LISTED, LATER), Retry.UNKNOWN),
    ],
)
def test_one_address_that_accepts_later_is_enough(first: tuple, second: tuple, retry: Retry) -> None:  # type: ignore[type-arg]
    phases = ["connect" if result is DOWN else "rcpt-to" for _, result in (first, second)]
    made = report(session(MX1, first[0], phase=phases[0]), session(MX2, second[0], phase=phases[1]))
    assert answer(made, walked((MX1, first[1]), (MX2, second[1])))[0] is retry


def test_greylisting_that_no_sending_server_comes_to_helps_nobody() -> None:
    made = report(session(MX1, LISTED), session(MX2, LISTED), session(MX3, GREY))
    assert answer(made, walked((MX1, LATER), (MX2, LATER), (MX3, LATER)))[0] is Retry.NOT_BEFORE_CHANGE


def test_a_fault_beside_the_sessions_does_not_make_a_listing_pass() -> None:
    made = report(session(MX1, LISTED), step("identity/ipv4", finding("no-ipv6-route", "x")))
    assert answer(made)[0] is Retry.NOT_BEFORE_CHANGE


def hosts(*groups: tuple[int, str, AttemptResult]) -> list[HostAddresses]:
    made = []
    for preference, step_id, result in groups:
        name, address = step_id.split("/")[1:]
        item = HostAddress(address, step_id, attempt_of(result))
        made.append(HostAddresses(name, preference, None, (item,)))
    return made


def test_of_equal_preference_a_retry_may_meet_the_one_that_accepts() -> None:
    verdict = of_hosts(hosts((10, MX1, LATER), (10, MX2, LATER), (10, MX3, OK)))
    made = report(session(MX1, LISTED), session(MX2, LISTED))
    told = "delayed, at worst; another MX host of the same preference accepts"
    assert answer(made, verdict) == (Retry.BY_ITSELF, told)
    bounced = of_hosts(hosts((10, MX1, AttemptResult.REJECTED), (10, MX2, OK)))
    told = "no, at worst; another MX host of the same preference accepts, and which one is tried is chance"
    assert delivered_when(made, bounced, ()) == (None, told)


def test_too_far_down_is_never_unless_a_retry_passes_at_a_better_one() -> None:
    dead = [(10 * n, f"delivery/mx{n}.partner.example/192.0.2.{n}", DOWN) for n in range(1, 6)]
    verdict = of_hosts(hosts(*dead, (60, "delivery/mx6.partner.example/192.0.2.6", OK)))
    assert verdict.step == "senders/standard"
    silent = [session(item[1], DEAD, phase="connect") for item in dead]
    told = step("senders/standard", finding("senders-give-up", "x"))
    never = (Retry.NOT_BEFORE_CHANGE, f"not until the MX records of partner.example are corrected; {FAILS}")
    assert answer(report(*silent, told), verdict) == never
    busy = refusal(Reason.RATE_LIMIT, "421 4.7.0 too many", code="rate-limited", side=Side.POLICY)
    passes = [session(dead[0][1], busy, phase="greeting"), *silent[1:]]
    assert answer(report(*passes, told), verdict) == (Retry.BY_ITSELF, RETRIES)


@pytest.mark.parametrize(
    ("recipient", "retry", "told"),
    [
        ("bob@greylist.example", Retry.BY_ITSELF, RETRIES),
        ("bob@busy.example", Retry.BY_ITSELF, RETRIES),
        ("bob@timeout.example", Retry.UNKNOWN, UNKNOWN),
        ("bob@servfail.example", Retry.UNKNOWN, UNKNOWN),
        (
            "bob@bogus.example",
            Retry.NOT_BEFORE_CHANGE,
            f"not until the DNSSEC records of bogus.example are corrected; {FAILS}",
        ),
        (
            "bob@stale.example",
            Retry.NOT_BEFORE_CHANGE,
            f"not until the outdated copy in 192.0.2.53 expires or is flushed; {FAILS}",
        ),
        (
            "bob@seventh.example",
            Retry.NOT_BEFORE_CHANGE,
            f"not until the MX records of seventh.example are corrected; {FAILS}",
        ),
        ("bob@long.example", Retry.NOT_BEFORE_CHANGE, f"not until 192.0.2.55 answers over TCP; {FAILS}"),
        ("bob@blocked.example", Retry.NOT_BEFORE_CHANGE, f"not until outbound TCP port 25 is open; {FAILS}"),
        ("bob@null.example", None, "no; the sending server returns the message to the sender"),
        ("bob@partner.example", None, "yes, up to RCPT TO"),
    ],
)
async def test_the_stories_have_the_right_answer(recipient: str, retry: Retry | None, told: str) -> None:
    async with DemoNetwork() as network:
        made = await run(network, recipient, timeout=1)
    assert (made.retry, made.delivery) == (retry, told)


async def test_where_tls_is_required_the_message_waits_for_it() -> None:
    async with DemoNetwork() as network:
        made = await run(network, "bob@plain.example", tls="require")
    assert made.outcome is Outcome.DEFERRED
    assert made.retry is Retry.NOT_BEFORE_CHANGE
    assert made.delivery == f"not until mx.plain.example offers STARTTLS, or TLS is no longer required; {FAILS}"
    assert made.causes[0].meaning.startswith("TLS is required, so the sending server sends nothing unencrypted")
    assert made.advice[-1] == "Contact postmaster@plain.example from another mailbox; quote this report."


@pytest.mark.parametrize("relays", [("gone.partner.example",), ("gone.partner.example", "lost.partner.example")])
async def test_a_relay_host_that_is_not_found_has_to_resolve(relays: tuple[str, ...]) -> None:
    async with DemoNetwork() as network:
        made = await run(network, "bob@partner.example", relay=tuple(Relay(name, 25, mx=False) for name in relays))
    name = relays[0] if len(relays) == 1 else f"one of {', '.join(relays)}"
    assert made.headline.startswith("Relay host")
    assert made.headline.endswith("not found")
    assert (made.retry, made.delivery) == (Retry.NOT_BEFORE_CHANGE, f"not until {name} resolves; {FAILS}")
    assert made.actions == (Action("", f"Check the spelling of {name}, and make it resolve."),)
    assert "MX records" not in made.causes[0].meaning


async def test_a_given_server_that_is_not_found_is_named() -> None:
    async with DemoNetwork() as network:
        made = await run(network, "bob@partner.example", server="gone.partner.example")
    assert made.headline == "The given server gone.partner.example has no address"
    assert (made.retry, made.delivery) == (None, "unknown; could not be determined from this host")


async def test_what_is_wrong_beside_the_reply_does_not_change_the_answer() -> None:
    for wrong in ("plain", "expired", "inside", "literal"):
        assert (await sibling("greylist.example", wrong)).retry is Retry.BY_ITSELF


def test_an_accept_of_any_recipient_is_told_with_its_host() -> None:
    made = report(step("probes"), step("probes/random-recipient", finding("accepts-any-recipient", "x")))
    verdict = Verdict(Outcome.ACCEPTED, "x", MX1)
    told = "yes, up to RCPT TO, where mx1.partner.example accepts any recipient; a later bounce is possible"
    assert delivered_when(made, verdict, ()) == (None, told)


def test_every_condition_is_filled_whatever_the_cause() -> None:
    made = later(None)
    for code in catalogue():
        cause = Cause(code, Side.RECIPIENT, "x", evidence=(f"{MX1}/rcpt-to",), decides=True)
        retry, told = delivered_when(made, ONE, [cause])
        assert retry is not None
        assert not {"{", "}"} & set(told)


def test_what_fails_after_data_makes_an_accepted_message_less_than_certain() -> None:
    def told(*verdicts: BeyondVerdict, outcome: Outcome = Outcome.ACCEPTED) -> str:
        beyond = [Beyond(BeyondName.DMARC, verdict, "so it is") for verdict in verdicts]
        verdict = Verdict(outcome, "mx1 said so", MX1)
        return delivered_when(report(), verdict, (), beyond)[1]

    assert told() == told(BeyondVerdict.PASS, BeyondVerdict.UNKNOWN) == "yes, up to RCPT TO"
    assert told(BeyondVerdict.PASS, BeyondVerdict.FAIL) == (
        "yes, up to RCPT TO; the message may be rejected after DATA"
    )
    assert told(BeyondVerdict.FAIL, outcome=Outcome.BOUNCED) == told(outcome=Outcome.BOUNCED)


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (
            {"spf": "fail", "dmarc": "pass"},
            "receivers that do not enforce DMARC may reject the message after DATA",
        ),
        (
            {"dkim": "fail", "dmarc": "pass"},
            "receivers that do not enforce DMARC may reject the message after DATA",
        ),
        ({"spf": "fail", "dmarc": "unknown"}, "the message may be rejected after DATA"),
        ({"spf": "fail"}, "the message may be rejected after DATA"),
        ({"spf": "fail", "dmarc": "pass", "receivers": "fail"}, "the message may be rejected after DATA"),
        ({"message": "fail", "dmarc": "pass"}, "the message may be rejected after DATA"),
    ],
)
def test_where_dmarc_passes_spf_or_dkim_alone_endangers_little(verdicts: dict[str, str], told: str) -> None:
    beyond = [Beyond(BeyondName(name), BeyondVerdict(verdict), "so") for name, verdict in verdicts.items()]
    found = delivered_when(report(), Verdict(Outcome.ACCEPTED, "mx1 said so", MX1), (), beyond)
    assert found == (None, f"yes, up to RCPT TO; {told}")
