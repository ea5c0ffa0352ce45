"""Runs from other vantage points, against a real sshd and a real SOCKS proxy on a third machine."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.real.lab import Lab
from tests.real.reading import sent, steps
from tests.real.vantage_lab import GATE, NEAR_SIDE, SOCKS, SOCKS_LOGIN, VantageLab, kill_all

if TYPE_CHECKING:
    import subprocess

SENDER, RECIPIENT = "alice@sender.test", "bob@partner.test"
HOLE = "bob@hole.test"  # a mail host that never answers: its run is still there when something ends it
MX1 = "delivery/mx1.partner.test/192.0.2.25"
PROXY = f"socks5://{NEAR_SIDE}:{SOCKS}"


@pytest.fixture(autouse=True)
def nothing_left(vantage: VantageLab) -> Iterator[None]:
    yield
    assert vantage.left() == []


@pytest.fixture
def walled(lab: Lab) -> Iterator[None]:
    """Keep a firewall that lets the sending machine out nowhere on port 25."""
    with lab.rules("tcp dport 25 drop"):
        yield


def seen_by_postfix(lab: Lab, run: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Return what a run gives, and the lines of the sessions that Postfix saw meanwhile."""
    before = len(lab.postfix.sessions())
    found = run()
    return found, lab.postfix.sessions(at_least=before + 1)[before:]


@pytest.mark.usefixtures("walled")
@pytest.mark.parametrize(("via", "more"), [("ssh:gate", ()), (PROXY, ("-d", "192.0.2.53"))])
def test_connections_go_through_where_only_the_other_host_gets_out(
    lab: Lab, vantage: VantageLab, via: str, more: tuple[str, ...]
) -> None:
    found, lines = seen_by_postfix(lab, lambda: vantage.run(via, SENDER, RECIPIENT, *more))
    report = found["report"]
    assert (found["whole"], report["outcome"], report["settings"]["via"]) == (False, "accepted", [via])
    assert found["told"]["steps"] == report["steps"]
    assert lines
    assert all(f"[{GATE}]" in line and "starttls=1 mail=1 rcpt=1 quit=1" in line for line in lines)
    seen = steps(report)
    assert [text.split()[0] for text, _ in sent(seen[MX1])][:3] == ["EHLO", "STARTTLS", "EHLO"]
    udp = seen["remote/192.0.2.53/udp"]
    assert (udp["status"], udp["detail"]) == ("skipped", f"UDP does not go through {via}")
    assert (seen["remote/192.0.2.53/tcp"]["status"], seen["dns-servers"]["status"]) == ("passed", "passed")
    assert not [step for step in seen.values() if step["status"] == "failed" and "udp" in step["id"]]


def test_the_resolver_of_the_other_host_is_asked(vantage: VantageLab) -> None:
    seen = steps(vantage.run("ssh:gate", SENDER, RECIPIENT)["report"])
    lines = "\n".join(line["text"] for line in seen["dns-servers"]["transcript"])
    assert "Resolver configuration of ssh:gate; queries go through it, over TCP only" in lines
    assert "Connections go through ssh:gate: smtpdiag is not installed on that host" in lines


@pytest.mark.usefixtures("walled")
def test_what_a_proxy_forbids_is_no_fault_of_the_mail_host(vantage: VantageLab) -> None:
    seen = steps(vantage.run(PROXY, SENDER, RECIPIENT, "-d", "192.0.2.53", "-4")["report"])
    forbidden = seen["delivery/mx2.partner.test/192.0.2.26/connect"]
    assert (forbidden["status"], [item["code"] for item in forbidden["findings"]]) == (
        "unknown",
        ["machine-limit"],
    )
    assert forbidden["findings"][0]["message"].startswith(f"{PROXY} did not let the connection")


