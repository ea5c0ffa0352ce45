"""Verifies DKIM signatures of a message with keys that were looked up before (RFC 6376 §6.1, RFC 8463).

The library hashes the header fields and verifies the signature; fields, body and keys are bounded before it sees
them, and the body is hashed apart, so that a body that was changed is told from fields that were.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smtpdiag_tui.checks.authentication.dkim.body import body_hashes, canonical_body
from smtpdiag_tui.checks.authentication.dkim.faults import unusable_words
from smtpdiag_tui.checks.authentication.dkim.key import LEAST_BITS, KeyRecord
from smtpdiag_tui.checks.authentication.dkim.observation import observed, state_of
from smtpdiag_tui.checks.authentication.dkim.signature import (
    SignatureTags,
    parse_tags,
    read_signature,
    without_blanks,
)
from smtpdiag_tui.checks.authentication.message.reading import ReadMessage
from smtpdiag_tui.checks.authentication.seen import KeyState, Signature, SignatureFlaw
from smtpdiag_tui.checks.lookups.record_set import Found, RecordSet
from smtpdiag_tui.report.authentication import DkimResult

MAX_SIGNATURES = 16
MAX_SIGNED = 256 * 1024  # octets of the fields that one signature covers
MAX_SIGNED_FIELDS = 1000
_MAX_EXPONENT = 1 << 64  # what takes no more than a moment, and OpenSSL computes with

Parsed = SignatureTags | Signature


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key stands."""

    selector: str
    domain: str

    @property
    def name(self) -> str:
        """The name of its TXT record."""
        return f"{self.selector}._domainkey.{self.domain}"


class _FailedError(Exception):
    """How a signature ends that does not verify."""

    def __init__(self, result: DkimResult, because: str, flaw: SignatureFlaw) -> None:
        super().__init__(because)
        self.result, self.because, self.flaw = result, because, flaw


def read_signatures(read: ReadMessage, now: float) -> tuple[Parsed, ...]:
    """Take the first MAX_SIGNATURES signatures apart, in their order; `now` is in POSIX seconds."""
    fields = read.named(b"dkim-signature")[:MAX_SIGNATURES]
    return tuple(read_signature(item, now) for item in fields)


def places_of(parsed: Sequence[Parsed]) -> tuple[KeyPlace, ...]:
    """Return where the keys stand that are needed, each once."""
    found = [KeyPlace(item.selector, item.domain) for item in parsed if isinstance(item, SignatureTags)]
    return tuple(dict.fromkeys(found))


def verify(
    read: ReadMessage, parsed: Sequence[Parsed], keys: Mapping[KeyPlace, RecordSet]
) -> tuple[Signature, ...]:
    """Return what each signature comes to, in their order; nothing is raised whatever the message or keys hold."""
    bodies = _Bodies(read.body, [item for item in parsed if isinstance(item, SignatureTags)])
    return tuple(item if isinstance(item, Signature) else _verified(item, read, keys, bodies) for item in parsed)


def _verified(
    tags: SignatureTags, read: ReadMessage, keys: Mapping[KeyPlace, RecordSet], bodies: "_Bodies"
) -> Signature:
    result, because, flaw = DkimResult.PASS, "", None
    try:
        key = _key(tags, keys.get(KeyPlace(tags.selector, tags.domain)))
        _check_body(tags, bodies)
        _check_fields(tags, read, key)
    except _FailedError as error:
        result, because, flaw = error.result, error.because, error.flaw
    return Signature(tags.selector, tags.domain, result, because, flaw, tags.algorithm, tags.length)


class _Bodies:
    """The hashes of the body, each canonical form made once for all signatures, and one at a time."""

    def __init__(self, body: bytes, signatures: Sequence[SignatureTags]) -> None:
        self._found: dict[bytes, dict[int | None, bytes]] = {}
        self.sizes: dict[bytes, int] = {}
        for method in dict.fromkeys(item.body_method for item in signatures):
            lengths = [item.length for item in signatures if item.body_method == method]
            canonical = canonical_body(body, method)
            self.sizes[method] = len(canonical)
            self._found[method] = body_hashes(canonical, lengths)

    def of(self, tags: SignatureTags) -> bytes:
        """Return the hash that a signature's bh= is compared with."""
        return self._found[tags.body_method][tags.length]


