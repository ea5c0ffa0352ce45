"""Settings as words of a command line: read again, they are the same settings."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.options.as_words import as_words
from smtpdiag_tui.options.table import OPTIONS
from smtpdiag_tui.settings import (
    DkimSelector,
    DnsServer,
    GivenMessage,
    Probe,
    Relay,
    Settings,
    TlsPolicy,
    Via,
)

VALUES: dict[str, list[Any]] = {
    "dns": [(DnsServer("192.0.2.53"), DnsServer("2001:db8::53", 54))],
    "port": [26],
    "timeout": [0.001, 0.25, 12.5, 86400.0],
    "ehlo": ["mail.example", "[192.0.2.1]", "-x", "$(id)", "a'b"],
    "source": ["192.0.2.1"],
    "family": [4, 6],
    "tls": list(TlsPolicy),
    "server": ["mx.example", "2001:db8::25"],
    "all_addresses": [True],
    "probes": [tuple(Probe)],
    "dnsbl": [("bl.example", "b.example")],
    "retry_greylisted": [300.0],
    "as_addresses": [("192.0.2.9", "2001:db8::9")],
    "header_from": ["alice@example.com"],
    "dkim_selectors": [(DkimSelector("s1"), DkimSelector("s2", "example.com"))],
}
NOT_OF_THE_RUN = {"via", "verbose", "message", "as_local_mta"}


def test_no_option_is_forgotten() -> None:
    assert {option.name for option in OPTIONS if option.flags} == set(VALUES) | NOT_OF_THE_RUN


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in VALUES.items() for value in values])
def test_a_setting_is_read_again_as_it_was(name: str, value: Any) -> None:
    given_one: dict[str, Any] = {name: value}
    settings = replace(Settings("a@b.example", "c@d.example"), **given_one)
    if name == "source":
        settings = replace(settings, family=4)
    assert read_arguments(as_words(settings)).settings == settings


@given(st.sets(st.sampled_from(sorted(set(VALUES) - {"family", "source"}))), st.randoms())
def test_settings_together_are_read_again(names: set[str], random: Any) -> None:
    chosen: dict[str, Any] = {name: random.choice(VALUES[name]) for name in names}
    settings = replace(Settings("", "-c@d.example"), **chosen)
    assert read_arguments(as_words(settings)).settings == settings


def test_where_and_how_it_is_shown_stays_here() -> None:
    message = GivenMessage("file", 3, b"abc")
    settings = Settings("a@b.example", "c@d.example", via=(Via("local"),), verbose=True, message=message)
    assert as_words(settings) == ("--", "a@b.example", "c@d.example")


def test_what_the_local_mail_server_gave_is_left_to_the_one_there() -> None:
    settings = Settings(
        "a@b.example",
        "c@d.example",
        ehlo="here.example",
        as_local_mta="Postfix",
        source4="192.0.2.1",
        relay=(Relay("relay.example"),),
        all_addresses=True,
    )
    assert as_words(settings) == ("--as-local-mta", "--all-addresses", "--", "a@b.example", "c@d.example")
