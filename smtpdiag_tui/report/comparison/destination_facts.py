"""What changed at the destination: MX hosts, their addresses, replies, TLS and certificates, the zone. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from smtpdiag_tui.report.comparison.facts import Fact, FactKind
from smtpdiag_tui.report.comparison.pair import Pair, known, route_known, told
from smtpdiag_tui.report.difference import addresses_known, reply_code
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind

_POLICIES = {
    "mta-sts": FactKind.MTA_STS,
    "dane": FactKind.DANE,
    "dnssec": FactKind.DNSSEC,
    "tls-rpt": FactKind.TLS_RPT,
}
# Nobody was asked there: what such a session did not come to tells nothing of the server.
_NOT_MET = frozenset({SessionEnd.NO_ROUTE, SessionEnd.NO_SOCKET, SessionEnd.UNUSABLE})
_NO_VERDICT = frozenset({CertificateVerdict.NOT_JUDGED})
_DAY = timedelta(days=1)


def destination_facts(pair: Pair) -> Iterator[Fact]:
    """Yield what is otherwise at the destination; where the runs turn to two, only what both have."""
    if pair.same_destination and all(map(route_known, (pair.old, pair.new))):
        yield from _routes(pair)
    for before, after in pair.both():
        if after.is_session and before.is_session:
            yield from _session(before, after, pair)
        elif after.branch == "tls-policy":
            yield from _policy(before, after, pair)
    yield from _serial(pair)


def _routes(pair: Pair) -> Iterator[Fact]:
    for before, after in pair.steps:
        step = after or before
        if step is None or step.branch != "delivery":
            continue
        if step.kind is StepKind.HOST:
            yield from _host(before, after)
        elif step.kind is StepKind.ADDRESS and _host_known(pair, step.id):
            yield from _address(before, after)


def _host(before: Step | None, after: Step | None) -> Iterator[Fact]:
    old, new = (StepId(step.id).host if step else "" for step in (before, after))
    ids = _ids(before, after)
    if old != new:
        yield Fact(FactKind.MX_HOST, "", old, new, *ids)
    if before is None or after is None:
        return
    first, second = before.facts.preference, after.facts.preference
    if first != second and None not in (first, second):
        yield Fact(FactKind.MX_PREFERENCE, new, str(first), str(second), *ids)


def _host_known(pair: Pair, step_id: str) -> bool:
    """Whether both runs have the host of an address, and looked its addresses up in the same families."""
    above = StepId(step_id).parent or ""
    earlier, later = pair.places.earlier(above), pair.places.later(above)
    old = pair.old.steps.get(above) or pair.old.steps.get(earlier)
    new = pair.new.steps.get(above) or pair.new.steps.get(later)
    if old is None or new is None or not (known(old) and known(new)):
        return False
    if not (addresses_known(old) and addresses_known(new)):
        return False
    return pair.old.settings.family == pair.new.settings.family and not _rest_below(pair, old, new)


def _rest_below(pair: Pair, old: Step, new: Step) -> bool:
    return f"{old.id}/..." in pair.old.steps or f"{new.id}/..." in pair.new.steps


def _address(before: Step | None, after: Step | None) -> Iterator[Fact]:
    old, new = (StepId(step.id).address if step else "" for step in (before, after))
    if old != new:
        step = after or before
        host = StepId(step.id).host if step else ""
        yield Fact(FactKind.MX_ADDRESS, host, old, new, *_ids(before, after))


def _session(before: Step, after: Step, pair: Pair) -> Iterator[Fact]:
    """Yield what is otherwise of the session with an address, its phases included."""
    about, ids = place_words(after.id), _ids(before, after)
    if known(before) and known(after):
        first, second = _ended(before, pair.old), _ended(after, pair.new)
        if _reply_differs(before, after, first, second):
            yield Fact(FactKind.REPLY, about, first, second, *ids)
    old, new = before.facts.session, after.facts.session
    if old is None or new is None:
        return
    if old.tls != new.tls and all(_tls_tried(pair, step) for step in (before, after)):
        yield Fact(FactKind.TLS, about, _tls_words(old), _tls_words(new), *ids)
    if old.certificate and new.certificate and _certificate_differs(old, new, pair):
        words = (_certificate_words(old, pair.old), _certificate_words(new, pair.new))
        if words[0] == words[1]:  # the same names and dates, with another key
            words = (f"{words[0]} ({old.fingerprint[:16]})", f"{words[1]} ({new.fingerprint[:16]})")
        yield Fact(FactKind.CERTIFICATE, about, *words, *ids)
    if old.software and new.software and old.software != new.software:
        yield Fact(FactKind.SOFTWARE, about, old.software, new.software, *ids)


def place_words(step_id: str) -> str:
    """Return how a step of a session is called: `host [address]`, a literal by itself."""
    place = StepId(step_id)
    literal = f"[{place.address}]" if place.address else ""
    return " ".join(filter(None, (place.host if place.host != literal else "", literal))) or place.name


def _reply_differs(before: Step, after: Step, first: str, second: str) -> bool:
    """Whether a session came to something else. Of a run without facts no more than the reply's code is known."""
    old, new = before.facts.session, after.facts.session
    if old is None or new is None:
        codes = reply_code(before), reply_code(after)
        return codes[0] != codes[1] or (not any(codes) and before.status is not after.status)
    if {old.end, new.end} & _NOT_MET:
        return False
    return first != second


