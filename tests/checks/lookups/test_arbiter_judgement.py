"""What is told of a resolver that is wrong: in which words, how grave, whose side, until when."""

from datetime import UTC, datetime

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.arbiter import AuthorityWord, Reading, ResolverWord, Ruling, Why, rule
from smtpdiag_tui.checks.lookups.arbiter_judgement import duration, judge_alias, judge_ruling, shown
from smtpdiag_tui.checks.lookups.arbitration import Alias, Arbitration
from smtpdiag_tui.checks.lookups.rewriting import RandomName
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.settings import DnsServer
from tests.checks.making import DOMAIN, OTHER, SERVER, answer

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
TRUTH = answer(data=["10 new.partner.example."], flags=("AA",), server=DnsServer("192.0.2.51"))
SOA = answer("SOA", ["ns1.example. dns.partner.example. 1 2 3 4 5"], flags=("AA",))
AUTHORITY = AuthorityWord((TRUTH,), (SOA,))


def judged(ruling: Ruling, *, here: bool = False, now: datetime | None = NOW) -> Finding:
    told = judge_ruling(ruling, now=now, here=here, random=None)
    assert told is not None
    return told


def outdated(**more: object) -> Ruling:
    return rule(DOMAIN, ResolverWord(SERVER, answer(**more)), AUTHORITY)  # type: ignore[arg-type]


def test_an_outdated_copy_names_old_and_new_and_its_end() -> None:
    told = judged(outdated(data=["10 old.partner.example."]))
    assert told.message == "Resolver 192.0.2.53 returns outdated MX records for partner.example"
    assert told.meaning == (
        "192.0.2.53 returns 10 old.partner.example;"
        " the name servers of partner.example return 10 new.partner.example."
        " Mail from this host follows the outdated copy until it expires in 5 minutes, at 2026-11-27 12:05:00 UTC."
    )
    assert told.actions == (
        Action("", "Flush partner.example from the cache of 192.0.2.53, or wait 5 minutes, then rerun."),
    )
    assert (told.side, told.severity) == (Side.HERE, "warning")
    assert any("old.partner.example" in line for line in told.evidence)
    assert any("new.partner.example" in line for line in told.evidence)


def test_without_a_clock_the_time_is_left_out() -> None:
    told = judged(outdated(data=["10 old.partner.example."]), now=None)
    assert "UTC" not in told.meaning + (told.advice or "")
    assert "5 minutes" in told.meaning


@pytest.mark.parametrize(
    ("kind", "words"),
    [(AnswerKind.NXDOMAIN, "an outdated NXDOMAIN"), (AnswerKind.NODATA, "an outdated answer without MX records")],
)
def test_an_outdated_absence_is_a_failure(kind: AnswerKind, words: str) -> None:
    told = judged(outdated(kind=kind))
    assert words in told.message
    assert told.severity == "failure"
    assert "5 seconds" in told.meaning  # the SOA's minimum is less than its TTL (RFC 2308 §5)


def test_a_copy_whose_end_is_not_told() -> None:
    told = judged(outdated(kind=AnswerKind.NXDOMAIN, soa=None))
    assert told.meaning.endswith(
        "Mail from this host follows 192.0.2.53; how long it keeps the copy could not be determined."
    )
    assert told.advice == "Flush partner.example from the cache of 192.0.2.53, then rerun."


@pytest.mark.parametrize(
    ("reading", "code", "severity", "side"),
    [
        (Reading.FILTERED, "answer-filtered", "failure", Side.HERE),
        (Reading.REWRITTEN, "nxdomain-rewritten", "failure", Side.HERE),
        (Reading.CONTRADICTS, "answers-contradict", "warning", Side.RECIPIENT),
    ],
)
def test_each_reading_has_its_code(reading: Reading, code: str, severity: str, side: Side) -> None:
    word = ResolverWord(SERVER, answer(kind=AnswerKind.NXDOMAIN), (answer("A", ["192.0.2.1"]),))
    told = judged(Ruling(reading, DOMAIN, word, AUTHORITY, Why.TOLD))
    assert (told.code, told.severity, told.side) == (code, severity, side)
    assert DOMAIN in told.message + told.meaning


def test_nothing_is_told_of_what_agrees_or_is_not_known() -> None:
    word = ResolverWord(SERVER, TRUTH)
    for reading in (Reading.AGREES, Reading.UNDECIDED):
        assert judge_ruling(Ruling(reading, DOMAIN, word, AUTHORITY), now=NOW, here=False, random=None) is None


