"""Replies with the reasons and sides that are right for them, and the sessions that they stand in."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.settings import Settings
from tests.checks.making import exchange, session

CLIENT = "203.0.113.10"
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Case:
    """One reply of a case, where it stands, and what may be said of it; `first`: the case's first wording."""

    lines: tuple[str, ...]
    phase: Phase
    reasons: tuple[str, ...]
    sides: tuple[str, ...]
    sender: str = "alice@sender.example"
    greeting: str = "220 mx.partner.example ESMTP"
    ehlo: str = "250 mx.partner.example"
    aside: bool = False
    first: bool = True


def cases(file: str = "cases") -> list[Case]:
    """Return all replies of a file of cases."""
    data = tomllib.loads((_DATA / f"{file}.toml").read_text(encoding="utf-8"))
    return [
        replace(_case(entry, reply), first=not number)
        for entry in data["case"]
        for number, reply in enumerate(entry["replies"])
    ]


def _case(entry: dict[str, object], reply: str) -> Case:
    kept = {key: value for key, value in entry.items() if key in ("sender", "greeting", "ehlo", "aside")}
    return Case(
        lines=tuple(reply.split("\n")),
        phase=Phase(str(entry.get("at", "rcpt-to"))),
        reasons=tuple(entry["reasons"]),  # type: ignore[arg-type]
        sides=tuple(entry.get("sides", ())),  # type: ignore[arg-type]
        **kept,  # type: ignore[arg-type]
    )


def held(case: Case) -> tuple[SessionObservation, Exchange]:
    """Return the session of a case and the exchange that it ended in."""
    refusing = exchange(case.phase, *case.lines)
    before = [exchange(Phase.GREETING, case.greeting), exchange(Phase.EHLO, case.ehlo, command=b"EHLO x")]
    server = "smtp.relay.example" if case.aside else None
    settings = Settings(case.sender, "bob@partner.example", server=server)
    seen = session(*before, refusing, settings=settings, source=CLIENT)
    return replace(seen, envelope=replace(seen.envelope, sender=case.sender)), refusing


def judged(case: Case) -> Finding:
    """Return the finding about a case."""
    [found] = judge_refusal(*held(case))
    return found
