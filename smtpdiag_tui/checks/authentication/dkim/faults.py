"""What is said of a DKIM key record that is invalid, by what is wrong with it. Pure."""

from collections.abc import Callable

from smtpdiag_tui.checks.authentication.dkim.key import GOOD_BITS, LEAST_BITS, MOST_BITS, Fault, KeyRecord
from smtpdiag_tui.checks.authentication.dkim.observation import KeyObservation, state_of
from smtpdiag_tui.checks.authentication.seen import KeyState
from smtpdiag_tui.report.amounts import counted

_NAMES = {"rsa": "RSA", "ed25519": "Ed25519"}


def fault_words(seen: KeyObservation, record: KeyRecord) -> tuple[str, str, str]:
    """Return the headline, the meaning and the advice for a record with a fault."""
    return _FAULTS[record.fault or Fault.SYNTAX](seen, record)


def unusable_words(seen: KeyObservation) -> str:
    """Return in a clause about "it", a signature, why its key cannot be used."""
    state, number = state_of(seen), len(seen.records)
    if state is KeyState.REVOKED:
        return "its key is revoked (p= is empty)"
    if state is KeyState.INVALID and seen.key is not None:
        return f"its key is invalid: {_CLAUSES[seen.key.fault or Fault.SYNTAX]}"
    if number > 1:
        return f"there are {number} TXT records at {seen.name}"
    return f"the TXT record at {seen.name} is not a DKIM key" if number else f"there is no key at {seen.name}"


def algorithm_name(algorithm: str) -> str:
    """Return how an algorithm is called."""
    return _NAMES.get(algorithm, algorithm)


def new_key(seen: KeyObservation) -> str:
    """Say how a key is replaced."""
    return (
        f"Create an RSA key of {GOOD_BITS} bits, publish it under a new selector of {seen.domain}, and sign with"
        " that."
    )


_Words = tuple[str, str, str]  # headline, meaning, advice


def _syntax(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"DKIM record at {seen.name} has a syntax error",
        f"Not a tag and its value: '{record.told}'.",
        f"Correct the TXT record at {seen.name} to the form v=DKIM1; k=rsa; p=KEY.",
    )


def _backslash(seen: KeyObservation, _record: KeyRecord) -> _Words:
    return (
        f"DKIM record at {seen.name} contains backslashes",
        "A zone file may need them before semicolons; the record itself must not contain them.",
        f"Remove the backslashes from the TXT record at {seen.name}.",
    )


def _quotes(seen: KeyObservation, _record: KeyRecord) -> _Words:
    return (
        f"DKIM record at {seen.name} begins with a quotation mark",
        "The quotation marks of a zone file became part of the record.",
        f"Enter the text of the TXT record at {seen.name} without quotation marks.",
    )


def _doubled(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"DKIM record at {seen.name} has a tag twice",
        f"{record.told}= occurs twice, so the whole record is invalid (RFC 6376 §3.2).",
        f"Remove one {record.told}= tag from the TXT record at {seen.name}.",
    )


def _late(seen: KeyObservation, _record: KeyRecord) -> _Words:
    return (
        f"v=DKIM1 is not the first tag at {seen.name}",
        "If v= is given, it must come first (RFC 6376 §3.6.1).",
        f"Move v=DKIM1 to the beginning of the TXT record at {seen.name}.",
    )


def _no_key(seen: KeyObservation, _record: KeyRecord) -> _Words:
    return (
        f"DKIM record at {seen.name} has no p= tag",
        "p= holds the public key.",
        f"Add p= with the public key to the TXT record at {seen.name}.",
    )


def _algorithm(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"DKIM record at {seen.name} has an unknown algorithm",
        f"k={record.told} is neither rsa nor ed25519; the value is case-sensitive.",
        f"Set k=rsa or k=ed25519 in the TXT record at {seen.name}, to match the key.",
    )


def _hash(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"DKIM key at {seen.name} does not allow SHA-256",
        f"h={record.told} allows no hash that receivers accept; SHA-1 must not be used (RFC 8301 §3.1).",
        f"Remove h= from the TXT record at {seen.name}.",
    )


def _service(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"DKIM key at {seen.name} is not for mail",
        f"s={record.told} names neither email nor *, so receivers ignore the key.",
        f"Remove s= from the TXT record at {seen.name}.",
    )


def _pem(seen: KeyObservation, _record: KeyRecord) -> _Words:
    return (
        f"DKIM record at {seen.name} contains PEM lines",
        "p= must contain the base64 text only, without the lines that begin and end a PEM file.",
        f"Remove the BEGIN and END lines from p= of the TXT record at {seen.name}.",
    )


