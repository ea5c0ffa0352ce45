"""What a firewall does to a run, and what Ctrl-C does."""

import time

from tests.interrupting import LIMIT, at_work, interrupt
from tests.real.lab import Lab, Run
from tests.real.reading import codes, steps

SENDER, RECIPIENT = "alice@sender.test", "bob@partner.test"


def test_port_25_blocked_here(lab: Lab, run: Run) -> None:
    with lab.rules("tcp dport 25 drop"):
        status, report = run(SENDER, RECIPIENT, "--timeout", "2")
    assert (status, report["outcome"]) == (1, "deferred")
    assert len(codes(report)["connection-timeout"]) == 3
    assert steps(report)["remote"]["status"] == "passed"


def test_port_25_blocked_to_everywhere_is_one_cause(lab: Lab, run: Run) -> None:
    with lab.rules("tcp dport 25 drop"):
        status, report = run(SENDER, "bob@wide.test", "--timeout", "2")
    assert (status, report["outcome"], report["side"]) == (1, "deferred", "path")
    assert [cause["code"] for cause in report["causes"]] == ["egress-blocked"]
    assert len(report["causes"][0]["evidence"]) == 3


def test_a_firewall_that_rejects_is_not_a_silent_one(lab: Lab, run: Run) -> None:
    with lab.rules("tcp dport 25 reject with tcp reset"):
        status, report = run(SENDER, RECIPIENT)
    assert status == 1
    assert len(codes(report)["connection-refused"]) == 3


def test_dns_over_tcp_blocked(lab: Lab, run: Run) -> None:
    with lab.rules("tcp dport 53 drop"):
        status, report = run(SENDER, RECIPIENT, "--timeout", "2")
    assert status == 0
    assert "dns-servers/192.0.2.53" in "".join(codes(report)["dns-tcp-failed"])
    assert [cause["code"] for cause in report["causes"]] == ["resolver-broken"]
    assert steps(report)["dns-servers"]["status"] == "warning"


def test_dns_over_udp_blocked(lab: Lab, run: Run) -> None:
    with lab.rules("udp dport 53 drop"):
        status, report = run(SENDER, RECIPIENT, "--timeout", "1")
    # The C library's resolver does not turn to TCP by itself; what TCP says is followed all the same.
    assert (status, report["outcome"], report["side"]) == (1, "deferred", "here")
    assert "dns-udp-failed" in codes(report)
    assert steps(report)["dns-servers"]["status"] == "failed"
    assert all(step["status"] == "passed" for key, step in steps(report).items() if key.endswith("/rcpt-to"))
    assert any(key.endswith("/rcpt-to") for key in steps(report))


def test_a_closed_udp_port_is_told_of_every_query_at_once(lab: Lab, run: Run) -> None:
    with lab.refusing("ip daddr 192.0.2.53 udp dport 53"):
        began = time.monotonic()
        status, report = run(SENDER, RECIPIENT)
        spent = time.monotonic() - began
    assert (status, report["outcome"]) == (1, "deferred")
    details = {step["detail"] for key, step in steps(report).items() if key.endswith("192.0.2.53/udp")}
    assert details == {"connection refused"}
    assert spent < 12


def test_only_the_resolver_may_be_asked(lab: Lab, run: Run) -> None:
    rules = [
        f"meta l4proto {{ tcp, udp }} th dport 53 {family} drop"
        for family in ("ip daddr != 192.0.2.53", "ip6 daddr ::/0")
    ]
    with lab.rules(*rules):
        status, report = run(SENDER, RECIPIENT, "--timeout", "1")
    assert status == 0
    assert list(codes(report)["dns-egress-blocked"]) == ["soa"]
    assert "dns-unreachable" not in codes(report)


def test_no_dns_at_all_is_unknown_with_one_cause(lab: Lab, run: Run) -> None:
    with lab.rules("meta l4proto { tcp, udp } th dport 53 drop"):
        status, report = run(SENDER, RECIPIENT, "--timeout", "1")
    assert (status, report["outcome"], report["side"]) == (4, "unknown", "here")
    assert codes(report)["dns-unreachable"] == ["dns-servers/192.0.2.53"]
    assert [cause["code"] for cause in report["causes"]] == ["resolver-broken"]
    assert {steps(report)[key]["status"] for key in ("soa", "local", "remote", "delivery")} == {"unknown"}


def test_ctrl_c_ends_at_once(lab: Lab) -> None:
    with lab.rules("ip daddr 192.0.2.66 drop"):
        process = lab.start(SENDER, "bob@hole.test", "--report", "json", "--timeout", "300")
        assert at_work(process, sockets=3)
        interrupt(process)
        out, err = process.communicate(timeout=LIMIT)  # far less than its own limit
    assert (process.returncode, out, err) == (130, "", "smtpdiag: interrupted\n")
