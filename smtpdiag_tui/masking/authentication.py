"""Masking what a report tells of sender authentication: results, addresses, names and sentences. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from smtpdiag_tui.checks.registered_domain import registered_domain
from smtpdiag_tui.masking.masks import Masker
from smtpdiag_tui.masking.peer_words import PeerWords, line_of_reply
from smtpdiag_tui.report.authentication import Authentication, Beyond, Dkim, Dmarc, Spf, SpfIdentity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.settings import DkimSelector

# Macros of SPF that stand for the sender's address or its local part (RFC 7208 §7.2).
_OF_LOCAL_PART = re.compile(r"%\{[ls]", re.IGNORECASE)
_LOOKED_UP = re.compile(r"\b(?:A|AAAA|MX|TXT|PTR) ([^\s\"]{1,1100})")
_DELIMITERS = re.compile(r"[-.+,/_=]")  # at which macros take things apart (RFC 7208 §7.1)


def own_in_authentication(report: Report) -> Iterator[str]:
    """Yield the addresses that SPF is judged for, by the results and by the ids of steps."""
    yield from (item.address for item in report.authentication if item.address is not None)
    for step_id in map(StepId, report.steps):
        yield from (item.name for item in (step_id, *step_id.above) if item.kind is StepKind.PUBLIC_ADDRESS)


def greeted_in_authentication(report: Report) -> Iterator[str]:
    """Yield the EHLO names that SPF is judged for; for the null sender DMARC's domains too."""
    settings = report.settings
    assumed = not settings.sender and settings.header_from is None and settings.message is None
    for item in report.authentication:
        if item.spf.ehlo is not None:
            yield item.spf.ehlo.domain
        if assumed and item.dmarc is not None:
            above = (item.dmarc.organizational_domain, registered_domain(item.dmarc.domain))
            yield from (name for name in (item.dmarc.domain, *above) if "." in name)


def names_with_local_part(report: Report) -> set[str]:
    """Return the names that macros of an SPF record made of the sender's local part, whole, cut or reversed."""
    local = report.settings.sender.rpartition("@")[0].lower()
    pieces = {piece for piece in _DELIMITERS.split(local) if piece}
    found = set[str]()
    for step in report.steps.values():
        notes = [entry.text for entry in step.transcript] if step.id.startswith("authentication/spf") else []
        if pieces and any(_OF_LOCAL_PART.search(text) for text in notes):
            found |= {name.rstrip(":;,.").lower() for text in notes for name in _LOOKED_UP.findall(text)}
    return {name for name in found if "." in name and (local in name or pieces.intersection(name.split(".")))}


def selectors_in(report: Report) -> set[tuple[str, str]]:
    """Return the DKIM selectors of a report, each with its domain: one with an `@` between is no mail address."""
    found = {(item.selector, item.domain) for one in report.authentication for item in one.dkim}
    found |= {(item.selector, item.domain) for item in report.settings.dkim_selectors if item.domain}
    for step_id in map(StepId, report.steps):
        if step_id.kind is StepKind.SELECTOR:
            selector, _, domain = step_id.name.partition("@")
            found.add((selector, domain))
    return found


def masked_selectors(selectors: Iterable[DkimSelector], masker: Masker) -> tuple[DkimSelector, ...]:
    """Return DKIM selectors; a domain that is this machine's name is masked."""
    return tuple(replace(item, domain=item.domain and masker.name(item.domain)) for item in selectors)


def masked_authentication(item: Authentication, masker: Masker, sentence: PeerWords) -> Authentication:
    """Return what receivers find for an address, masked."""
    return Authentication(
        address=None if item.address is None else masker.plain(item.address),
        spf=Spf(_identity(item.spf.mail_from, masker), _identity(item.spf.ehlo, masker)),
        dkim=tuple(_dkim(one, masker) for one in item.dkim),
        dmarc=None if item.dmarc is None else _dmarc(item.dmarc, masker, sentence),
        results_header=sentence(item.results_header),
    )


def masked_beyond(item: Beyond, sentence: PeerWords) -> Beyond:
    """Return what RCPT does not cover, masked."""
    return replace(item, message=sentence(item.message))


def _identity(item: SpfIdentity | None, masker: Masker) -> SpfIdentity | None:
    """Return one identity; its explanation are the words of the domain, with what the macros in it stand for."""
    if item is None:
        return None
    return replace(item, domain=masker.name(item.domain), explanation=line_of_reply(item.explanation, masker))


def _dkim(item: Dkim, masker: Masker) -> Dkim:
    return replace(item, domain=masker.name(item.domain))


def _dmarc(item: Dmarc, masker: Masker, sentence: PeerWords) -> Dmarc:
    return replace(
        item,
        domain=masker.name(item.domain),
        organizational_domain=masker.name(item.organizational_domain),
        because=sentence(item.because),
    )
