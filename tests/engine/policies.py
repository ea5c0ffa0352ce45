"""Domains of the demo that are given policies for a test."""

from dataclasses import replace

from smtpdiag_tui.demo.https_hosts import HttpsScript, policy
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, build_zones
from smtpdiag_tui.report.report import Report

ADDRESS = "192.0.2.180"
MTA_STS = '_mta-sts TXT "v=STSv1; id=20261128T120000;"'


def add_records(network: DemoNetwork, domain: str, *lines: str) -> None:
    """Let everybody find more records in a domain's zone."""
    zones = build_zones({domain: "\n".join([RECORDS[domain], *lines])})
    for key, script in list(network.resolvers.items()):
        network.resolvers[key] = replace(script, zones={**script.zones, **zones})


def publish(
    network: DemoNetwork,
    domain: str,
    mode: str = "enforce",
    mx: str = "*",
    record: str = MTA_STS,
    **script: object,
) -> None:
    """Give a domain an MTA-STS policy; `mx` with one label stands for all hosts below it."""
    host = f"mta-sts.{domain}"
    text = policy(mode, f"*.{domain}" if mx == "*" else mx)
    add_records(network, domain, record, f"mta-sts A {ADDRESS}")
    changed = {"text": text, **script}
    network.policy_hosts[ADDRESS] = HttpsScript(host, **changed)  # type: ignore[arg-type]
    if ADDRESS in network.https:
        network.https[ADDRESS].script = network.policy_hosts[ADDRESS]


def sender(report: Report, name: str) -> tuple[str, str]:
    """Return what becomes of mail from one kind of sender: outcome and reason."""
    [found] = [item for item in report.senders if item.name == name]
    assert found.outcome is not None
    return found.outcome.value, found.summary
