"""A report from several vantage points as one JSON object, and as one line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from smtpdiag_tui.render.as_json import SCHEMA, to_json
from smtpdiag_tui.render.vantage.words import parties_of, word_of
from smtpdiag_tui.render.words import SIDES
from smtpdiag_tui.report.agreement.model import Agreement
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.report.visible import visible

_INDENT = " " * 6


def vantage_json(points: Sequence[Vantage], agreement: Agreement) -> str:
    """Return the object, in ASCII, with a line ending; each report in it is as that of one run, or null."""
    return "".join(_pieces(points, agreement))


def _pieces(points: Sequence[Vantage], agreement: Agreement) -> Iterator[str]:
    """Yield the object in pieces: a report can be large, and its text is there once."""
    yield f'{{\n  "schema": {SCHEMA},\n  "vantage_points": ['
    for number, point in enumerate(points):
        known = {"via": point.via.label, "error": point.error or None, "whole": point.whole}
        head = json.dumps(known, indent=2).replace("\n", "\n    ").removesuffix("\n    }")
        yield f'{"," if number else ""}\n    {head},\n{_INDENT}"report": '
        # No string in it holds a line feed of its own.
        yield "null" if point.report is None else to_json(point.report).rstrip("\n").replace("\n", f"\n{_INDENT}")
        yield "\n    }"
    outcome = agreement.outcome or Outcome.UNKNOWN
    told = json.dumps(_agreement(agreement), indent=2).replace("\n", "\n  ")
    yield f'\n  ],\n  "agreement": {told},\n  "outcome": "{outcome.value}"\n}}\n'


def _agreement(agreement: Agreement) -> dict[str, Any]:
    values = asdict(agreement)
    values["outcome"] = agreement.outcome.value if agreement.outcome else None
    values["responsible"] = SIDES[agreement.side] if agreement.side else None
    return values


def vantage_summary(points: Sequence[Vantage], agreement: Agreement) -> str:
    """Return outcome, addresses, headline and who is responsible in one line."""
    sender, recipient = parties_of(points)
    responsible = f" [{SIDES[agreement.side]}]" if agreement.side else ""
    return visible(f"{word_of(agreement)[1]} {sender} to {recipient}: {agreement.headline}{responsible}") + "\n"
