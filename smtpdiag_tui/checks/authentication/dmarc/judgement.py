"""Judging a domain's DMARC record, and what DMARC comes to for each address of this host. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.authentication.dmarc.discovery import PREFIX, Applied, Place, Source
from smtpdiag_tui.checks.authentication.dmarc.evaluation import Author
from smtpdiag_tui.checks.authentication.dmarc.reports import Consent, ReportHost, consent_name
from smtpdiag_tui.checks.registered_domain import registered_domain
from smtpdiag_tui.report.actions import Action, dns_administrator, each_once
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.authentication import Dmarc, DmarcResult, Policy, SpfIdentity, SpfResult
from smtpdiag_tui.report.findings import Finding, Severity, finding
from smtpdiag_tui.report.visible import visible

_NAMED = 2  # addresses that a headline names
_ENFORCED = (Policy.QUARANTINE, Policy.REJECT)


@dataclass(frozen=True, slots=True)
class AddressCase:
    """One address that receivers see this host by, None where it is unknown: SPF of MAIL FROM, and DMARC.

    `actions` are what lets SPF pass for it.
    """

    address: str | None
    mail_from: SpfIdentity | None
    dmarc: Dmarc
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class DmarcCase:
    """All that DMARC is judged by. `assumed`: nobody named the From domain, the EHLO name stands for it.

    `signed`: a message was given, so that DKIM is known. `broken` names its signatures that would be aligned, and
    do not verify.
    """

    author: Author
    addresses: tuple[AddressCase, ...] = ()
    reports: tuple[ReportHost, ...] = ()
    assumed: bool = False
    signed: bool = False
    broken: tuple[str, ...] = ()


def judge(case: DmarcCase) -> tuple[Finding, ...]:
    """Return the findings: about the record, then each result with the addresses that share it, then reports."""
    found = _record(case)
    for group in _groups(case.addresses):
        found += _result(case, group)
    if case.author.applied is not None and not any(item.code == "dmarc-policy" for item in found):
        found += _policy(case.author)
    found += _reports(case)
    return tuple(found)


def policy_words(author: Author) -> str:
    """Return the tag that the policy comes from, as it is published: "p=reject", "sp=none", "p=reject, t=y"."""
    found = author.applied
    if found is None or author.declared is None:
        return "no usable policy"
    record, tag = found.record, "p"
    if found.source is not Source.OWN:
        tag = "sp" if record.subdomains is not None else "p"
        if author.exists is False and record.missing is not None:
            tag = "np"
    return f"{tag}={author.declared}" + (", t=y" if record.testing and author.declared is not Policy.NONE else "")


def publisher(author: Author) -> str:
    """Return the domain whose record applies, printable."""
    return visible(author.applied.domain if author.applied is not None else author.domain)


def publishes(author: Author) -> str:
    """Return in a clause whose record asks for what."""
    return f"{publisher(author)} publishes {policy_words(author)}"


def whom(author: Author, addresses: Iterable[str | None]) -> str:
    """Return what DMARC passes or fails for: addresses, or the From domain where none is known."""
    known = [address for address in addresses if address is not None]
    return address_words(known) if known else visible(author.domain)


def address_words(addresses: Iterable[str | None]) -> str:
    """Return addresses as a sentence names them, a number of them where they are many."""
    known = [address for address in addresses if address is not None]
    if not known:
        return "this host"
    return listed(known) if len(known) <= _NAMED else counted(len(known), "address")


def detail(case: DmarcCase) -> str:
    """Return what it comes to in a few words: "pass for 192.0.2.10, fail for 2001:db8::10 (p=reject)"."""
    if case.author.walk.undecided:
        return "record unknown"
    if case.author.applied is None:
        return "no DMARC record" if not _several(case.author) else "more than one DMARC record"
    words: dict[str, list[str | None]] = {}
    for item in case.addresses:
        words.setdefault(_word(item.dmarc.result), []).append(item.address)
    if len(words) == 1:
        return f"{next(iter(words))} ({policy_words(case.author)})"
    told = (f"{word} for {address_words(addresses)}" for word, addresses in words.items())
    return f"{', '.join(told)} ({policy_words(case.author)})" if words else policy_words(case.author)


def notes(case: DmarcCase) -> tuple[str, ...]:
    """Return the lines that explain the result, below the queries and answers."""
    author = case.author
    lines = [f"From domain: {visible(author.domain)}"]
    lines.append(f"organizational domain: {visible(author.walk.organizational_domain or 'unknown')}")
    if author.applied is not None:
        lines.append(f"record of {visible(author.applied.domain)}: {author.applied.record.text}")
        lines += [f"ignored by receivers: {remark}" for remark in author.applied.record.remarks]
        lines.append(f"policy for {visible(author.domain)}: {author.policy or 'none usable'}")
    lines += [f"reports to {item.host}: consent {item.consent}" for item in case.reports]
    lines += [
        f"{address_words([item.address])}: {item.dmarc.result} ({item.dmarc.because})" for item in case.addresses
    ]
    return tuple(lines)


def _word(result: DmarcResult) -> str:
    return "depends on DKIM" if result is DmarcResult.UNKNOWN else str(result)


def _several(author: Author) -> list[Place]:
    return [place for place in author.walk.places if len(place.published.records) > 1]


def _record(case: DmarcCase) -> list[Finding]:
    author = case.author
    found = [_too_many(place) for place in _several(author)]
    failed = author.walk.failed
    if author.walk.undecided and failed is not None:
        name = f"{PREFIX}{visible(failed.domain)}"
        message = f"TXT query for {name} failed"
        return [*found, finding("dmarc-lookup-failed", message, evidence=(failed.failed,), advice=_rerun(failed))]
    applied = author.applied
    if applied is None:
        return found or [_absent(case)]
    if not applied.record.usable:
        found.append(_unusable(applied))
    return found


def _rerun(failed: Place) -> tuple[str | Action, ...]:
    domain = visible(failed.domain)
    return ("Rerun later.", f"Check the name servers of {domain}, if it persists.")


def _too_many(place: Place) -> Finding:
    domain, records = visible(place.domain), place.published.records
    message = f"{domain} has {len(records)} DMARC records; receivers use none of them"
    advice = f"Remove all TXT records at {PREFIX}{domain} that begin with v=DMARC1, except one."
    return finding("dmarc-invalid", message, evidence=tuple(item.text for item in records), advice=advice)


def _absent(case: DmarcCase) -> Finding:
    """Return the finding that no record applies: there is none, or what is there is not one."""
    author = case.author
    for place in author.walk.places:
        if place.published.similar:
            name = f"{PREFIX}{visible(place.domain)}"
            return finding(
                "dmarc-invalid",
                f"TXT record at {name} is not a DMARC record",
                evidence=place.published.similar,
                meaning="A DMARC record begins with v=DMARC1 and a semicolon. Receivers ignore any other.",
                advice=_publish(place.domain),
            )
    domain = visible(author.domain)
    return finding(
        "dmarc-none",
        f"{domain} has no DMARC record",
        evidence=tuple(f"no record at {PREFIX}{visible(place.domain)}" for place in author.walk.places),
        advice=_publish(registered_domain(author.domain)),
        severity=Severity.INFO if case.assumed else None,
    )


def _publish(domain: str) -> str:
    name = visible(domain)
    return f'Publish the TXT record "v=DMARC1; p=none; rua=mailto:postmaster@{name}" at {PREFIX}{name}.'


def _unusable(applied: Applied) -> Finding:
    domain, record = visible(applied.domain), applied.record
    wrong = next((remark for remark in record.remarks if remark.endswith("is not a policy")), "")
    why = f" ({wrong})" if wrong else " (no p tag)"
    message = f"DMARC record of {domain} has no usable policy{why}"
    names = listed(record.invalid) or "p"
    advice = f"Set {names} to none, quarantine or reject in the TXT record at {PREFIX}{domain}."
    return finding("dmarc-invalid", message, evidence=(record.text,), advice=advice)


def _groups(cases: Sequence[AddressCase]) -> list[list[AddressCase]]:
    """Return the addresses together that share a result, its reason and its MAIL FROM, in order."""
    groups: dict[tuple[object, ...], list[AddressCase]] = {}
    for item in cases:
        groups.setdefault((item.dmarc.result, item.dmarc.because), []).append(item)
    return list(groups.values())


def _result(case: DmarcCase, group: Sequence[AddressCase]) -> list[Finding]:
    author, dmarc = case.author, group[0].dmarc
    words = whom(author, (item.address for item in group))
    evidence = _evidence(author, dmarc)
    match dmarc.result:
        case DmarcResult.PASS:
            return [finding("dmarc-would-pass", f"DMARC passes for {words}", evidence=evidence)]
        case DmarcResult.FAIL:
            return [_failed(case, group, words)]
        case DmarcResult.UNKNOWN:
            return [_open(case, group, words)]
        case _:
            return []  # told by the record, or by the step of SPF or the message


def _evidence(author: Author, dmarc: Dmarc) -> tuple[str, ...]:
    record = author.applied.record.text if author.applied is not None else ""
    return tuple(line for line in (dmarc.because, record) if line)


def _failed(case: DmarcCase, group: Sequence[AddressCase], words: str) -> Finding:
    author, dmarc = case.author, group[0].dmarc
    message = f"DMARC fails for {words}; {publishes(author)}"
    code = "dmarc-would-fail" if dmarc.policy in _ENFORCED else "dmarc-policy"
    meaning = None
    if code == "dmarc-policy":
        meaning = "With policy none, receivers decide by their own rules. Some large receivers require a pass."
    return finding(
        code,
        message,
        evidence=_evidence(author, dmarc),
        meaning=meaning,
        advice=_remedy(author, group, case.broken),
    )


def _remedy(
    author: Author,
    group: Sequence[AddressCase],
    broken: Sequence[str] = (),
) -> tuple[str | Action, ...]:
    """Return what would make it pass: a signature for the domain, and where SPF can align, what lets it pass."""
    domain = visible(author.domain)
    sign = f"Sign messages from {domain} with DKIM (d={domain})."
    if broken:
        sign = f"Make the DKIM signature {broken[0]} verify."
    mail_from = group[0].mail_from
    strict = author.applied is not None and author.applied.record.strict_spf
    if mail_from is None:
        return (sign,)
    if author.aligns(mail_from.domain, strict=strict) is False:
        other = f"Use a MAIL FROM address of {domain} whose SPF record authorises this host."
        return (sign, other)
    if mail_from.result in (SpfResult.PASS, SpfResult.TEMPERROR):
        return (sign,)
    return (sign, *each_once(action for item in group[:_NAMED] for action in item.actions))


def _open(case: DmarcCase, group: Sequence[AddressCase], words: str) -> Finding:
    """Return the finding that DKIM decides, or where that is known, the address."""
    author, evidence = case.author, _evidence(case.author, group[0].dmarc)
    if case.signed:
        message = "DMARC depends on SPF; the public IP address is unknown"
        meaning = f"No signature of the message verifies and is aligned with {visible(author.domain)}."
        rerun = "Rerun with --as-address and the public IP address that receivers see."
        return finding("dmarc-depends-on-dkim", message, evidence=evidence, meaning=meaning, advice=rerun)
    message, more = f"DMARC for {words} depends on DKIM; {publishes(author)}", None
    if group[0].mail_from is None:
        message = f"DMARC for {visible(author.domain)} depends on SPF and DKIM; public IP address unknown"
        more = "SPF for the address, or a DKIM signature that verifies, gives a pass where its domain is aligned."
    advice = (
        "Rerun with --message FILE, a message as this host would send it.",
        *(_remedy(author, group)[1:]),
    )
    return finding("dmarc-depends-on-dkim", message, evidence=evidence, meaning=more, advice=advice)


def _policy(author: Author) -> list[Finding]:
    """Return what applies where the record does not say it in its p tag alone; nothing where it does."""
    found = author.applied
    if found is None or author.policy is None:
        return []
    record, domain = found.record, visible(author.domain)
    if found.source is Source.OWN and record.policy is not None and not record.invalid and not record.testing:
        return []
    message = f"DMARC policy for {domain} is {author.policy} ({policy_words(author)} of {visible(found.domain)})"
    if record.invalid or (found.source is Source.OWN and record.policy is None):
        message = f"DMARC policy for {domain} counts as none (no valid {listed(record.invalid) or 'p'} tag)"
    return [finding("dmarc-policy", message, evidence=(record.text,))]


def _reports(case: DmarcCase) -> list[Finding]:
    applied = case.author.applied
    if applied is None:
        return []
    refusing = (item for item in case.reports if item.consent in (Consent.MISSING, Consent.TOO_LONG))
    return [_unauthorised(applied, item) for item in refusing]


def _unauthorised(applied: Applied, item: ReportHost) -> Finding:
    host, domain = visible(item.host), visible(applied.domain)
    name = visible(consent_name(applied, item.host))
    message = f"{host} publishes no consent to DMARC reports for {domain}"
    remove = f"Remove the addresses at {host} from the DMARC record of {domain}, if it should get no reports."
    if item.consent is Consent.TOO_LONG:
        meaning = f"The name of the consent record is too long for the DNS. Receivers send no reports to {host}."
        return finding("dmarc-report-unauthorised", message, meaning=meaning, advice=(remove,))
    publish = Action(dns_administrator(host), f'publish the TXT record "v=DMARC1" at {name}.')
    return finding(
        "dmarc-report-unauthorised",
        message,
        evidence=(f"no DMARC record at {name}", applied.record.text),
        advice=(publish, remove),
    )
