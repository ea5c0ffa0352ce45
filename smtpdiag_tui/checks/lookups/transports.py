"""UDP and TCP side by side: what a server's answers say about each transport (RFC 7766 §5, RFC 9210)."""

from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, EdnsTrouble, Pair, cite, difference, label
from smtpdiag_tui.network.seam import NotLetThroughError, Transport
from smtpdiag_tui.report.actions import Action, by, dns_administrator
from smtpdiag_tui.report.findings import Finding, Side, finding

_EDNS = {
    EdnsTrouble.REFUSED: ("dns-edns-refused", "{label} does not support EDNS"),
    EdnsTrouble.DROPPED: ("dns-edns-dropped", "{label} answered only without EDNS"),
    EdnsTrouble.TOO_LARGE: ("dns-udp-size-limited", "Large answers from {label} are lost"),
}
_NOWHERE = (
    "Nothing was sent. This says nothing about the server or the domains.",
    "Check the network interface, IP address and default route of this host.",
)
_EDNS_ADVICE = {
    EdnsTrouble.DROPPED: "Let DNS queries with an OPT record through between this host and {server}.",
    EdnsTrouble.TOO_LARGE: "Let UDP fragments from {server} through, or set the EDNS size of {server} to 1232.",
}


def over(pair: Pair, transport: Transport) -> Answer:
    """Return the answer of a pair that came over `transport`."""
    return pair.udp if transport is Transport.UDP else pair.tcp


def no_route(pairs: Sequence[Pair]) -> bool:
    """Whether this machine has no route to the server at all (IPv6 only)."""
    return bool(pairs) and all(answer.kind is AnswerKind.NO_ROUTE for answer in _answers(pairs) if answer.carried)


def _answers(pairs: Sequence[Pair]) -> list[Answer]:
    return [answer for pair in pairs for answer in (pair.udp, pair.tcp)]


def nowhere(pair: Pair) -> bool:
    """Whether this machine has no way to the server's network at all, over either transport."""
    return {answer.kind for answer in pair.carried} <= {AnswerKind.UNREACHABLE, AnswerKind.NO_ROUTE}


def judge_transport(pairs: Sequence[Pair], transport: Transport, *, works: bool = False) -> tuple[Finding, ...]:
    """Return the findings of one transport at one server.

    `works`: it has answered other questions of the run, so that silence here says nothing about it. Where neither
    transport answers, the server is what does not answer: `judge_server` says so, once.
    """
    found: list[Finding] = []
    answers = [over(pair, transport) for pair in pairs]
    malformed = [answer for answer in answers if answer.kind is AnswerKind.MALFORMED]
    if malformed:
        found.append(
            finding(
                "dns-malformed",
                f"{label(malformed[0])} returned a malformed answer",
                advice=(
                    f"Look for a firewall or proxy that rewrites DNS between this host and"
                    f" {malformed[0].server.label}."
                ),
                evidence=_errors(malformed),
            )
        )
    found += _edns(answers)
    works = works or any(answer.well_formed for answer in answers)
    return (*found, *(_udp(pairs, works=works) if transport is Transport.UDP else _tcp(pairs, works=works)))


def of_name_server(item: Finding, server: str) -> Finding:
    """Return the finding of a transport that fails as the fault of the name server, whose zone names it."""
    if item.code not in ("dns-udp-failed", "dns-tcp-failed"):
        return item
    what = f"let queries over UDP and over TCP reach port 53 of {server} (RFC 7766)."
    return replace(item, side=Side.RECIPIENT, actions=(Action(f"DNS administrator of {server}", what),))


def _edns(answers: Sequence[Answer]) -> list[Finding]:
    """Tell why answers came without EDNS: that the server said so is harmless, silence is not."""
    found: list[Finding] = []
    for trouble, (code, words) in _EDNS.items():
        troubled = [answer for answer in answers if answer.edns_trouble is trouble]
        if troubled:
            message = words.format(label=label(troubled[0]))
            advice = _EDNS_ADVICE.get(trouble, "").format(server=troubled[0].server.label) or None
            found.append(finding(code, message, advice=advice, evidence=tuple(map(cite, troubled))))
    return found


def judge_server(
    pairs: Sequence[Pair], *, compare: bool = True, works: bool = False, side: Side | None = None
) -> tuple[Finding, ...]:
    """Return what the two transports say together: silence on both, or answers that differ.

    `works`: the server has answered other questions of the run. Its silence is then the domain's, which is on
    `side`; the catalogue's side, the recipient's, if None.
    """
    works = works or any(pair.answered for pair in pairs)
    found = [*_without_socket(pairs), *_silent(pairs, works=works, side=side)]
    if compare:
        found.extend(_differ(pair) for pair in pairs if pair.differ)
    return tuple(found)


def _without_socket(pairs: Sequence[Pair]) -> tuple[Finding, ...]:
    not_asked = [answer for answer in _answers(pairs) if answer.kind is AnswerKind.NO_SOCKET]
    if not not_asked:
        return ()
    message = f"{not_asked[0].server.label} was not queried ({not_asked[0].error})"
    if not_asked[0].error.startswith(NotLetThroughError.WORDS):
        meaning, advice = (
            "Nothing was sent, and that says nothing about the server.",
            "Allow the connection on that SSH server or SOCKS proxy.",
        )
        return (finding("machine-limit", message, meaning=meaning, advice=advice, evidence=_errors(not_asked)),)
    return (finding("machine-limit", message, evidence=_errors(not_asked)),)


