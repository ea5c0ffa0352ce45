"""Reads a plug-in's line as the Monitoring Plugins Development Guidelines define it, and nothing else."""

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"(?P<service>[A-Z]+) (?P<state>OK|WARNING|CRITICAL|UNKNOWN) - (?P<text>[^|\n]+)(?:\|(?P<data>[^|\n]*))?\n"
)
_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = rf"(?:@?(?:(?:{_NUMBER}|~):)?(?:{_NUMBER})?)"
_DATUM = re.compile(
    r"'(?P<label>(?:[^'=]|'')+)'"
    rf"=(?P<value>{_NUMBER}|U)(?P<unit>s|us|ms|%|B|KB|MB|TB|c|)"
    rf"(?:;(?P<warn>{_RANGE})(?:;(?P<crit>{_RANGE})(?:;(?P<least>{_NUMBER})?(?:;(?P<most>{_NUMBER})?)?)?)?)?"
)


@dataclass(frozen=True)
class Datum:
    """One value of the performance data; what is not given is ""."""

    value: float
    unit: str
    warn: str
    least: str
    most: str

    @property
    def in_range(self) -> bool:
        """Whether the value lies in the range of its warning, `START:END`."""
        if not self.warn:
            return True
        start, colon, end = self.warn.rpartition(":")
        least = float(start or 0) if colon else 0.0
        return least <= self.value <= (float(end) if end else self.value)


@dataclass(frozen=True)
class Told:
    """One line: the state in a word, its text, and the performance data by label."""

    state: str
    text: str
    data: dict[str, Datum]


def parsed(output: str) -> Told:
    """Return what a line tells; fails for what is no such line."""
    line = _LINE.fullmatch(output)
    assert line is not None, output
    assert line["service"] == "SMTPDIAG"
    data: dict[str, Datum] = {}
    rest = (line["data"] or "").strip()
    while rest:
        found = _DATUM.match(rest)
        assert found is not None, rest
        label = found["label"].replace("''", "'")
        assert label not in data
        assert found["value"] != "U"
        value = float(found["value"])
        data[label] = Datum(value, found["unit"], found["warn"] or "", found["least"] or "", found["most"] or "")
        after = rest[found.end() :]
        rest = after.lstrip(" ")
        assert not rest or after[0] == " ", after
    return Told(line["state"], line["text"].strip(), data)
