"""The addresses of a From field (RFC 5322 §3.6.2, RFC 6854, RFC 6532). Pure.

The standard library takes the field apart; what it says of hostile ones is bounded, and never an accident. It
decodes encoded words even where none may stand, and says so: such an address counts as invalid.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from smtpdiag_tui.checks.syntax import check_address

if TYPE_CHECKING:
    from email.headerregistry import HeaderRegistry

MAX_VALUE = 4096  # octets of a field that are taken apart: the library's time grows with the square
MAX_ADDRESSES = 100


@dataclass(frozen=True, slots=True)
class FromField:
    """What a From field holds: its valid addresses with A-labels, and in a clause what is wrong with it.

    `group`: the addresses stand in a group. `invalid` are the addresses, as written, that are none.
    """

    addresses: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    group: bool = False
    problem: str = ""


def read_from(value: bytes) -> FromField:
    """Take the unfolded value of a From field apart."""
    if len(value) > MAX_VALUE:
        return FromField(problem=f"is {len(value):,} bytes long")
    header = _parsed(value.decode("utf-8", "surrogateescape"))
    if header is None:
        return FromField(problem="does not follow RFC 5322")
    addresses: list[str] = []
    invalid: list[str] = []
    for item in header.addresses[:MAX_ADDRESSES]:
        spec = _spec(item)
        checked = check_address(spec, sender=False)
        if item.domain and checked.problem is None:
            addresses.append(checked.path)
        elif spec:
            invalid.append(spec)
    group = any(item.display_name is not None for item in header.groups)
    return FromField(tuple(addresses), tuple(invalid), group, _problem(header, addresses, invalid))


def _problem(header: Any, addresses: list[str], invalid: list[str]) -> str:
    from email.errors import InvalidHeaderDefect

    if not addresses and not invalid:
        return "holds no valid address"
    if invalid or any(isinstance(item, InvalidHeaderDefect) for item in header.defects):
        return "holds an invalid address"
    return ""


def _spec(address: Any) -> str:
    """Return an address as it is written in the field; "" for `<>`."""
    if not address.domain:
        return str(address.username)
    return str(address.addr_spec)


def _parsed(text: str) -> Any | None:
    try:
        return _registry()("from", text)
    except Exception:  # noqa: BLE001 - the library has been seen to fail on `a@` and on many brackets
        return None


@cache
def _registry() -> "HeaderRegistry":
    # Whoever gives no message does not need it.
    from email.headerregistry import HeaderRegistry

    return HeaderRegistry()
