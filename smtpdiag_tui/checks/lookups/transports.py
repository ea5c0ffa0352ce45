"""UDP and TCP side by side: what a server's answers say about each transport (RFC 7766 §5, RFC 9210)."""

from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, difference, label
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Finding, finding

_NOWHERE = (
    "Nothing was sent: the system knows no route there. That says nothing about the server or the domains.",
    "Check this machine's network interface, its address and its default route.",
)


def over(pair: Pair, transport: Transport) -> Answer:
    """Return the answer of a pair that came over `transport`."""
    return pair.udp if transport is Transport.UDP else pair.tcp


def no_route(pairs: Sequence[Pair]) -> bool:
    """Whether this machine has no route to the server at all (IPv6 only)."""
    return bool(pairs) and all(
        answer.kind is AnswerKind.NO_ROUTE for pair in pairs for answer in (pair.udp, pair.tcp)
    )


def nowhere(pair: Pair) -> bool:
    """Whether this machine has no way to the server's network at all, over either transport."""
    return {pair.udp.kind, pair.tcp.kind} <= {AnswerKind.UNREACHABLE, AnswerKind.NO_ROUTE}


def judge_transport(pairs: Sequence[Pair], transport: Transport) -> tuple[Finding, ...]:
    """Return the findings of one transport at one server.

    Where neither transport answers, the server is what does not answer: `judge_server` says so, once.
    """
    found: list[Finding] = []
    answers = [over(pair, transport) for pair in pairs]
    malformed = [answer for answer in answers if answer.kind is AnswerKind.MALFORMED]
    if malformed:
        found.append(
            finding(
                "dns-malformed",
                f"{label(malformed[0])} sent no usable message for {_questions(malformed)}.",
                evidence=_errors(malformed),
            )
        )
    edns = [answer for answer in answers if not answer.edns]
    if edns:
        found.append(finding("dns-edns-refused", f"{label(edns[0])} answers only without EDNS."))
    return (*found, *(_udp(pairs) if transport is Transport.UDP else _tcp(pairs)))


def judge_server(pairs: Sequence[Pair], *, compare: bool = True) -> tuple[Finding, ...]:
    """Return what the two transports say together: silence on both, or answers that differ."""
    found: list[Finding] = []
    silent = [pair for pair in pairs if not (pair.udp.well_formed or pair.tcp.well_formed)]
    dead = [pair for pair in silent if pair.sent and AnswerKind.MALFORMED not in (pair.udp.kind, pair.tcp.kind)]
    short = [item for pair in pairs for item in (pair.udp, pair.tcp) if item.kind is AnswerKind.NO_SOCKET]
    if short:
        message = f"{short[0].server.label} was not queried: {short[0].error}"
        found.append(finding("machine-limit", message, evidence=_errors(short)))
    if dead:
        server = dead[0].udp.server.label
        if all(nowhere(pair) for pair in dead):
            message = f"This machine has no way to {server}: {_questions([pair.udp for pair in dead])}."
            meaning, advice = _NOWHERE
        else:
            message = f"{server} answers neither over UDP nor over TCP: {_questions([pair.udp for pair in dead])}."
            meaning, advice = None, None
        found.append(
            finding(
                "dns-unreachable",
                message,
                meaning=meaning,
                advice=advice,
                evidence=tuple(dict.fromkeys(_errors([item for pair in dead for item in (pair.udp, pair.tcp)]))),
            )
        )
    if compare:
        found.extend(_differ(pair) for pair in pairs if pair.differ)
    return tuple(found)


def _differ(pair: Pair) -> Finding:
    rotates = pair.question.rdtype in ("A", "AAAA") and pair.udp.kind is AnswerKind.DATA is pair.tcp.kind
    return finding(
        "dns-answers-differ",
        f"{pair.udp.server.label} answers {pair.question} differently over UDP and TCP, also when asked again"
        f"{'; it may be load-balanced' if rotates else ''}.",
        evidence=difference(pair.udp, pair.tcp),
    )


def _udp(pairs: Sequence[Pair]) -> tuple[Finding, ...]:
    failed = [pair.udp for pair in pairs if pair.udp.sent and not pair.udp.well_formed and pair.tcp.well_formed]
    if not failed:
        return ()
    return (
        finding(
            "dns-udp-failed",
            f"{label(failed[0])} gives no answer, over TCP it does: {_questions(failed)}.",
            evidence=_errors(failed),
        ),
    )


def _tcp(pairs: Sequence[Pair]) -> tuple[Finding, ...]:
    failed = [pair for pair in pairs if pair.tcp.sent and pair.udp.well_formed and not pair.tcp.well_formed]
    truncated = [pair.tcp for pair in failed if pair.udp.kind is AnswerKind.TRUNCATED]
    others = [pair.tcp for pair in failed if pair.udp.kind is not AnswerKind.TRUNCATED]
    found: list[Finding] = []
    if truncated:
        message = f"{label(truncated[0])} cannot fetch what UDP cut short: {_questions(truncated)}."
        found.append(finding("dns-truncated", message, evidence=_errors(truncated)))
    if others:
        message = f"{label(others[0])} gives no answer, over UDP it does: {_questions(others)}."
        found.append(finding("dns-tcp-failed", message, evidence=_errors(others)))
    return tuple(found)


def _questions(answers: Sequence[Answer]) -> str:
    return ", ".join(dict.fromkeys(str(answer.question) for answer in answers))


def _errors(answers: Sequence[Answer]) -> tuple[str, ...]:
    return tuple(
        f"{answer.question} over {answer.transport.value.upper()}: {answer.kind}"
        + (f", {answer.error}" if answer.error else "")
        + (f", {answer.tries} tries" if answer.tries > 1 else "")
        for answer in answers
        if not answer.well_formed
    )
