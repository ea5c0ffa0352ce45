"""What is wrong with the form of a certificate that OpenSSL takes all the same (RFC 5280 §4.1). Pure."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from smtpdiag_tui.checks.session import certificate_reading as reading
from smtpdiag_tui.checks.session import der
from smtpdiag_tui.checks.session.certificate_reading import Certificate, Name, read
from smtpdiag_tui.report.visible import visible

_LARGEST_SERIAL = 20  # octets (RFC 5280 §4.1.2.2)
_GENERALIZED_FROM = 2050  # the first year that is written as GeneralizedTime (RFC 5280 §4.1.2.5)
_UNIQUE_ID = "2.5.4.45"  # the one attribute that is a BIT STRING (X.520)
_FAR = 100  # a version number to write out
_WORDS = 200  # characters of the strict parser's own
# The least and most characters (RFC 5280 appendix A.1), and what the attribute is called.
_LENGTHS = {
    reading.COMMON_NAME: (1, 64, "common name"),
    reading.ORGANISATION: (1, 64, "organisation"),
    "2.5.4.11": (1, 64, "organisational unit"),
    "2.5.4.7": (1, 128, "locality"),
    "2.5.4.8": (1, 128, "state or province"),
    "2.5.4.6": (2, 2, "country"),
}
# What a general name of subjectAltName is called whose text must be ASCII.
_ASCII_NAMES = {0x81: "email address", reading.DNS_NAME: "DNS name", 0x86: "URI"}

_SERIAL_0 = "serial number 0"
_EARLY_GENERALIZED = f"date before {_GENERALIZED_FROM} as GeneralizedTime"
# Authorities that everybody trusts have these, and a verifier uses its own copy.
COMMON_IN_ROOTS = frozenset({_SERIAL_0, _EARLY_GENERALIZED})

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect in words. `details` are a strict parser's own."""

    words: str
    details: str = ""


@lru_cache(maxsize=32)
def defects(octets: bytes) -> tuple[Defect, ...]:
    """Return what is wrong with the form of a certificate, each defect once; none for a sound one.

    Where none is known here, a strict parser is asked: what it refuses is a defect whatever its reason.
    """
    certificate = read(octets)
    if not certificate.readable:
        return (Defect("not a certificate"),)
    found = [Defect(words) for words in dict.fromkeys(_own(certificate))]
    known = bool(found)
    found.extend(_refused_key(certificate.key or b""))
    if not known:
        found.extend(_refused(octets))
    return tuple(found)


def quietly(work: Callable[[], _Result]) -> _Result:
    """Return what `work` does, without the warnings of a library that dislikes what a stranger sent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def _own(certificate: Certificate) -> list[str]:
    found = [
        *_version(certificate),
        *_serial(certificate),
        *_dates(certificate),
        *_name("issuer", certificate.issuer),
        *_name("subject", certificate.subject),
        *_extensions(certificate),
    ]
    if len(set(certificate.algorithms)) > 1:
        found.append("2 different signature algorithms")
    return found


def _version(certificate: Certificate) -> Iterator[str]:
    if certificate.version is None:
        yield "unreadable version"
    elif certificate.version not in (1, 2, 3):
        far = abs(certificate.version) > _FAR
        yield f"version over {_FAR}" if far else f"version {certificate.version}"
    elif certificate.extensions and certificate.version != 3:
        yield f"extensions in version {certificate.version}"


def _serial(certificate: Certificate) -> Iterator[str]:
    serial = certificate.serial
    if serial is None:
        yield "unreadable serial number"
    elif serial < 0:
        yield "negative serial number"
    elif serial == 0:
        yield _SERIAL_0
    elif serial.bit_length() >= 8 * _LARGEST_SERIAL:
        yield f"serial number over {_LARGEST_SERIAL} bytes"


def _dates(certificate: Certificate) -> Iterator[str]:
    if certificate.begins is None:
        yield "unreadable start date"
    if certificate.ends is None:
        yield "unreadable end date"
    for element in certificate.dates[:2]:
        date = der.time(element)
        if date is None:
            continue
        if not der.strict_time(element):
            yield "date not in UTC to the second"
        elif element.tag == der.GENERALIZED_TIME and date.year < _GENERALIZED_FROM:
            yield _EARLY_GENERALIZED


def _name(what: str, name: Name | None) -> Iterator[str]:
    if name is None:
        yield f"unreadable {what}"
        return
    if not all(name.parts):
        yield f"empty part in the {what}"
    for attribute in name.attributes:
        wrong = der.text_defect(attribute.value)
        if wrong is not None and not (attribute.kind == _UNIQUE_ID and attribute.value.tag == der.BIT_STRING):
            yield f"{wrong} in the {what}"
        text = der.text(attribute.value)
        if text is not None and attribute.kind in _LENGTHS:
            least, most, called = _LENGTHS[attribute.kind]
            if not least <= len(text) <= most:
                yield f"{called} of {len(text)} characters in the {what}"


def _extensions(certificate: Certificate) -> Iterator[str]:
    numbers = Counter(extension.kind for extension in certificate.extensions)
    for kind, number in numbers.items():
        if number > 1:
            yield f"extension {kind} {number} times"
    for name in certificate.alternatives:
        if name.tag in _ASCII_NAMES and not name.contents.isascii():
            yield f"{_ASCII_NAMES[name.tag]} with bytes above 127"
        elif name.tag == reading.ADDRESS and len(name.contents) not in (4, 16):
            yield f"IP address of {len(name.contents)} bytes"


def _refused_key(key: bytes) -> Iterator[Defect]:
    _, words = _asked(lambda: serialization.load_der_public_key(key))
    if words:
        yield Defect("a strict parser rejects the public key", words)


def _refused(octets: bytes) -> Iterator[Defect]:
    """Yield what a strict parser refuses: all of it, or single parts."""
    strict, words = _asked(lambda: x509.load_der_x509_certificate(octets))
    if strict is None:
        yield Defect("a strict parser rejects it", words)
        return
    parts: dict[str, Callable[[], object]] = {
        "serial number": lambda: strict.serial_number,
        "issuer": lambda: repr(strict.issuer),
        "subject": lambda: repr(strict.subject),
        "dates": lambda: (strict.not_valid_before_utc, strict.not_valid_after_utc),
        "extensions": lambda: list(strict.extensions),
    }
    for what, part in parts.items():
        _, words = _asked(part)
        if words:
            yield Defect(f"a strict parser rejects the {what}", words)


def _asked(part: Callable[[], _Result]) -> tuple[_Result | None, str]:
    """Return what a strict parser reads, or its words where it rejects it; what it does not know is no defect."""
    try:
        return quietly(part), ""
    except (UnsupportedAlgorithm, x509.UnsupportedGeneralNameType):
        return None, ""
    except Exception as error:  # noqa: BLE001 - it raises what it likes, KeyError and TypeError among it
        return None, visible(str(error))[:_WORDS] or type(error).__name__
