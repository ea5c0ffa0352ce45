"""Reading a JSON report."""

from collections.abc import Iterator
from typing import Any

Step = dict[str, Any]


def steps(report: dict[str, Any]) -> dict[str, Step]:
    """Return all steps, id to step."""
    return {step["id"]: step for step in _walk(report["steps"])}


def codes(report: dict[str, Any]) -> dict[str, list[str]]:
    """Return the codes of the findings, code to the ids of the steps that have it."""
    found: dict[str, list[str]] = {}
    for step in _walk(report["steps"]):
        for finding in step["findings"]:
            found.setdefault(finding["code"], []).append(step["id"])
    return found


def sent(step: Step) -> list[tuple[str, bool]]:
    """Return the commands of a session, each with whether it went under TLS."""
    return [(entry["text"], entry["tls"]) for entry in step["transcript"] if entry["direction"] == "sent"]


def received(step: Step) -> list[str]:
    """Return the lines that a session's peer sent."""
    return [entry["text"] for entry in step["transcript"] if entry["direction"] == "received"]


def _walk(items: list[Step]) -> Iterator[Step]:
    for step in items:
        yield step
        yield from _walk(step["steps"])