def _silent(pairs: Sequence[Pair], *, works: bool, side: Side | None) -> tuple[Finding, ...]:
    """Judge questions that were left unanswered: a name server's silence is its own, a resolver's may not be."""
    unanswered = [pair for pair in pairs if _is_unanswered(pair)]
    if not unanswered:
        return ()
    if not unanswered[0].question.recurse:
        return (_dead_name_server(unanswered),)
    if works:
        return (_domain_silent(unanswered, side),)
    return (_unreachable(unanswered),)


def _is_unanswered(pair: Pair) -> bool:
    """Whether a question was asked and nothing came back, over either transport."""
    malformed = AnswerKind.MALFORMED in (pair.udp.kind, pair.tcp.kind)
    return pair.sent and not pair.answered and not malformed


def _unreachable(pairs: Sequence[Pair]) -> Finding:
    server = pairs[0].udp.server.label
    evidence = tuple(dict.fromkeys(_errors(_answers(pairs))))
    if all(nowhere(pair) for pair in pairs):
        meaning, advice = _NOWHERE
        message = f"This host has no route to {server}"
        return finding("dns-unreachable", message, meaning=meaning, advice=advice, evidence=evidence)
    advice = f"Check that {server} runs and serves this host, and that no firewall blocks port 53 to it."
    ways = " or ".join(answer.transport.value.upper() for answer in pairs[0].carried)
    return finding("dns-unreachable", f"{server} did not answer over {ways}", advice=advice, evidence=evidence)


def _dead_name_server(pairs: Sequence[Pair]) -> Finding:
    message = f"{pairs[0].udp.server.label} did not answer for {_questions([pair.udp for pair in pairs])}"
    evidence = tuple(dict.fromkeys(_errors(_answers(pairs))))
    return finding("soa-lame-server", message, evidence=evidence)


def _domain_silent(pairs: Sequence[Pair], side: Side | None) -> Finding:
    """Tell of a resolver that is well, and has no answer about one domain: that domain's servers are silent."""
    server, asked = pairs[0].udp.server.label, pairs[0].question
    message = f"{server} did not answer for {asked.name}; it answered other queries"
    evidence = tuple(f"{server}: {line}" for line in dict.fromkeys(_errors(_answers(pairs))))
    who = "" if side is Side.HERE else dns_administrator(asked.name)
    advice = by(who, f"make the name servers of {asked.name} answer queries from outside their own network.")
    return finding("domain-lookup-failed", message, evidence=evidence, side=side, advice=advice)


def _differ(pair: Pair) -> Finding:
    of_addresses = pair.question.rdtype in ("A", "AAAA")
    rotates = of_addresses and pair.udp.kind is AnswerKind.DATA is pair.tcp.kind
    why = "Load balancing may explain it." if rotates else "A zone change in progress may explain it."
    return finding(
        "dns-answers-differ",
        f"{pair.udp.server.label} returned different answers for {pair.question} over UDP and TCP",
        meaning=f"The answers still differed when the query was repeated. {why}",
        advice=f"Compare the answers of {pair.udp.server.label}; if one is outdated, flush its cache.",
        evidence=difference(pair.udp, pair.tcp),
    )


def _fails_alone(answer: Answer, over_the_other: Answer) -> bool:
    """Whether a question got no message over one transport, while it got one over the other."""
    return answer.sent and not answer.well_formed and over_the_other.well_formed


def _udp(pairs: Sequence[Pair], *, works: bool) -> tuple[Finding, ...]:
    failed = [pair.udp for pair in pairs if _fails_alone(pair.udp, pair.tcp)]
    if works or not failed:
        return ()
    return (
        finding(
            "dns-udp-failed",
            f"{failed[0].server.label} did not answer over UDP, only over TCP",
            advice=_open_port(failed[0]),
            evidence=_errors(failed),
        ),
    )


def _tcp(pairs: Sequence[Pair], *, works: bool) -> tuple[Finding, ...]:
    unanswered = [pair for pair in pairs if _fails_alone(pair.tcp, pair.udp)]
    truncated = [pair.tcp for pair in unanswered if not pair.udp.whole]
    failed = [pair.tcp for pair in unanswered if pair.udp.whole]
    found: list[Finding] = []
    if truncated:
        message = f"{truncated[0].server.label} truncated {_questions(truncated)} over UDP, and TCP failed"
        advice = _open_port(truncated[0])
        found.append(finding("dns-truncated", message, advice=advice, evidence=_errors(truncated)))
    if failed and not works:
        message = f"{failed[0].server.label} did not answer over TCP, only over UDP"
        found.append(finding("dns-tcp-failed", message, advice=_open_port(failed[0]), evidence=_errors(failed)))
    return tuple(found)


def _open_port(answer: Answer) -> str:
    transport, server = answer.transport.value.upper(), answer.server.label
    return f"Let {transport} port 53 through between this host and {server}, both ways."


def _questions(answers: Sequence[Answer]) -> str:
    return ", ".join(dict.fromkeys(str(answer.question) for answer in answers))


def _errors(answers: Sequence[Answer]) -> tuple[str, ...]:
    return tuple(_error(answer) for answer in answers if not answer.well_formed and answer.carried)


def _error(answer: Answer) -> str:
    words = [f"{answer.question} over {answer.transport.value.upper()}: {answer.kind}"]
    if answer.error:
        words.append(answer.error)
    if answer.tries > 1:
        words.append(f"{answer.tries} tries")
    return ", ".join(words)
