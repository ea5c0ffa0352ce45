"""What the checks of one standard give those of another: plain data, nothing judged."""

from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import DkimResult, Spf


@dataclass(frozen=True, slots=True)
class AddressSpf:
    """SPF for one address that receivers see this host by; None where that address is unknown.

    `actions` are what lets MAIL FROM pass for it, as the step of SPF tells them; none where it passes.
    """

    address: str | None
    spf: Spf
    actions: tuple[Action, ...] = ()


class KeyState(StrEnum):
    """What became of a DKIM key."""

    VALID = "valid"
    MISSING = "missing"
    REVOKED = "revoked"
    INVALID = "invalid"
    UNKNOWN = "unknown"  # the lookup failed


@dataclass(frozen=True, slots=True)
class DkimKey:
    """The key at `selector`._domainkey.`domain`; `algorithm` is `rsa` or `ed25519`, `bits` an RSA key's length."""

    selector: str
    domain: str
    state: KeyState
    algorithm: str = ""
    bits: int | None = None
    testing: bool = False


class SignatureFlaw(StrEnum):
    """Why a DKIM signature does not verify."""

    SYNTAX = "syntax"
    ALGORITHM = "algorithm"
    TIME = "time"  # expired, or made in the future
    BODY = "body"
    FIELDS = "fields"
    KEY = "key"  # that is not there or cannot be used: its own step tells what to do
    OTHER_KEY = "other key"  # a good one, but not for this signature
    LOOKUP = "lookup"  # of the key, which failed
    LIMIT = "limit"  # of smtpdiag


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM-Signature field of the given message; `because` says in a clause why it does not verify.

    `selector` and `domain` are "" where the field does not tell them; the domain is lower-case A-labels. `flaw` is
    None for one that verifies. `algorithm` is its a=, `length` the octets of the body that it covers (l=), None
    for all of them.
    """

    selector: str
    domain: str
    result: DkimResult
    because: str = ""
    flaw: SignatureFlaw | None = None
    algorithm: str = ""
    length: int | None = None


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """The given message: its octets as it goes out, the addresses in its From field, its signatures in order.

    `readable` is False where a saved report names the message without its content. `eight_bit`: it holds octets
    over 127 in its body; `smtputf8`: it needs the extension, because a field holds them (RFC 6531 §3.5).
    `unverified` counts the signatures beyond those that are verified.
    """

    size: int
    from_addresses: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    eight_bit: bool = False
    smtputf8: bool = False
    readable: bool = True
    unverified: int = 0