def _ended(step: Step, report: Report) -> str:
    """Return what a session came to: the end, the reply's code and what it is about."""
    facts = step.facts.session
    if facts is None:
        code = reply_code(step)
        return code or step.status.value
    words = facts.end.value.replace("-", " ")
    reason = _reason(step, report) if facts.end is not SessionEnd.ACCEPTED else ""
    return " ".join(filter(None, (words, facts.reply, f"({reason})" if reason else "")))


def _reason(step: Step, report: Report) -> str:
    """Return what the reply is about that a session ended with."""
    phases = ("rcpt-to", "mail-from", "ehlo", "greeting")
    steps = (report.steps.get(f"{step.id}/{phase}") for phase in phases)
    found = (item for phase in steps if phase is not None and told(phase) for item in phase.findings)
    return next((item.reason.value for item in found if item.reason is not None and item.is_problem), "")


def _tls_tried(pair: Pair, step: Step) -> bool:
    """Whether a session got as far as to TLS."""
    report = pair.old if pair.old.steps.get(step.id) is step else pair.new
    phase = report.steps.get(f"{step.id}/starttls")
    return step.facts.session is not None and bool(step.facts.session.tls or (phase is not None and known(phase)))


def _tls_words(facts: SessionFacts) -> str:
    return facts.tls.replace("TLSv", "TLS ") or "no TLS"


def _certificate_differs(old: SessionFacts, new: SessionFacts, pair: Pair) -> bool:
    """Whether it is another certificate, or other things are to be said of it.

    What cannot be judged on one of two hosts has not changed. Without a fingerprint, the end tells.
    """
    verdicts = set(old.certificate), set(new.certificate)
    if verdicts[0] != verdicts[1] and not _NO_VERDICT & (verdicts[0] | verdicts[1]):
        return True
    if old.fingerprint and new.fingerprint:
        return old.fingerprint != new.fingerprint
    ends = _end(old, pair.old), _end(new, pair.new)
    return None not in ends and abs(ends[0] - ends[1]) > _DAY  # type: ignore[operator]


def _end(facts: SessionFacts, report: Report) -> datetime | None:
    """Return when a certificate expires, to the day where only the days that were left are known."""
    try:
        return datetime.fromisoformat(facts.expires).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return None if facts.days is None else report.started + timedelta(days=facts.days)
    except OverflowError:
        return None


def _certificate_words(facts: SessionFacts, report: Report) -> str:
    """Return what is to be said of a certificate: `verified, expires 2027-02-01, CN=mx.example`."""
    verdict = ", ".join(item.value.replace("-", " ") for item in facts.certificate)
    ends = _end(facts, report)
    if ends is not None:
        day = f"{ends:%Y-%m-%d}"
        expired = CertificateVerdict.EXPIRED in facts.certificate
        verdict = f"{verdict} ({day})" if expired else f"{verdict}, expires {day}"
    return ", ".join(filter(None, (verdict, facts.subject)))


def _policy(before: Step, after: Step, pair: Pair) -> Iterator[Fact]:
    """Yield what is otherwise of a policy for TLS: what was found, by its codes; its words within one version."""
    if not all(known(step) and step.status is not Status.UNKNOWN for step in (before, after)):
        return
    standard = StepId(after.id).parts[1:2]
    kind = _POLICIES.get(standard[0]) if standard else None
    if kind is None or (kind is FactKind.DANE and after.kind is not StepKind.HOST):
        return
    same_words = before.detail == after.detail or pair.old.version != pair.new.version or kind is FactKind.DNSSEC
    if _codes(before.findings) == _codes(after.findings) and same_words:
        return
    words = tuple(step.detail or step.status.value for step in (before, after))
    if words[0] == words[1]:
        words = tuple(", ".join(sorted(_codes(step.findings))) for step in (before, after))
    about = StepId(after.id).host if kind is FactKind.DANE else ""
    yield Fact(kind, about, words[0], words[1], *_ids(before, after))


def _codes(findings: Iterable[Finding]) -> frozenset[str]:
    return frozenset(item.code for item in findings)


def _serial(pair: Pair) -> Iterator[Fact]:
    old, new = pair.old.steps.get("soa"), pair.new.steps.get("soa")
    if old is None or new is None or not pair.same_destination or not (told(old) and told(new)):
        return
    first, second = old.facts.serial, new.facts.serial
    if first is not None and second is not None and first != second:
        yield Fact(FactKind.SERIAL, pair.facts[1].destination, str(first), str(second), old.id, new.id)


def _ids(before: Step | None, after: Step | None) -> tuple[str, str]:
    return (before.id if before is not None else "", after.id if after is not None else "")
