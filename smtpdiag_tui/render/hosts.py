"""The MX hosts of a report as rows, a row an address: drawn as text, as Markdown and by the interface. Pure.

All of it comes from the facts, findings' codes and statuses of steps, so that a saved report has the same rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind

RESULTS = {
    SessionEnd.ACCEPTED: "accepted",
    SessionEnd.DEFERRED: "deferred",
    SessionEnd.REJECTED: "rejected",
    SessionEnd.GREETING_REFUSED: "refused",
    SessionEnd.CONNECTION_REFUSED: "connection refused",
    SessionEnd.TIMEOUT: "timed out",
    SessionEnd.RESET: "reset",
    SessionEnd.UNREACHABLE: "unreachable",
    SessionEnd.NO_ROUTE: "no route",
    SessionEnd.NO_SOCKET: "not tested",
    SessionEnd.UNUSABLE: "not usable",
    SessionEnd.CLOSED: "closed",
    SessionEnd.NO_SMTP: "no SMTP reply",
    SessionEnd.TLS_FAILED: "TLS failed",
    SessionEnd.TLS_MISSING: "no TLS",
    SessionEnd.SMTPUTF8_MISSING: "no SMTPUTF8",
}
CERTIFICATES = {
    CertificateVerdict.VERIFIED: "verified",
    CertificateVerdict.EXPIRED: "expired",
    CertificateVerdict.UNTRUSTED: "untrusted",
    CertificateVerdict.NAME_MISMATCH: "name mismatch",
    CertificateVerdict.MALFORMED: "malformed",
    CertificateVerdict.NOT_JUDGED: "not judged",
}
_WITHOUT_SESSION = {
    Status.PENDING: "pending",
    Status.RUNNING: "running",
    Status.CANCELLED: "cancelled",
    Status.SKIPPED: "not tested",
}
# What is wrong with a host that no session was held with, by the code of its finding.
_HOST_CODES = {
    "mx-is-address": "not a host name",
    "mx-unresolvable": "does not resolve",
    "mx-lookup-failed": "lookup failed",
    "mx-address-unusable": "not usable",
}
_TLS_CODES = {
    "starttls-not-offered": "not offered",
    "starttls-refused": "refused",
    "tls-handshake-failed": "failed",
}


@dataclass(frozen=True, slots=True)
class HostRow:
    """One address of an MX host, or a host without one.

    `step` is the id of the step that tells of it. `preference` is None where no MX record names the host, `family`
    4 or 6, None without an address. `result` is a word or two, `reply` the code (and enhanced code) of the reply
    that decided, "" without one. `tls` is the protocol as the library names it, else `not offered`, `refused` or
    `failed`, else "". `certificate` is what is to be said of it, "" without one; `days` until it expires, less
    than 0 for one that has. `stale`: all of this is of an earlier run, until the new one comes to it.
    """

    step: str
    preference: int | None
    host: str
    address: str
    family: int | None
    status: Status
    result: str
    reply: str = ""
    tls: str = ""
    certificate: str = ""
    days: int | None = None
    software: str = ""
    seconds: float | None = None
    stale: bool = False

    @property
    def outcome(self) -> str:
        """Result and reply code together: `accepted 250 2.1.5`."""
        return f"{self.result} {self.reply}".rstrip()


def host_rows(report: Report) -> tuple[HostRow, ...]:
    """Return the rows of all MX hosts, those preferred first, in the order of the tree."""
    tree = report.tree()
    rows: list[HostRow] = []
    for host in tree.get("delivery", ()):
        addresses = tree.get(host.id, ())
        if host.kind is StepKind.HOST and addresses:
            rows.extend(_of_address(host, address, tree.get(address.id, ())) for address in addresses)
        elif host.kind in (StepKind.HOST, StepKind.REST):
            rows.append(_without_address(host))
    return tuple(rows)


def _of_address(host: Step, step: Step, phases: Iterable[Step]) -> HostRow:
    place, session = StepId(step.id), step.facts.session
    known = step.status.ended or step.stale
    rest = step.kind is StepKind.REST
    row = HostRow(
        step=step.id,
        preference=host.facts.preference,
        host=place.host,
        address=step.title if rest else place.address,
        family=None if rest else place.family,
        status=step.status,
        result=_result(step, session if known else None),
        seconds=step.seconds,
        stale=step.stale,
    )
    return row if session is None or not known else _with_session(row, session, phases)


def _with_session(row: HostRow, session: SessionFacts, phases: Iterable[Step]) -> HostRow:
    return HostRow(
        step=row.step,
        preference=row.preference,
        host=row.host,
        address=row.address,
        family=row.family,
        status=row.status,
        result=row.result,
        reply=session.reply,
        tls=session.tls or _why_no_tls(phases),
        certificate=", ".join(CERTIFICATES[verdict] for verdict in session.certificate),
        days=session.days,
        software=session.software,
        seconds=row.seconds,
        stale=row.stale,
    )


def _result(step: Step, session: SessionFacts | None) -> str:
    if session is not None and step.status is not Status.CANCELLED:
        return RESULTS[session.end]
    return _by_code(step) or _WITHOUT_SESSION.get(step.status, "unknown")


def _by_code(step: Step) -> str:
    words = (_HOST_CODES.get(finding.code) for finding in step.findings)
    return next((word for word in words if word), "")


def _why_no_tls(phases: Iterable[Step]) -> str:
    codes = [finding.code for phase in phases for finding in phase.findings]
    return next((_TLS_CODES[code] for code in codes if code in _TLS_CODES), "")


def _without_address(host: Step) -> HostRow:
    """Return the row of a host that has no address, or of those that are left out."""
    rest = host.kind is StepKind.REST
    ended = {Status.PASSED: "no address", Status.FAILED: "no address"}
    result = _by_code(host) or _WITHOUT_SESSION.get(host.status) or ended.get(host.status, "unknown")
    name = host.title if rest else StepId(host.id).host
    return HostRow(host.id, host.facts.preference, name, "", None, host.status, result, stale=host.stale)
