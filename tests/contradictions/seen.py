"""A finished report's JSON, read for what it says was seen: DNS answers, sessions, findings, causes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from smtpdiag_tui.report.step_id import StepId

Json = dict[str, Any]

_NOTE = re.compile(
    r"(?:(?P<server>\S{1,80}) over (?P<transport>UDP|TCP): )?"
    r"(?P<rdtype>[A-Z]{1,10}) (?P<name>\S{1,1100}): (?P<rest>.{1,9000})"
)
_ANSWERED = re.compile(r"[A-Z0-9]{2,12}(?: \(no data\))?(?:,|$)")
_RECORD = re.compile(r"  (?P<owner>\S{1,1100}) (?P<rdtype>[A-Z0-9]{1,10}) (?P<data>.{0,5000})")
_FLAGS = re.compile(r"flags ([A-Z ]{1,30})")
_BEHIND_TIME = re.compile(r" bytes in \d{1,9} ms: (.{0,5000})")
_REPLY = re.compile(r"([2-5]\d\d)(?:[ -]|$)")


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """One DNS answer that a step tells of, or what came instead.

    `server` is a DNS server's label, or the address of a name server where `authority` is true. `word` is the
    rcode, with `(no data)` where there is none, or in lower case what came instead. `transport`: "" where the
    step does not tell. `records`: (owner, type, data).
    """

    step: str
    server: str
    authority: bool
    transport: str
    rdtype: str
    name: str
    word: str
    flags: frozenset[str] = frozenset()
    records: tuple[tuple[str, str, str], ...] = ()

    @property
    def answered(self) -> bool:
        """Whether the server sent a message."""
        return not self.word[:1].islower()

    @property
    def usable(self) -> bool:
        """Whether it settles the question: data, or a positive word that there is none."""
        return self.word in ("NOERROR", "NOERROR (no data)", "NXDOMAIN")

    @property
    def data(self) -> tuple[str, ...]:
        """The data of the type asked for."""
        return tuple(data for _, rdtype, data in self.records if rdtype == self.rdtype)

    @property
    def names_a_zone(self) -> bool:
        """Whether it shows that the name exists."""
        return self.word == "NOERROR" and bool(self.records)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command, "" for the greeting, and the lines that came for it."""

    command: str
    reply: tuple[str, ...]

    @property
    def code(self) -> str:
        """The reply's code, that of its last line; "" where none came."""
        found = _REPLY.match(self.reply[-1]) if self.reply else None
        return found[1] if found else ""

    @property
    def refuses(self) -> bool:
        """Whether the reply defers or rejects."""
        return self.code[:1] in ("4", "5")


class Seen:
    """A report as JSON has it, and what it says was seen."""

    def __init__(self, report: Json) -> None:
        self.report = report
        self.steps: dict[str, Json] = {step["id"]: step for step in _walk(report["steps"])}
        self.causes: list[Json] = report["causes"]
        self.domain: str = report["recipient"].rpartition("@")[2].lower()
        self.sender_domain: str = report["sender"].rpartition("@")[2].lower()

    @cached_property
    def findings(self) -> list[tuple[StepId, Json]]:
        """All findings but those that stand for causes, with their step's id."""
        return [
            (StepId(key), item)
            for key, step in self.steps.items()
            if not key.startswith("senders")
            for item in step["findings"]
        ]

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of all findings and causes."""
        return frozenset(item["code"] for _, item in self.findings) | {item["code"] for item in self.causes}

    @cached_property
    def answers(self) -> list[DnsAnswer]:
        """All DNS answers that the steps tell of."""
        return [answer for key, step in self.steps.items() for answer in _answers(StepId(key), step)]

    def having(self, *codes: str) -> Iterator[tuple[StepId, Json]]:
        """Yield the findings of some codes."""
        return ((step, item) for step, item in self.findings if item["code"] in codes)

    def told(self, *codes: str) -> Iterator[tuple[str, Json]]:
        """Yield findings and causes of some codes, each with where it is told."""
        yield from self.having(*codes)
        yield from (("causes", cause) for cause in self.causes if cause["code"] in codes)

    def below(self, step_ids: list[str]) -> Iterator[tuple[StepId, Json]]:
        """Yield the findings at some steps, those below them not among them."""
        return ((step, item) for step, item in self.findings if str(step) in step_ids)

    @cached_property
    def sessions(self) -> dict[StepId, list[Exchange]]:
        """The exchanges of each session in which a server said something, QUIT's left out."""
        found: dict[StepId, list[Exchange]] = {}
        for key, step in self.steps.items():
            if StepId(key).is_session:
                said = [entry for entry in step["transcript"] if entry["direction"] == "received"]
                if said:
                    found[StepId(key)] = exchanges(step["transcript"])
        return found

    @property
    def attempts(self) -> list[Json]:
        """What the standard sender turned to, in order."""
        return next((item["attempts"] for item in self.report["senders"] if item["name"] == "standard"), [])


