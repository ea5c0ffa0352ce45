"""Where senders report TLS that failed: the TXT record at `_smtp._tls` (RFC 8460 §3). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.tls_policy.versioned_record import fields_of, is_value, not_one, of_version, short, shown
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible

EXPLANATION = """\
Looks up where the recipient's domain requests reports on failed TLS. Delivery does not depend on it.
Warns if:
- there is more than one TLS-RPT record
- the record names no address for reports, or one that is neither mailto: nor https:"""

VERSION = "v=TLSRPTv1"
_MAILTO = re.compile(r"mailto:[^@\s,;!?]{1,64}@[A-Za-z0-9_.-]{1,253}(?:\?[^\s,;!]*)?", re.IGNORECASE)
_HTTPS = re.compile(r"https://[A-Za-z0-9_.\[\]:-]{1,253}(?:[/?][^\s,;!]*)?", re.IGNORECASE)
_MAX_TEXT = 4096  # characters of a record that are looked at


@dataclass(frozen=True, slots=True)
class RptRecord:
    """What stands at `_smtp._tls`: `texts` are the records that are, or were meant to be, of TLS-RPT; printable.

    `uris` are where reports go. `problem` says in a clause what is wrong, "" if nothing.
    """

    texts: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    problem: str = ""


def read_record(texts: Sequence[bytes]) -> RptRecord:
    """Return what TXT records, the strings of each joined, come to; those of other kinds are ignored."""
    found, meant = of_version(texts, VERSION)
    if not meant:
        return RptRecord()
    uris, problem = _read(found[0]) if len(found) == 1 else ((), not_one(found, VERSION))
    return RptRecord(shown(found or meant, _MAX_TEXT), uris, problem)


def _read(text: str) -> tuple[tuple[str, ...], str]:
    """Return the report addresses of a record, and what is wrong with the record."""
    if len(text) > _MAX_TEXT:
        return (), "the record is too long"
    fields, problem = fields_of(text)
    if problem:
        return (), problem
    values = [value for name, value in fields if name == "rua"]
    if len(values) != 1 or not values[0]:
        return (), "the record has more than one rua" if len(values) > 1 else "the record has no rua"
    uris = [uri.strip(" \t") for uri in values[0].split(",")]
    for uri in uris:
        if not (_MAILTO.fullmatch(uri) or _HTTPS.fullmatch(uri)):
            return (), f"rua '{short(uri)}' is neither a mailto: nor an https: address"
    odd = [name for name, value in fields if name != "rua" and not is_value(value)]
    return ((), f"the field '{odd[0]}' is malformed") if odd else (tuple(map(visible, uris)), "")


def judge_record(domain: str, record: RptRecord) -> tuple[Finding, ...]:
    """Return the one finding about the record of a domain."""
    name = f"_smtp._tls.{domain}"
    if record.problem:
        what = f"publish one TXT record at {name} such as '{VERSION}; rua=mailto:tls-reports@{domain}'."
        return (
            finding(
                "tls-rpt-invalid",
                f"TLS-RPT record of {domain} is invalid",
                meaning=f"Sending servers that report failed TLS ignore the record: {record.problem}.",
                evidence=record.texts,
                advice=Action(f"DNS administrator of {domain}", what),
            ),
        )
    if not record.texts:
        return (finding("tls-rpt-none", f"{domain} does not request TLS reports"),)
    return (finding("tls-rpt-present", f"{domain} requests TLS reports", evidence=record.texts),)


def detail(record: RptRecord) -> str:
    """Return a few words on what was found."""
    if record.problem:
        return "record invalid"
    return "requested" if record.texts else "not published"
