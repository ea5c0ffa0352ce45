"""What senders that enforce DANE or MTA-STS do not find at an address of an MX host: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Where = tuple[str, str]  # the MX host as its step id names it, and the address


@dataclass(frozen=True, slots=True)
class PolicyDemands:
    """Why such a sender does not deliver at an address; an empty text: whether it does is not known.

    What is not named is as for every sender. `dane_hosts` are the MX hosts that DANE authenticates, or would: one
    of these is never looked at by MTA-STS (RFC 8461 §2), not even where DANE fails. `dane_open` are those of which
    nobody could prove to this host that they have such records.
    """

    dane: Mapping[Where, str] = field(default_factory=dict)
    mta_sts: Mapping[Where, str] = field(default_factory=dict)
    dane_hosts: frozenset[str] = frozenset()
    dane_open: frozenset[str] = frozenset()
