"""Something on the way that answers in the place of all name servers: port 53 is intercepted. Pure.

A name server answers for its zone with authority (AA). What answers without it, but says that it recurses (RA), is
a resolver; or it refuses a question without recursion as one (RFC 8914 §4.21). One such server
is lame. If the parent's servers, whose delegation works for everybody, are like that too, they are none of them
who they are asked as.
"""

from collections.abc import Sequence

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, describe
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.checks.lookups.transports import over
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import family_of

Way = tuple[int, Transport]  # an address family, and a transport

_NOT_AUTHORITATIVE = 20
_ENOUGH = 2  # servers of the parent, where nothing is known of the zone's own


def like_resolver(answer: Answer) -> bool:
    """Whether an answer to a question without recursion is one that a resolver gives, and no name server."""
    if not answer.well_formed or answer.authoritative:
        return False
    refuses_as_one = answer.kind is AnswerKind.REFUSED and _NOT_AUTHORITATIVE in answer.extended_codes
    return "RA" in answer.flags or refuses_as_one


def intercepted(seen: SoaObservation) -> tuple[Way, ...]:
    """Return the ways on which something answers in the place of all name servers: an address family, a transport.

    Each way is judged by itself: many a gateway takes IPv4 alone, or UDP alone.
    """
    parents = _parents(seen)
    if not seen.authorities and seen.zone.apex is None:
        return _ways_to_parents(parents)
    if not any(map(like_resolver, parents)):
        return ()
    # The parent is asked over one family mostly; over the other, nothing must speak against it.
    proper = {_way(answer)[0] for answer in parents if not like_resolver(answer)}
    found: list[Way] = []
    for family in (4, 6):
        if family not in proper:
            found += _fake_ways(seen, family)
    return tuple(found)


def _ways_to_parents(parents: Sequence[Answer]) -> tuple[Way, ...]:
    """Return the ways that the parent's servers are asked on, if enough of them answer, and all as resolvers."""
    if len(parents) < _ENOUGH or not _all_fake(parents):
        return ()
    return tuple(sorted({_way(answer) for answer in parents}))


def _fake_ways(seen: SoaObservation, family: int) -> list[Way]:
    """Return the ways of a family on which all of the zone's name servers answer as resolvers."""
    return [(family, transport) for transport in Transport if _all_fake(_answers(seen, family, transport))]


def judge_interception(seen: SoaObservation) -> tuple[Finding, ...]:
    """Return the finding that port 53 is intercepted, if so, with all that answered so."""
    ways = intercepted(seen)
    if not ways:
        return ()
    families = " and ".join(dict.fromkeys(f"IPv{family}" for family, _ in ways))
    transports = " and ".join(dict.fromkeys(transport.value.upper() for _, transport in ways))
    message = f"Port 53 is intercepted on the network path ({families}, {transports})"
    evidence = []
    for view in seen.authorities:
        told = _told_on(ways, view)
        if told is not None:
            evidence.append(f"{view.label}: {describe(told)}")
    parents = [view for view in seen.zone.parent_views if like_resolver(view.answer)]
    evidence += [f"{view.label} (zone {view.parent}): {describe(view.answer)}" for view in parents]
    return (finding("dns-intercepted", message, evidence=tuple(evidence)),)


def _told_on(ways: Sequence[Way], view: AuthorityView) -> Answer | None:
    """Return what came in the place of a name server's answer on the first of the ways, None if nothing did."""
    for family, transport in ways:
        answer = over(view.pair, transport)
        if family_of(view.address) == family and answer.well_formed:
            return answer
    return None


def _way(answer: Answer) -> Way:
    return family_of(answer.server.address) or 4, answer.transport


def _parents(seen: SoaObservation) -> list[Answer]:
    """Return what the parent's servers outside answer. Where they are known at all, a resolver told them."""
    answers = [view.answer for view in seen.zone.parent_views]
    return [answer for answer in answers if answer.well_formed and not is_inside(answer.server.address)]


def _answers(seen: SoaObservation, family: int, transport: Transport) -> list[Answer]:
    """Return what the zone's name servers outside answered on a way."""
    views = [view for view in seen.authorities if not view.inside and family_of(view.address) == family]
    return [answer for view in views if (answer := over(view.pair, transport)).well_formed]


def _all_fake(answers: Sequence[Answer]) -> bool:
    return bool(answers) and all(map(like_resolver, answers))
