"""The steps about MTA-STS and TLS-RPT in whole runs: beside the sessions, in reruns, where they do not apply."""

import asyncio

import pytest

from smtpdiag_tui.demo.hosts import Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import BROKEN
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import Relay, TlsPolicy
from tests.engine.policies import ADDRESS, MTA_STS, add_records, publish, sender
from tests.engine.resolving import RESOLVER, everything_ended, names, put
from tests.engine.running import at, codes, open_files, others, run
from tests.verdict.siblings import replace_script

BOB, DOMAIN = "bob@partner.example", "partner.example"
STS, RPT, BRANCH = "tls-policy/mta-sts", "tls-policy/tls-rpt", "tls-policy"
ACCEPTED = ("accepted", "mx1.partner.example [192.0.2.21] accepted the recipient (250 2.1.5)")


def told(report: Report, step: str = STS) -> tuple[str, str]:
    return at(report, step).status.value, at(report, step).detail
