"""The text of an MTA-STS policy, and which MX hosts it allows (RFC 8461 §3.2, §4.1). Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible

VERSION = "STSv1"
MAX_AGE = 31557600  # seconds, the most that is allowed
MAX_PATTERNS = 1000  # that are kept
_MAX_PROBLEMS = 20
_SHOWN = 60
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"  # the DNS has hosts with an underscore
_PATTERN = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)


class Mode(StrEnum):
    """What a sender does where a mail host does not meet the policy (RFC 8461 §5)."""

    ENFORCE = "enforce"  # it does not deliver there
    TESTING = "testing"  # it reports, and delivers
    NONE = "none"


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """One policy. `patterns` are its MX patterns that can match, in lower case; `max_age` is in seconds.

    `faults` say in clauses why senders cannot use it; `remarks` what else is not as it must be. `mode` is None
    where it has none of the three.
    """

    mode: Mode | None = None
    patterns: tuple[str, ...] = ()
    max_age: int | None = None
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a sender can go by it."""
        return not self.faults

    @property
    def problems(self) -> tuple[str, ...]:
        """All that is wrong, the faults first."""
        return (*self.faults, *self.remarks)

    def allows(self, host: str) -> bool:
        """Whether the name of an MX host, as its MX record has it, matches a pattern."""
        return any(matches(pattern, host) for pattern in self.patterns)


def matches(pattern: str, host: str) -> bool:
    """Whether a pattern matches a host name without trailing dot: `*.` stands for exactly one label."""
    pattern, host = pattern.lower(), host.lower()
    if pattern.startswith("*."):
        first, dot, rest = host.partition(".")
        return bool(first and dot) and rest == pattern[2:]
    return pattern == host


def read_policy(text: bytes) -> StsPolicy:
    """Return the policy that a text holds; lines end with LF or CRLF, empty ones at the end count for nothing."""
    whole = text.decode("utf-8", "surrogateescape")
    if _HTML.match(whole):
        return StsPolicy(faults=("the text is an HTML page, not a policy",))
    if not whole.strip():
        return StsPolicy(faults=("the text is empty",))
    reading = _Reading()
    for number, line in enumerate(re.split(r"\r?\n", whole), 1):
        reading.line(number, line)
    return reading.policy()


class _Reading:
    """Takes in a text line by line."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._patterns: list[str] = []
        self._mx = 0
        self._remarks: list[str] = []

    def line(self, number: int, line: str) -> None:
        """Take in one line, without its end."""
        line = line.rstrip(" \t")
        if not line:
            return
        key, colon, value = line.partition(":")
        value = value.lstrip(" \t")
        if number == 1 and key.startswith("\ufeff"):
            self._remarks.append("the text begins with a byte order mark")
        elif not colon or not _KEY.fullmatch(key) or _has_controls(value):
            self._remarks.append(f"line {number} is not 'key: value': '{_short(line)}'")
        elif key == "mx":
            self._take_pattern(value)
        elif key in ("version", "mode", "max_age"):
            self._values.setdefault(key, value)  # of several, the first counts (RFC 8461 §3.2)
        elif key.lower() in ("version", "mode", "max_age", "mx"):
            self._remarks.append(f"the key '{key}' must be in lower case")

    def _take_pattern(self, value: str) -> None:
        self._mx += 1
        if not _PATTERN.fullmatch(value) or len(value) > 255:
            self._remarks.append(f"the mx '{_short(value)}' is not a host name, and matches none")
        elif self._mx <= MAX_PATTERNS:
            self._patterns.append(value.lower())

    def policy(self) -> StsPolicy:
        """Return what the lines come to."""
        mode, age = self._mode(), self._age()
        faults: list[str] = []
        version = self._values.get("version")
        if version is None:
            faults.append("the version is missing")
        elif version != VERSION:
            faults.append(f"the version is '{_short(version)}', not {VERSION}")
        if mode is None:
            said = self._values.get("mode")
            faults.append("the mode is missing" if said is None else f"the mode '{_short(said)}' is unknown")
        if age is None:
            said = self._values.get("max_age")
            faults.append(
                "max_age is missing" if said is None else f"max_age '{_short(said)}' is not a number of seconds"
            )
        elif age > MAX_AGE:
            self._remarks.append(f"max_age {age} is over {MAX_AGE} seconds")
        if not self._mx and mode is not Mode.NONE:
            faults.append("no mx is listed")
        patterns = tuple(dict.fromkeys(self._patterns))
        return StsPolicy(mode, patterns, age, tuple(faults), self._told())

    def _told(self) -> tuple[str, ...]:
        if self._mx > MAX_PATTERNS:
            self._remarks.insert(0, f"{self._mx} mx are listed, the first {MAX_PATTERNS} were read")
        if len(self._remarks) <= _MAX_PROBLEMS:
            return tuple(self._remarks)
        left = len(self._remarks) - _MAX_PROBLEMS
        return (*self._remarks[:_MAX_PROBLEMS], f"{counted(left, 'more problem')} of this kind")

    def _mode(self) -> Mode | None:
        said = self._values.get("mode", "")
        return Mode(said) if said in tuple(Mode) else None

    def _age(self) -> int | None:
        said = self._values.get("max_age", "")
        return int(said) if re.fullmatch(r"[0-9]{1,10}", said) else None


def _has_controls(text: str) -> bool:
    return any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or "\ud800" <= char <= "\udfff" for char in text)


def _short(text: str) -> str:
    shown = visible(text.encode("utf-8", "surrogateescape")[: 4 * _SHOWN])
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
