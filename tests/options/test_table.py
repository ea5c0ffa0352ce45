"""Each setting through all who read and write settings, and a new one that nobody but the table knows."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Input, Label

from smtpdiag_tui.cli import arguments
from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.cli.config import ConfigError, read_config
from smtpdiag_tui.cli.help_text import help_text
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.masking.own import masked_usage
from smtpdiag_tui.masking.redact import redact, without_masks
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Flag, InFile, Json, Masked, Option, Phrase, Shape, Typed
from smtpdiag_tui.render import from_json, saved_values
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.settings import (
    DkimSelector,
    DnsServer,
    GivenMessage,
    Probe,
    Relay,
    Settings,
    TlsPolicy,
    Via,
    parse_server,
)
from smtpdiag_tui.tui.screens.settings import SettingsScreen
from smtpdiag_tui.tui.widgets.choice import Choice
from tests.render.made import made

SENDER, RECIPIENT = PAIR = ["alice@sender.example", "bob@partner.example"]
BARE = Settings(SENDER, RECIPIENT)
THIS = Path(__file__).read_bytes()


@dataclass(frozen=True)
class Given:
    """One value of a setting: the words that give it, the same in the user's file, what the settings line says."""

    value: object
    words: tuple[str, ...] = ()
    in_file: object = None
    phrase: str = ""


GIVEN = {
    "dns": Given(
        (DnsServer("192.0.2.1"), DnsServer("2001:db8::1", 99)),
        ("--dns", "192.0.2.1", "-d", "[2001:DB8::1]:99"),
        ["192.0.2.1", "[2001:db8::1]:99"],
        "target DNS 192.0.2.1, [2001:db8::1]:99",
    ),
    "verbose": Given(value=True, words=("-v",)),
    "port": Given(587, ("--port", "587"), 587, "port 587"),
    "timeout": Given(7.5, ("--timeout", "7.5"), 7.5, "timeout 7.5 s"),
    "ehlo": Given("me.example", ("--ehlo", "me.example"), "me.example", "EHLO me.example"),
    "source": Given("2001:db8::2", ("--source", "2001:DB8::2"), "2001:db8::2", "source 2001:db8::2"),
    "family": Given(6, ("-6",), phrase="IPv6 only"),
    "tls": Given(TlsPolicy.REQUIRE, ("--tls", "require"), "require", "TLS require"),
    "server": Given("mx.example", ("--server", "MX.example."), phrase="server mx.example instead of the MX hosts"),
    "as_local_mta": Given("", ("--as-local-mta",), phrase="as the local mail server"),
    "all_addresses": Given(value=True, words=("--all-addresses",), phrase="all addresses"),
    "probes": Given((Probe.NULL_SENDER,), ("--probe", "null-sender"), phrase="extra probes null-sender"),
    "dnsbl": Given(
        ("a.example", "b.example"),
        ("--dnsbl", "a.example", "--dnsbl=b.example"),
        "a.example b.example",
        "blocklists a.example, b.example",
    ),
    "retry_greylisted": Given(90.0, ("--retry-greylisted", "90"), phrase="retry after greylisting, 90 s"),
    "as_addresses": Given(
        ("192.0.2.1", "2001:db8::9"),
        ("--as-address", "::ffff:192.0.2.1", "--as-address", "2001:DB8:0::9", "--as-address=192.0.2.1"),
        ["192.0.2.1", "2001:db8::9"],
        "as 192.0.2.1, 2001:db8::9",
    ),
    "header_from": Given(
        "news@list.example", ("--from", "<news@List.example>"), "news@list.example", "From news@list.example"
    ),
    "dkim_selectors": Given(
        (DkimSelector("s1"), DkimSelector("s2.eu", "list.example")),
        ("--dkim-selector", "s1", "--dkim-selector", "S2.eu@List.example."),
        "s1, s2.eu@list.example",
        "DKIM selectors s1, s2.eu@list.example",
    ),
    "message": Given(
        GivenMessage(__file__, len(THIS), THIS), ("--message", __file__), phrase=f"message {__file__}"
    ),
    "via": Given(
        (Via("local"), Via("ssh", "mx2.example", user="root"), Via("socks5", "2001:db8::7", 1080)),
        ("--via", "local", "--via", "ssh:root@mx2.example", "--via=socks5://[2001:DB8::7]:1080"),
        ["local", "ssh:root@mx2.example", "socks5://[2001:db8::7]:1080"],
        "via local, ssh:root@mx2.example, socks5://[2001:db8::7]:1080",
    ),
    "source4": Given("192.0.2.4", phrase="source 192.0.2.4"),
    "source6": Given("2001:db8::4", phrase="source 2001:db8::4"),
    "relay": Given(
        (Relay("r.example", 587), Relay("s.example", mx=True)), phrase="relay host [r.example]:587, s.example"
    ),
    "relay_auth": Given(value=False),
    "local_facts": Given(("Source address: 192.0.2.4 (smtp_bind_address)",)),
    "local_hosts": Given(("me.example",)),
}
BY_NAME = {option.name: option for option in table.OPTIONS}
IN_FORM = [option.name for option in table.OPTIONS if option.form is not None]


