"""Random names: beside the domain, the same for the same seed, and what their answers prove."""

import re

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.rewriting import (
    RandomName,
    ask_nowhere,
    ask_random,
    name_nowhere,
    random_name,
)
from smtpdiag_tui.settings import DnsServer
from tests.checks.lookups.told import Told
from tests.checks.making import SERVER, answer

NAME = "abcdefghijklmnopqrst.example"
AUTHORITY = DnsServer("192.0.2.50")


def there(kind: AnswerKind = AnswerKind.NXDOMAIN, flags: tuple[str, ...] = ("AA",)) -> Answer:
    data = ["192.0.2.6"] if kind is AnswerKind.DATA else []
    return answer("A", data, kind=kind, name=NAME, flags=flags, server=AUTHORITY)


def test_a_name_beside_the_domain() -> None:
    name = random_name("partner.example", "seed")
    assert re.fullmatch(r"[a-z]{20}\.example", name)
    assert name == random_name("partner.example", "seed")
    assert name != random_name("partner.example", "other")
    assert random_name("mail.partner.example", "seed").endswith(".partner.example")
    assert re.fullmatch(r"[a-z]{20}", random_name("localhost", "seed"))


@pytest.mark.parametrize(
    ("told", "authority", "rewritten"),
    [
        (AnswerKind.DATA, there(), True),
        (AnswerKind.DATA, there(AnswerKind.DATA), False),  # a wildcard of the zone's own
        (AnswerKind.DATA, there(AnswerKind.NODATA), False),
        (AnswerKind.DATA, there(AnswerKind.TIMEOUT), False),
        (AnswerKind.DATA, there(flags=("RA",)), False),
        (AnswerKind.DATA, None, False),
        (AnswerKind.NXDOMAIN, there(), False),
        (AnswerKind.NODATA, there(), False),
    ],
)
def test_an_address_here_and_nxdomain_with_authority_there(
    told: AnswerKind, authority: Answer | None, rewritten: bool
) -> None:
    data = ["192.0.2.6"] if told is AnswerKind.DATA else []
    resolver = answer("A", data, kind=told, name=NAME)
    assert RandomName(NAME, resolver, authority).rewritten is rewritten


async def test_an_address_below_no_top_level_domain_proves_it_without_an_authority() -> None:
    name = name_nowhere("seed")
    assert re.fullmatch(r"[a-z]{20}\.[a-z]{20}", name)
    assert name == name_nowhere("seed")
    assert name != name_nowhere("other")
    made_up = Told(table={(name, "A"): answer("A", ["192.0.2.6"], name=name)})
    assert (await ask_nowhere(made_up, SERVER, name)).rewritten
    assert not (await ask_nowhere(Told(table={}), SERVER, name)).rewritten


async def test_the_authority_is_asked_only_where_there_is_an_address_here() -> None:
    dns = Told(table={})
    found = await ask_random(dns, SERVER, AUTHORITY, NAME)
    assert [question.recurse for question in dns.asked] == [True]
    assert found.authority is None
    dns = Told(table={(NAME, "A"): answer("A", ["192.0.2.6"], name=NAME)})
    await ask_random(dns, SERVER, AUTHORITY, NAME)
    assert [question.recurse for question in dns.asked] == [True, False]
