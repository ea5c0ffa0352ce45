"""The words that people read keep the rules; and each rule finds what breaks it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Settings
from tests import style, style_stories, style_texts
from tests.story_reports import story_report
from tests.style_stories import Said
from tests.style_texts import ROOT, WHERE, Text

REPLY = "550 5.1.1 <bob@a.example>: unknown user"

BAD_WORDS = [
    "MX host sent 25 octets",
    "Set the PTR of this machine to its name",
    "The machine is not in the DNS",
    "Let the name be known here",
    "Tell the administrator there",
    "The mailbox is there, but full",
    "a limit of ours",
    "we connect to port 25",
    "no mail host of a.example answered",
    "The exchange 192.0.2.25 is an address",
    "the peer sent a line",
    "talk to the server",
    "Let the server hold fewer sessions",
    "the raw conversation",
    "the host takes no mail",
    "the message is taken",
    "the server puts off the message",
    "the client is turned away",
    "a table denies the client",
    "the server says no",
    "the name said in EHLO",
    "the reply speaks of a list",
    "on account of the recipient",
    "the server tries again",
    "a second try",
    "a server returns the mail",
    "A standard sender stops after 5",
    "a sender would queue it",
    "the address that others see",
    "the address stands on a list",
    "the name leads back to the address",
    "the name leads nowhere",
    "this host has no way to the server",
    "the list is not to be had",
    "a session in clear",
    "mend the cause",
    "rejects it for good",
    "mostly the provider",
    "wait and run again",
    "the run was called off",
    "Ask whoever runs the address",
    "the domain's owner can do that",
    "Ask the recipient's postmaster about it",
    "by another way",
    "this host greets with a literal",
    "2yz takes it",
    "ask the other side",
    "this program sends no DATA",
    "the name is no host name",
    "the server is asked over UDP",
    "a limit is told as such",
    "the address that mail shall go to",
    "the alias, which does not resolve",
    "on the way 2 things failed",
    "print help and leave",
    "This test can fail for 3 reasons",
    "senders do not mind",
    "receivers that heed DMARC",
    "receivers refuse the message",
    "SPF of a.example does not allow this host",
    "Senders that enforce MTA-STS do not deliver",
]
GOOD_WORDS = [
    "there is no route to 192.0.2.70",
    "Microsoft Exchange rejected the recipient",
    "mx.utf8.example does not support SMTPUTF8, which this address requires",
    "the session is no longer open",
    "sender addresses and sender domains",
    "Therefore adhere to the US spelling",
    "this host accepted the recipient; the sending server retries",
    "Rerun with --retry-greylisted; see https://www.rfc-editor.org/rfc/rfc5321",
    "port 25 != 465 ... and so on",
    "IPv4-only, 5-minute",
    "mx7.a.example, which accepts, is not tried",
]
BAD_SIGNS = {
    "It failed!": "exclamation mark",
    "The server waits - on purpose": "dash for a pause",
    "The server waits \N{EN DASH} on purpose": "dash for a pause",
    "The name does not resolve..": "doubled full stop",
    "See https://a.example/list.": "punctuation behind an address of the web",
    "See https://a.example/list, then wait": "punctuation behind an address of the web",
}
BAD_ADVICE = {
    "It should be renewed.": "begins without its subject",
    "There should be one PTR of 192.0.2.1.": "begins without its subject",
    "The address needs a PTR.": "begins without its subject",
    "Compare the answers below.": "relies on what stands elsewhere",
    "Set the PTR of the address.": "does not say which",
    "MX administrator: renew the certificate of mx.a.example.": "names who acts: make it an Action",
    "DNS administrator of a.example: remove it.": "names who acts: make it an Action",
}


@pytest.mark.parametrize("text", BAD_WORDS)
def test_a_word_to_avoid_is_found(text: str) -> None:
    assert [line for line in style.problems(text) if line.startswith("'")]


@pytest.mark.parametrize("pattern", style.WORDS)
def test_no_word_is_listed_without_an_example(pattern: str) -> None:
    assert [text for text in BAD_WORDS if re.search(pattern, text, re.IGNORECASE)]


@pytest.mark.parametrize("text", GOOD_WORDS)
def test_plain_words_pass(text: str) -> None:
    assert list(style.problems(text)) == []


@pytest.mark.parametrize(("text", "rule"), BAD_SIGNS.items())
def test_signs(text: str, rule: str) -> None:
    assert list(style.problems(text)) == [rule]


@pytest.mark.parametrize(("text", "rule"), BAD_ADVICE.items())
def test_advice(text: str, rule: str) -> None:
    assert f"advice {rule}" in style.problems(text, "advice")
    assert f"advice {rule}" not in style.problems(text)


def found_in(source: str) -> list[str]:
    return [item.text for item in style_texts.of_source("module.py", source)]


def test_sentences_and_labels_of_a_module_are_seen() -> None:
    assert found_in('finding("code", f"{host} is {what}: {x:.1f} s", advice="Wait.")') == [
        "{} is {}: {} s",
        "Wait.",
    ]
    assert found_in('flag(help="hier" if x else "da")') == ["hier", "da"]
    assert found_in("x = f\"{a}\" + (f\"{b} and {'one more' if c else ''}\")") == ["{} and {}", "one more"]


def test_advice_in_a_module_is_known_as_such() -> None:
    source = 'a(advice="Wait."); b(advice=("Do one.", Action("Provider of x", "do two.")))'
    found = {item.text: item.kind for item in style_texts.of_source("module.py", source)}
    assert found == {"Wait.": "advice", "Do one.": "advice", "Provider of x": "words", "do two.": "advice"}


def test_what_nobody_reads_is_not_seen() -> None:
    for source in (
        '"""Module text here."""',
        'def f():\n    """Our own text."""\n    "also silent here"',
        'A = re.compile("there are (?:patterns) here")',
        'B = r"a raw one (here)"',
        'C = rf"{a} raw (here)"',
        'class D:\n    CSS = "here { there: 1 }"',
        'E = "550 5.7.1 turned away here"',
        'F = {"here": "some-id"}',
        'raise KeyError("our own mistake")',
        'WORDS = frozenset("deny here we there".split())',
        'PLACES = "#one, #here"',
        f'LATER = "{"later here " * 15}"',
    ):
        assert found_in(source) == [], source


def test_texts_of_data_are_seen_by_their_keys() -> None:
    data = """
