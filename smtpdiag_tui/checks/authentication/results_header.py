"""The Authentication-Results field that a receiver would write (RFC 8601). Pure."""

import re
from collections.abc import Sequence

from smtpdiag_tui.report.authentication import Dkim, DkimResult, Dmarc, DmarcResult, Spf, SpfResult

# What RFC 2045 §5.1 allows in a token: printable ASCII but blanks and tspecials.
_TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+")
_DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_DOT_ATOM = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+)*"
)
_NO_RESULT = "none"


def results_header(
    authserv_id: str, sender: str, spf: Spf, dkim: Sequence[Dkim], dmarc: Dmarc | None, *, message: bool
) -> str:
    """Return the field's value, in one line (§2.2).

    `authserv_id` is the receiver's mail host; `sender` the MAIL FROM address without `<>`, "" for the null sender;
    `message` says whether a message was given. Without one its signatures are not known: keys tell nothing of
    them, so that no `dkim` is told then. Nor is a DMARC result that hangs on them, or an SPF result without an
    address: the field has no word for what is unknown, and `none` would say that nothing is published (§2.7).
    """
    parts = [_spf(sender, spf), *_dkim(dkim, message=message), _dmarc(dmarc)]
    told = [part for part in parts if part] or [_NO_RESULT]
    return "; ".join([_value(authserv_id), *told])


def authserv_id(deciding: str, hosts: Sequence[str], domain: str) -> str:
    """Return who would write the field: the deciding MX host, else the first one, else the recipient's domain."""
    named = (name for name in (deciding, *hosts) if name and not name.startswith("["))
    return next(named, domain)


def _spf(sender: str, spf: Spf) -> str:
    """Return SPF of MAIL FROM; for the null sender that is the EHLO name's (§2.7.2, RFC 7208 §2.4)."""
    found = spf.mail_from
    if found is None:
        return ""
    where = f"smtp.mailfrom={_address(sender)}" if sender else f"smtp.helo={_value(found.domain)}"
    return f"spf={SpfResult(found.result)} {where}"


def _dkim(dkim: Sequence[Dkim], *, message: bool) -> list[str]:
    if not message:
        return []
    signatures = [item for item in dkim if item.result is not DkimResult.KEY]
    return [_signature(item) for item in signatures] or ["dkim=none"]


def _signature(item: Dkim) -> str:
    """Return one signature; what its field does not tell is left out."""
    named = (("header.d", item.domain), ("header.s", item.selector))
    return " ".join([f"dkim={item.result}", *(f"{name}={_value(text)}" for name, text in named if text)])


def _dmarc(dmarc: Dmarc | None) -> str:
    """Return DMARC with the policy as a comment, as receivers do."""
    if dmarc is None or dmarc.result is DmarcResult.UNKNOWN:
        return ""
    policy = f" (p={dmarc.policy})" if dmarc.policy is not None else ""
    return f"dmarc={dmarc.result}{policy} header.from={_value(dmarc.domain)}"


def _address(address: str) -> str:
    """Return an address as a property's value: local part and domain name, else a quoted string (§2.2)."""
    local, _, domain = address.rpartition("@")
    if _DOMAIN.fullmatch(domain) and (_DOT_ATOM.fullmatch(local) or _is_quoted(local)):
        return address
    return _quoted(address)


def _is_quoted(local: str) -> bool:
    """Whether a local part is one quoted string (RFC 5321 §4.1.2)."""
    if len(local) < 2 or local[0] != '"' or local[-1] != '"':
        return False
    inside = local[1:-1].replace("\\\\", "").replace('\\"', "")
    return '"' not in inside and not inside.endswith("\\")


def _value(text: str) -> str:
    return text if _TOKEN.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
