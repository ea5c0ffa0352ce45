"""What is told of a resolver whose answer is not the authority's. Pure."""

from datetime import datetime, timedelta

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, describe
from smtpdiag_tui.checks.lookups.arbiter import (
    NEGATIVE,
    Reading,
    Ruling,
    Why,
    filtering_errors,
    responsible,
    seconds_left,
)
from smtpdiag_tui.checks.lookups.arbitration import Alias
from smtpdiag_tui.checks.lookups.rewriting import RandomName
from smtpdiag_tui.report.actions import Action, dns_administrator
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding

_SHOWN = 3  # records that a sentence names
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SPLIT = {
    Why.WITH_AUTHORITY: "{server} is authoritative for a zone of that name itself.",
    Why.OTHER_ZONE: "{server} returns other name servers and another primary for the zone.",
    Why.PRIVATE: "The MX hosts that {server} returns have private addresses.",
}
_FILTERED = "this host cannot deliver mail to {domain} while {server} filters it."
_OWN_FILTERED = "servers that use {server} cannot look up the sender domain {domain}."
_FILTER = {
    Why.TOLD: "The resolver reports that it blocks the name (extended DNS error {error}).",
    Why.REFUSED: "The resolver refuses queries for this domain and answers others.",
    Why.NULLED: "The resolver returns a null address for the name, as filters do.",
    Why.EMPTIED: "The resolver returns no MX record for any domain of this run, as a filtering proxy does.",
    Why.FOREIGN_SOA: "The negative answer carries the SOA of another zone, as a response policy zone (RPZ) does.",
}


def judge_ruling(ruling: Ruling, *, now: datetime | None, here: bool, random: RandomName | None) -> Finding | None:
    """Return what is told of one resolver's answer, None where it is the authority's or nobody knows better.

    `now` is the time in UTC; `here`: the domain is the sender's, so that its faults are seen to here.
    """
    match ruling.reading:
        case Reading.REWRITTEN:
            return _rewritten(ruling, random)
        case Reading.FILTERED:
            return _filtered(ruling, here=here)
        case Reading.OWN_VIEW:
            return _own_view(ruling)
        case Reading.STALE:
            return _stale(ruling, now)
        case Reading.CONTRADICTS:
            return _contradicts(ruling, here=here)
        case _:
            return None


def _stale(ruling: Ruling, now: datetime | None) -> Finding:
    told, server, domain = ruling.told, ruling.server.label, ruling.domain
    left = seconds_left(told)
    differ = f"{server} returns {shown(told)}; the name servers of {domain} return {shown(ruling.truth)}."
    return finding(
        "stale-resolver",
        f"Resolver {server} returns {_outdated(told)} for {domain}",
        meaning=f"{differ} {expiry(server, left, now)}",
        advice=flush_advice(server, domain, left),
        evidence=_both_words(ruling),
        severity=Severity.FAILURE if told.kind in NEGATIVE or _null_mx(told) else None,
    )


def _null_mx(told: Answer) -> bool:
    """Whether an MX answer says that the domain takes no mail (RFC 7505 §3)."""
    return [record.data for record in told.records] == ["0 ."]


def _outdated(told: Answer) -> str:
    if told.kind is AnswerKind.NXDOMAIN:
        return "an outdated NXDOMAIN"
    return "outdated MX records" if told.records else "an outdated answer without MX records"


def expiry(server: str, left: int | None, now: datetime | None) -> str:
    """Say until when mail from this host follows a resolver's copy: in words, and in UTC if the time is known."""
    if left is None:
        return f"Mail from this host follows {server}; how long it keeps the copy could not be determined."
    if left == 0:
        return f"The answer has a TTL of 0, so a server that {server} forwards to holds the copy."
    return f"Mail from this host follows the outdated copy until it expires in {duration(left)}{_at(left, now)}."


def flush_advice(server: str, name: str, left: int | None) -> str:
    """Say what to do about an outdated copy; at what time it ends, `expiry` says."""
    if not left:
        where = f"{server}, and of the servers that it forwards to" if left == 0 else server
        return f"Flush {name} from the cache of {where}, then rerun."
    return f"Flush {name} from the cache of {server}, or wait {duration(left)}, then rerun."


def _at(left: int, now: datetime | None) -> str:
    return f", at {_utc(now, left)}" if now is not None else ""


