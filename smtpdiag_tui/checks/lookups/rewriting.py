"""Whether a resolver makes up addresses of names that do not exist (RFC 8020, RFC 2308 §2.1)."""

import hashlib
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.settings import DnsServer

_LETTERS = 20
_FIRST = ord("a")
_ALPHABET = 26


@dataclass(frozen=True, slots=True)
class RandomName:
    """A name that nobody registered, asked for its address at a resolver and at the authority beside it.

    `nowhere`: no authority could be asked, so that a name below a random top-level domain was: there is none, and
    the root holds no wildcard.
    """

    name: str
    resolver: Answer
    authority: Answer | None
    nowhere: bool = False

    @property
    def rewritten(self) -> bool:
        """Whether the resolver gives an address where the authority says that there is no such name."""
        there = self.authority
        if self.nowhere:
            return self.resolver.kind is AnswerKind.DATA
        denied = there is not None and there.kind is AnswerKind.NXDOMAIN and there.authoritative
        return denied and self.resolver.kind is AnswerKind.DATA


def random_name(domain: str, seed: str) -> str:
    """Return a name beside `domain`: 20 letters under the same parent, the same ones for the same seed."""
    digest = hashlib.sha256(f"{domain} {seed}".encode()).digest()
    letters = "".join(chr(_FIRST + octet % _ALPHABET) for octet in digest[:_LETTERS])
    _, _, parent = domain.partition(".")
    return f"{letters}.{parent}" if parent else letters


def name_nowhere(seed: str) -> str:
    """Return a name below a top-level domain that does not exist."""
    return random_name(f"name.{random_name('nowhere', seed)}", seed)


async def ask_random(dns: DnsClient, resolver: DnsServer, authority: DnsServer | None, name: str) -> RandomName:
    """Ask a resolver, and the authority without recursion, for the address of a random name."""
    told = await dns.first_usable([resolver], Question(name, "A"))
    assert told is not None  # noqa: S101 - a server was given
    if authority is None or told.kind is not AnswerKind.DATA:
        return RandomName(name, told, None)
    there = await dns.first_usable([authority], Question(name, "A", recurse=False))
    return RandomName(name, told, there)


async def ask_nowhere(dns: DnsClient, resolver: DnsServer, name: str) -> RandomName:
    """Ask a resolver for the address of a name that is nowhere."""
    told = await dns.first_usable([resolver], Question(name, "A"))
    assert told is not None  # noqa: S101 - a server was given
    return RandomName(name, told, None, nowhere=True)
