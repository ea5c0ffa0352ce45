"""What a resolver adds to an answer (RFC 8914) and what follows: bogus signatures, data past its time. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, cite
from smtpdiag_tui.report.actions import by, dns_administrator
from smtpdiag_tui.report.amounts import listed
from smtpdiag_tui.report.findings import Finding, Side, finding

# DNSSEC Bogus, Signature Expired, Signature Not Yet Valid, DNSKEY Missing, RRSIGs Missing, No Zone Key Bit Set,
# NSEC Missing.
BOGUS = frozenset(range(6, 13))
_WHAT = {
    7: "signature expired",
    8: "signature not yet valid",
    9: "DNSKEY missing",
    10: "RRSIGs missing",
    11: "no zone key",
    12: "NSEC missing",
}
_EXPIRED = 7
STALE = frozenset({3, 19})  # Stale Answer, Stale NXDOMAIN Answer


def is_bogus(answer: Answer, unchecked: Answer | None = None) -> bool:
    """Whether a resolver fails a question because of DNSSEC.

    It says so, or gives an answer where it is not to check (CD): `unchecked`, if that was asked for.
    """
    if answer.kind is not AnswerKind.SERVFAIL:
        return False
    return bool(BOGUS.intersection(answer.extended_codes)) or (unchecked is not None and unchecked.usable)


def judge_bogus(answer: Answer, unchecked: Answer | None, side: Side | None) -> Finding:
    """Return the finding of a domain whose signatures a resolver does not accept; `side` is the domain's."""
    known = [_WHAT[code] for code in answer.extended_codes if code in _WHAT]
    why = f" ({known[0]})" if known else ""
    message = f"DNSSEC validation of {answer.question} failed at {answer.server.label}{why}"
    shown = [cite(answer)]
    if unchecked is not None and unchecked.usable:
        shown.append(f"with checking disabled (CD), {cite(unchecked)}")
    name = answer.question.name
    who = "" if side is Side.HERE else dns_administrator(name)
    what = f"check the DNSKEY and DS records of {name} and the dates of its signatures."
    if _EXPIRED in answer.extended_codes:
        what = f"sign {name} again: its signatures have expired."
    advice = by(who, what)
    return finding("dnssec-bogus", message, evidence=tuple(shown), side=side, advice=advice)


def judge_remarks(answers: Sequence[Answer], side: Side | None) -> tuple[Finding, ...]:
    """Return what a resolver remarks on the answers that it gives all the same; `side` is the domain's."""
    found: list[Finding] = []
    stale = _remarked(answers, STALE)
    if stale:
        message = f"{stale[0].server.label} returned expired data for {_questions(stale)}"
        server, name = stale[0].server.label, stale[0].question.name
        advice = f"Check that the name servers of {name} answer {server}."
        found.append(finding("answer-stale", message, evidence=tuple(map(cite, stale)), side=side, advice=advice))
    bogus = _remarked(answers, BOGUS)
    if bogus:
        message = f"{bogus[0].server.label} reported a DNSSEC fault for {_questions(bogus)}"
        found.append(finding("dnssec-remark", message, evidence=tuple(map(cite, bogus)), side=side))
    return tuple(found)


def _remarked(answers: Sequence[Answer], codes: frozenset[int]) -> list[Answer]:
    return [answer for answer in answers if answer.usable and codes.intersection(answer.extended_codes)]


def _questions(answers: Sequence[Answer]) -> str:
    """Return what was asked for: "MX and A of partner.example"."""
    names: dict[str, list[str]] = {}
    for answer in answers:
        names.setdefault(answer.question.name, []).append(answer.question.rdtype)
    return ", ".join(f"{listed(types)} of {name}" for name, types in names.items())
