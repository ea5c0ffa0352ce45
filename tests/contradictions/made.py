"""Reports made by hand, as JSON has them: what a rule reads of one, and no more."""

from collections.abc import Sequence

from smtpdiag_tui.report.step_id import StepId
from tests.contradictions.seen import Json

R = "192.0.2.53"
NS = "ns1.dns.example/192.0.2.51"
MX = "delivery/mx1.partner.example/192.0.2.21"
OK = ("220 mx1 ESMTP", "EHLO me", "250 mx1", "MAIL FROM:<a@b>", "250 Ok", "RCPT TO:<c@d>")


def found(code: str, *evidence: str, **more: object) -> Json:
    """Return a finding; its message is its code unless another is given."""
    made: Json = {"code": code, "severity": "failure", "message": code, "meaning": "", "side": "recipient"}
    made |= {"advice": None, "reference": None, "evidence": list(evidence), "party": None, "reason": None}
    return made | more


def cause(code: str, *evidence: str, **more: object) -> Json:
    """Return a cause that decides, resting on the steps named."""
    made: Json = {
        "code": code,
        "side": "recipient",
        "message": code,
        "meaning": "",
        "advice": "",
        "reference": None,
    }
    return made | {"evidence": list(evidence), "decides": True, "reason": None} | more


def step(key: str, *findings: Json, notes: Sequence[str] = (), **more: object) -> Json:
    """Return a step without any below it."""
    made: Json = {"id": key, "title": key, "status": "passed", "detail": "", "explanation": ""}
    made |= {"kind": StepId(key).kind.value, "facts": {}, "started": 0.0, "seconds": 0.0, "steps": []}
    made |= {"findings": list(findings), "transcript": [_entry("note", text) for text in notes]}
    return made | more


def answered(key: str, *texts: str, transports: Sequence[str] = ("udp", "tcp")) -> list[Json]:
    """Return a server's steps for its transports, each with these notes."""
    return [step(f"{key}/{transport}", notes=texts) for transport in transports]


def answer(question: str, *data: str, word: str = "NOERROR", flags: str = "RD RA") -> list[str]:
    """Return the notes on one answer; `question` is type and name."""
    rdtype, name = question.split(" ")
    return [
        f"{question}: {word}, flags {flags}, 62 bytes in 4 ms",
        *(f"  {name} {rdtype} {item}" for item in data),
    ]


def session(key: str, *lines: str) -> Json:
    """Return an address step with a conversation: lines that begin with a digit were received."""
    entries = [_entry("received" if line[:1].isdigit() else "sent", line) for line in lines]
    return step(key) | {"transcript": entries}


def report(*steps: Json | list[Json], causes: Sequence[Json] = (), **more: object) -> Json:
    """Return a deferral with these steps; lists of steps may stand among them."""
    flat: list[Json] = []
    for item in steps:
        flat.extend(item if isinstance(item, list) else [item])
    made: Json = {"sender": "alice@sender.example", "recipient": "bob@partner.example", "outcome": "deferred"}
    made |= {"summary": "", "side": causes[0]["side"] if causes else None, "advice": [], "senders": []}
    made |= {"authentication": [], "beyond": []}
    made |= {"settings": {"tls": "auto"}, "facts": {}, "causes": list(causes), "steps": flat}
    return made | more


def decided(reply: str, key: str = MX) -> Json:
    """Return what of a report says that the standard sender ended at a session, with that reply."""
    where = StepId(key)
    attempt = {"host": where.host, "address": where.address, "result": "transient", "reply": reply}
    standard = {"name": "standard", "summary": reply, "attempts": [attempt]}
    return {"summary": f"mx1 does not: {reply}", "senders": [standard]}


def _entry(direction: str, text: str) -> Json:
    return {"at": 0.0, "direction": direction, "text": text, "tls": False}
