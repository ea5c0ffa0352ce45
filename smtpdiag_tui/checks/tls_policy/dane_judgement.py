"""Judging an MX host by its TLSA records, with the record that should be there (RFC 7671 §8, RFC 7672). Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.tls_policy import tlsa
from smtpdiag_tui.checks.tls_policy.dane import HostTlsa, Kind, Meeting, Met, Standing, TlsaAnswer
from smtpdiag_tui.checks.tls_policy.dnssec import Security
from smtpdiag_tui.report.actions import Action, dns_administrator
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible

_SHOWN = 50  # lines of records
_OPEN_MX = (
    "The MX records are not signed, so whether DANE applies is the sending server's choice; Postfix applies it."
)


def judge_host(host: HostTlsa, place: Standing, met: Sequence[Met]) -> tuple[Finding, ...]:
    """Return the findings about one MX host: what its records come to, then each thing that addresses came to."""
    match place.kind:
        case Kind.NONE:
            return (_none(host),)
        case Kind.UNSIGNED:
            return (_unsigned(host, place),)
        case Kind.FAILED:
            return _failed(host, place)
        case _:
            found = [*_records(host, place, met), *_addresses(host, place, met)]
            untrusted = [] if place.certain else [_untrusted(host, place, met)]
            return (*untrusted, *found)


def detail(place: Standing, met: Sequence[Met]) -> str:
    """Return what a host came to in a few words."""
    words = {
        Kind.NONE: "no TLSA records",
        Kind.UNSIGNED: "TLSA records not signed",
        Kind.FAILED: "TLSA lookup failed",
        Kind.UNUSABLE: "no usable TLSA record",
    }.get(place.kind)
    if words is None:
        words = counted(len(tlsa.usable(place.records)), "usable TLSA record")
    wrong = [item for item in met if item.meeting in (Meeting.MISMATCH, Meeting.NO_TLS)]
    fine = [item for item in met if item.meeting is Meeting.VALID]
    if not place.matters or not (wrong or fine):
        return words
    if wrong:
        return f"{words}, not matched by {len(wrong)} of {counted(len(met), 'address')}"
    return f"{words}, matched by {len(fine)} of {counted(len(met), 'address')}"


def _owner(host: HostTlsa, answer: TlsaAnswer | None) -> str:
    return visible(tlsa.owner(answer.base if answer is not None else host.host, host.port))


def _line(host: HostTlsa, answer: TlsaAnswer | None, rdata: object) -> str:
    """Return a record as it stands in a zone file."""
    return f"{_owner(host, answer)}. IN TLSA {rdata}"


def _none(host: HostTlsa) -> Finding:
    name = visible(host.host)
    meaning = None
    if host.addresses.claimed is Security.INSECURE:
        meaning = f"The addresses of {name} are not signed with DNSSEC, so DANE cannot apply to it."
    return finding("dane-none", f"{name} has no TLSA records", meaning=meaning)


def _unsigned(host: HostTlsa, place: Standing) -> Finding:
    name, answer = visible(host.host), place.answer
    records = answer.records[:_SHOWN] if answer is not None else ()
    return finding(
        "dane-none",
        f"TLSA records of {name} are not signed, so DANE does not apply",
        meaning="TLSA records count only in a zone that is signed with DNSSEC. Sending servers ignore these.",
        evidence=tuple(_line(host, answer, tlsa.parse(text)) for text in records),
        advice=Action(
            dns_administrator(name), f"sign the zone of {name} with DNSSEC, or remove {_owner(host, answer)}."
        ),
    )


def _failed(host: HostTlsa, place: Standing) -> tuple[Finding, ...]:
    """Return that nothing is known; where the addresses are not known to be signed either, that is no fault."""
    answer = place.answer
    if answer is None or host.addresses.claimed is not Security.SECURE:
        return ()
    owner = _owner(host, answer)
    found = finding(
        "dane-lookup-failed",
        f"TLSA lookup of {visible(host.host)} failed",
        evidence=(visible(answer.why),) if answer.why else (),
        advice=Action(dns_administrator(visible(answer.base)), _answered(answer, owner)),
    )
    return (found,)


def _answered(answer: TlsaAnswer, owner: str) -> str:
    """Return what to do so that a query for records succeeds."""
    if answer.state.security is Security.BOGUS:
        return f"fix the DNSSEC signatures of the zone that holds {owner}."
    return f"make the name servers of {visible(answer.base)} answer TLSA queries for {owner}."


def _untrusted(host: HostTlsa, place: Standing, met: Sequence[Met]) -> Finding:
    """Return that the records are not proved to this host, and what would be so if they were."""
    name, answer = visible(host.host), place.answer
    untrusted = answer is not None and answer.state.untrusted
    valid = sum(item.meeting is Meeting.VALID for item in met)
    lines = tuple(_line(host, answer, record) for record in place.records[:_SHOWN])
    meaning = None
    if untrusted and answer is not None and answer.state.answer is not None:
        server = answer.state.answer.server.label
        meaning = (
            f"{server} validated them, but its answer crosses the network unprotected."
            f" With a trusted path, DANE is valid at {valid} of {counted(len(met), 'address')} of {name}."
        )
    return finding(
        "dane-untrusted",
        f"TLSA records of {name} could not be validated",
        meaning=meaning,
        evidence=lines,
    )


def _records(host: HostTlsa, place: Standing, met: Sequence[Met]) -> list[Finding]:
    """Judge the records by themselves."""
    broken = [record for record in place.records if record.unusable]
    if not broken:
        return []
    name, answer = visible(host.host), place.answer
    lines = [f"{_line(host, answer, record)}: {record.unusable}" for record in broken[:_SHOWN]]
    if place.kind is Kind.UNUSABLE:
        message = f"No TLSA record of {name} is usable"
        meaning = None
    else:
        message = f"{counted(len(broken), 'TLSA record')} of {name} not usable"
        meaning = "Sending servers that enforce DANE ignore these and match the others."
    advice = _publish(host, place, [item for item in met if item.leaf][:1])
    return [finding("dane-unusable", message, meaning=meaning, evidence=tuple(lines), advice=advice)]


def _addresses(host: HostTlsa, place: Standing, met: Sequence[Met]) -> list[Finding]:
    """Judge what the addresses presented: one finding for those where it was the same."""
    groups: dict[tuple[Meeting, str, bytes], list[Met]] = {}
    for item in met:
        groups.setdefault((item.meeting, item.why, item.leaf), []).append(item)
    found: list[Finding] = []
    for (meeting, _, _), items in groups.items():
        if meeting is Meeting.MISMATCH:
            found.append(_mismatch(host, place, items))
        elif meeting is Meeting.NO_TLS:
            found.append(_no_tls(host, place, items))
        elif meeting is Meeting.VALID:
            found.append(_valid(host, place, items))
    return found


def _where(host: HostTlsa, items: Sequence[Met]) -> str:
    name = visible(host.host)
    return f"{name} [{items[0].address}]" if len(items) == 1 else f"{name} at {counted(len(items), 'address')}"


def _mismatch(host: HostTlsa, place: Standing, items: Sequence[Met]) -> Finding:
    lines = [f"{item.address} presented {_presented(item)}" for item in items]
    answer = place.answer
    lines += [f"{_line(host, answer, miss.record)}: {miss.why}" for miss in items[0].misses[:_SHOWN]]
    return finding(
        "dane-mismatch",
        f"Certificate of {_where(host, items)} matches no TLSA record",
        meaning=_with_mx(host, "dane-mismatch"),
        evidence=tuple(lines),
        advice=_publish(host, place, items),
    )


def _presented(item: Met) -> str:
    return f"a certificate of TLSA {tlsa.record_for(item.leaf)}" if item.leaf else "no certificate"


def _publish(host: HostTlsa, place: Standing, items: Sequence[Met]) -> tuple[Action, ...]:
    """Return what to publish for the certificate that addresses presented, and how the next one is rolled over."""
    name, answer = visible(host.host), place.answer
    base = visible(answer.base) if answer is not None else name
    who = dns_administrator(base)
    leaf = next((item.leaf for item in items if item.leaf), b"")
    if not leaf:
        return (Action(who, f"replace the TLSA records of {base} with 3 1 1 records of its certificates."),)
    record = _line(host, answer, tlsa.record_for(leaf))
    return (
        Action(
            who,
            f"if the certificate presented by {name} is its own, add {record} to the zone; keep the records of"
            " certificates still used by that host.",
        ),
        Action(
            f"MX administrator of {name}",
            f"at the next rollover, have the TLSA record of the new certificate of {name} published beside the"
            " current one at least 2 TTLs before installing the certificate, and the old record removed only"
            " after.",
        ),
    )


def _no_tls(host: HostTlsa, place: Standing, items: Sequence[Met]) -> Finding:
    name = visible(host.host)
    lines = [f"{item.address}: {item.why}" for item in items]
    lines += [_line(host, place.answer, record) for record in place.records[:_SHOWN]]
    what = f"enable STARTTLS on {name}, or have {_owner(host, place.answer)} removed."
    return finding(
        "dane-no-starttls",
        f"{_where(host, items)} has TLSA records, but no TLS",
        meaning=_with_mx(host, "dane-no-starttls"),
        evidence=tuple(lines),
        advice=Action(f"MX administrator of {name}", what),
    )


def _valid(host: HostTlsa, place: Standing, items: Sequence[Met]) -> Finding:
    record = items[0].record
    fields = record.fields if record is not None else ""
    lines = [f"{item.address} matches {_line(host, place.answer, item.record)}" for item in items]
    lines += [f"{_line(host, place.answer, miss.record)}: {miss.why}" for miss in items[0].misses[:_SHOWN]]
    return finding(
        "dane-valid",
        f"Certificate of {_where(host, items)} matches TLSA record {fields}",
        meaning=_with_mx(host, "dane-valid"),
        evidence=tuple(lines),
    )


def _with_mx(host: HostTlsa, code: str) -> str | None:
    """Return the meaning of a finding where the MX RRset is not signed (RFC 7672 §2.2.1), else None."""
    if host.mx is None or host.mx.claimed is not Security.INSECURE:
        return None
    first = {
        "dane-mismatch": "Sending servers that enforce DANE for this MX host queue the message.",
        "dane-no-starttls": "TLSA records promise TLS, and sending servers that enforce DANE queue the message.",
        "dane-valid": "Sending servers that enforce DANE deliver to this MX host.",
    }[code]
    return f"{first} {_OPEN_MX}"
