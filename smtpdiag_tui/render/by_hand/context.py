"""What the commands of all steps go by: the resolvers of the run, and whom it greeted as. Pure."""

from dataclasses import dataclass

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import host_name

_WORKS = (Status.PASSED, Status.WARNING)


@dataclass(frozen=True, slots=True)
class Context:
    """A report, and what is looked up in it once.

    `resolvers` are the labels of the resolvers in use, `resolver` the first of them that worked, "" for none.
    `sender` and `recipient` are the paths as they go on the wire, `ehlo` the name or literal that the run greets
    with, "" where it is not known.
    """

    report: Report
    resolvers: tuple[str, ...]
    resolver: str
    sender: str
    recipient: str
    ehlo: str


def context_of(report: Report) -> Context:
    """Look a report through."""
    settings = report.settings
    servers = [(StepId(step.id).server, step.status) for step in report.children("dns-servers")]
    labels = tuple(dict.fromkeys([*(label for label, _ in servers if label), *(s.label for s in settings.dns)]))
    working = (label for label, status in servers if label and status in _WORKS)
    return Context(
        report,
        labels,
        next(working, labels[0] if labels else ""),
        _path(settings.sender),
        _path(settings.recipient),
        report.facts.ehlo,
    )


def _path(address: str) -> str:
    """Return an address as it goes on the wire: its domain in A-labels (RFC 5890)."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{host_name(domain) or domain}"
