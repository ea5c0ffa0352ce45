"""What DMARC comes to: alignment, policy, result (RFC 9989 §4.10, §5.3). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smtpdiag_tui.checks.authentication.dmarc.discovery import Applied, Source, Walk, aligned
from smtpdiag_tui.checks.authentication.dmarc.record import lowered
from smtpdiag_tui.checks.authentication.seen import Signature
from smtpdiag_tui.report.authentication import (
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    SpfIdentity,
    SpfResult,
)
from smtpdiag_tui.report.visible import visible


@dataclass(frozen=True, slots=True)
class Author:
    """The domain of the From field: its walk, whether it exists (None: not known), the walks of other domains."""

    walk: Walk
    exists: bool | None = True
    others: Mapping[str, Walk] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The domain itself."""
        return self.walk.domain

    @property
    def organizational_domain(self) -> str:
        """The organizational domain, the domain itself where that is not known."""
        return self.walk.organizational_domain or self.walk.domain

    @property
    def applied(self) -> Applied | None:
        """The record that applies, None without one."""
        return self.walk.applied

    @property
    def policy(self) -> Policy | None:
        """What receivers are asked to do with mail that fails, after sp, np and t; None without usable record."""
        declared = self.declared
        if declared is None or self.applied is None:
            return None
        return lowered(declared) if self.applied.record.testing else declared

    @property
    def declared(self) -> Policy | None:
        """The policy before `t`; None without a usable record. A domain not known to be missing exists."""
        found = self.applied
        if found is None or not found.record.usable:
            return None
        return found.record.policy_for(subdomain=found.source is not Source.OWN, exists=self.exists is not False)

    def aligns(self, domain: str, *, strict: bool) -> bool | None:
        """Whether an authenticated domain is aligned with this one; None if that is not known."""
        return aligned(self.walk, self.others.get(domain), domain, strict=strict)


def evaluate(author: Author, mail_from: SpfIdentity | None, signatures: Sequence[Signature] | None) -> Dmarc:
    """Return what DMARC comes to for mail from one address.

    `mail_from` is SPF of MAIL FROM for it, None where that is not known (the address is not); `signatures` are
    those of the given message, None without one. A fail needs the message: who signs without our knowledge passes.
    """
    result, because = _result(author, mail_from, signatures)
    return Dmarc(author.domain, author.organizational_domain, author.policy, result, because)


def _result(
    author: Author, mail_from: SpfIdentity | None, signatures: Sequence[Signature] | None
) -> tuple[DmarcResult, str]:
    found = author.applied
    if author.walk.undecided and author.walk.failed is not None:
        return DmarcResult.TEMPERROR, f"the query for {_name(author.walk.failed.domain)} failed"
    if found is None:
        return DmarcResult.NONE, f"{visible(author.domain)} has no DMARC record"
    if not found.record.usable:
        return DmarcResult.PERMERROR, f"the record of {visible(found.domain)} has no usable policy"
    return _by_identifiers(author, found, mail_from, signatures)


def _by_identifiers(
    author: Author, found: Applied, mail_from: SpfIdentity | None, signatures: Sequence[Signature] | None
) -> tuple[DmarcResult, str]:
    """Return the result for a domain with a usable record: a pass first, then what is not known, then a fail."""
    own = visible(author.domain)
    by_spf = _spf(author, mail_from, strict=found.record.strict_spf)
    if by_spf is DmarcResult.PASS and mail_from is not None:
        return DmarcResult.PASS, f"SPF of {visible(mail_from.domain)} passes, aligned with {own}"
    by_key = [(item, _dkim(author, item, strict=found.record.strict_dkim)) for item in signatures or ()]
    for signature, result in by_key:
        if result is DmarcResult.PASS:
            because = f"the DKIM signature of {visible(signature.domain)} verifies, aligned with {own}"
            return DmarcResult.PASS, because
    if by_spf is DmarcResult.TEMPERROR and mail_from is not None:
        return DmarcResult.TEMPERROR, _open_spf(mail_from)
    for signature, result in by_key:
        if result is DmarcResult.TEMPERROR:
            return (
                DmarcResult.TEMPERROR,
                f"the key or domain of the DKIM signature of {visible(signature.domain)} "
                + ("could not be looked up"),
            )
    because = spf_words(author, mail_from, strict=found.record.strict_spf)
    if signatures is None or by_spf is DmarcResult.UNKNOWN:
        return DmarcResult.UNKNOWN, because
    return DmarcResult.FAIL, f"{because}, and {_signature_words(signatures, own)}"


def _spf(author: Author, mail_from: SpfIdentity | None, *, strict: bool) -> DmarcResult:
    """Return what SPF alone gives: pass, fail, temperror, or unknown without an address."""
    if mail_from is None:
        return DmarcResult.UNKNOWN
    alignment = author.aligns(mail_from.domain, strict=strict)
    if alignment is False or mail_from.result not in (SpfResult.PASS, SpfResult.TEMPERROR):
        return DmarcResult.FAIL
    return DmarcResult.PASS if alignment and mail_from.result is SpfResult.PASS else DmarcResult.TEMPERROR


def _dkim(author: Author, signature: Signature, *, strict: bool) -> DmarcResult:
    """Return what one signature alone gives: pass, fail or temperror."""
    if signature.result not in (DkimResult.PASS, DkimResult.TEMPERROR):
        return DmarcResult.FAIL
    alignment = author.aligns(signature.domain, strict=strict)
    if alignment is False:
        return DmarcResult.FAIL
    return DmarcResult.PASS if alignment and signature.result is DkimResult.PASS else DmarcResult.TEMPERROR


def spf_words(author: Author, mail_from: SpfIdentity | None, *, strict: bool) -> str:
    """Return in a clause why SPF gives no pass."""
    if mail_from is None:
        return "SPF is unknown"
    domain = visible(mail_from.domain)
    if mail_from.result is not SpfResult.PASS:
        return f"SPF of {domain} {'fails' if mail_from.result is SpfResult.FAIL else f'is {mail_from.result}'}"
    if author.aligns(mail_from.domain, strict=strict) is False:
        how = "strictly aligned" if strict else "aligned"
        return f"SPF of {domain} passes, but is not {how} with {visible(author.domain)}"
    return f"whether {domain} is aligned is unknown"


def _open_spf(mail_from: SpfIdentity) -> str:
    domain = visible(mail_from.domain)
    if mail_from.result is SpfResult.TEMPERROR:
        return f"SPF of {domain} could not be evaluated"
    return f"the organizational domain of {domain} could not be looked up"


def _signature_words(signatures: Sequence[Signature], domain: str) -> str:
    if not signatures:
        return "the message has no DKIM signature"
    return f"no DKIM signature of the message verifies and is aligned with {domain}"


def _name(domain: str) -> str:
    return f"_dmarc.{visible(domain)}"
