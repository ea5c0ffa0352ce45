"""The values that tell of the message, as the command line, the form and a saved report take them."""

import json
from dataclasses import replace

import pytest

from smtpdiag_tui.options.message_values import (
    parse_as_address,
    parse_as_addresses,
    parse_header_from,
    parse_selector,
    parse_selectors,
)
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.saved_values import SavedReportError
from smtpdiag_tui.settings import DkimSelector, GivenMessage, Settings, SettingsError
from tests.render.made import made


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:0201", "192.0.2.1"),
        ("2001:DB8:0:0::0:1", "2001:db8::1"),
    ],
)
def test_an_address_of_another_host_is_canonical(text: str, address: str) -> None:
    assert parse_as_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "192.0.2", "192.0.2.1/24", "[192.0.2.1]", "fe80::1%eth0", "::ffff:192.0.2.1%1", "mx.example", "٣.1.1.1"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as told:
        parse_as_address(text)
    assert str(told.value) == f"invalid address {text!r} for --as-address: must be an IP address without a zone"


def test_addresses_are_kept_once_and_are_not_too_many() -> None:
    assert parse_as_addresses(["192.0.2.1", "::ffff:192.0.2.1"]) == ("192.0.2.1",)
    with pytest.raises(SettingsError, match=r"^too many addresses for --as-address: 17 given, at most 16$"):
        parse_as_addresses([f"192.0.2.{number}" for number in range(17)])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@sender.example", "alice@sender.example"),
        (" <Alice@Sender.Example.> ", "Alice@sender.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ('"a b"@sender.example', '"a b"@sender.example'),
        ("jörg@sender.example", "jörg@sender.example"),
    ],
)
def test_the_address_of_the_from_field(text: str, address: str) -> None:
    assert parse_header_from(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "alice",
        "@sender.example",
        "a@",
        "a@b c",
        "a@[192.0.2.1]",
        "a\r@b.example",
        "a<b@c.example",
        f"{'a' * 65}@b.example",
        f"a@{'b' * 64}.example",
        "a@b..example",
    ],
)
def test_what_is_no_address_of_a_from_field_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as told:
        parse_header_from(text)
    assert str(told.value) == f"invalid From address {text!r}: must be a mail address such as alice@example.com"


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("s1", DkimSelector("s1")),
        ("S1@Sender.Example.", DkimSelector("s1", "sender.example")),
        ("2024._x.eu@a.b", DkimSelector("2024._x.eu", "a.b")),
        ("s@bücher.example", DkimSelector("s", "xn--bcher-kva.example")),
    ],
)
def test_a_selector(text: str, selector: DkimSelector) -> None:
    assert parse_selector(text) == selector


@pytest.mark.parametrize(
    "text",
    ["", "@", "s1@", "@sender.example", "a b", "a..b", "a@b@c", f"{'s' * 64}", ".".join(["s" * 63] * 4), "s/x"],
)
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as told:
        parse_selector(text)
    assert str(told.value) == f"invalid DKIM selector {text!r}: must be SELECTOR or SELECTOR@DOMAIN"


def test_a_selector_whose_record_would_have_too_long_a_name_is_refused() -> None:
    domain = ".".join(["d" * 60] * 4)
    assert parse_selector(f"s@{'.'.join(['d' * 58] * 4)}").selector == "s"
    with pytest.raises(SettingsError, match=r"^invalid DKIM selector"):
        parse_selector(f"s@{domain}")


def test_selectors_are_kept_once_and_are_not_too_many() -> None:
    assert parse_selectors(["s1", "S1", "s1@a.example"]) == (DkimSelector("s1"), DkimSelector("s1", "a.example"))
    with pytest.raises(SettingsError, match=r"^too many DKIM selectors: 17 given, at most 16 allowed$"):
        parse_selectors([f"s{number}" for number in range(17)])


def test_a_saved_report_names_the_message_and_holds_nothing_of_it() -> None:
    message = GivenMessage("mail.eml", 12, b"Secret: yes\n")
    settings = Settings("a@sender.example", "b@partner.example", message=message)
    assert "yes" not in repr(message)
    text = to_json(replace(made(), settings=settings))
    assert json.loads(text)["settings"]["message"] == {"name": "mail.eml", "size": 12}
    assert "Secret" not in text
    assert from_json(text).settings.message == GivenMessage("mail.eml", 12)


@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        [],
        {"name": "a"},
        {"name": "a", "size": -1},
        {"name": 1, "size": 1},
        {"name": "a", "size": True},
        {"name": "a", "size": "1"},
    ],
)
def test_a_saved_message_that_is_none_is_refused(wrong: object) -> None:
    spoilt = json.loads(to_json(made()))
    spoilt["settings"]["message"] = wrong
    with pytest.raises(SavedReportError):
        from_json(json.dumps(spoilt))


def test_a_report_of_an_earlier_version_has_none_of_these_settings() -> None:
    earlier = json.loads(to_json(made()))
    for name in ("as_addresses", "header_from", "dkim_selectors", "message"):
        del earlier["settings"][name]
    settings = from_json(json.dumps(earlier)).settings
    assert (settings.as_addresses, settings.header_from, settings.dkim_selectors, settings.message) == (
        (),
        None,
        (),
        None,
    )
