"""What large receivers have published that they require of senders, and which MX hosts are theirs. Pure.

The knowledge stands in `data/receivers.toml`, read when the first MX host is looked for there.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any


class Requirement(StrEnum):
    """What is required."""

    PTR = "ptr"  # of the public address, resolving back to it
    OWN_PTR = "own-ptr"  # a PTR name that no provider gave to every address of a range
    EHLO = "ehlo"  # a fully qualified EHLO name
    SPF_OR_DKIM = "spf-or-dkim"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"  # a record
    DMARC_PASS = "dmarc-pass"  # noqa: S105 - a result, no password
    TLS = "tls"
    FORMAT = "format"  # a message as RFC 5322 has it
    IMPRINT = "imprint"  # a web page of the operator with an imprint


@dataclass(frozen=True, slots=True)
class Required:
    """One requirement. `bulk`: of domains that send thousands of messages a day alone.

    `family` is 4 or 6 where it holds over that one alone; `code` the reply that it leads to, "" where the page
    tells none; `page` is where it is published.
    """

    what: Requirement
    page: str
    bulk: bool = False
    family: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiver: its MX hosts (`*.` stands for one label or more), one of them, and what it requires."""

    id: str
    name: str
    hosts: tuple[str, ...]
    sample: str
    page: str
    requires: tuple[Required, ...]

    def has(self, host: str) -> bool:
        """Whether an MX host, lower case without trailing dot, is this receiver's."""
        return any(host.endswith(own[1:]) if own.startswith("*.") else host == own for own in self.hosts)


@cache
def receivers() -> tuple[Receiver, ...]:
    """Return all receivers that are known."""
    import tomllib
    from importlib import resources

    path = resources.files(__package__).joinpath("data", "receivers.toml")
    return tuple(_receiver(name, entry) for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items())


def receiver_of(host: str) -> Receiver | None:
    """Return whose MX host a name is, None if that is not known."""
    name = host.lower().removesuffix(".")
    return next((item for item in receivers() if item.has(name)), None)


def _receiver(name: str, entry: dict[str, Any]) -> Receiver:
    requires = tuple(
        Required(
            Requirement(item["what"]),
            item.get("page", entry["page"]),
            bulk={"all": False, "bulk": True}[item["who"]],
            family=item.get("family"),
            code=item.get("code", ""),
        )
        for item in entry["requires"]
    )
    return Receiver(name, entry["name"], tuple(entry["hosts"]), entry["sample"], entry["page"], requires)