def exchanges(transcript: list[Json]) -> list[Exchange]:
    """Return the exchanges of a session without QUIT's; a greeting that never came is the first, if so."""
    found: list[Exchange] = []
    command = ""
    reply: list[str] = []
    for entry in transcript:
        if entry["direction"] == "sent":
            found.append(Exchange(command, tuple(reply)))
            command, reply = entry["text"], []
        elif entry["direction"] == "received":
            reply.append(entry["text"])
    found.append(Exchange(command, tuple(reply)))
    return [item for item in found if item.command.upper() != "QUIT"]


def quotes_a_refusal(lines: list[str]) -> bool:
    """Whether one of the lines is a reply that defers or rejects."""
    return any(line[:1] in ("4", "5") and _REPLY.match(line) for line in lines)


def _walk(steps: list[Json]) -> Iterator[Json]:
    for step in steps:
        yield step
        yield from _walk(step["steps"])


def _answers(step: StepId, told: Json) -> Iterator[DnsAnswer]:
    """Yield the answers among a step's notes; records are the lines behind each, or stand at its end."""
    made: DnsAnswer | None = None
    records: list[tuple[str, str, str]] = []
    for entry in told["transcript"]:
        if entry["direction"] != "note":
            continue
        record = _RECORD.fullmatch(entry["text"])
        if record is not None:
            records.append((record["owner"], record["rdtype"], record["data"]))
            continue
        if made is not None:
            yield _with_records(made, records)
        made, records = _answer(step, entry["text"]), []
    if made is not None:
        yield _with_records(made, records)


def _answer(step: StepId, text: str) -> DnsAnswer | None:
    note = _NOTE.fullmatch(text)
    if note is None:
        return None
    authority = step.branch == "soa" and not step.server
    server = note["server"] or (step.address if authority else step.server)
    if not server:
        return None
    rest = note["rest"]
    word = rest.partition(",")[0] if _ANSWERED.match(rest) else rest.partition(" (")[0].lower()
    if _ANSWERED.match(rest) and ", truncated" in rest:
        word = "TRUNCATED"
    flags = _FLAGS.search(rest)
    transport = (note["transport"] or step.transport).lower()
    found = _BEHIND_TIME.search(rest)
    data = found[1].split(" ") if found else []
    return DnsAnswer(
        step=str(step),
        server=server,
        authority=authority,
        transport=transport,
        rdtype=note["rdtype"],
        name=note["name"].lower(),
        word=word,
        flags=frozenset(flags[1].split()) if flags else frozenset(),
        records=tuple((note["name"], note["rdtype"], item) for item in data),
    )


def _with_records(answer: DnsAnswer, records: list[tuple[str, str, str]]) -> DnsAnswer:
    if not records:
        return answer
    return DnsAnswer(
        answer.step,
        answer.server,
        answer.authority,
        answer.transport,
        answer.rdtype,
        answer.name,
        answer.word,
        answer.flags,
        tuple(records),
    )
