"""The overlay with all settings that have no field of their own in the main screen."""

import re
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from smtpdiag_tui import settings as values
from smtpdiag_tui.settings import GREYLIST_WINDOW, Probe, Settings, SettingsError, TlsPolicy
from smtpdiag_tui.tui.widgets.choice import Choice
from smtpdiag_tui.tui.widgets.plain_input import PlainInput

_FIELDS = (
    ("port", "SMTP port", "25"),
    ("timeout", "Limit of each wait, seconds", "30 to connect, 60 to reply"),
    ("ehlo", "EHLO name", "this machine's own"),
    ("source", "Source address", "the system's choice"),
    ("server", "Server in place of MX hosts", "none"),
    ("dnsbl", "Blocklists to ask", "none (default: a small set)"),
)
_WORDS = "Tab goes on, left and right choose. Enter applies, Escape leaves all as it was."
_BEYOND = ("skip the rest", "test them all")
_POLICIES = {
    TlsPolicy.AUTO: "auto: if it is offered",
    TlsPolicy.OFF: "off: never",
    TlsPolicy.REQUIRE: "require: or do not go on",
    TlsPolicy.IMPLICIT: "implicit: from the first byte",
}
_GREYLISTED = ("leave it at that", "wait, and try the same again")
_PROBES = (
    (),
    *((probe,) for probe in Probe),
    (Probe.POSTMASTER, Probe.NULL_SENDER),
    (Probe.POSTMASTER, Probe.RANDOM_RECIPIENT),
    (Probe.NULL_SENDER, Probe.RANDOM_RECIPIENT),
    tuple(Probe),
)
_FAMILIES = {None: "IPv4 and IPv6", 4: "IPv4 only", 6: "IPv6 only"}


class SettingsScreen(ModalScreen[Settings | None]):
    """Shows the settings, judges each as it is typed, and returns the new ones, or None."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close without change"),
        Binding("enter", "apply", "Apply", show=False),
    ]

    def __init__(self, settings: Settings, local: str | None = None) -> None:
        """`local` names the mail server of this machine, None if none is known."""
        super().__init__()
        self._settings = settings
        self._local = settings.as_local_mta or local

    def compose(self) -> ComposeResult:
        """Lay out one field for each setting."""
        shown = self._settings
        texts = {
            "port": "" if shown.port == 25 else str(shown.port),
            "timeout": "" if shown.timeout is None else f"{shown.timeout:.10g}",
            "ehlo": shown.ehlo or "",
            "source": shown.source or "",
            "server": shown.server or "",
            "dnsbl": " ".join(shown.dnsbl),
        }
        with Vertical(id="settings") as box:
            box.border_title = "Settings"
            with Grid(classes="fields"):
                for name, label, placeholder in _FIELDS:
                    yield Label(label, markup=False)
                    field = PlainInput(texts[name], placeholder=placeholder, id=f"set-{name}", compact=True)
                    field.cursor_blink = False
                    yield field
                yield Label("Address family", markup=False)
                yield Choice(tuple(_FAMILIES.values()), tuple(_FAMILIES).index(shown.family), id="set-family")
                yield Label("TLS", markup=False)
                yield Choice(tuple(_POLICIES.values()), tuple(_POLICIES).index(shown.tls), id="set-tls")
                yield Label("Beyond 64 addresses", markup=False)
                yield Choice(_BEYOND, int(shown.all_addresses), id="set-all")
                if self._local is not None:
                    yield Label("As the local mail server", markup=False)
                    values_ = ("no: as this machine", f"yes: as {self._local} here would send")
                    yield Choice(values_, int(shown.as_local_mta is not None), id="set-local")
                yield Label("Where greylisted", markup=False)
                yield Choice(_GREYLISTED, int(shown.retry_greylisted is not None), id="set-retry")
                yield Label("Side probes, asked before", markup=False)
                probes = tuple(", ".join(item) or "none" for item in _PROBES)
                yield Choice(probes, _PROBES.index(shown.probes), id="set-probes")
            yield Label(_WORDS, classes="words", markup=False)

    def on_mount(self) -> None:
        """Begin with the first field."""
        self.query_one("#set-port", Input).focus()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._read()

    @on(Input.Submitted)
    def action_apply(self) -> None:
        """Return the settings if all of them can be used."""
        read = self._read()
        if read is not None:
            self.dismiss(read)

    def _read(self) -> Settings | None:
        """Return what stands in the fields; mark the first that cannot be used and say why."""
        words = self.query_one(".words", Label)
        for name, *_ in _FIELDS:
            self.query_one(f"#set-{name}", Input).remove_class("bad")
        read: dict[str, object] = {}
        for name, *_ in _FIELDS:
            text = self.query_one(f"#set-{name}", Input).value.strip()
            try:
                read[name] = _value(name, text)
            except SettingsError as error:
                self.query_one(f"#set-{name}", Input).add_class("bad")
                words.update(str(error))
                return None
        words.update(_WORDS)
        family = tuple(_FAMILIES)[self.query_one("#set-family", Choice).chosen]
        policy = tuple(_POLICIES)[self.query_one("#set-tls", Choice).chosen]
        every = bool(self.query_one("#set-all", Choice).chosen)
        asked = self._settings.retry_greylisted or GREYLIST_WINDOW
        retry = asked if self.query_one("#set-retry", Choice).chosen else None
        probes = _PROBES[self.query_one("#set-probes", Choice).chosen]
        chosen = replace(self._as_local(), family=family, tls=policy, retry_greylisted=retry, probes=probes)
        return replace(chosen, **read, all_addresses=every)  # type: ignore[arg-type]

    def _as_local(self) -> Settings:
        """Return the settings with the choice about the local mail server; what was read of it goes with a no."""
        settings = self._settings
        chosen = bool(self.query_one("#set-local", Choice).chosen) if self._local is not None else None
        if chosen is None or chosen == (settings.as_local_mta is not None):
            return settings
        if chosen:
            return replace(settings, as_local_mta="")
        cleared = replace(settings, as_local_mta=None, source4=None, source6=None)
        return replace(cleared, relay=(), relay_auth=None, local_facts=(), local_hosts=())


def _value(name: str, text: str) -> object:
    if not text:
        return {"port": 25, "dnsbl": ()}.get(name)
    match name:
        case "port":
            return values.parse_port(text)
        case "timeout":
            return values.parse_timeout(text)
        case "ehlo":
            return values.parse_ehlo(text)
        case "source":
            return values.parse_source(text)
        case "dnsbl":
            return values.parse_blocklists(part for part in re.split(r"[\s,]+", text) if part)
        case _:
            return values.parse_server(text)