[an-entry]
pattern = 'talk to (?:us)'
meaning = "First meaning."
advice = ["Do one.", {who = "MX administrator of x", what = "do two."}]
[classes]
name = "one name"
"""
    found = [(item.line, item.text, item.kind) for item in style_texts.of_data("data.toml", data)]
    assert found == [
        (4, "First meaning.", "words"),
        (5, "Do one.", "advice"),
        (5, "MX administrator of x", "words"),
        (5, "do two.", "advice"),
        (7, "one name", "words"),
    ]


def test_prose_of_a_document_is_seen_and_code_is_not() -> None:
    text = "A line `with code here`. A [link](https://a.example/).\n\n```\nhere\n```\n<!-- here -->\n| `a` | b |\n"
    found = [(item.line, item.text) for item in style_texts.of_document("README.md", text)]
    assert found == [(1, "A line {}. A [link]{}."), (7, "| {} | b |")]


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.py").write_text("a = 'one more octet'\n")
    (tmp_path / "b.toml").write_text("meaning = 'no octet'\n")
    found = style.departures(style_texts.texts([tmp_path]))
    assert found == [
        f"{tmp_path}/b.toml:1: no octet: 'octet': bytes",
        f"{tmp_path}/below/a.py:1: one more octet: 'octet': bytes",
    ]


def test_the_package_is_read() -> None:
    seen = {item.place for item in style_texts.texts([ROOT / name for name in WHERE])}
    assert {"README.md", "CHANGELOG.md", "smtpdiag_tui/report/catalogue.toml", "smtpdiag_tui/settings.py"} <= seen


@pytest.mark.parametrize("name", WHERE)
def test_words_of_the_package(name: str) -> None:
    assert style.departures(style_texts.texts([ROOT / name])) == []


def test_words_of_the_stories() -> None:
    assert style_stories.story_departures() == []


def headline(text: str, *, silent: bool = False, quotes: tuple[str, ...] = ()) -> list[str]:
    return list(style_stories.of_headline(Said("code", text, quotes, silent)))


def test_headlines() -> None:
    assert headline("mx.a.example [192.0.2.1] accepted the recipient") == []
    assert headline("Certificate does not match mx.a.example (it names www.a.example)") == []
    assert headline("M" * 81) == ["81 characters"]
    assert headline("M" * 80) == []
    assert headline("mx.a.example accepted the recipient.") == ["ends in punctuation"]
    assert headline("A.example: mx.a.example: refused") == ["more than one colon"]
    assert headline("PTR of 2001:db8::1: missing") == []
    assert headline("the server refused") == ["begins with a small letter"]
    assert headline("smtpdiag stopped") == []
    assert headline("One\ntwo") == ["more than one line"]
    assert headline("mx.a.example rejected the recipient: unknown user (550 5.1.1)", quotes=(REPLY,)) == []
    assert headline(f"MX a.example sent {REPLY}", quotes=(REPLY,)) == ["quotes the reply"]


def test_a_server_that_said_nothing_did_not_reject() -> None:
    rule = ["puts words in the mouth of a server that said none"]
    assert headline("mx.a.example [192.0.2.1] rejected the recipient", silent=True) == rule
    assert headline("mx.a.example [192.0.2.1] rejected the recipient") == []
    assert headline("No answer from mx.a.example, message deferred") == rule
    assert headline("mx.a.example [192.0.2.1] timed out") == []
    assert headline("mx.a.example [192.0.2.1] port 25 refused the connection", silent=True) == []


def test_actions_name_whom_they_are_about() -> None:
    def wrong(what: str, who: str = "") -> list[str]:
        return list(style_stories.of_action(who, what))

    unnamed = ["advice names no host, address, domain, list or option"]
    assert wrong("Fix the cause.") == unnamed
    assert wrong("Wait.") == unnamed
    assert wrong("Set its PTR, e.g. to a name.") == unnamed
    for good in (
        "Renew the certificate of mx.a.example.",
        "Ask your provider to set the PTR of 192.0.2.70.",
        "Ask your provider to set the PTR of 2001:db8::1.",
        "Send the reply to postmaster@a.example.",
        "Rerun with --retry-greylisted.",
        "Set the EHLO name of this host.",
        "None.",
        "Look it up at https://check.spamhaus.org/",
    ):
        assert wrong(good) == [], good
    assert wrong("renew the certificate.", "MX administrator of mx.a.example") == []
    assert wrong("Renew the certificate.", "MX administrator of mx.a.example") == [
        "advice begins with a capital behind who acts"
    ]
    assert wrong("Restart mx.a.example") == ["advice is not a sentence"]


def test_printed_reports() -> None:
    def wrong(text: str) -> list[str]:
        return list(style_stories.of_printed(text, (REPLY,)))

    assert wrong(f"  Reply:\n    {REPLY}\n\nWait ... for it.") == []
    assert wrong("The name does not resolve..") == ["resolve..: doubled full stop"]
    assert wrong("550 5.1.1 <bob@a.example>:\n   unknown user. A sending server ...") == [
        f"{REPLY}.: punctuation behind a quoted reply"
    ]
    assert wrong(f"'{REPLY}'; and") == [f"{REPLY}';: punctuation behind a quoted reply"]
    assert wrong("See https://a.example/x. Then") == [
        "https://a.example/x.: punctuation behind an address of the web"
    ]


def test_a_report_is_searched_for_all_that_it_says() -> None:
    report = story_report("nobody@partner.example")
    assert any(quote.startswith("550 5.1.1") for quote in style_stories.quotes_of(report))
    assert any(said.silent for said in style_stories.headlines(story_report("bob@timeout.example")))
    assert not any(said.silent for said in style_stories.headlines(report))
    assert len(list(style_stories.actions(report))) >= 2
    told = replace(
        report, headline="The mail host is bad.", outcome=Outcome.BOUNCED, settings=Settings("", "b@x.example")
    )
    found = list(style_stories.of_report(told))
    assert ("b@x.example", "The mail host is bad.: ends in punctuation") in found
    assert ("b@x.example", "The mail host is bad.: 'mail host': MX host") in found


def test_the_command_prints_each_departure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = 'no octet'\n")
    assert style.main([str(path)]) == 1
    assert capsys.readouterr().out == f"{path}:1: no octet: 'octet': bytes\n"
    path.write_text("a = 'no byte'\n")
    assert style.main([str(path)]) == 0
    assert style.departures(iter([Text("a", 1, "mend it")])) == ["a:1: mend it: 'mend': fix"]
