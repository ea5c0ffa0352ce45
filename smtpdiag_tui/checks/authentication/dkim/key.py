"""A DKIM key record taken apart (RFC 6376 §3.6.1, RFC 8301, RFC 8463). Pure."""

import base64
import binascii
import re
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from smtpdiag_tui.checks.authentication.dkim.key_form import Held, read_der
from smtpdiag_tui.report.visible import visible

LEAST_BITS = 1024  # RFC 8301 §3.2: verifiers must not take less
GOOD_BITS = 2048
MOST_BITS = 16_384  # what OpenSSL computes with
_MAX_TOLD = 40  # characters of a value that is told
_BLANKS = re.compile(rb"[ \t\r\n]+")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_VALUE = re.compile(r"[!-:<-~ \t\r\n]*")
_ED25519_LENGTH = 32


class Fault(Enum):
    """What is wrong with a record."""

    SYNTAX = auto()
    BACKSLASH = auto()  # before the semicolons, as zone files that escape them have it
    QUOTES = auto()  # within the text
    DOUBLED = auto()  # one tag twice
    VERSION_LATE = auto()  # v= is not the first
    NO_KEY = auto()  # no p=
    ALGORITHM = auto()
    HASH = auto()
    SERVICE = auto()
    PEM = auto()
    BASE64 = auto()
    CUT = auto()
    CERTIFICATE = auto()
    PRIVATE = auto()
    OTHER_KEY = auto()  # one of another algorithm than k= says
    NOT_A_KEY = auto()
    LENGTH = auto()  # of an Ed25519 key
    SHORT = auto()
    LONG = auto()


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One TXT record where a key should stand.

    `is_key` is False for a record of something else. `fault` says what is wrong, with `told` its value and
    `number` how many octets or bits it is about. `bits` is an RSA key's length. `testing` and `strict` are the
    flags `y` and `s`. `public` are the octets of a key without a fault.
    """

    text: str
    is_key: bool = True
    algorithm: str = ""
    bits: int | None = None
    testing: bool = False
    strict: bool = False
    revoked: bool = False
    fault: Fault | None = None
    told: str = ""
    number: int = 0
    public: bytes = field(default=b"", repr=False)


class _FaultError(Exception):
    def __init__(self, fault: Fault, told: str = "", number: int = 0) -> None:
        super().__init__(fault)
        self.fault = fault
        self.told = told if len(told) <= _MAX_TOLD else f"{told[: _MAX_TOLD - 1]}…"
        self.number = number


def parse_key(data: bytes) -> KeyRecord:
    """Take a TXT record apart; whatever it holds, nothing is raised. Tags that are unknown are ignored (§3.2)."""
    text = visible(data)
    if not _is_key(data):
        return KeyRecord(text, is_key=False)
    found = KeyRecord(text)
    try:
        tags = _tags(data)
        flags = _words(tags.get("t", ""))
        found = KeyRecord(text, algorithm=visible(tags.get("k", "rsa")), testing="y" in flags, strict="s" in flags)
        return _with_key(found, tags)
    except _FaultError as error:
        return replace(found, fault=error.fault, told=visible(error.told), number=error.number)


def _is_key(data: bytes) -> bool:
    """Whether a record is meant for a key: of version DKIM1, or of none and with a tag that keys have (§3.6.1)."""
    start = data.lstrip(b" \t\r\n\"'")
    version = re.match(rb"[vV][ \t\r\n]*=[ \t\r\n]*([^;\s\\\"]*)", start)
    if version is not None:
        return version[1].upper() == b"DKIM1"
    return re.search(rb"(?:\A|;)[ \t\r\n]*[pk][ \t\r\n]*=", start) is not None


def _tags(data: bytes) -> dict[str, str]:
    """Return the tags of a record by name (§3.2); raises _FaultError."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise _FaultError(Fault.SYNTAX, "a character that is not ASCII") from None
    if text.lstrip()[:1] in ('"', "'"):
        raise _FaultError(Fault.QUOTES)
    if "\\;" in text or text.rstrip().endswith("\\"):
        raise _FaultError(Fault.BACKSLASH)
    found: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()  # a semicolon may end the list
    for part in parts:
        name, equals, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not _TAG.fullmatch(name) or not _VALUE.fullmatch(value):
            raise _FaultError(Fault.SYNTAX, part.strip() or "an empty tag")
        if name in found:
            raise _FaultError(Fault.DOUBLED, name)
        found[name] = value
    if "v" in found and (found["v"] != "DKIM1" or next(iter(found)) != "v"):
        raise _FaultError(Fault.VERSION_LATE if found["v"] == "DKIM1" else Fault.SYNTAX, f"v={found['v']}")
    return found


def _words(value: str) -> set[str]:
    """Return what a list separated by colons holds."""
    return {word.strip() for word in value.split(":")}


def _with_key(found: KeyRecord, tags: dict[str, str]) -> KeyRecord:
    """Return a record with what its key is; raises _FaultError."""
    if "p" not in tags:
        raise _FaultError(Fault.NO_KEY)
    encoded = _BLANKS.sub(b"", tags["p"].encode())
    if not encoded:
        return KeyRecord(found.text, algorithm=found.algorithm, revoked=True)
    if found.algorithm not in ("rsa", "ed25519"):
        raise _FaultError(Fault.ALGORITHM, found.algorithm)
    if "h" in tags and "sha256" not in _words(tags["h"]):
        raise _FaultError(Fault.HASH, tags["h"])
    if "s" in tags and not _words(tags["s"]) & {"*", "email"}:
        raise _FaultError(Fault.SERVICE, tags["s"])
    public = _decoded(encoded)
    return replace(found, bits=_key_bits(found.algorithm, public), public=public)


def _decoded(encoded: bytes) -> bytes:
    if b"-----" in encoded:
        raise _FaultError(Fault.PEM)
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        wrong = re.search(rb"[^A-Za-z0-9+/=]", encoded)
        raise _FaultError(Fault.BASE64, wrong[0].decode("ascii") if wrong else "", len(encoded)) from None


def _key_bits(algorithm: str, data: bytes) -> int | None:
    """Return the length of an RSA key, None for Ed25519; raises _FaultError for what is no such key."""
    if algorithm == "ed25519" and len(data) == _ED25519_LENGTH:
        return None
    key = read_der(data)
    match key.held:
        case Held.CUT:
            raise _FaultError(Fault.CUT, number=key.missing)
        case Held.CERTIFICATE:
            raise _FaultError(Fault.CERTIFICATE)
        case Held.PRIVATE:
            raise _FaultError(Fault.PRIVATE)
        case Held.RSA if algorithm == "rsa":
            return _checked(key.bits or 0)
        case Held.ED25519 if algorithm == "ed25519":
            raise _FaultError(Fault.LENGTH, number=len(data))
        case Held.NOTHING if algorithm == "ed25519":
            raise _FaultError(Fault.LENGTH, number=len(data))
        case Held.RSA | Held.ED25519 | Held.OTHER_KEY:
            raise _FaultError(Fault.OTHER_KEY, key.held.value)
    raise _FaultError(Fault.NOT_A_KEY)


def _checked(bits: int) -> int:
    if bits < LEAST_BITS:
        raise _FaultError(Fault.SHORT, number=bits)
    if bits > MOST_BITS:
        raise _FaultError(Fault.LONG, number=bits)
    return bits
