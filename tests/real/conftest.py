"""One lab for all tests against real servers."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.real.dns_lab import DnsLab
from tests.real.lab import Lab, Run, missing
from tests.real.policy_lab import PolicyLab
from tests.real.vantage_lab import VantageLab, missing_tools

HERE = Path(__file__).parent
# Who shares servers of a lab; groups may run on several workers at once, each worker with a lab of its own.
GROUPS = {
    "real-dns": ("test_arbiter", "test_referee"),
    "real-policies": ("test_by_hand", "test_mta_sts", "test_dane", "test_both_policies"),
    "real-paths": ("test_delivery", "test_local_mta", "test_obstacles", "test_side_by_side", "test_vantage"),
    "real-nodes": ("test_many_machines",),
}
_GROUP = {module: group for group, modules in GROUPS.items() for module in modules}


@pytest.hookimpl(tryfirst=True)  # before groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what talks to real servers, and keep a group on one worker: rules in a lab bind all that is there."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.real)
            item.add_marker(pytest.mark.xdist_group(_GROUP.get(item.path.stem, "real")))


def require(what: str, lacking: Sequence[str]) -> None:
    """Skip the test where something is missing, or fail it with SMTPDIAG_REAL=required."""
    if not lacking:
        return
    message = f"{what} need {', '.join(lacking)}"
    if os.environ.get("SMTPDIAG_REAL") == "required":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Return the lab."""
    require("real servers", missing())
    made = Lab()
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def dns(lab: Lab) -> DnsLab:
    """Return the lab's many DNS servers, started when first wanted; they end with the lab."""
    made = DnsLab(lab)
    made.open()
    return made


@pytest.fixture(scope="session")
def policies(lab: Lab) -> Iterator[PolicyLab]:
    """Return the policy hosts of the lab, started when first wanted."""
    made = PolicyLab(lab)
    made.open()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def vantage(lab: Lab) -> Iterator[VantageLab]:
    """Return the vantage points of the lab, started when first wanted."""
    require("vantage points", missing_tools())
    made = VantageLab(lab)
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture
def run(lab: Lab) -> Run:
    """Return a function that runs the command with `--report json` and returns exit status and report."""

    def run(sender: str, recipient: str, *more: str) -> tuple[int, dict[str, Any]]:
        words = (sender, recipient, "--report", "json", "--ehlo", "mail.sender.test", *more)
        status, out, err = lab.run(*words)
        assert err == ""
        return status, json.loads(out)

    return run
