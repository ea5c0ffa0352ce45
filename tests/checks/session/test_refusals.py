"""What is known of a receiver's words refines the finding, and leaves the words themselves whole."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from smtpdiag_tui.checks.session import reply_meanings
from smtpdiag_tui.checks.session.attempts import is_rate_limited
from smtpdiag_tui.checks.session.phases import judge_phase
from smtpdiag_tui.checks.session.refusals import (
    blocklist,
    judge_refusal,
    listed_party,
    refused,
    says_too_much,
)
from smtpdiag_tui.checks.session.replies.filling import filled
from smtpdiag_tui.checks.session.replies.names import names_of
from smtpdiag_tui.checks.session.replies.normal_form import normal_form
from smtpdiag_tui.checks.session.reply_meanings import explain
from smtpdiag_tui.checks.session.reply_texts import Listing
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.network.seam import TrustStore
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, Side, catalogue
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.settings import Relay
from tests.checks.making import exchange, session
from tests.checks.session.reply_samples import CASES, placed

MACHINE, SENDER, RECIPIENT, SERVER = Party
SPAMHAUS = (
    "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://x.example"
)


def to(recipient: str) -> SessionObservation:
    seen = session()
    return replace(seen, envelope=replace(seen.envelope, recipient=recipient))


def at(phase: Phase, *lines: str) -> Finding:
    [found] = judge_refusal(session(), exchange(phase, *lines))
    return found


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_every_sample_becomes_a_finding_that_explains_it(name: str, sample: str) -> None:
    reply, phase = placed(sample)
    names = names_of(session())
    told = explain(reply, phase, names)
    named = blocklist(exchange(phase, *(line.decode() for line in reply.lines)))
    zone = named.name if named is not None else ""
    found = at(phase, *(line.decode() for line in reply.lines))
    assert told is not None
    assert found.meaning.startswith(filled(told.meaning, names, list=zone))
    assert (found.reason, found.side, found.reference) == (told.reason, told.side, told.reference)
    assert found.actions
    for action in found.actions:
        assert not re.search(r"https?://\S+[.,;)]( |$)", action.what), "a URL ends where it ends"
    assert "{" not in f"{found.advice}{found.meaning}"
    assert found.evidence == tuple(line.decode() for line in reply.lines)
    assert not found.message.endswith(".")
    assert found.message[0].isupper() or found.message.startswith((names.host, "192.0.2.", "sender.example"))
    assert normal_form(reply, names).quoted(512) not in found.message
    assert found.severity is catalogue()[found.code].severity
    if told.code and not (reply.code == 421 and told.code == "starttls-required"):
        assert found.code == told.code
    assert says_too_much(exchange(phase, *found.evidence)) is (found.code == "rate-limited")
    assert (found.code == "greylisted") is (told.code == "greylisted")


@pytest.mark.parametrize(
    ("phase", "line", "code"),
    [
        (Phase.RCPT, "451 4.7.0 Temporary server error. Please try again later. PRX4", "recipient-deferred"),
        (Phase.RCPT, "451 4.7.1 Service unavailable - try again later", "recipient-deferred"),
        (Phase.RCPT, "451 Temporary local problem - please try later", "recipient-deferred"),
        (Phase.RCPT, "451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (AS1)", "rate-limited"),
        (Phase.RCPT, "451 Internal resource is temporarily unavailable - https://x.example", "greylisted"),
        (Phase.RCPT, "450 4.3.2 Service currently unavailable", "greylisted"),
        (Phase.GREETING, "450 4.3.2 Service currently unavailable", "service-unavailable"),
        (Phase.MAIL, "421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred", "rate-limited"),
        (Phase.RCPT, "421 4.7.0 greylisted, come back", "greylisted"),
        (Phase.GREETING, "554 IP=192.0.2.10 - None/bad reputation. (NOWL)", "blocklisted"),
        (Phase.MAIL, "550 5.7.606 Access denied, banned sending IP [192.0.2.10]", "blocklisted"),
        (Phase.RCPT, "450 User is receiving mail too quickly", "recipient-deferred"),
        (Phase.RCPT, "450 4.7.1 Client host rejected: cannot find your hostname", "recipient-deferred"),
        (Phase.RCPT, "553 This route requires encryption (TLS)", "starttls-required"),
        (Phase.RCPT, "554 5.7.1 blocked using zen.spamhaus.org; Error: open resolver", "recipient-rejected"),
    ],
)  # fmt: skip
def test_words_settle_what_a_code_leaves_open(phase: Phase, line: str, code: str) -> None:
    assert at(phase, line).code == code


@pytest.mark.parametrize(
    ("phase", "line", "who", "side"),
    [
        (Phase.RCPT, "554 5.7.1 <bob@partner.example>: Relay access denied", RECIPIENT, Side.RECIPIENT),
        (Phase.RCPT, "550 5.7.23 SPF validation failed", SENDER, Side.HERE),
        (Phase.RCPT, "550 5.7.25 odd", MACHINE, Side.HERE),
        (Phase.RCPT, "550 5.7.13 odd", RECIPIENT, Side.RECIPIENT),
        (
            Phase.RCPT,
            "504 5.5.2 <mail>: Helo command rejected: need fully-qualified hostname",
            MACHINE,
            Side.HERE,
        ),
        (Phase.RCPT, "554 5.7.1 blocked using dbl.spamhaus.org", SENDER, Side.HERE),
        (
            Phase.RCPT,
            "550 5.4.1 Recipient address rejected: Access denied. AS(1)",
            RECIPIENT,
            Side.RECIPIENT,
        ),
        (Phase.MAIL, "452 4.3.1 Insufficient system storage", SERVER, Side.RECIPIENT),
    ],
)
def test_words_tell_who_is_refused_and_whose_side_it_is_on(phase: Phase, line: str, who: str, side: Side) -> None:
    assert refused(exchange(phase, line)) == who
    assert at(phase, line).side is side


def test_the_enhanced_status_code_is_named_where_the_words_say_nothing() -> None:
    found = at(Phase.RCPT, "550 5.1.6 gone")
    assert found.meaning == (
        "5.1.6 means: destination mailbox has moved. The mailbox has moved, without a forwarding address."
    )
    assert found.reason is Reason.NO_SUCH_MAILBOX


def test_nothing_is_guessed_where_nothing_is_said() -> None:
    for phase, line in ((Phase.RCPT, "550 5.7.1 no"), (Phase.RCPT, "550 no"), (Phase.MAIL, "550 no")):
        found = at(phase, line)
        assert (found.reason, found.side, found.party) == (Reason.UNEXPLAINED, Side.POLICY, None)
        assert found.meaning.startswith("The reply gives no reason, only 550")
        assert found.meaning.endswith(("to MAIL FROM (permanent).", "to RCPT TO (permanent)."))
        assert "spelling" not in (found.advice or "")
        assert "reputation" not in (found.advice or "")
    found = at(Phase.RCPT, "550 5.7.1 no")
    assert found.meaning == "The reply gives no reason, only 550 5.7.1 to RCPT TO (permanent)."
    assert found.message == "mx.partner.example rejected the recipient: 550 5.7.1, no reason given"


def test_a_wait_without_a_reason_is_perhaps_greylisting() -> None:
    for line in ("450 later", "451 4.7.1 Please try again later", "450 4.2.0 later"):
        found = at(Phase.RCPT, line)
        assert (found.code, found.reason, found.side) == ("greylisted", Reason.GREYLISTING, Side.POLICY)
        assert found.message == "Probably greylisted by mx.partner.example [192.0.2.25]"
        assert found.probable
        assert "greylist" in found.meaning
        assert found.actions[0].what.startswith("Rerun after 5 minutes from ")
    for phase, line in ((Phase.MAIL, "450 later"), (Phase.RCPT, "452 later"), (Phase.RCPT, "450 4.3.0 later")):
        assert at(phase, line).reason is not Reason.GREYLISTING


def test_a_status_that_speaks_of_something_else_is_told_as_that() -> None:
    found = at(Phase.RCPT, "552 5.1.1 <bob@partner.example> extended quota violation")
    assert found.reason is Reason.MAILBOX_FULL
    assert "Status code 5.1.1 says otherwise" in found.meaning
    for line in ("552 5.2.2 mailbox full", "550 5.7.1 mailbox full", "550 mailbox full", "550 5.1.1 user unknown"):
        assert "otherwise" not in at(Phase.RCPT, line).meaning


def test_a_guess_by_the_words_is_not_overruled_by_the_enhanced_status_code() -> None:
    for line, reason in (
        ("450 4.7.1 rate limit exceeded", Reason.RATE_LIMIT),
        ("450 4.7.1 listed by rbl.example", Reason.IP_BLOCKLIST),
        ("550 5.7.23 your IP has no PTR", Reason.REVERSE_DNS),
    ):
        assert at(Phase.RCPT, line).reason is reason


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        (SPAMHAUS, "192.0.2.10 is listed on zen.spamhaus.org; mx.partner.example rejected it"),
        ("554 5.7.1 Client host [192.0.2.10] blocked using bl.example; see there",
         "192.0.2.10 is listed on bl.example; mx.partner.example rejected it"),
        ("550 5.7.606 Access denied, banned sending IP [192.0.2.10]",
         "192.0.2.10 is listed on the Microsoft blocklist; mx.partner.example rejected it"),
        ("554 5.7.1 [192.0.2.10] blocked using dbl.spamhaus.org",
         "sender.example is listed on dbl.spamhaus.org; mx.partner.example rejected it"),
        ("550 5.7.1 your IP has been found on a block list",
         "This host is listed on a blocklist; mx.partner.example rejected it"),
        ("450 DT:RBL 163 gzmx9", "This host is listed on a blocklist; mx.partner.example deferred it"),
    ],
)  # fmt: skip
def test_a_list_is_named_by_its_zone_or_by_whose_it_is(line: str, headline: str) -> None:
    assert at(Phase.RCPT, line).message == headline


def test_a_receiver_that_throttles_is_asked_again_like_any_rate_limit() -> None:
    said = (
        "451 4.7.650 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation. (S775)"
    )
    assert is_rate_limited(session(exchange(Phase.MAIL, said)))
    assert not is_rate_limited(session(exchange(Phase.GREETING, "421 #4.4.5 Too many connections to this host.")))
    assert not is_rate_limited(session(exchange(Phase.MAIL, "250 2.1.0 ok, unusual rate of mail, throttled")))


def test_nothing_is_read_before_a_reply_refuses() -> None:
    reply_meanings._exact.cache_clear()
    assert not is_rate_limited(session(exchange(Phase.GREETING, "220 ready"), exchange(Phase.RCPT, "250 ok")))
    assert reply_meanings._exact.cache_info().currsize == 0
    at(Phase.RCPT, "550 words that no other test says")
    assert reply_meanings._exact.cache_info().currsize == 1


def test_a_hostile_refusal_is_judged_quickly_and_kept_whole() -> None:
    def judged(size: int) -> tuple[float, str]:
        line = "550-" + "http://" * (size // 7)
        reply_meanings._explained.cache_clear()
        normal_form.cache_clear()
        begun = time.process_time()
        found = at(Phase.RCPT, line, line, line, "550 " + "a." * (size // 2))
        return time.process_time() - begun, found.evidence[0]

    small, large = (min(judged(size) for _ in range(3)) for size in (8_000, 64_000))
    assert large[0] < 3 * 8 * max(small[0], 0.005)
    assert large[1] == "550-" + "http://" * 9142


def test_what_to_do_about_a_listing_says_where() -> None:
    assert at(Phase.RCPT, SPAMHAUS).actions[0].what == (
        "Look up this host at https://check.spamhaus.org/ to see which list and why."
    )
    assert "http" not in (at(Phase.RCPT, "450 greylisted").advice or "")


def test_the_list_is_there_for_whoever_compares_lists() -> None:
    assert blocklist(exchange(Phase.RCPT, SPAMHAUS)) == Listing("zen.spamhaus.org", "192.0.2.10")
    banned = "550 5.7.606 Access denied, banned sending IP [192.0.2.10]"
    assert blocklist(exchange(Phase.MAIL, banned)) == Listing("the Microsoft blocklist", "192.0.2.10")
    assert blocklist(exchange(Phase.RCPT, "550 5.1.1 no such user")) is None
    assert blocklist(exchange(Phase.RCPT, "250 ok, not on spamhaus")) is None


def test_a_refused_starttls_is_explained_too() -> None:
    greeting, ehlo = (
        exchange(Phase.GREETING, "220 mx"),
        exchange(Phase.EHLO, "250-mx", "250 STARTTLS", command=b"EHLO x"),
    )
    said = "454 4.7.0 TLS not available due to local problem"
    for line, told in ((said, "certificate or key"), ("454 no", catalogue()["starttls-refused"].meaning)):
        seen = session(greeting, ehlo, exchange(Phase.STARTTLS, line))
        [found] = judge_phase(seen, Phase.STARTTLS, TrustStore(), datetime(2026, 11, 24, tzinfo=UTC), ("mx",))
        assert found.code == "starttls-refused"
        assert told in found.meaning


@pytest.mark.parametrize(
    ("phase", "line", "code"),
    [
        (Phase.RCPT, "550 5.1.1 <bob@spamhaus.example>: Recipient address rejected: User unknown in local"
         " recipient table", "recipient-rejected"),
        (Phase.RCPT, "550 5.1.1 <spamcop@partner.example>: Recipient address rejected: User unknown",
         "recipient-rejected"),
        (Phase.RCPT, "550 5.7.1 <abusix@partner.example>: Recipient address rejected: no", "recipient-rejected"),
        (Phase.RCPT, "550 bob@spamhaus.example does not like you", "recipient-rejected"),
        (Phase.RCPT, "450 4.2.0 <bob@spamhaus.example>: Recipient address rejected: Greylisted", "greylisted"),
        (Phase.MAIL, "550 5.7.1 <x@rbl.example>: Sender address rejected: no", "sender-rejected"),
        (Phase.EHLO, "550 5.7.1 <dnsbl.sender.example>: Helo command rejected: Host not found", "helo-rejected"),
        (Phase.RCPT, "550 5.1.1 Sorry, no mailbox, see https://help.example/lookup?check=1", "recipient-rejected"),
        (Phase.RCPT, "550 5.7.1 The sender is on the recipient's personal blacklist", "recipient-rejected"),
        (Phase.RCPT, "550 Blacklisted recipient", "recipient-rejected"),
        (Phase.RCPT, "550 5.7.1 refused, see https://help.example/check/errors", "recipient-rejected"),
        (Phase.RCPT, "550 5.7.1 Your IP 192.0.2.10 is blacklisted", "blocklisted"),
        (Phase.RCPT, "554 5.7.1 <bob@spamhaus.example>: Client host [192.0.2.10] blocked using bl.example",
         "blocklisted"),
        (Phase.RCPT, "550 your sender IP is on our blacklist", "blocklisted"),
        (Phase.MAIL, "550 5.1.8 Domain spamhaus.example does not exist", "sender-rejected"),
        (Phase.RCPT, "550 Sender IP is blacklisted", "blocklisted"),
        (Phase.RCPT, "550 Sender 192.0.2.10 is blacklisted", "blocklisted"),
        (Phase.RCPT, "550 Sender alice@sender.example is blacklisted", "recipient-rejected"),
        (Phase.RCPT, "550 5.7.1 blocked for spam, see https://help.example/lookup", "blocklisted"),
    ],
)  # fmt: skip
def test_a_list_is_seen_in_the_server_s_own_words_alone(phase: Phase, line: str, code: str) -> None:
    assert at(phase, line).code == code
    assert (blocklist(exchange(phase, line)) is not None) is (code == "blocklisted")


@pytest.mark.parametrize(
    ("phase", "line", "party"),
    [
        (Phase.RCPT, SPAMHAUS, MACHINE),
        (Phase.MAIL, SPAMHAUS, MACHINE),
        (Phase.MAIL, "550 5.7.1 Your IP 192.0.2.10 is in our rbl", MACHINE),
        (Phase.MAIL, "554 5.7.1 Service unavailable; Helo command [a.example] blocked using dbl.x", MACHINE),
        (Phase.RCPT, "554 5.7.1 Service unavailable; Sender address [a@b.example] blocked using dbl.spamhaus.org",
         SENDER),
        (Phase.RCPT, "554 5.7.1 Service unavailable; Sender address [a@b.example] blocked using rhsbl.example",
         SENDER),
        (Phase.RCPT, "550 5.7.1 likely suspicious due to the very low reputation of the sending domain", None),
        (Phase.RCPT, "550 5.7.1 Your domain is on the blacklist of rbl.example", SENDER),
        (Phase.RCPT, "550 listed by multi.surbl.org", SENDER),
        (Phase.RCPT, "550 5.7.1 The sender's domain has a poor reputation", None),
        (Phase.RCPT, "550 5.7.1 poor reputation", None),
        (Phase.RCPT, "550 listed by black.uribl.com", SENDER),
        (Phase.RCPT, "550 5.1.1 no such user", None),
        (Phase.RCPT, "250 not on spamhaus", None),
    ],
)  # fmt: skip
def test_a_listing_is_of_this_machine_or_of_the_sender_s_domain(
    phase: Phase, line: str, party: str | None
) -> None:
    assert listed_party(exchange(phase, line)) == party
    if party is None:
        return
    found = at(phase, line)
    assert found.party == party
    if party == SENDER:
        assert "domain" in found.meaning
        assert "this address" not in (found.advice or "")


@pytest.mark.parametrize(
    ("phase", "line", "code", "words"),
    [
        (Phase.RCPT, "421-4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires",
         "service-unavailable", "SPF"),
        (Phase.RCPT, "451 too many errors detected from your IP (192.0.2.10)", "rate-limited", "wait a day"),
        (Phase.RCPT, "450 4.7.1 <bob@x.example>: Recipient address rejected: SPF temperror",
         "recipient-deferred", "SPF"),
        (Phase.RCPT, "450 4.7.1 Access denied. Your IP is temporarily in our penalty box", "rate-limited",
         "Send nothing from"),
        (Phase.MAIL, "530 5.7.57 Client not authenticated to send mail.", "sender-rejected", "connector"),
        (Phase.MAIL, "530 Access denied", "sender-rejected", "MX records"),
        (Phase.MAIL, "452 4.3.1 Insufficient disk space", "sender-deferred", "free disk space"),
        (Phase.MAIL, "452 4.4.5 Insufficient disk space", "sender-deferred", "free disk space"),
        (Phase.MAIL, "451 4.3.0 odd", "sender-deferred", "Rerun later"),
        (Phase.MAIL, "550 5.7.1 Your IP is not welcome", "sender-rejected", "lift the block"),
        (Phase.RCPT, "451 4.7.1 Please try again later", "greylisted", "Rerun"),
        (Phase.RCPT, "450 Internal error", "recipient-deferred", ""),
        (Phase.RCPT, "450 4.7.1 Recipient limit exceeded", "rate-limited", "wait a few minutes"),
        (Phase.RCPT, "451 4.7.0 TLS required", "recipient-deferred", "Enable STARTTLS"),
        (Phase.RCPT, "450 4.7.0 Reverse DNS for 192.0.2.10 failed", "recipient-deferred", "PTR"),
        (Phase.RCPT, "450 4.7.1 <bob@fullhost.example>: Recipient address rejected: later", "greylisted", ""),
    ],
)  # fmt: skip
def test_a_reply_says_whom_it_is_about_and_what_to_do(phase: Phase, line: str, code: str, words: str) -> None:
    found = at(phase, line)
    assert found.code == code
    assert re.search(words, found.advice)


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("452 4.3.1 Insufficient disk space", SERVER),
        ("452 4.4.5 Insufficient disk space", SERVER),
        ("452 Insufficient system storage", SERVER),
        ("451 4.3.0 odd", SERVER),
        ("550 5.7.1 Your IP is not welcome", MACHINE),
        ("450 4.1.8 Sender address rejected: Domain not found", SENDER),
        ("451 4.4.3 DNS trouble", SERVER),
        ("550 5.7.1 no", SENDER),
    ],
)
def test_at_mail_the_sender_is_refused_unless_words_or_status_say_otherwise(line: str, who: str) -> None:
    assert refused(exchange(Phase.MAIL, line)) == who
    if who == SERVER:
        assert at(Phase.MAIL, line).message.startswith("mx.partner.example deferred the message: ")
        assert at(Phase.MAIL, line).side is Side.RECIPIENT


def test_a_server_that_wants_a_login_is_told_as_that() -> None:
    for phase in (Phase.MAIL, Phase.RCPT):
        message = at(phase, "530 5.7.57 Client not authenticated to send mail.").message
        command = "MAIL FROM" if phase is Phase.MAIL else "RCPT TO"
        assert message == f"mx.partner.example rejected {command}: authentication required"
    assert "authentication" not in at(Phase.MAIL, "550 5.7.1 no").message
    assert at(Phase.MAIL, "530 5.7.0 Must issue a STARTTLS command first").code == "starttls-required"


def test_too_much_is_of_the_domain_only_where_the_words_say_so() -> None:
    domain = "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your SPF domain"
    message = "mx.partner.example deferred the sender: rate limit of its domain exceeded"
    assert at(Phase.MAIL, domain).message == message
    message = "mx.partner.example deferred this host: rate limit exceeded"
    assert at(Phase.MAIL, "450 4.7.1 rate limit exceeded").message == message


def test_a_mailbox_that_looks_like_a_place_in_a_sentence_is_told_as_it_is() -> None:
    odd = to("{ehlo}{wait}{client}@partner.example")
    [found] = judge_refusal(odd, exchange(Phase.RCPT, "550 5.1.1 no such user"))
    assert "{ehlo}{wait}{client}@partner.example" in (found.advice or "")


def test_advice_keeps_the_case_of_a_mailbox() -> None:
    reply = exchange(Phase.RCPT, "550 5.1.1 <bob.smith@partner.example>: no such user")
    [found] = judge_refusal(to("Bob.Smith@partner.example"), reply)
    assert "Bob.Smith@partner.example" in (found.advice or "")
    assert found.reason is Reason.NO_SUCH_MAILBOX


def test_a_relay_is_not_called_an_mx_host_of_the_domain() -> None:
    seen = session(source="192.0.2.10")
    relayed = replace(seen, settings=replace(seen.settings, relay=(Relay("relay.example"),)))
    for line in ("451 4.3.0 Internal error", "550 5.7.1 no", "550 5.7.1 Client host [172.18.0.1] has no PTR"):
        reply = exchange(Phase.RCPT, line)
        [found] = judge_refusal(relayed, reply)
        assert "MX administrator" not in found.advice
        assert "postmaster@" not in found.advice
        assert "dministrator of mx.partner.example" in found.advice
        [of_mx] = judge_refusal(seen, reply)
        assert "MX administrator of mx.partner.example" in of_mx.advice or "postmaster@" in of_mx.advice