def _base64(seen: KeyObservation, record: KeyRecord) -> _Words:
    why = (
        f"It contains the character '{record.told}'."
        if record.told
        else f"Its {counted(record.number, 'character')} are not whole groups of four."
    )
    return (f"DKIM key at {seen.name} is not valid base64", why, _publish_again(seen))


def _cut(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"DKIM key at {seen.name} is cut off",
        f"Its last {counted(record.number, 'byte')} are missing. A TXT string holds at most 255 bytes, so a longer"
        " key needs several strings in one record.",
        _publish_again(seen),
    )


def _certificate(seen: KeyObservation, _record: KeyRecord) -> _Words:
    return (
        f"p= at {seen.name} holds a certificate, not a public key",
        "Receivers cannot use it.",
        f"Publish the public key of the certificate in p= of the TXT record at {seen.name}.",
    )


def _private(seen: KeyObservation, _record: KeyRecord) -> _Words:
    return (
        f"p= at {seen.name} publishes a private key",
        f"Anybody can sign mail as {seen.domain} with it.",
        f"Stop signing with selector {seen.selector}, remove the TXT record at {seen.name}, and publish the public"
        " key of a new key pair under a new selector.",
    )


def _other_key(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"p= at {seen.name} is not {_article(record)} key",
        f"k= says {algorithm_name(record.algorithm)}, and p= holds {record.told}.",
        f"Set k= in the TXT record at {seen.name} to the algorithm of the key, or publish the right key.",
    )


def _article(record: KeyRecord) -> str:
    return f"an {algorithm_name(record.algorithm)}"


def _not_a_key(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"p= at {seen.name} is not {_article(record)} key",
        "It is valid base64, but neither SubjectPublicKeyInfo nor RSAPublicKey.",
        _publish_again(seen),
    )


def _length(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"Ed25519 key at {seen.name} is {counted(record.number, 'byte')} long",
        "An Ed25519 key is 32 bytes, in p= without any structure around it (RFC 8463 §4).",
        f"Publish the 32 bytes of the public key, in base64, in p= of the TXT record at {seen.name}.",
    )


def _short_key(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"RSA key at {seen.name} has only {record.number} bits",
        f"Receivers do not accept signatures with keys of less than {LEAST_BITS} bits (RFC 8301 §3.2).",
        new_key(seen),
    )


def _long_key(seen: KeyObservation, record: KeyRecord) -> _Words:
    return (
        f"RSA key at {seen.name} has {record.number} bits",
        f"Receivers need not verify keys of more than 4096 bits, and most cannot beyond {MOST_BITS}.",
        new_key(seen),
    )


def _publish_again(seen: KeyObservation) -> str:
    return f"Publish the whole public key of selector {seen.selector} in p= of the TXT record at {seen.name}."


_FAULTS: dict[Fault, Callable[[KeyObservation, KeyRecord], _Words]] = {
    Fault.SYNTAX: _syntax,
    Fault.BACKSLASH: _backslash,
    Fault.QUOTES: _quotes,
    Fault.DOUBLED: _doubled,
    Fault.VERSION_LATE: _late,
    Fault.NO_KEY: _no_key,
    Fault.ALGORITHM: _algorithm,
    Fault.HASH: _hash,
    Fault.SERVICE: _service,
    Fault.PEM: _pem,
    Fault.BASE64: _base64,
    Fault.CUT: _cut,
    Fault.CERTIFICATE: _certificate,
    Fault.PRIVATE: _private,
    Fault.OTHER_KEY: _other_key,
    Fault.NOT_A_KEY: _not_a_key,
    Fault.LENGTH: _length,
    Fault.SHORT: _short_key,
    Fault.LONG: _long_key,
}

# The same in few words, in a sentence about a signature.
_CLAUSES: dict[Fault, str] = {
    Fault.SYNTAX: "syntax error",
    Fault.BACKSLASH: "backslashes in its record",
    Fault.QUOTES: "quotation marks around its record",
    Fault.DOUBLED: "a tag occurs twice",
    Fault.VERSION_LATE: "v=DKIM1 is not the first tag",
    Fault.NO_KEY: "no p= tag",
    Fault.ALGORITHM: "unknown algorithm in k=",
    Fault.HASH: "h= does not allow sha256",
    Fault.SERVICE: "s= says it is not for mail",
    Fault.PEM: "p= holds PEM lines",
    Fault.BASE64: "p= is not valid base64",
    Fault.CUT: "p= is cut off",
    Fault.CERTIFICATE: "p= holds a certificate",
    Fault.PRIVATE: "p= holds a private key",
    Fault.OTHER_KEY: "p= holds a key of another algorithm than k= says",
    Fault.NOT_A_KEY: "p= does not hold a public key",
    Fault.LENGTH: "an Ed25519 key is 32 bytes",
    Fault.SHORT: f"less than {LEAST_BITS} bits",
    Fault.LONG: f"more than {MOST_BITS} bits",
}
