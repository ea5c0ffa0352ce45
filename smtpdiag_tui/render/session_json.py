"""What a saved report says that a session came to, read again. The file is hostile until shown otherwise. Pure."""

from typing import Any, cast

from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from smtpdiag_tui.report.visible import visible

MAX_PREFERENCE = 65535  # RFC 1035 §3.3.9
_MAX_DAYS = 4_000_000  # what dates can be apart
_MAX_TEXT = 255  # characters of a word or two


def session_in(found: object) -> SessionFacts | None:
    """Return what a session came to, None where nothing is told; raises ValueError for anything else."""
    if found is None:
        return None
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for whatever a file holds
    values = cast("dict[str, Any]", found)
    verdicts = values.get("certificate", [])
    if not isinstance(verdicts, list) or len(verdicts) > len(CertificateVerdict):
        raise ValueError("'certificate' is not a list of verdicts")
    return SessionFacts(
        end=SessionEnd(_text(values, "end")),
        reply=_text(values, "reply"),
        tls=_text(values, "tls"),
        certificate=tuple(CertificateVerdict(visible(str(item))) for item in verdicts),
        days=whole(values.get("days"), _MAX_DAYS),
        software=_text(values, "software"),
    )


def whole(value: object, most: int) -> int | None:
    """Return a whole number whose size is `most` at most, None for anything else: nothing depends on it."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > most:
        return None
    return value


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"{key!r} is not a text")  # noqa: TRY004 - as above
    return visible(value)[:_MAX_TEXT]
