"""Driving the evaluation of SPF by zones that a test writes down."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smtpdiag_tui.checks.authentication.spf.evaluator import evaluate
from smtpdiag_tui.checks.authentication.spf.model import (
    SpfEvaluation,
    SpfQuestion,
    SpfRequest,
    SpfScope,
    SpfTold,
)
from smtpdiag_tui.checks.lookups.record_set import Found

TIMEOUT = "TIMEOUT"
Zone = Mapping[str, Any]


@dataclass
class Asked:
    """What an evaluation came to, and the batches of questions that it asked."""

    evaluation: SpfEvaluation
    batches: list[tuple[SpfQuestion, ...]] = field(default_factory=list)

    @property
    def questions(self) -> list[str]:
        return [str(question) for batch in self.batches for question in batch]


def tell(zone: Zone, question: SpfQuestion) -> SpfTold:
    """Answer from a zone: name to type to a value or a list of them; TIMEOUT in the place of either fails.

    The type `*` stands for all that are not there.
    """
    name = question.name.replace("\\032", " ")
    name = re.sub(r"\\(\D)", r"\1", name)
    for _ in range(10):
        records = zone.get(name)
        if records is None:
            return SpfTold(Found.NXDOMAIN)
        if records == TIMEOUT or records.get(question.rdtype) == TIMEOUT:
            return SpfTold(Found.FAILED, why="timed out")
        values = records.get(question.rdtype)
        if not values and "*" in records:  # any type that is not told
            return SpfTold(Found.FAILED, why="timed out")
        if values:
            listed = values if isinstance(values, list) else [values]
            if question.rdtype == "TXT":
                texts = tuple(item.encode() if isinstance(item, str) else item for item in listed)
                return SpfTold(Found.DATA, tuple("text" for _ in texts), texts)
            return SpfTold(Found.DATA, tuple(listed))
        if "CNAME" not in records:
            return SpfTold(Found.NODATA)
        name = records["CNAME"].lower().rstrip(".")
    return SpfTold(Found.FAILED, why="its CNAMEs form a loop")


def ask(request: SpfRequest, zone: Zone) -> Asked:
    """Evaluate a request by a zone."""
    asked: list[tuple[SpfQuestion, ...]] = []
    work = evaluate(request)
    try:
        batch = next(work)
        while True:
            asked.append(batch)
            batch = work.send(tuple(tell(zone, question) for question in batch))
    except StopIteration as end:
        return Asked(end.value, asked)


def spf(
    zone: Zone,
    address: str = "203.0.113.10",
    sender: str = "alice@sender.example",
    ehlo: str = "mail.sender.example",
    scope: SpfScope = SpfScope.MAIL_FROM,
) -> SpfEvaluation:
    """Return what SPF comes to."""
    return ask(SpfRequest(address, sender, ehlo, scope), zone).evaluation


def record(*terms: str, domain: str = "sender.example", **others: Any) -> dict[str, dict[str, Any]]:
    """Return a zone with one record; more records by their name, with `_` for a dot before `example`."""
    return {domain: {"TXT": " ".join(["v=spf1", *terms]), **others}}


def zones(*given: Zone) -> dict[str, Mapping[str, Any]]:
    """Return zones as one."""
    merged: dict[str, Mapping[str, Any]] = {}
    for zone in given:
        for name, records in zone.items():
            merged[name] = {**merged.get(name, {}), **records}
    return merged


def txt(domain: str, *texts: str | bytes) -> dict[str, dict[str, Any]]:
    """Return a zone with TXT records at one name."""
    return {domain: {"TXT": list(texts)}}


def results(evaluations: Iterable[SpfEvaluation]) -> list[str]:
    """Return the results' words."""
    return [item.result.value for item in evaluations]
