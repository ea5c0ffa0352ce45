"""Takes DKIM-Signature fields apart (RFC 6376 §3.5, §6.1.1) and says which cannot be verified at all. Pure."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from smtpdiag_tui.checks.authentication.dkim.body import RELAXED, SIMPLE
from smtpdiag_tui.checks.authentication.message.reading import HeaderField
from smtpdiag_tui.checks.authentication.seen import Signature, SignatureFlaw
from smtpdiag_tui.report.authentication import DkimResult
from smtpdiag_tui.report.visible import visible

MAX_FIELD = 8192  # octets of a signature that is looked at; one with a key of 4096 bits takes two thousand
MAX_NAMES = 500  # in h=
CLOCK_DRIFT = 300  # seconds by which clocks may differ, as OpenDKIM has it

_MANDATORY = ("v", "a", "b", "bh", "d", "h", "s")
_TAG = re.compile(rb"[A-Za-z][A-Za-z0-9_]{0,30}")
_NUMBER = re.compile(rb"[0-9]{1,18}")
_LABELS = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){0,126}")
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class SignatureTags:
    """What a DKIM-Signature field says, its syntax good.

    `key_type` is `rsa` or `ed25519`; `names` are those in h=, in lower case; `identity_domain` is the domain of
    i=, d= without one. `length` is l=, None without one.
    """

    field: HeaderField
    selector: str
    domain: str
    algorithm: str
    key_type: str
    header_method: bytes
    body_method: bytes
    names: tuple[bytes, ...]
    body_hash: bytes
    signature: bytes
    identity_domain: str
    length: int | None = None


class _UnusableError(Exception):
    """Why a signature cannot be verified."""

    def __init__(self, because: str, flaw: SignatureFlaw = SignatureFlaw.SYNTAX) -> None:
        super().__init__(because)
        self.because, self.flaw = because, flaw


def read_signature(item: HeaderField, now: float) -> SignatureTags | Signature:
    """Return what a field says, or how the signature ends that cannot be verified; `now` is in POSIX seconds."""
    tags: dict[str, bytes] = {}
    try:
        _read_tags(item, tags)
        read = _read(item, tags)
        _check_times(tags, now)
    except _UnusableError as error:
        selector, domain = _named(tags, "s"), _named(tags, "d")
        algorithm = visible(tags.get("a", b"")[:40])
        return Signature(selector, domain, DkimResult.PERMERROR, error.because, error.flaw, algorithm)
    return read


def parse_tags(text: bytes) -> dict[str, bytes] | str:
    """Return a tag list (RFC 6376 §3.2), blanks around values taken off; or in a clause what is wrong with it."""
    tags: dict[str, bytes] = {}
    parts = text.split(b";")
    if not parts[-1].strip(_BLANKS):
        parts.pop()
    for part in parts:
        name, equals, value = part.partition(b"=")
        name = name.strip(_BLANKS)
        if not equals or _TAG.fullmatch(name) is None:
            return f"it has an invalid tag: '{visible(part.strip(_BLANKS)[:40])}'"
        key = name.decode("ascii")
        if key in tags:
            return f"it has two {key}= tags"
        tags[key] = value.strip(_BLANKS)
    return tags


def without_blanks(value: bytes) -> bytes:
    """Return a value without folding white space."""
    return value.translate(None, _BLANKS)


def name_of(value: bytes) -> str:
    """Return a selector or domain in lower-case A-labels (RFC 8616 §4); "" for what is none."""
    text = without_blanks(value).decode("utf-8", "replace")
    if not text.isascii():
        import idna

        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    return text.lower() if len(text) <= 253 and _LABELS.fullmatch(text) else ""


def _read_tags(item: HeaderField, tags: dict[str, bytes]) -> None:
    if len(item.raw) > MAX_FIELD:
        raise _UnusableError(f"the field is {len(item.raw):,} bytes long", SignatureFlaw.LIMIT)
    found = parse_tags(item.raw)
    if isinstance(found, str):
        raise _UnusableError(found)
    tags.update(found)


def _read(item: HeaderField, tags: Mapping[str, bytes]) -> SignatureTags:
    for name in _MANDATORY:
        if not tags.get(name):
            raise _UnusableError(f"it has no {name}= tag")
    if tags["v"] != b"1":
        raise _UnusableError(f"its version is not 1: v={visible(tags['v'][:20])}")
    algorithm = _algorithm(tags["a"])
    selector, domain = _named(tags, "s"), _named(tags, "d")
    for name, value in (("s", selector), ("d", domain)):
        if not value:
            raise _UnusableError(f"its {name}= tag is not a name")
    header_method, body_method = _methods(tags)
    if without_blanks(tags.get("q", b"dns/txt")).lower() != b"dns/txt":
        raise _UnusableError("its q= tag names an unknown query method")
    return SignatureTags(
        field=item,
        selector=selector,
        domain=domain,
        algorithm=algorithm,
        key_type=algorithm.partition("-")[0],
        header_method=header_method,
        body_method=body_method,
        names=_names(tags["h"]),
        body_hash=_decoded("bh", tags),
        signature=_decoded("b", tags),
        identity_domain=_identity(tags, domain),
        length=_number("l", tags),
    )


def _algorithm(value: bytes) -> str:
    text = visible(without_blanks(value)[:40]).lower()
    if text in ("rsa-sha256", "ed25519-sha256"):
        return text
    if text == "rsa-sha1":
        raise _UnusableError("rsa-sha1 is no longer allowed (RFC 8301)", SignatureFlaw.ALGORITHM)
    raise _UnusableError(f"its algorithm is unknown: {text}", SignatureFlaw.ALGORITHM)


def _methods(tags: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    header, _, body = without_blanks(tags.get("c", SIMPLE)).lower().partition(b"/")
    body = body or SIMPLE
    if header not in (SIMPLE, RELAXED) or body not in (SIMPLE, RELAXED):
        raise _UnusableError("its canonicalization (c=) is unknown")
    return header, body


def _names(value: bytes) -> tuple[bytes, ...]:
    names = tuple(without_blanks(name).lower() for name in value.split(b":"))
    if len(names) > MAX_NAMES:
        raise _UnusableError(f"it signs {len(names):,} header fields", SignatureFlaw.LIMIT)
    if b"from" not in names:
        raise _UnusableError("it does not sign the From field")
    return names


def _decoded(name: str, tags: Mapping[str, bytes]) -> bytes:
    try:
        return base64.b64decode(without_blanks(tags[name]), validate=True)
    except (binascii.Error, ValueError):
        raise _UnusableError(f"its {name}= tag is not valid base64") from None


def _identity(tags: Mapping[str, bytes], domain: str) -> str:
    """Return the domain of i=, which is d= or below it (RFC 6376 §3.5)."""
    if "i" not in tags:
        return domain
    found = name_of(tags["i"].rpartition(b"@")[2])
    if b"@" not in tags["i"] or not f".{found}".endswith(f".{domain}"):
        raise _UnusableError(f"its i= is outside of {domain}")
    return found


def _number(name: str, tags: Mapping[str, bytes]) -> int | None:
    if name not in tags:
        return None
    if _NUMBER.fullmatch(tags[name]) is None:
        raise _UnusableError(f"its {name}= tag is not a number")
    return int(tags[name])


def _check_times(tags: Mapping[str, bytes], now: float) -> None:
    made, expires = _number("t", tags), _number("x", tags)
    if made is not None and expires is not None and expires < made:
        raise _UnusableError("it expires before it was made (x= is less than t=)", SignatureFlaw.TIME)
    if made is not None and made > now + CLOCK_DRIFT:
        raise _UnusableError(f"it was made {_duration(made - now)} in the future (t=)", SignatureFlaw.TIME)
    if expires is not None and expires < now - CLOCK_DRIFT:
        raise _UnusableError(f"it expired {_duration(now - expires)} ago (x=)", SignatureFlaw.TIME)


def _duration(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size):,} {unit}"
    return f"{int(seconds):,} seconds"


def _named(tags: Mapping[str, bytes], name: str) -> str:
    return name_of(tags.get(name, b""))
