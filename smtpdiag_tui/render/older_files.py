"""What a saved report of an earlier version tells in sentences alone, found there as data. Pure.

Nothing else reads our sentences. They are those that versions without facts wrote, whatever is written today.
"""

import re
from collections.abc import Iterable, Iterator

from smtpdiag_tui.report.facts import NO_FACTS, StepFacts, hosts_in, together
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.settings import parse_ip

_OWN_NAME = re.compile(r"This computer's name: (\S+)$")
_IDENTITY = re.compile(r"(?P<what>address|name) of (?P<of>this machine|that name): (?P<value>\S+)")
_SOURCE = re.compile(r"(?:connected )?from (\S+)$")
_EXTENSIONS = re.compile(r"(.*?)(?:, \d+ extensions?)?", re.DOTALL)
_LOCAL_NAMES = re.compile(
    r"(?:EHLO name|Relay host|Fallback relay): (?P<names>.*?) \("
    r"|smtp_(?:helo_name|fallback_relay) = (?P<more>[^=]*?)(?=, \w+ = |$)"
)
# Said in the same line before reports told apart what RCPT does not cover.
_AFTER_DATA = "; filtering after DATA and later bounces are not tested"
_NO_NAMES = ("none", "not ")


def facts_in(step: Step) -> StepFacts:
    """Return what a step's detail, remarks and commands tell of this machine."""
    said = {
        direction: [entry.text for entry in step.transcript if entry.direction is direction]
        for direction in Direction
    }
    remarks = said[Direction.NOTE]
    of_identity = map(_identity, remarks) if step.branch == "identity" else ()
    return together([_detail(step), *map(_remark, remarks), *of_identity, *map(_command, said[Direction.SENT])])


def delivery_in(told: str) -> str:
    """Return whether the message arrives, without what is said of later: by now that has a line of its own."""
    return told.removesuffix(_AFTER_DATA)


def local_hosts_in(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts that the lines about a local mail server name."""
    return hosts_in(_local_names(lines))


def _local_names(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        for found in _LOCAL_NAMES.finditer(line):
            names = found["names"] or found["more"] or ""
            if not names.startswith(_NO_NAMES):
                yield names


def _detail(step: Step) -> StepFacts:
    if step.kind is StepKind.TRANSPORT:
        return StepFacts(timed=step.detail.endswith(" ms"))
    phase = StepId(step.id).phase
    if phase == "connect":
        return _remark(step.detail)
    if phase != "ehlo" or step.status is Status.SKIPPED or step.detail.endswith("…"):
        return NO_FACTS
    found = _EXTENSIONS.fullmatch(step.detail)
    return StepFacts(said=found[1] if found else "")


def _remark(text: str) -> StepFacts:
    source, name = _SOURCE.fullmatch(text), _OWN_NAME.fullmatch(text)
    if source and parse_ip(source[1]) is not None:
        return StepFacts(sources=(source[1],))
    return StepFacts(host_name=name[1]) if name else NO_FACTS


def _command(text: str) -> StepFacts:
    return StepFacts(ehlo=text[5:].strip()) if text.startswith(("EHLO ", "HELO ")) else NO_FACTS


def _identity(text: str) -> StepFacts:
    found = _IDENTITY.fullmatch(text)
    if found is None:
        return NO_FACTS
    value = found["value"]
    if found["what"] == "name":
        return StepFacts(names=(value,))
    return StepFacts(addresses=(value,)) if parse_ip(value) is not None else NO_FACTS
