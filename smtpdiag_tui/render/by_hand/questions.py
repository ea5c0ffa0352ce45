"""The DNS questions that a step asked, read from the lines that tell what came of them. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from smtpdiag_tui.render.by_hand.context import Context
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.report.transcript import Direction

_TYPES = "MX|A|AAAA|TXT|PTR|TLSA|SOA|NS|CNAME|DS|DNSKEY"
# What came: an rcode, or why nothing did. A record's own text says neither in this place.
_CAME = (
    r"[A-Z][A-Z0-9]{2,}\b.*|(?:timeout|refused or reset|unreachable|no route|malformed|no socket|no answer)\b.*"
)
_BEFORE = rf"(?:with checking disabled \(CD\), |(?:{_TYPES}|A and AAAA) of \S+: )?"
_LINE = re.compile(
    rf"{_BEFORE}(?:(?P<server>\S+?)(?: over (?P<transport>UDP|TCP))?: )?"
    rf"(?P<rdtype>{_TYPES}) (?P<name>\S+): (?P<came>{_CAME})"
)
_FLAGS = re.compile(r", flags (?P<flags>none|[A-Z]{2}(?: [A-Z]{2})*)(?:,|$)")
_POLICY_HOST = re.compile(r"(?P<rdtype>A|AAAA) (?P<name>mta-sts\.\S+): .+")
_VALIDATOR = re.compile(r"(?P<server>\S+) (?:validates|does not validate|did not answer)\b.*")
_PROVED = re.compile(r"(?P<types>MX|A and AAAA|TLSA|CNAME) of (?P<name>\S+): .+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was sent. `server` is its label; `transport` "" for UDP, and TCP where that does not do."""

    server: str
    rdtype: str
    name: str
    transport: str = ""
    recurse: bool = True
    edns: bool = True
    checking: bool = True


def questions(context: Context, step: Step) -> tuple[Asked, ...]:
    """Return the questions of a step, each once, in the order in which they are told."""
    return tuple(dict.fromkeys(_questions(context, step)))


def _questions(context: Context, step: Step) -> Iterator[Asked]:
    notes = [entry.text for entry in step.transcript if entry.direction is Direction.NOTE]
    evidence = [line for item in step.findings for line in item.evidence]
    if step.id == "tls-policy/dnssec":
        yield from _proofs(notes)
    for line, told in (*((line, False) for line in notes), *((line, True) for line in evidence)):
        found = _LINE.fullmatch(line)
        # What a finding cites without a server is told in the step's own lines.
        if found is not None and not (told and found["server"] is None):
            yield from _asked(context, StepId(step.id), found, line)
        elif not told and step.id == "tls-policy/mta-sts":
            yield from _policy_host(context, line)


def _asked(context: Context, step: StepId, found: re.Match[str], line: str) -> Iterator[Asked]:
    label = found["server"] or step.server or step.address or context.resolver
    if not label or found["came"].startswith("not queried"):
        return
    flags = _FLAGS.search(line)
    set_flags = flags["flags"].split() if flags is not None else []
    transport = found["transport"] or (step.transport.upper() if step.kind is StepKind.TRANSPORT else "")
    name_server = bool(step.branch == "soa" and step.host)
    # An answer repeats RD (RFC 1035 §4.1.1); without one, resolvers alone were asked to recurse.
    recurse = "RD" in set_flags or (not name_server and label in context.resolvers)
    yield Asked(
        label,
        found["rdtype"],
        found["name"],
        transport,
        recurse=recurse,
        edns="without EDNS" not in line,
        checking="CD" not in set_flags,
    )


def _policy_host(context: Context, line: str) -> Iterator[Asked]:
    found = _POLICY_HOST.fullmatch(line)
    if found is not None and context.resolver:
        yield Asked(context.resolver, found["rdtype"], found["name"])


def _proofs(notes: Iterable[str]) -> Iterator[Asked]:
    """Yield what shows that a resolver validates, and which names it calls secure."""
    servers = [found["server"] for line in notes if (found := _VALIDATOR.fullmatch(line))]
    for server in servers:
        yield Asked(server, "SOA", ".")
        for line in notes:
            found = _PROVED.fullmatch(line)
            if found is not None:
                for rdtype in found["types"].split(" and "):
                    yield Asked(server, rdtype, found["name"])