def _utc(now: datetime, left: int) -> str:
    return f"{now + timedelta(seconds=left):%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: int) -> str:
    """Return a number of seconds in words: `45 seconds`, `5 minutes`, `2 hours 1 minute`, `3 days 4 hours`."""
    if seconds < _MINUTE:
        return counted(seconds, "second")
    units = ((_DAY, "day", _HOUR, "hour"), (_HOUR, "hour", _MINUTE, "minute"), (_MINUTE, "minute", 1, "second"))
    for size, noun, smaller, smaller_noun in units:
        if seconds >= size:
            rest = seconds % size // smaller
            more = f" {counted(rest, smaller_noun)}" if rest else ""
            return counted(seconds // size, noun) + more
    return counted(seconds, "second")


def _own_view(ruling: Ruling) -> Finding:
    server, domain = ruling.server.label, ruling.domain
    follows = (
        f"Mail from this host follows {server} ({shown(ruling.told)}), not the name servers of {domain}"
        f" ({shown(ruling.truth)})."
    )
    return finding(
        "dns-answers-differ",
        f"Resolver {server} has its own MX records for {domain} (split DNS)",
        meaning=f"{_SPLIT[ruling.why].format(server=server)} {follows}",
        advice=f"None, if {server} serves its own zone {domain} on purpose.",
        side=Side.HERE,
        evidence=_both_words(ruling),
    )


def _filtered(ruling: Ruling, *, here: bool) -> Finding:
    server, domain = ruling.server.label, ruling.domain
    effect = (_OWN_FILTERED if here else _FILTERED).format(server=server, domain=domain)
    if ruling.truth is not None:
        effect = f"the name servers of {domain} return {shown(ruling.truth)}; {effect}"
    return finding(
        "answer-filtered",
        f"Resolver {server} withholds the MX records of {domain}",
        meaning=f"{_FILTER[ruling.why].format(error=_error_of(ruling))} {effect[:1].upper()}{effect[1:]}",
        advice=f"Exempt {domain} from the filter of {server}, or use a resolver that does not filter.",
        evidence=_both_words(ruling),
    )


def _error_of(ruling: Ruling) -> str:
    """Return the extended error with which a resolver says that it filters."""
    for answer in (ruling.told, *ruling.word.addresses):
        if filtering_errors(answer):
            return answer.extended
    return ""


def _rewritten(ruling: Ruling, random: RandomName | None) -> Finding:
    server, domain = ruling.server.label, ruling.domain
    lines = [line for answer in ruling.word.addresses for line in cited(answer)]
    missing = ruling.truth is not None and ruling.truth.kind is AnswerKind.NXDOMAIN
    spelling = [f"Check the spelling of {domain}; it does not exist."] if missing else []
    if random is not None:
        lines += cited(random.resolver)
        lines += cited(random.authority) if random.authority is not None else []
    exists = ruling.truth is not None and not missing
    instead = f" instead of its MX records ({shown(ruling.truth)})" if exists else ""
    return finding(
        "nxdomain-rewritten",
        f"Resolver {server} returns addresses for names that do not exist",
        meaning=(
            f"{server} returned an address for {domain}{instead}, like a captive portal or a provider's search"
            f" page. What rests on its answers says nothing about {domain}."
        ),
        advice=(*spelling, f"Turn off NXDOMAIN rewriting at {server}, or use another resolver; then rerun."),
        evidence=(*lines, *_both_words(ruling)),
    )


def _contradicts(ruling: Ruling, *, here: bool) -> Finding:
    server, domain = ruling.server.label, ruling.domain
    word = ruling.word
    existing = [answer for answer in (word.soa, *word.addresses) if answer is not None and answer.records]
    types = ", ".join(answer.question.rdtype for answer in existing)
    return finding(
        "answers-contradict",
        f"{server} returned NXDOMAIN for MX {domain}, but records for {types}",
        side=Side.HERE if here else None,
        advice=Action(
            dns_administrator(domain, ruling.contact),
            f"return NOERROR without records for types that do not exist at {domain}.",
        ),
        evidence=(*cited(word.mx), *(line for answer in existing for line in cited(answer)), *_truths(ruling)),
    )


def judge_alias(alias: Alias, domain: str, *, here: bool, severity: Severity | None = None) -> Finding:
    """Return what is told of a CNAME that stands beside the other records of a mail domain (RFC 1034 §3.6.2)."""
    target = next((record.data.rstrip(".") for record in alias.answer.answer if record.owner == domain), "")
    where = f"the apex of {domain}" if alias.cut else domain
    hidden = "its MX records" if alias.hides else "any MX record"
    what = f"replace the CNAME at {domain} (for {target}) with A and AAAA records."
    evidence = (*cited(alias.answer), *(cited(alias.own) if alias.own is not None else ()))
    return finding(
        "cname-at-apex",
        f"The CNAME at {where} hides {hidden}",
        side=Side.HERE if here else None,
        advice=Action(dns_administrator(domain, responsible(alias.own)), what),
        evidence=evidence,
        severity=severity,
    )


def shown(answer: Answer | None) -> str:
    """Return what an answer comes to, in a few words."""
    if answer is None:
        return "no answer"
    if answer.kind is AnswerKind.NODATA and len(answer.chain) > 1:
        return f"CNAME {answer.chain[1]}"
    if not answer.records:
        return "no MX" if answer.kind is AnswerKind.NODATA else str(answer.kind)
    data = sorted(_without_dot(record.data) for record in answer.records)
    more = f" and {len(data) + answer.omitted - _SHOWN} more" if len(data) + answer.omitted > _SHOWN else ""
    return f"{', '.join(data[:_SHOWN])}{more}"


def _without_dot(data: str) -> str:
    """Return an MX record's data without the dot at the end of a name, but for the root itself (RFC 7505)."""
    return data if data.endswith(" .") else data.rstrip(".")


def cited(answer: Answer) -> list[str]:
    """Return who answered what, with the records."""
    return [f"{answer.server.label}: {describe(answer)}", *(f"  {record}" for record in answer.answer)]


def _both_words(ruling: Ruling) -> tuple[str, ...]:
    return (*cited(ruling.told), *_truths(ruling))


def _truths(ruling: Ruling) -> list[str]:
    lines: list[str] = []
    for answer in ruling.authority.mx:
        lines += cited(answer)
    return lines