@pytest.mark.usefixtures("walled")
def test_smtpdiag_there_makes_the_whole_run(lab: Lab, vantage: VantageLab) -> None:
    found, lines = seen_by_postfix(
        lab, lambda: vantage.run("ssh:whole", SENDER, RECIPIENT, "--ehlo", "gate.sender.test", "-4")
    )
    report = found["report"]
    assert (found["whole"], report["outcome"]) == (True, "accepted")
    assert (report["settings"]["via"], report["settings"]["ehlo"]) == (["ssh:whole"], "gate.sender.test")
    assert found["told"]["steps"] == report["steps"]
    assert all(f"[{GATE}]" in line for line in lines)
    assert steps(report)["remote/192.0.2.53/udp"]["status"] == "passed"


def test_a_message_goes_there_and_leaves_no_file(vantage: VantageLab, tmp_path: Path) -> None:
    message = tmp_path / "message"
    message.write_bytes(b"From: alice@sender.test\r\nSubject: x\r\n\r\n" + b"word " * 100_000 + b"\r\n")
    found = vantage.run("ssh:whole", SENDER, RECIPIENT, "--message", str(message))
    report = found["report"]
    assert (found["whole"], report["settings"]["message"]["name"]) == (True, str(message))
    assert steps(report)["authentication/message"]["status"] != "skipped"


def test_an_option_that_is_not_known_there_sends_the_connections_through(vantage: VantageLab) -> None:
    found = vantage.run("ssh:older", SENDER, RECIPIENT, "--timeout", "20")
    assert (found["whole"], found["report"]["outcome"]) == (False, "accepted")
    lines = "\n".join(line["text"] for line in steps(found["report"])["dns-servers"]["transcript"])
    assert "Connections go through ssh:older: smtpdiag on that host: unknown argument" in lines


@pytest.mark.parametrize(
    ("via", "error"),
    [
        ("ssh:closed", "the SSH server forbids forwarding: set AllowTcpForwarding yes"),
        ("ssh:nologin", "login refused (publickey): make 'ssh nologin' work without a password"),
        ("ssh:unheard-of", "host key verification failed: connect once with 'ssh unheard-of' to accept the key"),
        ("ssh:changed", "the host key has changed: verify the new key with the administrator"),
        ("ssh:refusing", "not connected (connection refused): check host, port and firewall"),
        ("ssh:nowhere.invalid", "name does not resolve: check the host name"),
        (f"socks5://{NEAR_SIDE}:{SOCKS_LOGIN}", "the proxy wants a login: allow this host without one"),
        (f"socks5://{NEAR_SIDE}:22", "not a SOCKS5 proxy: check host and port"),
        (f"socks5://{NEAR_SIDE}:2299", "not connected (connection refused): check that the proxy runs"),
        ("socks5://nowhere.invalid:1080", "name does not resolve: check the host name"),
    ],
)
def test_no_way_there_is_one_sentence(vantage: VantageLab, via: str, error: str) -> None:
    found = vantage.run(via, SENDER, RECIPIENT)
    assert found["error"].startswith(f"{via}: {error}")
    assert ("\n" in found["error"], found["report"]) == (False, None)


def wait_for(process: "subprocess.Popen[str]", words: str) -> None:
    """Read what a run tells until a line begins with these words."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(words):
            return
    raise AssertionError(f"{words} never came")


def test_a_connection_that_dies_in_the_middle_ends_the_run_with_what_was_known(vantage: VantageLab) -> None:
    process = vantage.start("ssh:gate", SENDER, HOLE)
    wait_for(process, "StepStarted delivery/mx.hole.test/192.0.2.66/connect")
    kill_all(vantage.sshd_children())
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    found = json.loads(out)
    assert found["error"].startswith("ssh:gate: connection ")
    report = found["report"]
    assert (report["outcome"], report["status"]) == ("unknown", "cancelled")
    assert steps(report)["syntax"]["status"] == "passed"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("via", ["ssh:gate", "ssh:whole", PROXY])
def test_whoever_ends_the_run_here_ends_it_there(vantage: VantageLab, via: str, how: signal.Signals) -> None:
    process = vantage.start(via, SENDER, HOLE, "-d", "192.0.2.53")
    wait_for(process, "StepStarted delivery")
    time.sleep(1.5)  # until it has begun there

    os.kill(process.pid, how)  # `ip netns exec` has become the run itself
    process.communicate(timeout=30)
