"""The question before a run with extra probes: nobody sends them by accident."""

from collections.abc import Collection

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Probe, Settings
from smtpdiag_tui.tui.screens.confirm import ConfirmScreen

_SAYS = {
    Probe.POSTMASTER: "postmaster: RCPT TO:<postmaster@{domain}>",
    Probe.NULL_SENDER: "null sender: MAIL FROM:<>",
    Probe.RANDOM_RECIPIENT: "random recipient: RCPT TO of a made-up address at {domain}",
    Probe.DANE_KEYS: "DANE keys: STARTTLS with RSA and with ECDSA certificates apart",
}
_SESSIONS = {Probe.DANE_KEYS: 2}  # of a probe that holds more than one


class ProbesScreen(ConfirmScreen):
    """Says which sessions will be held beside the others; returns whether to go on."""

    def __init__(self, settings: Settings, only: Collection[str] | None) -> None:
        super().__init__("Extra probes", question(settings, only), ("Enter: run with them", "Esc: cancel"))


def question(settings: Settings, only: Collection[str] | None) -> str:
    """Return what will be sent, and to whom."""
    probes = probes_of(settings, only)
    number = counted(sum(_SESSIONS.get(probe, 1) for probe in probes), "extra session")
    domain = visible(settings.recipient.rpartition("@")[2])
    whom = visible(settings.server) if settings.server else f"the most preferred MX host of {domain}"
    lines = [f"{number} with {whom} after the tests, 1 s apart. No message is sent.", ""]
    return "\n".join([*lines, *(f"  {_SAYS[probe].format(domain=domain)}" for probe in probes)])


def probes_of(settings: Settings, only: Collection[str] | None) -> list[Probe]:
    """Return the probes that a run of these steps holds."""
    if only is None or "probes" in only:
        return list(settings.probes)
    return [probe for probe in settings.probes if f"probes/{probe}" in only]


def sends_probes(settings: Settings, only: Collection[str] | None, report: Report) -> bool:
    """Whether a run on top of `report` holds extra probes."""
    partial = only is not None and "probes" in report.steps
    return bool(probes_of(settings, only if partial else None))