def settings_with(name: str) -> Settings:
    """Return settings of which one alone differs from its default."""
    return replace(BARE, **{name: GIVEN[name].value})  # type: ignore[arg-type]


def saved(settings: Settings) -> Settings:
    """Return settings as a saved report has them: a message without its content."""
    message = settings.message
    return settings if message is None else replace(settings, message=replace(message, content=None))


def test_every_setting_but_the_two_addresses_has_one_entry() -> None:
    names = [option.name for option in table.OPTIONS]
    assert sorted(names) == sorted({field.name for field in fields(Settings)} - {"sender", "recipient"})
    assert set(GIVEN) == set(names)


@pytest.mark.parametrize("name", GIVEN)
def test_a_setting_goes_from_arguments_and_file_to_the_report_and_back(name: str, tmp_path: Path) -> None:
    option, given, settings = BY_NAME[name], GIVEN[name], settings_with(name)
    assert settings != BARE

    assert bool(given.words) == bool(option.flags)
    assert not given.words or read_arguments([*PAIR, *given.words]).settings == settings

    assert (given.in_file is not None) == (option.in_file is not None)
    path = tmp_path / "config.toml"
    path.write_text(f"[defaults]\n{name} = {json.dumps(given.in_file)}\n")
    assert given.in_file is None or read_arguments(PAIR, read_config(path)).settings == settings

    text = to_json(replace(made(), settings=settings))
    assert name in json.loads(text)["settings"]
    assert from_json.from_json(text).settings == saved(settings)

    assert settings_line(settings) == given.phrase
    assert bool(given.phrase) == (option.phrase is not None)


@pytest.mark.parametrize("name", GIVEN)
def test_a_setting_is_masked_if_it_tells_of_this_machine(name: str) -> None:
    settings, kind = settings_with(name), BY_NAME[name].masked
    masked = redact(replace(made(), settings=settings)).settings
    private = kind not in (Masked.NOT, Masked.DNS_SERVERS, Masked.BLOCKLISTS, Masked.SELECTORS)
    assert (getattr(masked, name) != GIVEN[name].value) == private
    runnable = getattr(without_masks(masked), name)
    assert runnable == (getattr(BARE, name) if private and kind is not Masked.LINES else getattr(masked, name))


async def applied(settings: Settings, change: Callable[[SettingsScreen], None] | None = None) -> Settings | None:
    """Open the form on settings, change something in it, and return what it makes."""
    made_of_it: list[Settings | None] = []
    app = App[None]()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = SettingsScreen(settings, "Postfix")
        await app.push_screen(screen, made_of_it.append)
        if change is not None:
            change(screen)
        screen.action_apply()
        await pilot.pause()
    return made_of_it[0]


@pytest.mark.parametrize("name", IN_FORM)
async def test_the_form_shows_a_setting_and_takes_it(name: str) -> None:
    form, settings = BY_NAME[name].form, settings_with(name)
    assert await applied(settings) == settings

    def change(screen: SettingsScreen) -> None:
        field = screen.query_one(f"#set-{name}")
        if isinstance(field, Input):
            assert isinstance(form, Typed)
            field.value = form.show(getattr(settings, name))
        else:
            assert isinstance(field, Choice)
            field.choose(1)

    taken = await applied(BARE, change)
    assert taken != BARE
    if isinstance(form, Typed):
        assert taken == settings
    else:
        assert replace(BARE, **{name: getattr(taken, name)}) == taken


@pytest.mark.parametrize(
    "message", [GivenMessage("/nowhere/a.eml", 5), GivenMessage("-", 5, b"a: b\n"), GivenMessage("-", 5)]
)
async def test_a_message_that_cannot_be_read_again_stays_as_it_is(message: GivenMessage) -> None:
    settings = replace(BARE, message=message)
    assert await applied(settings) == settings

    def clear(screen: SettingsScreen) -> None:
        screen.query_one("#set-message", Input).value = ""

    assert await applied(settings, clear) == BARE


