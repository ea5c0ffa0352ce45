"""The lists that are known: each code has a sample, and what is not known stays so."""

import re
import tomllib
from pathlib import Path

import pytest

from smtpdiag_tui.checks.machine.known_lists import CodeKind, code_of, is_allow_list, known_list, known_lists
from smtpdiag_tui.settings import parse_blocklist

SAMPLES: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "data" / "blocklist_samples.toml").read_text(encoding="utf-8")
)
CASES = [(zone, address, words) for zone, answers in SAMPLES.items() for address, words in answers.items()]


@pytest.mark.parametrize(("zone", "address", "words"), CASES)
def test_a_code_means_what_its_sample_says(zone: str, address: str, words: str) -> None:
    if address == "closed":
        known = known_list(zone)
        assert known is not None
        assert known.closed == words
        return
    code = code_of(zone, address)
    assert code is not None
    assert f"{code.kind} {code.list}" == words


def test_every_code_has_a_sample() -> None:
    sampled = {code_of(zone, address) for zone, address, _ in CASES if address != "closed"}
    assert [code for known in known_lists() for code in known.codes if code not in sampled] == []
    listed = {known.id for zone in SAMPLES if (known := known_list(zone)) is not None}
    assert {known.id for known in known_lists()} == listed


def test_entries_are_whole() -> None:
    for known in known_lists():
        assert bool(known.codes) != bool(known.closed), known.id
        for zone in known.zones:
            assert parse_blocklist(zone.removeprefix(".")) == zone.removeprefix(".")
        for code in known.codes:
            assert code.meaning.endswith(".")
            assert bool(code.advice) == (code.kind not in (CodeKind.ALLOWED, CodeKind.NEUTRAL)), code
            assert all(re.fullmatch(r"127(?:\.(?:\*|\d{1,3}(?:-\d{1,3})?)){3}", value) for value in code.values)


@pytest.mark.parametrize(
    ("zone", "address"),
    [
        ("zen.spamhaus.org", "127.0.0.8"),
        ("zen.spamhaus.org", "127.255.255.254"),
        ("list.dnswl.org", "127.0.1.3"),
        ("bl.unknown.example", "127.0.0.2"),
        ("zen.spamhaus.org.evil.example", "127.0.0.2"),
        ("notzen.spamhaus.org", "127.0.0.2"),
        ("zen.spamhaus.org", "rubbish"),
        ("zen.spamhaus.org", "127.0.0"),
        ("zen.spamhaus.org", "127.0.0.x"),
    ],
)
def test_what_is_not_known_stays_so(zone: str, address: str) -> None:
    assert code_of(zone, address) is None


@pytest.mark.parametrize(
    ("zone", "allow"),
    [
        ("list.dnswl.org", True),
        ("LIST.DNSWL.ORG", True),
        ("wl.unknown.example", True),
        ("allowlist.unknown.example", True),
        ("zen.spamhaus.org", False),
        ("bl.unknown.example", False),
        ("wl.example", False),
        ("bl.white.example", False),
    ],
)
def test_an_allow_list_is_known_or_says_so_by_its_name(zone: str, allow: bool) -> None:
    assert is_allow_list(zone) is allow
