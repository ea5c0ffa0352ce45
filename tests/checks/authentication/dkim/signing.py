"""A DKIM signer of its own, as plain as RFC 6376 has it, and the records that its keys are published in."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding

from smtpdiag_tui.checks.authentication.dkim.verification import (
    KeyPlace,
    places_of,
    read_signatures,
    verify,
)
from smtpdiag_tui.checks.authentication.message.reading import read_message
from smtpdiag_tui.checks.authentication.seen import Signature
from smtpdiag_tui.checks.lookups.answers import Question
from smtpdiag_tui.checks.lookups.record_set import Found, RecordSet
from smtpdiag_tui.checks.lookups.routing import Resolution
from tests.checks.authentication.dkim.keys import rsa_key

NOW = 1_795_800_000.0  # in November 2026
FIELDS = (
    ("From", "Alice <alice@sender.example>"),
    ("To", "bob@partner.example"),
    ("Subject", "A  test\r\n of folding"),
    ("Date", "Fri, 27 Nov 2026 12:00:00 +0000"),
    ("Message-ID", "<1@sender.example>"),
)
BODY = b"Hello  Bob,\t\r\n\r\n this is \t a test. \r\n\r\n\r\n"
PLACE = KeyPlace("s1", "sender.example")


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def rsa_record(bits: int = 1024, more: str = "v=DKIM1; k=rsa; ") -> bytes:
    """Return the TXT record of the RSA key."""
    public = rsa_key(bits).public_key()
    octets = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"{more}p={base64.b64encode(octets).decode()}".encode()


def ed_record(more: str = "v=DKIM1; k=ed25519; ") -> bytes:
    """Return the TXT record of the Ed25519 key."""
    octets = ed_key().public_key().public_bytes_raw()
    return f"{more}p={base64.b64encode(octets).decode()}".encode()


@dataclass
class Signer:
    """What a signature says. `tags` overrides single tags; None leaves one out."""

    algorithm: str = "rsa-sha256"
    methods: str = "relaxed/relaxed"
    names: Sequence[str] = ("from", "to", "subject", "date")
    selector: str = "s1"
    domain: str = "sender.example"
    bits: int = 1024
    length: int | None = None
    tags: dict[str, str | None] = field(default_factory=dict)

    def sign(self, fields: Sequence[tuple[str, str]] = FIELDS, body: bytes = BODY) -> bytes:
        """Return the message with its DKIM-Signature field on top."""
        header, _, body_method = self.methods.partition("/")
        hashed = canonical(body, body_method or "simple")[: self.length]
        tags: dict[str, str | None] = {
            "v": "1",
            "a": self.algorithm,
            "c": self.methods,
            "d": self.domain,
            "s": self.selector,
            "h": " : ".join(self.names),
            "l": None if self.length is None else str(self.length),
            "bh": base64.b64encode(hashlib.sha256(hashed).digest()).decode(),
        }
        tags |= self.tags
        value = "".join(f" {name}={text};\r\n" for name, text in tags.items() if text is not None) + " b="
        octets = b"".join(_field(name, text, header) for name, text in _chosen(fields, self.names))
        octets += _field("DKIM-Signature", value, header).removesuffix(b"\r\n")
        signature = base64.b64encode(self._signature(octets)).decode()
        folded = "\r\n ".join(signature[at : at + 60] for at in range(0, len(signature), 60))
        whole = [("DKIM-Signature", value + folded), *fields]
        return (
            b"".join(
                f"{name}: {text}\r\n".encode() if name != "DKIM-Signature" else f"{name}:{text}\r\n".encode()
                for name, text in whole
            )
            + b"\r\n"
            + body
        )

    def _signature(self, octets: bytes) -> bytes:
        if self.algorithm == "ed25519-sha256":
            return ed_key().sign(hashlib.sha256(octets).digest())
        return rsa_key(self.bits).sign(octets, padding.PKCS1v15(), hashes.SHA256())


def canonical(body: bytes, method: str) -> bytes:
    """Return the body as RFC 6376 §3.4.3 and §3.4.4 say it, line by line."""
    lines = body.split(b"\r\n")
    if lines and not lines[-1]:
        lines.pop()
    if method == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    text = b"".join(line + b"\r\n" for line in lines)
    return text or (b"" if method == "relaxed" else b"\r\n")


def _chosen(fields: Sequence[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fields that are signed, each name taking the next from the bottom (§5.4.2)."""
    left = list(reversed(fields))
    found: list[tuple[str, str]] = []
    for name in names:
        for item in left:
            if item[0].lower() == name.lower():
                found.append(item)
                left.remove(item)
                break
    return found


def _field(name: str, text: str, method: str) -> bytes:
    blank = "" if name == "DKIM-Signature" else " "
    if method == "simple":
        return f"{name}:{blank}{text}\r\n".encode()
    value = re.sub(r"[ \t]+", " ", text.replace("\r\n", "")).strip()
    return f"{name.lower()}:{value}\r\n".encode()


def records(*texts: bytes, found: Found = Found.DATA, why: str = "", place: KeyPlace = PLACE) -> RecordSet:
    """Return what a lookup of a key came to."""
    data = tuple('"' + '" "'.join(_parts(text)) + '"' for text in texts)
    return RecordSet(Question(place.name, "TXT"), found, data, Resolution((), ()), why)


def _parts(text: bytes) -> list[str]:
    return [text[at : at + 200].decode("ascii") for at in range(0, len(text), 200)] or [""]


def verified(message: bytes, key: RecordSet | None = None, now: float = NOW) -> tuple[Signature, ...]:
    """Return what the signatures of a message come to; all keys are `key`, by default that of the RSA signer."""
    read = read_message(message)
    parsed = read_signatures(read, now)
    found = records(rsa_record()) if key is None else key
    return verify(read, parsed, dict.fromkeys(places_of(parsed), found))


def only(message: bytes, key: RecordSet | None = None, now: float = NOW) -> Signature:
    """Return what the one signature of a message comes to."""
    (signature,) = verified(message, key, now)
    return signature
