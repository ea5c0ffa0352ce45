"""What receivers check about the sender, as JSON and back. What is read is hostile until shown otherwise. Pure."""

from collections.abc import Callable
from typing import Any, TypeVar

from smtpdiag_tui.render.saved_values import (
    SavedReportError,
    enum_in,
    list_in,
    object_in,
    optional_enum_in,
    sentence_in,
    whole_in,
)
from smtpdiag_tui.report.authentication import (
    Authentication,
    Beyond,
    BeyondName,
    BeyondVerdict,
    Dkim,
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    Spf,
    SpfIdentity,
    SpfResult,
)

# More than any run tells.
MAX_ADDRESSES = 64
MAX_KEYS = 500
MAX_BEYOND = 100
_MAX_LOOKUPS = 1_000_000

T = TypeVar("T")


def authentication_value(item: Authentication) -> dict[str, Any]:
    """Return what receivers find for one address as plain values."""
    return {
        "address": item.address,
        "spf": {"mail_from": _spf_value(item.spf.mail_from), "ehlo": _spf_value(item.spf.ehlo)},
        "dkim": [
            {"selector": one.selector, "domain": one.domain, "result": one.result.value} for one in item.dkim
        ],
        "dmarc": _dmarc_value(item.dmarc),
        "results_header": item.results_header,
    }


def beyond_value(item: Beyond) -> dict[str, str]:
    """Return one thing that RCPT does not cover as plain values."""
    return {"name": item.name.value, "verdict": item.verdict.value, "message": item.message}


def authentication_in(top: dict[str, Any]) -> tuple[Authentication, ...]:
    """Return what a saved report tells of each address; nothing of an earlier version. Raises SavedReportError."""
    items = list_in(top, "authentication", optional=True, most=MAX_ADDRESSES)
    return tuple(_authentication(object_in(item, "what receivers find for an address")) for item in items)


def beyond_in(top: dict[str, Any]) -> tuple[Beyond, ...]:
    """Return what a saved report says that RCPT does not cover. Raises SavedReportError."""
    items = list_in(top, "beyond", optional=True, most=MAX_BEYOND)
    return tuple(_beyond(object_in(item, "what RCPT does not cover")) for item in items)


def _spf_value(item: SpfIdentity | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {
        "domain": item.domain,
        "result": item.result.value,
        "explanation": item.explanation,
        "lookups": item.lookups,
        "void_lookups": item.void_lookups,
    }


def _dmarc_value(item: Dmarc | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {
        "from": item.domain,
        "organizational_domain": item.organizational_domain,
        "policy": item.policy.value if item.policy else None,
        "result": item.result.value,
        "because": item.because,
    }


def _authentication(found: dict[str, Any]) -> Authentication:
    spf = _optional(found, "spf", lambda item: Spf(_identity(item, "mail_from"), _identity(item, "ehlo")))
    keys = list_in(found, "dkim", optional=True, most=MAX_KEYS)
    return Authentication(
        address=None if found.get("address") is None else sentence_in(found, "address"),
        spf=spf or Spf(),
        dkim=tuple(_dkim(object_in(item, "a DKIM result")) for item in keys),
        dmarc=_optional(found, "dmarc", _dmarc),
        results_header=sentence_in(found, "results_header", optional=True),
    )


def _identity(found: dict[str, Any], key: str) -> SpfIdentity | None:
    return _optional(found, key, _spf)


def _spf(found: dict[str, Any]) -> SpfIdentity:
    return SpfIdentity(
        domain=sentence_in(found, "domain"),
        result=enum_in(SpfResult, found, "result"),
        explanation=sentence_in(found, "explanation", optional=True),
        lookups=_count(found, "lookups"),
        void_lookups=_count(found, "void_lookups"),
    )


def _dkim(found: dict[str, Any]) -> Dkim:
    return Dkim(sentence_in(found, "selector"), sentence_in(found, "domain"), enum_in(DkimResult, found, "result"))


def _dmarc(found: dict[str, Any]) -> Dmarc:
    return Dmarc(
        domain=sentence_in(found, "from"),
        organizational_domain=sentence_in(found, "organizational_domain", optional=True),
        policy=optional_enum_in(Policy, found, "policy"),
        result=enum_in(DmarcResult, found, "result"),
        because=sentence_in(found, "because", optional=True),
    )


def _beyond(found: dict[str, Any]) -> Beyond:
    return Beyond(
        enum_in(BeyondName, found, "name"),
        enum_in(BeyondVerdict, found, "verdict"),
        sentence_in(found, "message", optional=True),
    )


def _optional(found: dict[str, Any], key: str, read: Callable[[dict[str, Any]], T]) -> T | None:
    """Return what `read` makes of the object at a key, None for null."""
    value = found.get(key)
    return None if value is None else read(object_in(value, f"{key!r}"))


def _count(found: dict[str, Any], key: str) -> int:
    number = whole_in(found, key) or 0
    if not 0 <= number <= _MAX_LOOKUPS:
        raise SavedReportError(f"{key!r} is not a number of lookups")
    return number
