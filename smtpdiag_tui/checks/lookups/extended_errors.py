"""What a resolver adds to an answer (RFC 8914) and what follows: bogus signatures, data past its time. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, cite
from smtpdiag_tui.report.findings import Finding, Side, finding

# DNSSEC Bogus, Signature Expired, Signature Not Yet Valid, DNSKEY Missing, RRSIGs Missing, No Zone Key Bit Set,
# NSEC Missing.
BOGUS = frozenset(range(6, 13))
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
    why = f": {answer.extended}" if BOGUS.intersection(answer.extended_codes) else ""
    message = f"{answer.server.label} rejected the DNSSEC signatures for {answer.question}{why}"
    shown = [cite(answer)]
    if unchecked is not None and unchecked.usable:
        shown.append(f"with checking disabled, {cite(unchecked)}")
    return finding("dnssec-bogus", message, evidence=tuple(shown), side=side)


def judge_remarks(answers: Sequence[Answer], side: Side | None) -> tuple[Finding, ...]:
    """Return what a resolver remarks on the answers that it gives all the same; `side` is the domain's."""
    found: list[Finding] = []
    stale = _remarked(answers, STALE)
    if stale:
        message = f"{stale[0].server.label} returned expired data for {_questions(stale)}: {stale[0].extended}"
        found.append(finding("answer-stale", message, evidence=tuple(map(cite, stale)), side=side))
    bogus = _remarked(answers, BOGUS)
    if bogus:
        message = f"{bogus[0].server.label} remarked on DNSSEC for {_questions(bogus)}: {bogus[0].extended}"
        found.append(finding("dnssec-remark", message, evidence=tuple(map(cite, bogus)), side=side))
    return tuple(found)


def _remarked(answers: Sequence[Answer], codes: frozenset[int]) -> list[Answer]:
    return [answer for answer in answers if answer.usable and codes.intersection(answer.extended_codes)]


def _questions(answers: Sequence[Answer]) -> str:
    return ", ".join(dict.fromkeys(str(answer.question) for answer in answers))
