"""What is advised about an SPF record is done to it, and the address passes: for one address and for two."""

import itertools
import re
from typing import Any

import pytest

from smtpdiag_tui.checks.authentication.spf.judgement import judge
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import SpfResult
from tests.checks.authentication.spf.driving import spf, txt, zones

V4, V6 = "203.0.113.10", "2001:db8::10"
INNER = txt("inner.example", "v=spf1 ip4:198.51.100.1 -all")
NEXT = txt("next.sender.example", "v=spf1 ip4:198.51.100.1 ~all")
FOREIGN = txt("other.example", "v=spf1 ip4:198.51.100.1 -all")
RECORDS = [
    "-all",
    "~all",
    "?all",
    "",
    "a -all",
    "mx ip4:198.51.100.0/24 ~all",
    "include:inner.example -all",
    "-ip4:203.0.113.0/24 -ip6:2001:db8::/32 +all",
    "-all ip4:203.0.113.10 ip6:2001:db8::10",
    "redirect=next.sender.example",
    "redirect=other.example",
    "exists:%{i}.x.example ?include:inner.example -all",
]
_ADD = re.compile(r"Add (\S+) to the SPF record of ([^\s,;]+?)(?:, before (\S+?))?(?:; \S+ redirects to it)?\.")
_MOVE = re.compile(r"Move (\S+) before (\S+) in the SPF record of (\S+)\.")
_PUBLISH = re.compile(r'Publish the TXT record "(v=spf1 .*)" at (\S+)\.')
_REPLACE = re.compile(r"Replace (\S+) with (.+) in the SPF record of (\S+)\.")


def done(zone: dict[str, Any], action: Action) -> dict[str, Any]:
    """Return a zone after what is advised; terms are added at the end where nothing else is said."""
    if move := _MOVE.fullmatch(action.what):
        terms = _terms(zone, move[3])
        terms.remove(move[1])
        terms.insert(terms.index(move[2]), move[1])
        return _with(zone, move[3], terms)
    if publish := _PUBLISH.fullmatch(action.what):
        return zones(zone, txt(publish[2], publish[1]))
    if replaced := _REPLACE.fullmatch(action.what):
        terms = _terms(zone, replaced[3])
        at = terms.index(replaced[1])
        return _with(zone, replaced[3], [*terms[:at], *replaced[2].split(" "), *terms[at + 1 :]])
    add = _ADD.fullmatch(action.what)
    assert add is not None, action.what
    terms = _terms(zone, add[2])
    terms.insert(terms.index(add[3]) if add[3] else len(terms), add[1])
    return _with(zone, add[2], terms)


def _terms(zone: dict[str, Any], domain: str) -> list[str]:
    (text,) = zone[domain]["TXT"]
    return list(filter(None, str(text).split(" ")))


def _with(zone: dict[str, Any], domain: str, terms: list[str]) -> dict[str, Any]:
    return {**zone, domain: {"TXT": [" ".join(terms)]}}


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("address", [V4, V6])
def test_an_address_that_does_not_pass_does_after_the_advice(record: str, address: str) -> None:
    zone = zones(txt("sender.example", f"v=spf1 {record}".rstrip()), INNER, NEXT, FOREIGN)
    before = spf(zone, address)
    assert before.result is not SpfResult.PASS
    action = judge(before)[0].actions[0]
    assert spf(done(dict(zone), action), address).result is SpfResult.PASS, action.what


def test_without_a_record_all_addresses_get_one_together() -> None:
    found = [judge(spf({}, address), (V4, V6))[0].actions[0] for address in (V4, V6)]
    assert found[0] == found[1]
    assert found[0].what == (
        'Publish the TXT record "v=spf1 ip4:203.0.113.10 ip6:2001:db8::10 ~all" at sender.example.'
    )
    for address in (V4, V6):
        assert spf(done({}, found[0]), address).result is SpfResult.PASS


@pytest.mark.parametrize(
    "record", ["+all", "all", "ip4:203.0.113.10 +all", "mx all", "ip4:0.0.0.0/0 ip6:::/0 -all"]
)
def test_a_record_that_is_open_to_all_still_lets_this_host_pass_when_closed(record: str) -> None:
    zone: dict[str, Any] = dict(txt("sender.example", f"v=spf1 {record}"))
    for address, times in itertools.product((V4, V6), (1, 2)):
        closed = zone
        for _ in range(times):
            risky = [item for item in judge(spf(closed, address), (V4, V6)) if item.code == "spf-record-risky"]
            if risky:
                closed = done(closed, risky[0].actions[0])
        assert spf(closed, address).result is SpfResult.PASS
    assert spf(closed, "198.51.100.77").result is not SpfResult.PASS


def test_where_the_address_is_unknown_no_placeholder_is_told() -> None:
    (found,) = [
        item
        for item in judge(spf(txt("sender.example", "v=spf1 +all"), "0.0.0.0"), ())
        if item.code == "spf-record-risky"
    ]
    assert [action.what for action in found.actions] == [
        "Replace +all with ~all in the SPF record of sender.example.",
        "Add every other host that sends for sender.example to its SPF record.",
    ]
