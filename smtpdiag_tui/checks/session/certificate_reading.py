"""Reading a certificate part by part (RFC 5280 §4.1), so that one that cannot be read hides no other. Pure.

Servers present what OpenSSL takes, and that is more than the RFC allows and strict parsers read.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import TypeVar

from smtpdiag_tui.checks.session import der

COMMON_NAME, ORGANISATION = "2.5.4.3", "2.5.4.10"
ALTERNATIVE_NAMES = "2.5.29.17"
DNS_NAME, ADDRESS = 0x82, 0x87  # tags inside subjectAltName (RFC 5280 §4.2.1.6)
_VERSION, _EXTENSIONS = 0xA0, 0xA3

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One part of a name: its type in dots, and its value as it came."""

    kind: str
    value: der.Element


@dataclass(frozen=True, slots=True)
class Name:
    """A subject or issuer: its relative names in order, each a set of attributes. `whole` are its octets."""

    parts: tuple[tuple[Attribute, ...], ...]
    whole: bytes

    @property
    def attributes(self) -> list[Attribute]:
        """All attributes in order."""
        return [attribute for part in self.parts for attribute in part]

    def texts(self, kind: str) -> list[str]:
        """Return the values of one type, in order."""
        texts = [der.text(attribute.value) for attribute in self.attributes if attribute.kind == kind]
        return [text for text in texts if text is not None]


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension: its type in dots, and the octets of its value."""

    kind: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """What can be read of a certificate; what cannot is None or empty.

    `algorithms` are the two places where the signature's algorithm stands, as octets; `algorithm` is the first in
    dots. `dates` are notBefore and notAfter as they came, `key` is the SubjectPublicKeyInfo, `alternatives` the
    members of subjectAltName.
    """

    octets: bytes
    version: int | None = None
    serial: int | None = None
    algorithm: str | None = None
    algorithms: tuple[bytes, ...] = ()
    issuer: Name | None = None
    dates: tuple[der.Element, ...] = ()
    subject: Name | None = None
    key: bytes | None = None
    extensions: tuple[Extension, ...] = ()
    alternatives: tuple[der.Element, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether it is a certificate at all."""
        return self.serial is not None and self.key is not None

    @property
    def begins(self) -> datetime | None:
        """When it begins to be valid."""
        return der.time(self.dates[0]) if self.dates else None

    @property
    def ends(self) -> datetime | None:
        """When it ceases to be valid."""
        return der.time(self.dates[1]) if len(self.dates) > 1 else None

    @property
    def strict_dates(self) -> bool:
        """Whether both dates are in the form that verifiers take."""
        return len(self.dates) == 2 and all(map(der.strict_time, self.dates))

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same."""
        return self.subject is not None and self.issuer is not None and self.subject.whole == self.issuer.whole

    @property
    def names(self) -> list[str]:
        """The DNS names and IP addresses it is for; the common names only if there are none."""
        names = [name for name in map(_alternative, self.alternatives) if name is not None]
        if names or self.subject is None:
            return names
        return self.subject.texts(COMMON_NAME)


@lru_cache(maxsize=32)
def read(octets: bytes) -> Certificate:
    """Return what a certificate says, however little of it can be read."""
    outer = _whole_ones(_inside(octets))
    if not outer:
        return Certificate(octets, version=1)
    version, parts = _version(_whole_ones(outer[0].contents))
    missing: list[der.Element | None] = [None] * 6
    serial, signed, issuer, validity, subject, key = (parts + missing)[:6]
    held = _extensions(parts[6:])
    algorithms = [element.whole for element in (signed, *outer[1:2]) if element is not None]
    return Certificate(
        octets,
        version=version,
        serial=_part(der.integer, serial),
        algorithm=_part(_algorithm, signed),
        algorithms=tuple(algorithms),
        issuer=_part(_name, issuer),
        dates=tuple(_whole_ones(validity.contents)) if validity is not None else (),
        subject=_part(_name, subject),
        key=key.whole if key is not None else None,
        extensions=held,
        alternatives=_alternatives(held),
    )


def _version(parts: list[der.Element]) -> tuple[int | None, list[der.Element]]:
    """Return the version, None where it cannot be read, and the parts behind it; it may be left out for 1."""
    if not parts or parts[0].tag != _VERSION:
        return 1, parts
    number = _part(_first_integer, parts[0])
    return None if number is None else number + 1, parts[1:]


def _part(reading: Callable[[der.Element], _Part], element: der.Element | None) -> _Part | None:
    """Return one part by itself, None where it is missing or broken."""
    try:
        return reading(element) if element is not None else None
    except der.BrokenError:
        return None


def _inside(octets: bytes) -> bytes:
    """Return the contents of the one sequence that `octets` must be, none if they are something else."""
    try:
        return der.only(octets, der.SEQUENCE).contents
    except der.BrokenError:
        return b""


def _first_integer(element: der.Element) -> int:
    return der.integer(der.only(element.contents, der.INTEGER))


def _algorithm(element: der.Element) -> str:
    return der.oid_text(der.only(element.contents, der.OID).contents)


def _whole_ones(contents: bytes) -> list[der.Element]:
    """Return the elements up to where `contents` are broken."""
    found: list[der.Element] = []
    with suppress(der.BrokenError):
        for element in der.elements(contents):
            found.append(element)  # noqa: PERF402 - what came before the break counts
    return found


def _name(element: der.Element) -> Name:
    parts = [tuple(map(_attribute, der.elements(part.contents))) for part in der.elements(element.contents)]
    return Name(tuple(parts), element.whole)


def _attribute(element: der.Element) -> Attribute:
    held = list(der.elements(element.contents))
    if len(held) != 2 or held[0].tag != der.OID:
        raise der.BrokenError
    return Attribute(der.oid_text(held[0].contents), held[1])


def _extensions(parts: list[der.Element]) -> tuple[Extension, ...]:
    """Return the extensions, of the first part that holds such; what is broken among them is left out."""
    for part in parts:
        if part.tag == _EXTENSIONS:
            found = map(_extension, _whole_ones(_inside(part.contents)))
            return tuple(extension for extension in found if extension is not None)
    return ()


def _extension(element: der.Element) -> Extension | None:
    held = _whole_ones(element.contents)
    if len(held) < 2 or held[0].tag != der.OID or held[-1].tag != der.OCTET_STRING:
        return None
    return Extension(der.oid_text(held[0].contents), held[-1].contents)


def _alternatives(held: tuple[Extension, ...]) -> tuple[der.Element, ...]:
    for extension in held:
        if extension.kind == ALTERNATIVE_NAMES:
            return tuple(_whole_ones(_inside(extension.value)))
    return ()


def _alternative(element: der.Element) -> str | None:
    if element.tag == DNS_NAME:
        return element.contents.decode("latin-1")
    if element.tag == ADDRESS and len(element.contents) in (4, 16):
        return str(ip_address(element.contents))
    return None