async def test_a_file_that_changed_is_read_again_where_the_form_is_applied(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"From: new@sender.example\n")
    old = replace(BARE, message=GivenMessage(str(path), 5, b"a: b\n"))
    applied_anew = await applied(old)
    assert applied_anew is not None
    assert applied_anew.message == GivenMessage(str(path), 25, path.read_bytes())


@pytest.mark.parametrize("text", ["-", "/nowhere/a.eml"])
async def test_the_form_says_what_is_wrong_with_a_message(text: str) -> None:
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = SettingsScreen(BARE)
        await app.push_screen(screen)
        screen.query_one("#set-message", Input).value = text
        await pilot.pause()
        assert f"{text!r}: " in str(screen.query_one(".words", Label).content)
        screen.action_apply()
        await pilot.pause()
        assert app.screen is screen


async def test_what_was_read_of_the_local_mail_server_goes_with_it() -> None:
    names = ("source4", "source6", "relay", "relay_auth", "local_facts", "local_hosts")
    read = {name: GIVEN[name].value for name in names}
    settings = replace(BARE, as_local_mta="Postfix", port=26, **read)  # type: ignore[arg-type]
    left = await applied(settings, lambda screen: screen.query_one("#set-as_local_mta", Choice).choose(0))
    assert left == replace(BARE, port=26)
    assert {option.name for option in table.OPTIONS if not option.flags} == set(read)


@dataclass(frozen=True, slots=True)
class Wider(Settings):
    """Settings with one more field."""

    badge: str | None = None


def badge_words(settings: Settings) -> str:
    assert isinstance(settings, Wider)
    return f"badge {settings.badge}"


BADGE = Option(
    name="badge",
    flags=(Flag(names=("-B", "--badge"), metavar="HOST", help="a host that no other test knows"),),
    parse=parse_server,
    in_file=InFile(allowed="a host name"),
    form=Typed(label="Badge", placeholder="no badge"),
    phrase=Phrase(99, badge_words),
    json=Json(shape=Shape.TEXT, wrong="invalid badge"),
    masked=Masked.OWN_HOST,
)


@pytest.fixture
def wider(monkeypatch: pytest.MonkeyPatch) -> Wider:
    """Put the new setting in: a field and a line of the table. Nobody else knows of it."""
    monkeypatch.setattr(table, "OPTIONS", (*table.OPTIONS, BADGE))
    monkeypatch.setattr(arguments, "Settings", Wider)
    monkeypatch.setattr(from_json, "Settings", Wider)
    return Wider(SENDER, RECIPIENT, badge="ws42.inside.example")


def test_a_new_setting_is_given_and_has_its_help(wider: Wider, tmp_path: Path) -> None:
    assert re.search(r"-B(?: HOST)?, --badge HOST", help_text())  # Python 3.13 names the value once
    assert "a host that no other test knows" in help_text()
    assert read_arguments([*PAIR, "--badge", "WS42.inside.example"]).settings == wider
    with pytest.raises(UsageError, match="must be a host name or an IP address"):
        read_arguments([*PAIR, "-B", "a b"])
    with pytest.raises(UsageError, match=r"omit --badge$"):
        read_arguments(["--last", "-B", "x"])

    path = tmp_path / "config.toml"
    path.write_text('[defaults]\nbadge = "ws42.inside.example"\n')
    assert read_arguments(PAIR, read_config(path)).settings == wider
    path.write_text('[defaults]\nbadge = "a b"\n')
    with pytest.raises(ConfigError, match=r"^invalid 'defaults\.badge' in .*: must be a host name$"):
        read_config(path)


def test_a_new_setting_is_told_saved_and_masked(wider: Wider) -> None:
    assert settings_line(wider) == "badge ws42.inside.example"
    report = replace(made(), settings=wider)
    assert from_json.from_json(to_json(report)).settings == wider
    spoilt = json.loads(to_json(report))
    spoilt["settings"]["badge"] = "a b"
    with pytest.raises(saved_values.SavedReportError, match=r"^invalid badge$"):
        from_json.from_json(json.dumps(spoilt))

    masked = redact(replace(report, summary="ws42.inside.example was seen."))
    assert "ws42" not in to_json(masked)
    runnable = without_masks(masked.settings)
    assert isinstance(runnable, Wider)
    assert runnable.badge is None
    words = ["--badge", "ws42.inside.example"]
    assert masked_usage("What is ws42.inside.example?", words) == "What is host1?"


async def test_a_new_setting_stands_in_the_form(wider: Wider) -> None:
    def type_badge(screen: SettingsScreen) -> None:
        screen.query_one("#set-badge", Input).value = "ws42.inside.example"

    assert await applied(wider) == wider
    assert await applied(Wider(SENDER, RECIPIENT), type_badge) == wider