def _check_body(tags: SignatureTags, bodies: _Bodies) -> None:
    size = bodies.sizes[tags.body_method]
    if tags.length is not None and tags.length > size:
        because = f"its l= tag covers {tags.length:,} bytes, and the body has {size:,}"
        raise _FailedError(DkimResult.PERMERROR, because, SignatureFlaw.BODY)
    if bodies.of(tags) != tags.body_hash:
        because = (
            "body hash does not match: the body was changed after signing, or the file is not the message as sent"
        )
        raise _FailedError(DkimResult.FAIL, because, SignatureFlaw.BODY)


def _check_fields(tags: SignatureTags, read: ReadMessage, key: "_Key") -> None:
    wanted = set(tags.names)
    fields = [item for item in read.fields if item.key in wanted]
    size = sum(len(item.name) + len(item.raw) for item in fields)
    if read.header_cut or size > MAX_SIGNED or len(fields) > MAX_SIGNED_FIELDS:
        because = "it covers more header data than smtpdiag verifies"
        raise _FailedError(DkimResult.TEMPERROR, because, SignatureFlaw.LIMIT)
    headers = [(item.name, item.raw + b"\r\n") for item in fields]
    if not _guarded(lambda: _library_verifies(tags, headers, key)):
        because = (
            "signature does not match: a signed header field was changed, added or removed after signing, or the"
            " published key is not that of the signer"
        )
        raise _FailedError(DkimResult.FAIL, because, SignatureFlaw.FIELDS)


@dataclass(frozen=True, slots=True)
class _Key:
    """A public key as the library has it."""

    public: Any
    bits: int
    kind: bytes


def _library_verifies(tags: SignatureTags, headers: list[tuple[bytes, bytes]], key: _Key) -> bool:
    import dkim

    verifier = dkim.DKIM(minkey=LEAST_BITS)
    verifier.headers = headers
    verifier.pk, verifier.keysize, verifier.ktag = key.public, key.bits, key.kind
    values = {
        b"a": tags.algorithm.encode("ascii"),
        b"c": tags.header_method + b"/" + tags.body_method,
        b"b": _b_of(tags),
    }
    own = (tags.field.name, tags.field.raw + b"\r\n")
    # Without bh= among the values the body, which is not there, is not looked at.
    return bool(verifier.verify_sig_process(values, list(tags.names), own, None))


def _b_of(tags: SignatureTags) -> bytes:
    found = parse_tags(tags.field.raw)
    return without_blanks(found["b"]) if isinstance(found, dict) else b""


def _guarded(work: Callable[[], bool]) -> bool:
    try:
        return work()
    except Exception:  # noqa: BLE001 - whatever the library trips over is no valid signature
        return False


def _key(tags: SignatureTags, records: RecordSet | None) -> _Key:
    """Return the key (RFC 6376 §6.1.2), or raise how the signature ends without it.

    Whether it can be used at all is judged where keys are judged without a message, so that both say the same.
    """
    if records is None or records.found is Found.FAILED:
        why = records.why if records is not None else "it was not looked up"
        raise _FailedError(DkimResult.TEMPERROR, f"its key could not be looked up: {why}", SignatureFlaw.LOOKUP)
    seen = observed(tags.selector, tags.domain, "", records)
    key = seen.key
    if key is None or state_of(seen) is not KeyState.VALID:
        raise _FailedError(DkimResult.PERMERROR, unusable_words(seen), SignatureFlaw.KEY)
    if key.algorithm != tags.key_type:
        raise _other_key(f"its key is of type {key.algorithm}, and the signature of type {tags.key_type}")
    if key.strict and tags.identity_domain != tags.domain:
        raise _other_key("its key does not allow i= below its domain (t=s)")
    return _public_key(tags, key)


def _other_key(because: str) -> _FailedError:
    return _FailedError(DkimResult.PERMERROR, because, SignatureFlaw.OTHER_KEY)


def _public_key(tags: SignatureTags, key: KeyRecord) -> _Key:
    import dkim

    record = b"k=" + key.algorithm.encode("ascii") + b"; p=" + base64.b64encode(key.public)
    try:
        public, bits, kind, _ = dkim.evaluate_pk(tags.selector, record)
    except Exception:  # noqa: BLE001 - whatever the library trips over, it is no fault of a key that was read
        raise _not_computed() from None
    if kind == b"rsa" and public["publicExponent"] > _MAX_EXPONENT:
        raise _not_computed()
    return _Key(public, bits, kind)


def _not_computed() -> _FailedError:
    return _FailedError(
        DkimResult.TEMPERROR, "its key is one that smtpdiag cannot compute with", SignatureFlaw.LIMIT
    )
