"""Step ids: how they are built, and what they say. Pure.

An id is the way from the top of the tree to a step, its parts joined by `/`, as in
`delivery/mx.example/192.0.2.1/rcpt-to`. No part holds a `/`: names from the DNS have it escaped.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from smtpdiag_tui.settings import parse_ip

TRANSPORTS = ("udp", "tcp")
# No host can have these names: a name from the DNS has no empty label and no blank.
HOSTS_LEFT_OUT = "..."
NAME_SERVERS_LEFT_OUT = "left out"
DNS_BRANCHES = ("dns-servers", "soa", "local", "remote")


class StepKind(StrEnum):
    """What a step is about."""

    BRANCH = "branch"  # at the top
    MAILBOX = "mailbox"  # the sender's or the recipient's
    SERVER = "server"  # a DNS server in use
    TRANSPORT = "transport"  # UDP or TCP to a server or a name server
    HOST = "host"  # a mail host or a name server
    ADDRESS = "address"  # of a host
    PHASE = "phase"  # of a session
    REST = "rest"  # what of many is left out
    NAME = "name"  # that this machine greets with
    SOURCE = "source"  # an address of this machine
    LISTS = "lists"  # all blocklists
    LIST = "list"
    PROFILE = "profile"  # a kind of sender
    PROBE = "probe"
    STANDARD = "standard"  # what is checked by one: SPF, DMARC, MTA-STS and so on
    PUBLIC_ADDRESS = "public-address"  # of this host, as receivers see it
    IDENTITY = "identity"  # what SPF judges: MAIL FROM or EHLO
    SELECTOR = "selector"  # a DKIM key
    OTHER = "other"

    @classmethod
    def _missing_(cls, _value: object) -> "StepKind":
        """What an earlier version did not say, or a later one knows alone: a step's id tells of it."""
        return cls.OTHER


# What the steps below a branch are, level by level; `identity` and name servers are told apart by name.
_LEVELS = {
    "syntax": (StepKind.MAILBOX,),
    "dns-servers": (StepKind.SERVER, StepKind.TRANSPORT),
    "local": (StepKind.SERVER, StepKind.TRANSPORT),
    "remote": (StepKind.SERVER, StepKind.TRANSPORT),
    "delivery": (StepKind.HOST, StepKind.ADDRESS, StepKind.PHASE),
    "authentication": (StepKind.STANDARD,),
    "tls-policy": (StepKind.STANDARD, StepKind.HOST),
    "senders": (StepKind.PROFILE,),
    "probes": (StepKind.PROBE,),
}
_OF_AUTHENTICATION = {
    "spf": (StepKind.STANDARD, StepKind.PUBLIC_ADDRESS, StepKind.IDENTITY),
    "dkim": (StepKind.STANDARD, StepKind.SELECTOR),
}
_NAME_SERVER = (StepKind.HOST, StepKind.ADDRESS, StepKind.TRANSPORT)
_RESOLVER = (StepKind.SERVER, StepKind.TRANSPORT)


