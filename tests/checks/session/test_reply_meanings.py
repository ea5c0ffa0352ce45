"""What the receivers' words mean: each pattern has samples, and each sample meets its own pattern first."""

import re
import time

import pytest

from smtpdiag_tui.checks.session import reply_meanings
from smtpdiag_tui.checks.session.replies.normal_form import LAST, LONGEST, normal_form
from smtpdiag_tui.checks.session.reply_meanings import CODES, explain, patterns, statuses
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side, catalogue
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.smtp.reply import Reply
from tests.checks.making import reply
from tests.checks.session.reply_samples import CASES, REFUSING, SAMPLES, placed

NAMES = [item.explanation.id for item in patterns()]


def test_every_pattern_has_a_sample_and_every_sample_a_pattern() -> None:
    assert sorted(set(NAMES)) == sorted(NAMES), "a name stands in two files"
    assert set(NAMES) - set(SAMPLES) == set()
    assert set(SAMPLES) - set(NAMES) == set()
    assert all(SAMPLES.values())
    assert len(NAMES) >= 120


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_a_sample_meets_its_own_pattern_first(name: str, sample: str) -> None:
    found = explain(*placed(sample))
    assert found is not None
    assert (found.id, found.settled) == (name, True)


@pytest.mark.parametrize(
    ("lines", "phase"),
    [
        (("220 mx.partner.example ESMTP",), Phase.GREETING),
        (("250-mx.partner.example", "250-SIZE 1000", "250 STARTTLS"), Phase.EHLO),
        (("250 2.1.0 Ok",), Phase.MAIL),
        (("250 2.1.5 Ok",), Phase.RCPT),
        (("250 2.1.5 Recipient ok, greylisted no more, see spamhaus",), Phase.RCPT),
        (("252 2.0.0 cannot verify the user, mailbox full perhaps",), Phase.RCPT),
        (("221 2.0.0 Bye",), Phase.QUIT),
    ],
)
def test_what_refuses_nothing_means_nothing(lines: tuple[str, ...], phase: Phase) -> None:
    assert explain(reply(*lines), phase) is None


@pytest.mark.parametrize(
    "line",
    [
        "550 no", "554 Transaction failed", "450 please retry", "451 4.7.1 Please try again later",
        "550 5.7.1 not allowed", "450 4.7.0 temporarily deferred", "421 4.3.0 closing", "550 5.1.99 odd",
        "452 too many recipients", "554 5.7.1 no mail from you", "550 go away", "450 4.7.1 rate limit exceeded",
    ],
)  # fmt: skip
def test_ordinary_refusals_meet_no_pattern(line: str) -> None:
    found = explain(reply(line), Phase.RCPT)
    assert found is not None
    assert not found.of_receiver


@pytest.mark.parametrize("item", patterns(), ids=lambda item: str(item.explanation.id))
def test_every_entry_is_whole(item: reply_meanings.Pattern) -> None:
    told = item.explanation
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", told.id)
    assert item.exact or told.reason in Reason
    for text in (told.receiver, told.meaning, told.reference):
        assert text
        assert text.isprintable()
    assert told.meaning.endswith(".")
    assert len(re.findall(r"\.(?= [A-Z{]|$)", told.meaning)) <= 2, "a meaning has two sentences at most"
    assert told.actions
    for action in told.actions:
        assert action.what.isprintable()
        assert action.what.endswith(".")
        assert ": " not in action.who
        first = action.what.lstrip("{")[0]
        assert first.islower() if action.who else first.isupper()
    assert re.fullmatch(r"(?:[a-z]|SPF |TLS |Message-ID ).{0,48}[^.]|", told.name)
    assert re.fullmatch(r"https://[^ ]+|RFC \d+(?: §[\d.]+)?", told.reference or "")
    assert isinstance(told.side, Side)
    assert told.code in CODES | {""}
    assert told.who in {None, *Party}
    assert not told.blocklist or told.code == "blocklisted"
    assert item.first_digit in (0, 4, 5)
    assert item.phases <= REFUSING
    if told.code in ("greylisted", "rate-limited", "service-unavailable"):
        assert item.first_digit == 4, "a reply for good is none of these"
    if told.code == "blocklisted":
        assert told.who in ("machine", "sender")


