"""The checks of a run, a line each."""

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.render.checks import Check, checks, probe_lines
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Probe
from tests.engine.running import run
from tests.render.made import SETTINGS


def report_of(*steps: Step) -> Report:
    return Report(SETTINGS, steps={step.id: step for step in steps})


def session(address: str, end: SessionEnd | None, host: str = "mx.a.example") -> Step:
    facts = StepFacts(session=SessionFacts(end)) if end is not None else StepFacts()
    return Step(f"delivery/{host}/{address}", address, Status.PASSED, facts=facts)


def test_each_branch_but_profiles_and_probes_is_a_check_and_so_are_blocklists() -> None:
    report = report_of(
        Step("syntax", "Address syntax", Status.PASSED, "sender and recipient valid"),
        Step("identity", "Sending host", Status.WARNING, "192.0.2.10"),
        Step("identity/ipv4", "IPv4", Status.PASSED, "192.0.2.10"),
        Step("identity/dnsbl", "Blocklists", Status.WARNING, "2 lists"),
        Step("identity/dnsbl/a.example", "a.example", Status.PASSED, "not listed"),
        Step("senders", "Sender profiles", Status.PASSED, "accepted"),
        Step("probes", "Extra probes", Status.PASSED),
        Step("probes/postmaster", "Postmaster", Status.PASSED, "250"),
    )
    assert checks(report) == (
        Check(Status.PASSED, "Address syntax", "sender and recipient valid"),
        Check(Status.WARNING, "Sending host", "192.0.2.10"),
        Check(Status.WARNING, "Blocklists", "2 lists"),
    )


def test_a_check_without_a_detail_has_its_status() -> None:
    assert checks(report_of(Step("soa", "Zone (SOA)", Status.CANCELLED))) == (
        Check(Status.CANCELLED, "Zone (SOA)", "cancelled"),
    )


def test_sessions_are_counted_by_address() -> None:
    delivery = Step("delivery", "SMTP sessions", Status.WARNING, "3 hosts, 3 addresses")
    sessions = (
        session("192.0.2.1", SessionEnd.ACCEPTED),
        session("192.0.2.2", SessionEnd.TIMEOUT),
        session("192.0.2.3", None),
        session("192.0.2.1", SessionEnd.ACCEPTED, "b.a.example"),
    )
    [check] = checks(report_of(delivery, *sessions))
    assert check == Check(Status.WARNING, "SMTP sessions", "1 of 2 MX addresses accepted")
    [older] = checks(report_of(delivery, session("192.0.2.3", None)))
    assert older.detail == "3 hosts, 3 addresses"
    running = Step("delivery", "SMTP sessions", Status.RUNNING)
    [check] = checks(report_of(running, *sessions))
    assert check.detail == "running"


def test_checks_that_did_not_run_for_one_reason_are_told_once() -> None:
    why = "an address is invalid"
    report = report_of(
        Step("syntax", "Address syntax", Status.FAILED),
        Step("dns-servers", "DNS servers", Status.SKIPPED, why),
        Step("soa", "Zone (SOA)", Status.SKIPPED, why),
        Step("local", "Sender domain", Status.SKIPPED, "null sender"),
        Step("remote", "Recipient domain", Status.SKIPPED, why),
    )
    assert checks(report) == (
        Check(Status.FAILED, "Address syntax", "failed"),
        Check(Status.SKIPPED, "Sender domain", "null sender"),
        Check(Status.SKIPPED, "Not run", f"DNS servers, Zone (SOA), Recipient domain ({why})"),
    )


def test_a_probe_has_its_finding_or_why_it_was_not_held() -> None:
    said = Finding("postmaster-refused", Severity.WARNING, "mx.a.example rejected postmaster@a.example")
    report = report_of(
        Step("probes/postmaster", "Postmaster", Status.WARNING, "550", findings=(said,)),
        Step("probes/null-sender", "Null sender", Status.SKIPPED, "no host accepted"),
    )
    assert probe_lines(report) == (
        Check(Status.WARNING, "Postmaster", "mx.a.example rejected postmaster@a.example"),
        Check(Status.SKIPPED, "Null sender", "no host accepted"),
    )


async def test_probes_and_blocklists_of_a_run() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", probes=tuple(Probe), dnsbl=("bl.example",))
    ran = [check.title for check in checks(report) if check.status is not Status.SKIPPED]
    assert ran[-1] == report.steps["identity/dnsbl"].title
    assert [check.title for check in probe_lines(report)] == [step.title for step in report.children("probes")]
    assert len(probe_lines(report)) == len(Probe)
