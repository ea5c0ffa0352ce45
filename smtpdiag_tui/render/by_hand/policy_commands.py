"""The commands for TLS policies: curl for the text of MTA-STS (RFC 8461), openssl for DANE (RFC 7672). Pure."""

import re
from collections.abc import Iterator

from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.render.by_hand.context import Context
from smtpdiag_tui.render.by_hand.session_commands import openssl, sessions_of
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.settings import parse_ip

_MOST_RECORDS = 8
_CONNECTING = re.compile(r"connecting to (?P<address>[\w:][\w.:%-]*) port 443")
_HOST = re.compile(r"(?:A|AAAA) (?P<host>mta-sts\.[a-z0-9_.-]+): .+")
_PATH = "/.well-known/mta-sts.txt"
_RECORD = re.compile(
    r"(?:^|.* )_\d{1,5}\._tcp\.(?P<base>\S+)\. IN TLSA (?P<data>[23] [01] [012] [0-9a-f]{2,8192})(?:: .*)?"
)


def policy_commands(context: Context, step: Step) -> tuple[Command, ...]:
    """Return the commands that fetch the policy from the addresses that were connected to."""
    notes = [entry.text for entry in step.transcript if entry.direction is Direction.NOTE]
    host = next((found["host"] for line in notes if (found := _HOST.fullmatch(line))), "")
    addresses = dict.fromkeys(found["address"] for line in notes if (found := _CONNECTING.fullmatch(line)))
    if not host:
        return ()
    return tuple(_curl(context, host, address) for address in addresses)


def _curl(context: Context, host: str, address: str) -> Command:
    known = parse_ip(address)
    literal = f"[{address}]" if ":" in address else address
    source = context.report.settings.source_for(address) if known is not None else None
    words = (
        "--silent",
        "--show-error",
        "--noproxy",
        "*",
        *(("--interface", source) if source else ()),
        "--resolve",
        f"{host}:443:{literal}",
        f"https://{host}{_PATH}",
    )
    return Command("curl", words, f"MTA-STS policy from {host} [{address}]")


def dane_commands(context: Context, step: Step) -> tuple[Command, ...]:
    """Return the commands that match the certificate of each address of an MX host with its TLSA records."""
    records = list(dict.fromkeys(_records(step)))[:_MOST_RECORDS]
    if not records:
        return ()
    base = records[0][0]
    more = ["-dane_tlsa_domain", base, "-dane_ee_no_namechecks"]
    for owner, data in records:
        more += ["-dane_tlsa_rrdata", data] if owner == base else []
    found: list[Command] = []
    for place in context.report.children(f"delivery/{StepId(step.id).name}"):
        for session in sessions_of(context, place)[:1]:
            what = f"certificate of {session.where} against its TLSA records"
            found.append(openssl(session, *more, what=what))
    return tuple(found)


def _records(step: Step) -> Iterator[tuple[str, str]]:
    """Yield the records that are told, whole ones with a usage for mail alone (RFC 7672 §3.1)."""
    for item in step.findings:
        for line in item.evidence:
            found = _RECORD.fullmatch(line)
            if found is not None:
                yield found["base"], found["data"]
