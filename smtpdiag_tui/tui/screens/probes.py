"""The question before a run that holds side probes: nobody sends them by accident."""

from collections.abc import Collection
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Probe, Settings

_SAYS = {
    Probe.POSTMASTER: "postmaster: RCPT TO:<postmaster@{domain}>",
    Probe.NULL_SENDER: "null sender: MAIL FROM:<>",
    Probe.RANDOM_RECIPIENT: "random recipient: RCPT TO a made-up name at {domain}",
}


class ProbesScreen(ModalScreen[bool]):
    """Says which sessions will be held beside the others; returns whether to go on."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "Run"),
        Binding("escape,q", "dismiss(False)", "Do not run"),
    ]

    def __init__(self, settings: Settings, only: Collection[str] | None) -> None:
        super().__init__()
        self._words = question(settings, only)

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical(id="probes") as box:
            box.border_title = "Side probes"
            yield Static(self._words, markup=False)
            yield Static("Enter runs with them, Escape does not run.", classes="words", markup=False)


def question(settings: Settings, only: Collection[str] | None) -> str:
    """Return what will be sent, and to whom."""
    probes = probes_of(settings, only)
    number = counted(len(probes), "further session")
    domain = visible(settings.recipient.rpartition("@")[2])
    whom = visible(settings.server) if settings.server else f"the best mail host of {domain}"
    lines = [f"{number} with {whom}, after the others, a second apart; no mail is sent:", ""]
    return "\n".join([*lines, *(f"  {_SAYS[probe].format(domain=domain)}" for probe in probes)])


def probes_of(settings: Settings, only: Collection[str] | None) -> list[Probe]:
    """Return the probes that a run of these steps holds."""
    if only is None or "probes" in only:
        return list(settings.probes)
    return [probe for probe in settings.probes if f"probes/{probe}" in only]


def sends_probes(settings: Settings, only: Collection[str] | None, report: Report) -> bool:
    """Whether a run on top of `report` holds side probes."""
    partial = only is not None and "probes" in report.steps
    return bool(probes_of(settings, only if partial else None))
