"""Something on the way that answers in the place of all name servers: port 53 is intercepted. Pure.

A name server answers for its zone with authority (AA). What answers without it, but says that it recurses (RA), is
a resolver; or it refuses a question without recursion as one (RFC 8914 §4.21). One such server
is lame. If the parent's servers, whose delegation works for everybody, are like that too, they are none of them
who they are asked as.
"""

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, describe
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.checks.lookups.transports import over
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Finding, finding

_NOT_AUTHORITATIVE = 20
_ENOUGH = 2  # servers of the parent, where nothing is known of the zone's own


def like_resolver(answer: Answer) -> bool:
    """Whether an answer to a question without recursion is one that a resolver gives, and no name server."""
    if not answer.well_formed or "AA" in answer.flags:
        return False
    refuses_as_one = answer.kind is AnswerKind.REFUSED and _NOT_AUTHORITATIVE in answer.extended_codes
    return "RA" in answer.flags or refuses_as_one


def intercepted(seen: SoaObservation) -> tuple[Transport, ...]:
    """Return the transports over which something on the way answers in the place of all name servers."""
    parents = _parents(seen)
    if not parents or not all(like_resolver(answer) for answer in parents):
        return ()
    if not seen.authorities and seen.zone.apex is None:
        return tuple(sorted({answer.transport for answer in parents})) if len(parents) >= _ENOUGH else ()
    return tuple(transport for transport in Transport if _all_like_resolver(seen, transport))


def judge_interception(seen: SoaObservation) -> tuple[Finding, ...]:
    """Return the finding that port 53 is intercepted, if so, with all that answered so."""
    transports = intercepted(seen)
    if not transports:
        return ()
    how = " and ".join(transport.value.upper() for transport in transports)
    message = f"Port 53 ({how}) is intercepted: a resolver answers for all name servers"
    evidence = []
    for view in seen.authorities:
        told = over(view.pair, transports[0])
        if told.well_formed:
            evidence.append(f"{view.label}: {describe(told)}")
    delegation = seen.zone.delegation
    parents = [view for view in delegation.views if view.answer.well_formed] if delegation is not None else []
    evidence += [f"{view.label}, of the zone {view.parent}: {describe(view.answer)}" for view in parents]
    return (finding("dns-intercepted", message, evidence=tuple(evidence)),)


def _parents(seen: SoaObservation) -> list[Answer]:
    """Return what the parent's servers outside answer. Where they are known at all, a resolver told them."""
    delegation = seen.zone.delegation
    answers = [view.answer for view in delegation.views] if delegation is not None else []
    return [answer for answer in answers if answer.well_formed and not is_inside(answer.server.address)]


def _all_like_resolver(seen: SoaObservation, transport: Transport) -> bool:
    told = [over(view.pair, transport) for view in seen.authorities if not view.inside]
    answered = [answer for answer in told if answer.well_formed]
    return bool(answered) and all(like_resolver(answer) for answer in answered)