@pytest.mark.parametrize("item", patterns(), ids=lambda item: str(item.explanation.id))
def test_no_pattern_has_open_ends(item: reply_meanings.Pattern) -> None:
    source = re.sub(r"\\.", "", item.regex.pattern)
    assert "*" not in source
    assert "+" not in re.sub(r"rbl\+", "", source)
    assert not re.search(r"\{\d+,\}", source)
    assert all(int(most) <= 1500 for most in re.findall(r"\{\d+,(\d+)\}", source))
    assert item.regex.pattern == item.regex.pattern.lower(), "the reply is searched in lower case"


@pytest.mark.parametrize(
    "filler",
    [
        b"a", b" ", b"0", b"<", b"a ", b"a.", b"-", b"spf ", b"http://", b"1.2.3.4 ", b"no valid ", b"abcd:",
        b"blocked using a.", b"nemesis esmtp service not available ", b"the mailbox user account is has been ",
        b"comcast ", b"the email account that you tried to reach ", b"dmarc fail reject policy ", b"\xff\x1b[",
        b"uceprotect level spamhaus 127.0.0.", b"ip=1 - ", b"messages to from because of all ",
    ],
)  # fmt: skip
def test_a_hostile_reply_is_quick(filler: bytes) -> None:
    def long(octets: int) -> Reply:
        line = b"550-" + (filler * (octets // len(filler)))
        return Reply(550, (line, line, line, b"550 " + line[4:]))

    def many(lines: int) -> Reply:
        return Reply(451, (b"451-4.7.1 " + filler,) * lines)

    whole = LONGEST // 4  # octets in each line of a reply that is just looked at as a whole
    assert seconds(long(64 * 1024)) < 3 * 4 * max(seconds(long(whole // 4)), 0.005)
    assert len(normal_form(long(64 * 1024)).said) <= LONGEST + LAST + 3
    assert seconds(many(20_000)) < 3 * 8 * max(seconds(many(2500)), 0.005)


def seconds(said: Reply) -> float:
    """Return how long it takes at best to explain a reply that is not known yet."""

    def once() -> float:
        reply_meanings._explained.cache_clear()
        normal_form.cache_clear()
        begun = time.process_time()
        explain(said, Phase.RCPT)
        return time.process_time() - begun

    return min(once() for _ in range(3))


def test_a_reply_is_told_in_one_line() -> None:
    said = reply("550-5.7.26 This mail  has", "550-5.7.26 been BLOCKED", "550 5.7.26 \x1b[31m - gsmtp")
    assert normal_form(said).told == r"550 5.7.26 this mail has been blocked \x1b[31m - gsmtp"
    assert normal_form(reply("554 plain")).told == "554 plain"
    assert normal_form(reply("550 4.1.1 other class")).told == "550 other class"
    assert normal_form(reply("550-", "550")).told == "550"


def test_the_enhanced_status_code_is_told_where_no_words_are_known() -> None:
    found = explain(reply("550 5.7.23 no"), Phase.RCPT)
    assert found is not None
    assert (found.id, found.settled, found.side, found.who) == ("5.7.23", False, Side.HERE, "sender")
    assert found.meaning.startswith("5.7.23 means: SPF validation failed. ")
    assert found.reference == "RFC 7372 §3.2"


@pytest.mark.parametrize(("line", "name"), [("521 no", "521"), ("556 no", "556"), ("521 5.3.2 no", "5.3.2")])
def test_reply_codes_that_mean_no_mail(line: str, name: str) -> None:
    found = explain(reply(line), Phase.GREETING)
    assert found is not None
    assert (found.id, found.side) == (name, Side.RECIPIENT)


def test_the_registry_is_whole() -> None:
    last = {"0": 0, "1": 10, "2": 4, "3": 6, "4": 7, "5": 6, "6": 10, "7": 30}
    known = {f"{subject}.{detail}" for subject, most in last.items() for detail in range(most + 1)}
    assert set(statuses()) == known
    for code, entry in statuses().items():
        assert set(entry) <= {"name", "reason", "meaning", "who", "side", "advice", "actor", "reference"}, code
        assert entry["meaning"].endswith(".")
        assert not entry["name"].endswith(".")
        assert entry.get("who", "machine") in set(Party)
        assert "side" not in entry or Side(entry["side"])
        assert re.fullmatch(r"RFC \d+(?: §[\d.]+)?|the IANA registry", entry["reference"])


def test_the_codes_that_words_may_settle_are_findings() -> None:
    assert set(catalogue()) >= CODES
