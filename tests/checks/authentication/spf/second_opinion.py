"""What pyspf says of the same request and zone."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import spf

from smtpdiag_tui.checks.authentication.spf.model import SpfQuestion, SpfRequest, SpfTold
from smtpdiag_tui.checks.lookups.record_set import Found
from tests.checks.authentication.spf.driving import Zone, tell


@dataclass(frozen=True)
class Opinion:
    """pyspf's result, its explanation ("" where it is not the domain's), the lookups that found nothing.

    `error` is why it gave up, "" where it did not.
    """

    result: str
    explanation: str
    void_lookups: int
    error: str


def opinion(request: SpfRequest, zone: Zone) -> Opinion:
    """Return what pyspf says."""
    query = spf.query(i=request.address, s="" if request.by_ehlo else request.sender, h=request.ehlo, strict=True)
    query.set_default_explanation("")
    before = spf.DNSLookup
    spf.DNSLookup = _answering(zone)
    try:
        result, _, explanation = query.check()
    finally:
        spf.DNSLookup = before
    return Opinion(
        result, explanation if result == "fail" else "", query.void_lookups, str(query.perm_error or "")
    )


def _answering(zone: Zone) -> Any:
    def look_up(name: str, rdtype: str, *_: Any) -> Iterator[tuple[tuple[str, str], Any]]:
        told = tell(zone, SpfQuestion(name.lower(), rdtype))
        if told.found is Found.FAILED:
            raise spf.TempError(f"DNS {told.why}")
        for value in _values(rdtype, told):
            yield (name, rdtype), value

    return look_up


def _values(rdtype: str, told: SpfTold) -> list[Any]:
    """Return answers in the form that pyspf takes them in."""
    if rdtype == "TXT":
        return [(text,) for text in told.texts]
    if rdtype == "MX":
        return [(int(item.split()[0]), item.split()[1].rstrip(".")) for item in told.data]
    if rdtype == "AAAA":
        return [ipaddress.IPv6Address(item).packed for item in told.data]
    return [item.rstrip(".") for item in told.data]
