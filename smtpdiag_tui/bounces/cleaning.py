"""Addresses, host names and times as texts write them, in one form; None for what is none. Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.report.visible import visible

HOST = r"(?<![\w.-])(?P<host>[\w.-]{1,255})"
ADDRESS = r"\[(?P<address>(?:IPv6:)?[0-9A-Fa-f.:]{2,45})\]"
_HOST = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,126}")
_NO_HOSTS = frozenset({"none", "unknown", "local", "localhost", "virtual", "n", "dns", "smtp"})
_LONGEST = 320  # characters of a mail address, RFC 5321 §4.5.3.1 with the `@`
_ZONE = re.compile(r"[+-]\d{4}|\b(?:GMT|UTC?|EST|EDT|CST|CDT|MST|MDT|PST|PDT)\b")
_ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?P<part>[.,]\d{1,9})?\s?(?P<zone>Z|UTC|[+-]\d\d:?\d\d)"
)


def host_name(text: str | None) -> str | None:
    """Return a host's name in lower case without its final dot, or None."""
    name = (text or "").strip().lower().rstrip(".")
    if not _HOST.fullmatch(name) or name in _NO_HOSTS or canonical(name):
        return None
    return name


def ip_address(text: str | None) -> str | None:
    """Return an IP address in RFC 5952 form, or None; it may stand in brackets and have a tag before it."""
    bare = (text or "").strip().strip("[]()<>")
    bare = bare[5:] if bare[:5].lower() == "ipv6:" else bare
    return canonical(bare) or None


def mail_address(text: str | None) -> str | None:
    """Return a mail address without its brackets, printable; "" for `<>`, None for anything else."""
    bare = (text or "").strip()
    if bare == "<>":
        return ""
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip()
    if "@" not in bare[1:-1] or len(bare) > _LONGEST or any(char in bare for char in "<> \t\r\n"):
        return None
    return visible(bare)


def sender_address(text: str | None) -> str | None:
    """Return a reverse-path: what mail servers write for the null one is "", which has no `@`."""
    bare = (text or "").strip()
    if bare in ("", "<>", "MAILER-DAEMON", "<MAILER-DAEMON>"):
        return ""
    return mail_address(bare)


def iso_moment(text: str) -> datetime | None:
    """Return a time that ISO 8601 or journald writes, in UTC; None where it names no zone."""
    found = _ISO.match(text)
    if found is None:
        return None
    zone = "+00:00" if found["zone"] in ("Z", "UTC") else found["zone"]
    part = (found["part"] or "").replace(",", ".")[:7]
    try:
        return datetime.fromisoformat(f"{found['day']}T{found['time']}{part}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def mail_moment(text: str | None) -> datetime | None:
    """Return the time of a header field (RFC 5322 §3.3) in UTC; None where it is none, or names no zone."""
    short = (text or "").strip()[:100]
    if not _ZONE.search(short):
        return None
    try:
        moment = parsedate_to_datetime(short)
        # `-0000` is UTC, said by a host that does not know its own zone.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
