"""From fields, good, odd and hostile."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.message.from_field import MAX_VALUE, FromField, read_from

ALICE = ("alice@a.example",)
INVALID = "holds an invalid address"
NONE = "holds no valid address"


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("alice@a.example", ALICE),
        ("Alice <alice@a.example>", ALICE),
        ("<alice@A.Example>", ALICE),
        ("alice@a.example (of (the) office)", ALICE),
        ('"Doe, Alice" <alice@a.example>', ALICE),
        ("=?utf-8?q?J=C3=B6rg?= <alice@a.example>", ALICE),
        ("=?utf-8?b?" + "QUFB" * 10 + "?= <alice@a.example>", ALICE),
        ('"a b"@a.example', ('"a b"@a.example',)),
        ("Jörg <jörg@münchen.example>", ("jörg@xn--mnchen-3ya.example",)),
        ("a@[192.0.2.1]", ("a@[192.0.2.1]",)),
        ("a@b.example, c@d.example", ("a@b.example", "c@d.example")),
        ("alice@a.example, ", ALICE),
        ("<@r1.example,@r2.example:alice@a.example>", ALICE),
    ],
)
def test_good_fields(value: str, addresses: tuple[str, ...]) -> None:
    assert read_from(value.encode()) == FromField(addresses)


def test_groups() -> None:
    assert read_from(b"Team: a@b.example, c@d.example;") == FromField(("a@b.example", "c@d.example"), group=True)
    assert read_from(b"undisclosed:;") == FromField(group=True, problem=NONE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", FromField(problem=NONE)),
        (b"<>", FromField(problem=NONE)),
        (b"alice", FromField(invalid=("alice",), problem=INVALID)),
        (b"@b.example", FromField(problem=NONE)),
        (b"Alice <alice@a.example", FromField(ALICE, problem=INVALID)),
        (b"alice@a.example; bob@b.example", FromField(ALICE, problem=INVALID)),
        (b"a.@b.example", FromField(invalid=("a.@b.example",), problem=INVALID)),
        (b"a@b@c.example", FromField(problem=NONE)),
        (b"=?utf-8?q?evil=40x.example?=", FromField(invalid=("evil@x.example",), problem=INVALID)),
        (b"a@b_.example, c@-d.example", FromField(("a@b_.example",), ("c@-d.example",), problem=INVALID)),
        (b"\xe4@b.example", FromField(invalid=("\udce4@b.example",), problem=INVALID)),
        (b"x" * (MAX_VALUE + 1), FromField(problem="is 4,097 bytes long")),
    ],
)
def test_bad_fields(value: bytes, expected: FromField) -> None:
    assert read_from(value) == expected


def test_an_address_without_domain_is_none_whether_the_parser_gives_up_on_it_or_not() -> None:
    # It does so before Python 3.13.
    assert read_from(b"a@") in (FromField(problem="does not follow RFC 5322"), FromField(problem=NONE))


@pytest.mark.parametrize(
    "value",
    ["(", "<", '"', ",", "@", "a ", "a@b.c,", "=?utf-8?q?a?= ", "(a)", ".", "\\", "a:", "[", "=?", "<a@", "\0"],
)
def test_hostile_fields_are_bounded(value: str) -> None:
    started = time.process_time()
    found = read_from((value * MAX_VALUE)[:MAX_VALUE].encode())
    assert time.process_time() - started < 1.5
    assert len(found.addresses) <= 100


@given(st.text(alphabet='a@<>,;:()"[]\\. =?utf8q\ud800ä', max_size=60))
def test_nothing_is_raised(text: str) -> None:
    found = read_from(text.encode("utf-8", "surrogatepass"))
    assert all(address.count("@") >= 1 for address in found.addresses)
