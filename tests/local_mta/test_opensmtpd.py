"""OpenSMTPD's configuration, read carefully."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.local_mta.opensmtpd import MAX_FILES, MAX_TEXT, opensmtpd_facts, parse_config
from smtpdiag_tui.local_mta.reading import _text
from smtpdiag_tui.settings import Relay, TlsPolicy

RELAYING = """\
# as on a server of ours
relay_host = "smtp+tls://label@relay.sender.test:587"
table secrets file:/etc/mail/secrets
table sources { 192.0.2.10 }
listen on lo0
action "local" mbox alias <aliases>
action "out" relay host $relay_host auth <secrets> \\
    helo out.sender.test src <sources>
match from local for local action "local"
match from any for domain { "here.test", "*.here.test" } action "local"
match for any action "out"
"""


def read(text: str, domain: str = "partner.test", name: str | None = "mail.sender.test") -> LocalFacts:
    return opensmtpd_facts(parse_config(text, lambda _: None), domain, "/etc/smtpd.conf", name)


def test_a_relay_is_understood() -> None:
    found = read(RELAYING)
    expected = LocalFacts(
        "OpenSMTPD",
        ehlo="out.sender.test",
        source4="192.0.2.10",
        relay=(Relay("relay.sender.test", 587),),
        auth=True,
        tls=TlsPolicy.REQUIRE,
        hosts=("out.sender.test", "relay.sender.test"),
    )
    assert replace(found, lines=()) == expected
    assert "label" not in "\n".join(found.lines)


@pytest.mark.parametrize("domain", ["here.test", "a.here.test"])
def test_a_domain_of_its_own_is_not_relayed(domain: str) -> None:
    found = read(RELAYING, domain)
    assert found.relay == ()
    assert f"{domain} is delivered locally" in found.lines


def test_plain_relaying_uses_the_host_name_and_the_domains_mail_hosts() -> None:
    found = read('action "relay" relay\nmatch for any action "relay"\n')
    assert (found.ehlo, found.relay, found.tls, found.auth) == ("mail.sender.test", (), TlsPolicy.AUTO, False)


@pytest.mark.parametrize(
    ("url", "relay", "policy"),
    [
        ("smtp://192.0.2.9", Relay("192.0.2.9"), TlsPolicy.AUTO),
        ("smtps://r.test", Relay("r.test", 465), TlsPolicy.IMPLICIT),
        ("smtp+notls://r.test:26", Relay("r.test", 26), TlsPolicy.OFF),
        ("r.test", Relay("r.test"), TlsPolicy.AUTO),
        ("smtp://[2001:db8::9]:26", Relay("2001:db8::9", 26), TlsPolicy.AUTO),
    ],
)
def test_relay_urls(url: str, relay: Relay, policy: TlsPolicy) -> None:
    found = read(f'action "r" relay host "{url}"\nmatch for any action "r"\n')
    assert (found.relay, found.tls) == ((relay,), policy)


@pytest.mark.parametrize("url", ["lmtp://r.test", "smtp://r.test:99999", "smtp://"])
def test_an_url_that_is_not_understood_is_told(url: str) -> None:
    found = read(f'action "r" relay host "{url}"\nmatch for any action "r"\n')
    assert found.relay == ()


def test_what_is_not_understood_is_said_without_what_follows() -> None:
    found = read("accept from any for any relay via tls+auth://x secret-word\ninclude /etc/more.conf\n")
    text = "\n".join(found.lines)
    assert "Not understood in /etc/smtpd.conf: accept from" in text
    assert "include /etc/more.conf (not read)" in text
    assert "secret-word" not in text


def test_a_match_that_is_not_understood_makes_the_rest_unsure() -> None:
    found = read(
        'action "r" relay host r.test\nmatch auth from any for any action "x"\nmatch for any action "r"\n'
    )
    assert found.relay == (Relay("r.test"),)
    assert "an earlier match was not understood" in "\n".join(found.lines)


def test_files_that_include_one_another_come_to_an_end() -> None:
    read: list[str] = []

    def file(name: str) -> str:
        read.append(name)
        return 'include /a\ninclude /b\naction "r" relay\n'

    config = parse_config("include /a\n", file)
    assert read == ["/a", "/b"]
    assert config.actions == {"r": ["relay"]}
    assert config.unclear == []


def test_a_file_that_includes_ever_others_comes_to_an_end() -> None:
    read: list[str] = []

    def file(name: str) -> str:
        read.append(name)
        return "".join(f"include {name}{number}\n" for number in range(100))

    config = parse_config("include /a\n", file)
    assert len(read) == MAX_FILES
    assert "not read" in config.unclear[0]


def test_included_files_have_a_size_in_all() -> None:
    half = "# " + "x" * (MAX_TEXT // 2) + "\n"
    config = parse_config("include /a\ninclude /b\ninclude /c\n", lambda _: half)
    assert config.unclear == ["include /b (not read)", "include /c (not read)"]


OPEN_ENDED: dict[str, Callable[[int], str]] = {
    "a list that is not closed": lambda n: "table t { a\n" + "b.example,\n" * n,
    "lists in lists": lambda n: "table t { a\n" + "{\n" * n,
    "braces that only close": lambda n: "}\n" * n,
    "a string that is not closed": lambda n: 'pki x "' + '\\"' * n,
    "many strings that are not closed": lambda n: 'pki x "a\n' * n,
    "a lone backslash at the end": lambda n: '"' + '\\"' * n + "\\",
    "an action without end": lambda n: 'action "r" relay ' + "host < " * n + '\nmatch for any action "r"\n',
    "many matches that ask one large table": lambda n: (
        "table t { " + "a.test " * n + "}\n" + 'match for domain <t> action "r"\n' * n
    ),
}


@pytest.mark.parametrize("kind", OPEN_ENDED)
def test_what_has_no_end_takes_time_in_proportion(kind: str) -> None:
    def seconds(number: int) -> float:
        text = OPEN_ENDED[kind](number)
        begun = time.process_time()
        read(text)
        return time.process_time() - begun

    small, large = (min(seconds(number) for _ in range(3)) for number in (2000, 16000))
    assert large < 3 * 8 * max(small, 0.001)


def test_a_string_that_is_not_closed_ends_with_its_line() -> None:
    found = read('pki x "never closed\naction "r" relay host r.test\nmatch for any action "r"\n')
    assert found.relay == (Relay("r.test"),)


def test_a_pipe_is_no_configuration(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull), tmp_path):
        with pytest.raises(OSError, match=r"not a regular file|Is a directory"):
            _text(path)
    with pytest.raises(FileNotFoundError):
        _text(tmp_path / "nothing")