def test_a_contradiction_is_its_zones_to_mend_and_ours_at_the_senders_domain() -> None:
    word = ResolverWord(SERVER, answer(kind=AnswerKind.NXDOMAIN), (answer("A", ["192.0.2.1"]),))
    ruling = Ruling(Reading.CONTRADICTS, DOMAIN, word, AUTHORITY)
    told = judged(ruling)
    assert told.actions == (
        Action(
            "DNS administrator of partner.example (dns@partner.example)",
            "return NOERROR without records for types that do not exist at partner.example.",
        ),
    )
    assert judged(ruling, here=True).side is Side.HERE
    assert told.message == "192.0.2.53 returned NXDOMAIN for MX partner.example, but records for A"


def test_a_random_name_is_evidence() -> None:
    name = "abcdefghijklmnopqrst.example"
    random = RandomName(
        name, answer("A", ["192.0.2.6"], name=name), answer("A", kind=AnswerKind.NXDOMAIN, name=name)
    )
    word = ResolverWord(SERVER, answer(kind=AnswerKind.NODATA), (answer("A", ["192.0.2.6"]),), rewrites=True)
    denied = AuthorityWord((answer(kind=AnswerKind.NXDOMAIN, flags=("AA",)),))
    told = judge_ruling(rule(DOMAIN, word, denied), now=NOW, here=False, random=random)
    assert told is not None
    assert sum(name in line for line in told.evidence) >= 2
    assert [action.what for action in told.actions] == [
        "Check the spelling of partner.example; it does not exist.",
        "Turn off NXDOMAIN rewriting at 192.0.2.53, or use another resolver; then rerun.",
    ]


def test_a_filter_is_told_by_what_shows_it_and_what_it_does() -> None:
    word = ResolverWord(SERVER, answer(kind=AnswerKind.NXDOMAIN))
    told = judged(Ruling(Reading.FILTERED, DOMAIN, word, AUTHORITY, Why.NULLED))
    assert told.message == "Resolver 192.0.2.53 withholds the MX records of partner.example"
    assert told.meaning == (
        "The resolver returns a null address for the name, as filters do."
        " The name servers of partner.example return 10 new.partner.example;"
        " this host cannot deliver mail to partner.example while 192.0.2.53 filters it."
    )
    own = judged(Ruling(Reading.FILTERED, DOMAIN, word, AuthorityWord(), Why.NULLED), here=True)
    assert own.meaning.endswith(" Servers that use 192.0.2.53 cannot look up the sender domain partner.example.")


def test_a_view_of_its_own_is_told_with_what_mail_follows() -> None:
    word = ResolverWord(SERVER, answer(data=["10 in.partner.example."]))
    told = judged(Ruling(Reading.OWN_VIEW, DOMAIN, word, AUTHORITY, Why.WITH_AUTHORITY))
    assert told.message == "Resolver 192.0.2.53 has its own MX records for partner.example (split DNS)"
    assert told.meaning == (
        "192.0.2.53 is authoritative for a zone of that name itself. Mail from this host follows 192.0.2.53"
        " (10 in.partner.example), not the name servers of partner.example (10 new.partner.example)."
    )


def test_an_alias_is_told_with_what_it_hides() -> None:
    alias = answer("MX", aliases=[(DOMAIN, "web.example")])
    told = judge_alias(Alias(alias, cut=True, own=TRUTH), DOMAIN, here=False)
    assert told.message == "The CNAME at the apex of partner.example hides its MX records"
    assert "replace the CNAME at partner.example (for web.example) with A and AAAA records." in told.advice
    assert any("10 new.partner.example" in line for line in told.evidence)
    assert (told.severity, told.side) == ("warning", Side.RECIPIENT)
    assert judge_alias(Alias(alias), DOMAIN, here=True).side is Side.HERE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (45, "45 seconds"),
        (60, "1 minute"),
        (90, "1 minute 30 seconds"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (7260, "2 hours 1 minute"),
        (86400, "1 day"),
        (270000, "3 days 3 hours"),
    ],
)
def test_durations_in_words(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_answers_in_a_few_words() -> None:
    assert shown(None) == "no answer"
    assert shown(answer(kind=AnswerKind.NXDOMAIN)) == "NXDOMAIN"
    assert shown(answer(kind=AnswerKind.NODATA)) == "no MX"
    assert shown(answer(data=["0 ."])) == "0 ."
    assert shown(answer(data=[f"{n} mx{n}.example." for n in range(1, 6)])).endswith("and 2 more")
    assert shown(answer(aliases=[(DOMAIN, "a.example")], soa=None)) == "CNAME a.example"


def test_a_ruling_is_found_by_its_server() -> None:
    ruling = outdated(data=["10 old.partner.example."])
    assert Arbitration((ruling,)).ruling(SERVER) is ruling
    assert Arbitration((ruling,)).ruling(OTHER) is None
    assert Arbitration((ruling,)).ruling(None) is None
