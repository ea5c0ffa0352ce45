"""What is known of DNS lists beyond what they answer: whose they are, and what their codes mean. Pure.

The knowledge stands in `data/blocklists.toml`, read when the first answer is judged. An entry has `zones` (a
domain, or one with a dot before it for what lies below, such as a subscriber's key), `page` (where to look an
address up), `allow` for a list of senders to trust, and `closed` (when) for one that is no more. Its `codes` have
`values` (addresses, an octet may be a range `4-7` or `*`), the `list` they stand for within the zone, a `kind`,
`meaning` and `advice`, in which `{address}` stands for the listed one. The first code that fits an address wins.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from smtpdiag_tui.checks.registered_domain import below_registered

# RFC 5782 §2.1 lets a list choose its codes within 127.0.0.0/8; Spamhaus and those that follow it say with these
# that they do not answer.
ERRORS = {
    "127.255.255.252": "The name of the list is mistyped.",
    "127.255.255.254": "The list refuses queries through public resolvers. This says nothing about the address.",
    "127.255.255.255": "The list refuses this resolver (too many queries). This says nothing about the address.",
}
ERROR_ADVICE = {
    "127.255.255.252": "Correct the list name {zone}.",
    "127.255.255.254": "Query {zone} through your own resolver, or with a key from its operator.",
    "127.255.255.255": "Query {zone} with a key from its operator, or less often.",
}
_ALLOW_LABEL = re.compile(r"(?:dns|s)?wl|(?:dns)?whitelist|allow(?:list)?")


class CodeKind(StrEnum):
    """What it means that a list answers with a code."""

    LISTED = "listed"  # for what the address did
    POLICY = "policy"  # no spam need have been sent
    NETWORK = "network"  # for the neighbours' sake
    ALLOWED = "allowed"  # receivers trust it the more
    NEUTRAL = "neutral"
    ERROR = "error"  # the list does not answer the question


REFUSING = (CodeKind.LISTED, CodeKind.NETWORK, CodeKind.POLICY)  # the gravest first


@dataclass(frozen=True, slots=True)
class Code:
    """What one or several answers of a list mean."""

    values: tuple[str, ...]
    list: str
    kind: CodeKind
    meaning: str
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class KnownList:
    """One DNS list. `closed` says when it ended, "" for one in use."""

    id: str
    zones: tuple[str, ...]
    page: str = ""
    allow: bool = False
    closed: str = ""
    codes: tuple[Code, ...] = ()

    def holds(self, zone: str) -> bool:
        """Whether a domain is one of the list's."""
        return any(zone == own or (own.startswith(".") and zone.endswith(own)) for own in self.zones)


@cache
def known_lists() -> tuple[KnownList, ...]:
    """Return all lists that are known."""
    # A run without blocklists needs neither.
    import tomllib
    from importlib import resources

    path = resources.files(__package__).joinpath("data", "blocklists.toml")
    return tuple(_list(name, entry) for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items())


def _list(name: str, entry: dict[str, Any]) -> KnownList:
    codes = tuple(
        Code(tuple(code["values"]), code["list"], CodeKind(code["kind"]), code["meaning"], code.get("advice"))
        for code in entry.get("codes", ())
    )
    return KnownList(
        name,
        tuple(entry["zones"]),
        entry.get("page", ""),
        entry.get("allow", False),
        entry.get("closed", ""),
        codes,
    )


def known_list(zone: str) -> KnownList | None:
    """Return what is known of the list at a domain, None if nothing."""
    name = zone.lower().removesuffix(".")
    return next((item for item in known_lists() if item.holds(name)), None)


def code_of(zone: str, address: str) -> Code | None:
    """Return what it means that the list at `zone` answers with an address, None if that is not known."""
    known = known_list(zone)
    for code in known.codes if known is not None else ():
        if any(_fits(value, address) for value in code.values):
            return code
    return None


def is_allow_list(zone: str) -> bool:
    """Whether a list holds senders to trust: it is known for that, or its name says so."""
    known = known_list(zone)
    if known is not None:
        return known.allow
    return any(_ALLOW_LABEL.fullmatch(label) for label in below_registered(zone).split("."))


def _fits(value: str, address: str) -> bool:
    parts, octets = value.split("."), address.split(".")
    return len(octets) == len(parts) and all(map(_octet_fits, parts, octets))


def _octet_fits(part: str, octet: str) -> bool:
    if part == "*":
        return True
    least, _, most = part.partition("-")
    return octet.isdecimal() and int(least) <= int(octet) <= int(most or least)
