"""Several vantage points at once, with the command itself: a firewall that lets only the other host out on 25."""

import json
import os
import subprocess
import sys

from tests.real.lab import Lab
from tests.real.vantage_lab import _SBIN, NEAR_SIDE, ROOT, SOCKS, VantageLab

PAIR = ("alice@sender.test", "bob@partner.test")
PROXY = f"socks5://{NEAR_SIDE}:{SOCKS}"


def command(vantage: VantageLab, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command on the sending machine, with the ssh that knows the third one."""
    return subprocess.run(
        ["ip", "netns", "exec", vantage.lab.near, sys.executable, "-m", "smtpdiag_tui", *PAIR, *words],
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=55,
        env={
            **os.environ,
            "TERM": "dumb",
            "PATH": f"{vantage.folder}/near-bin:{_SBIN}",
            "TMPDIR": str(vantage.near_temporary),
            "XDG_STATE_HOME": str(vantage.folder / "state"),
            "PYTHONPATH": str(ROOT),
        },
    )


def via(*labels: str) -> list[str]:
    return [word for label in labels for word in ("--via", label)]


def test_a_port_that_is_blocked_for_this_host_alone(lab: Lab, vantage: VantageLab) -> None:
    with lab.rules("tcp dport 25 drop"):
        done = command(vantage, *via("local", "ssh:gate", PROXY), "--timeout", "3", "--report", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    outcomes = {point["via"]: point["report"]["outcome"] for point in told["vantage_points"]}
    assert outcomes == {"local": "deferred", "ssh:gate": "accepted", PROXY: "accepted"}
    agreement = told["agreement"]
    assert agreement["headline"].startswith("Accepted from ")
    assert "Port 25 is blocked from local only" in [item["headline"] for item in agreement["differences"]]
    assert "so they are up, and port 25 is blocked for local" in agreement["meaning"]


def test_one_that_refuses_the_login_keeps_nobody(vantage: VantageLab) -> None:
    done = command(vantage, *via("local", "ssh:nologin"), "--report", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"]) == (0, "accepted")
    local, refused = told["vantage_points"]
    assert (local["error"], refused["report"]) == (None, None)
    assert "nologin" in refused["error"]
    assert told["agreement"]["counted"] == ["local"]


def test_all_of_them_leave_nothing(vantage: VantageLab) -> None:
    done = command(vantage, *via("local", "ssh:gate", "ssh:whole", PROXY))
    assert done.returncode == 0, done.stderr
    assert "4 vantage points agree: accepted" in done.stdout
    assert vantage.left() == []