class StepId(str):
    """The id of a step, a text that knows its parts; `StepId("soa") / host / address` is one of a step below."""

    __slots__ = ()

    def __truediv__(self, part: str) -> "StepId":
        return StepId(f"{self}/{part}")

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts, the branch first."""
        return tuple(self.split("/"))

    @property
    def branch(self) -> str:
        """The step at the top."""
        return self.partition("/")[0]

    @property
    def name(self) -> str:
        """The last part: what tells the step from those beside it."""
        return self.rpartition("/")[2]

    @property
    def depth(self) -> int:
        """How many steps stand above."""
        return self.count("/")

    @property
    def parent(self) -> "StepId | None":
        """The step above, None for a step at the top."""
        above = parent_id(self)
        return None if above is None else StepId(above)

    @property
    def above(self) -> "tuple[StepId, ...]":
        """All steps above, the branch first."""
        parts = self.parts
        return tuple(StepId("/".join(parts[:end])) for end in range(1, len(parts)))

    @property
    def kind(self) -> StepKind:
        """What the step is about, as far as its id tells."""
        return _kind(self)

    @property
    def host(self) -> str:
        """The mail host or name server that the step is, or stands below; "" for none."""
        return self._part(StepKind.HOST)

    @property
    def address(self) -> str:
        """The host's address that the step is, or stands below; "" for none."""
        return self._part(StepKind.ADDRESS)

    @property
    def server(self) -> str:
        """The DNS server in use that the step is, or stands below; "" for none."""
        return self._part(StepKind.SERVER)

    @property
    def phase(self) -> str:
        """The phase of a session that the step is; "" for none."""
        return self._part(StepKind.PHASE)

    @property
    def transport(self) -> str:
        """`udp` or `tcp` for a step that is a transport; "" for none."""
        return self._part(StepKind.TRANSPORT)

    @property
    def family(self) -> int | None:
        """4 or 6 for an address of this machine, a host's, or what stands below one; None for others."""
        if self.kind is StepKind.SOURCE:
            return 6 if self.name.startswith("ipv6") else 4
        if not self.address:
            return None
        return 6 if ":" in self.address else 4

    @property
    def is_session(self) -> bool:
        """Whether the step is an address of a mail host: a session is held there."""
        return self.branch == "delivery" and self.kind is StepKind.ADDRESS

    def within(self, branch: str) -> bool:
        """Whether the step is `branch` or lies below it."""
        return within(self, branch)

    def _part(self, kind: StepKind) -> str:
        return _part(self, kind)


def parent_id(step_id: str) -> str | None:
    """Return the id of the step above `step_id`, None for a top-level step."""
    head, slash, _ = step_id.rpartition("/")
    return head if slash else None


def within(step_id: str, branch: str) -> bool:
    """Whether `step_id` is `branch` or lies below it."""
    return step_id == branch or step_id.startswith(branch + "/")


def within_any(step_id: str, branches: Iterable[str]) -> bool:
    """Whether `step_id` is one of `branches` or lies below one."""
    return f"{step_id}/".startswith(tuple([f"{branch}/" for branch in branches]))


# Verdicts and screens ask for the same steps again and again.
@lru_cache(maxsize=4096)
def _kind(step_id: StepId) -> StepKind:
    """Return what a step is about, as far as its id tells."""
    if step_id.depth == 0:
        return StepKind.BRANCH
    if step_id.name in (HOSTS_LEFT_OUT, NAME_SERVERS_LEFT_OUT):
        return StepKind.REST
    if step_id.branch == "identity":
        return _of_identity(step_id.parts[1:])
    levels = _levels(step_id)
    return levels[step_id.depth - 1] if step_id.depth <= len(levels) else StepKind.OTHER


def _levels(step_id: StepId) -> tuple[StepKind, ...]:
    """Return what the steps below a branch are, level by level, on the way to a step."""
    branch, *below = step_id.parts
    if branch == "authentication" and below and below[0] in _OF_AUTHENTICATION:
        return _OF_AUTHENTICATION[below[0]]
    if branch != "soa":
        return _LEVELS.get(branch, ())
    of_server = below[1] in TRANSPORTS if len(below) > 1 else any(map(_is_server, below))
    return _RESOLVER if of_server else _NAME_SERVER


@lru_cache(maxsize=4096)
def _part(step_id: StepId, kind: StepKind) -> str:
    """Return the part of an id that is of a kind; "" for none."""
    levels, parts = _levels(step_id), step_id.parts[1:]
    if _kind(step_id) is StepKind.REST:
        parts = parts[:-1]
    place = levels.index(kind) if kind in levels else len(parts)
    return parts[place] if place < len(parts) else ""


def _of_identity(below: tuple[str, ...]) -> StepKind:
    if len(below) == 2 and below[0] == "dnsbl":
        return StepKind.LIST
    if len(below) != 1:
        return StepKind.OTHER
    if below[0].startswith(("ipv4", "ipv6")):
        return StepKind.SOURCE
    if parse_ip(below[0]) is not None:
        return StepKind.PUBLIC_ADDRESS
    return {"ehlo-name": StepKind.NAME, "dnsbl": StepKind.LISTS}.get(below[0], StepKind.OTHER)


def _is_server(label: str) -> bool:
    """Whether a part is how a DNS server is called: its address, with a port or without."""
    address = label.rpartition(":")[0].strip("[]")
    return parse_ip(label) is not None or parse_ip(address) is not None
