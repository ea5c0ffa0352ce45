"""What a reply means beyond its code: the texts of large receivers, else the enhanced status code. Pure.

The knowledge stands in data files (`data/`), read when the first refusal is judged:

- `receivers.toml`, `lists.toml`, `filters.toml`, `servers.toml`: patterns; the first that fits wins, in this order
  of files. Each entry has `receiver` (who words it so), `pattern`, `meaning`, `side`, `advice`, `reference`, and
  if need be: `class` (4 or 5) and `phases` that it holds for alone, `code` (the finding that the words settle, one
  of `CODES`), `who` is refused ("machine", "sender", "recipient"; "server" where it is nobody, but trouble there)
  and `blocklist` (what to call it). A "blocklisted" entry fits no reply that says that there is no such
  mailbox or domain.
- `enhanced_status.toml`: the registry of enhanced status codes (RFC 3463, RFC 5248 and those that add to it).

A pattern is in lower case and is searched in the reply as `told_apart` returns it: "550 5.7.1 text of all lines".
Mail addresses in it are masked (`reply_texts.masked`). It has no open-ended repetition, since a peer may send
anything.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

CODES = frozenset({"greylisted", "blocklisted", "rate-limited", "service-unavailable", "starttls-required"})
LONGEST = 4096  # characters of a reply that are looked at; what explains it stands in its first lines

_FILES = ("receivers", "lists", "filters", "servers")
_PREFIX = re.compile(r"[2-5][0-9][0-9](?:[ -]|$)")
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a reply means, whose side it is on and what to do.

    `id` is the pattern's name, or the enhanced status code where no pattern fits; `settled` says which. `code` is
    the finding that the words settle, `blocklist` what to call the list, each "" where the entry does not say.
    `who` is refused, None where it does not say.
    """

    id: str
    receiver: str
    meaning: str
    side: Side | None
    advice: str | None
    reference: str | None
    settled: bool
    code: str = ""
    who: Party | None = None
    blocklist: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry of the data files: where it fits, and what it then means."""

    regex: re.Pattern[str]
    first_digit: int
    phases: frozenset[Phase]
    explanation: Explanation

    def fits(self, text: str, first_digit: int, phase: Phase) -> bool:
        """Whether a reply, as `told_apart` returns it, is meant at this phase."""
        if self.first_digit not in (0, first_digit) or (self.phases and phase not in self.phases):
            return False
        return self.regex.search(text) is not None


def explain(reply: Reply, phase: Phase) -> Explanation | None:
    """Return what a 4yz or 5yz reply means: by its words, else by its enhanced status code, else None."""
    if reply.first_digit not in (4, 5):
        return None
    text, nobody_listed = told_apart(reply), reply_texts.about_address(reply)
    return _by_words(text, reply.first_digit, phase, nobody_listed=nobody_listed) or _by_status(reply)


def told_apart(reply: Reply) -> str:
    """Return a reply in one line and in lower case: code, enhanced status code, then the text of all lines.

    The codes stand once, at the beginning; at most `LONGEST` characters are kept, mail addresses masked.
    """
    parts = [str(reply.code), reply.enhanced_status or ""]
    length = 0
    for line in reply.lines:
        if length > LONGEST:
            break
        words = _without_codes(visible(line[: 4 * LONGEST]))
        parts.append(words)
        length += len(words) + 1
    single_blanks = re.sub(" +", " ", " ".join(parts)).strip(" ")
    return reply_texts.masked(single_blanks[:LONGEST].lower())


def _without_codes(line: str) -> str:
    prefix = _PREFIX.match(line)
    text = line[4:] if prefix else line
    status = _STATUS.match(text)
    return text[status.end() :].strip() if status else text.strip()


@lru_cache(maxsize=256)
def _by_words(text: str, first_digit: int, phase: Phase, *, nobody_listed: bool) -> Explanation | None:
    for pattern in patterns():
        unfit = nobody_listed and pattern.explanation.code == "blocklisted"
        if not unfit and pattern.fits(text, first_digit, phase):
            return pattern.explanation
    return None


def _by_status(reply: Reply) -> Explanation | None:
    status = reply.enhanced_status
    if status is not None and status[2:] in statuses():
        return _registered(status, statuses()[status[2:]])
    code = str(reply.code)
    entry = _data("enhanced_status")["replies"].get(code)
    return _registered(code, entry) if entry is not None else None


def _registered(code: str, entry: dict[str, Any]) -> Explanation:
    return Explanation(
        id=code,
        receiver="",
        meaning=f"{code} stands for: {entry['name']}. {entry['meaning']}",
        side=Side(entry["side"]) if "side" in entry else None,
        advice=entry.get("advice"),
        reference=entry["reference"],
        settled=False,
        who=_party(entry),
    )


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return all patterns in the order in which they are tried, compiled once."""
    return tuple(_pattern(name, entry) for file in _FILES for name, entry in _data(file).items())


@cache
def statuses() -> dict[str, dict[str, Any]]:
    """Return the registry of enhanced status codes by subject and detail: "1.1" stands for x.1.1."""
    found: dict[str, dict[str, Any]] = _data("enhanced_status")["codes"]
    return found


def _pattern(name: str, entry: dict[str, Any]) -> Pattern:
    explanation = Explanation(
        id=name,
        receiver=entry["receiver"],
        meaning=entry["meaning"],
        side=Side(entry["side"]),
        advice=entry["advice"],
        reference=entry["reference"],
        settled=True,
        code=entry.get("code", ""),
        who=_party(entry),
        blocklist=entry.get("blocklist", ""),
    )
    phases = frozenset(Phase(phase) for phase in entry.get("phases", ()))
    return Pattern(re.compile(entry["pattern"]), entry.get("class", 0), phases, explanation)


def _party(entry: dict[str, Any]) -> Party | None:
    return Party(entry["who"]) if "who" in entry else None


@cache
def _data(file: str) -> dict[str, Any]:
    # A run that meets no refusal needs neither.
    import tomllib
    from importlib import resources

    path = resources.files(__package__).joinpath("data", f"{file}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
