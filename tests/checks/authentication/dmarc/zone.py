"""A zone of DMARC records to walk in, and DMARC evaluated in it."""

from collections.abc import Iterable, Mapping

from smtpdiag_tui.checks.authentication.dmarc.discovery import PREFIX, Place, Walk, walk
from smtpdiag_tui.checks.authentication.dmarc.evaluation import Author, evaluate
from smtpdiag_tui.checks.authentication.dmarc.record import read_published
from smtpdiag_tui.checks.authentication.seen import Signature
from smtpdiag_tui.report.authentication import DkimResult, Dmarc, SpfIdentity, SpfResult

FAILED = "SERVFAIL"
Zone = Mapping[str, str | list[str]]


def walked(zone: Zone, domain: str, asked: list[str] | None = None) -> Walk:
    """Walk from a domain; `zone` maps a domain to its records, or to FAILED. `asked` gets the names."""
    steps = walk(domain)
    name = next(steps)
    while True:
        if asked is not None:
            asked.append(f"{PREFIX}{name}")
        try:
            name = steps.send(place_of(zone, name))
        except StopIteration as end:
            found: Walk = end.value
            return found


def place_of(zone: Zone, name: str) -> Place:
    """Return what a zone has at one place."""
    held = zone.get(name, [])
    if held == FAILED:
        return Place(name, failed="SERVFAIL")
    texts = [held] if isinstance(held, str) else held
    return Place(name, read_published(text.encode() for text in texts))


def author(zone: Zone, domain: str, others: Iterable[str] = (), *, exists: bool | None = True) -> Author:
    """Return a From domain with the walks of others."""
    return Author(walked(zone, domain), exists, {name: walked(zone, name) for name in others})


def spf(domain: str, result: SpfResult = SpfResult.PASS) -> SpfIdentity:
    """Return SPF of MAIL FROM."""
    return SpfIdentity(domain, result)


def signature(domain: str, result: DkimResult = DkimResult.PASS) -> Signature:
    """Return a signature."""
    return Signature("s1", domain, result)


def evaluated(
    zone: Zone, domain: str, mail_from: SpfIdentity | None = None, signatures: list[Signature] | None = None
) -> Dmarc:
    """Evaluate DMARC in a zone."""
    others = [mail_from.domain] if mail_from is not None else []
    others += [item.domain for item in signatures or []]
    return evaluate(author(zone, domain, others), mail_from, signatures)
