"""What a resolver says of a domain's mail, held against what the zone's own name servers say. Pure.

What one resolver says is a view; the authority decides what is right (RFC 1034 §4.3.1, RFC 2181 §5.4.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, name_text
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.authority_judgement import all_serve, authoritative
from smtpdiag_tui.checks.lookups.delegation import Delegation, ParentSays
from smtpdiag_tui.checks.lookups.soa import SoaObservation, ns_names
from smtpdiag_tui.settings import DnsServer, parse_ip

# Blocked, censored, filtered, prohibited (RFC 8914 §4.16 to §4.19).
FILTERING_ERRORS = frozenset({15, 16, 17, 18})
NEGATIVE = frozenset({AnswerKind.NODATA, AnswerKind.NXDOMAIN})


class Reading(StrEnum):
    """What a resolver's answer is, beside the authority's."""

    AGREES = "agrees"
    UNDECIDED = "undecided"  # no authority answered, or they differ among themselves
    REWRITTEN = "rewritten"  # it gives an address for any name
    FILTERED = "filtered"
    OWN_VIEW = "own view"  # it serves another zone of that name: split horizon
    STALE = "stale"
    CONTRADICTS = "contradicts itself"


class Why(StrEnum):
    """What shows that a resolver filters, or has a view of its own."""

    TOLD = "the extended error"
    NULLED = "a null address"
    EMPTIED = "no MX for any domain"
    FOREIGN_SOA = "the SOA of another zone"
    REFUSED = "a refusal"
    WITH_AUTHORITY = "it answers with authority"
    OTHER_ZONE = "other name servers"
    PRIVATE = "private addresses"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class ResolverWord:
    """What one resolver says: its MX answer, the domain's addresses, and the zone's SOA and NS as it sees them.

    `inside`: a mail host that it names has an address that only this site reaches; `served_inside`: so has each of
    `name_servers` that the authority does not name. `emptied`: it gives no MX for any domain of the run, of which
    there are at least two. `rewrites`: it gives an address for a name that the authority says does not exist.
    """

    server: DnsServer
    mx: Answer
    addresses: tuple[Answer, ...] = ()
    soa: Answer | None = None
    name_servers: frozenset[str] = frozenset()
    inside: bool = False
    served_inside: bool = False
    emptied: bool = False
    rewrites: bool = False


@dataclass(frozen=True, slots=True)
class AuthorityWord:
    """What the zone's name servers say with authority: each one's MX answer, its SOA, and all their names.

    `by_parent`: the zone has none that answer, and it is the parent that says NXDOMAIN. `complete`: each of them
    serves the zone.
    """

    mx: tuple[Answer, ...] = ()
    soa: tuple[Answer, ...] = ()
    name_servers: frozenset[str] = frozenset()
    by_parent: bool = False
    complete: bool = False

    @property
    def agreed(self) -> Answer | None:
        """The MX answer that all of them give; None if there is none, or they differ."""
        return self.mx[0] if self.mx and len({said(answer) for answer in self.mx}) == 1 else None

    @property
    def has_mail_hosts(self) -> bool:
        """Whether any of them gives MX records."""
        return any(answer.kind is AnswerKind.DATA for answer in self.mx)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one resolver's answer about the mail of `domain` is judged to be, and by what."""

    reading: Reading
    domain: str
    word: ResolverWord
    authority: AuthorityWord
    why: Why = Why.NOTHING

    @property
    def server(self) -> DnsServer:
        """The resolver."""
        return self.word.server

    @property
    def told(self) -> Answer:
        """Its MX answer."""
        return self.word.mx

    @property
    def truth(self) -> Answer | None:
        """The authority's MX answer, or one of several; None where none is known."""
        return next(iter(self.authority.mx), None)

    @property
    def contact(self) -> str | None:
        """The mailbox of who keeps the zone, None where it is not known."""
        return next((mailbox for answer in self.authority.soa if (mailbox := responsible(answer))), None)

    @property
    def believed(self) -> bool:
        """Whether what the resolver says of the mail hosts may be told as the domain's own word."""
        return self.reading in (Reading.AGREES, Reading.UNDECIDED)


def rule(domain: str, resolver: ResolverWord, authority: AuthorityWord) -> Ruling:
    """Judge a resolver's answer to the question for the MX of `domain`."""
    reading, why = _reading(resolver, authority)
    return Ruling(reading, domain, resolver, authority, why)


def _reading(resolver: ResolverWord, authority: AuthorityWord) -> tuple[Reading, Why]:
    if resolver.rewrites and resolver.mx.kind in NEGATIVE:
        return Reading.REWRITTEN, Why.NOTHING
    agrees = any(alike(resolver.mx, answer) for answer in authority.mx)
    if not agrees:
        why = _filtered(resolver, authority)
        if why:
            return Reading.FILTERED, why
        if _comparable(resolver, authority):
            return _otherwise(resolver, authority)
    if contradicts(resolver):
        return Reading.CONTRADICTS, Why.NOTHING
    return (Reading.AGREES if agrees else Reading.UNDECIDED), Why.NOTHING


def _comparable(resolver: ResolverWord, authority: AuthorityWord) -> bool:
    """Whether a resolver's answer, which is no authority's, can be held against what these say."""
    return resolver.mx.usable and (authority.agreed is not None or _denied(resolver, authority))


def _otherwise(resolver: ResolverWord, authority: AuthorityWord) -> tuple[Reading, Why]:
    """Judge an answer that is not the authority's, and that nothing filters."""
    why = _own_view(resolver, authority)
    if why:
        return Reading.OWN_VIEW, why
    # A zone that the parent does not know, and nobody serves outside, is mostly an internal one.
    return (Reading.UNDECIDED if authority.by_parent else Reading.STALE), Why.NOTHING


def _denied(resolver: ResolverWord, authority: AuthorityWord) -> bool:
    """Whether a resolver knows no MX, while every authority has one, be it not the same."""
    has_mx = [answer.kind is AnswerKind.DATA for answer in authority.mx]
    return resolver.mx.kind in NEGATIVE and bool(has_mx) and all(has_mx)


def said(answer: Answer) -> frozenset[str]:
    """Return what an MX answer comes to: its records, else its kind; where it is only an alias, what for."""
    if answer.kind is AnswerKind.DATA:
        return frozenset([*(record.data.lower() for record in answer.records), answer.digest])
    if leads_elsewhere(answer):
        return frozenset({f"CNAME {answer.chain[1]}"})
    return frozenset({str(answer.kind)})


def leads_elsewhere(answer: Answer) -> bool:
    """Whether an authority's answer is a CNAME into another zone, and no more (RFC 1034 §4.3.2)."""
    return len(answer.chain) > 1 and not answer.records and answer.soa() is None


def alike(told: Answer, truth: Answer) -> bool:
    """Whether a resolver's answer is the authority's.

    An authority follows an alias only within its own zones: the alias is compared then. That there is no name,
    or a name without MX, is one and the same for mail unless the name has addresses; that is judged elsewhere.
    """
    if leads_elsewhere(truth):
        return truth.chain[1] in told.chain
    if truth.kind is AnswerKind.NXDOMAIN and told.kind is AnswerKind.NODATA:
        return True
    if told.kind is not AnswerKind.DATA:
        return told.kind is truth.kind
    return said(told) == said(truth)


def filtering_errors(answer: Answer) -> bool:
    """Whether the server itself says that it blocks, censors, filters or prohibits the name."""
    return not FILTERING_ERRORS.isdisjoint(answer.extended_codes)


def _filtered(resolver: ResolverWord, authority: AuthorityWord) -> Why:
    """Return what shows that a resolver keeps an answer back; the authority's word is another, or not known."""
    mx = resolver.mx
    told = any(filtering_errors(answer) for answer in (mx, *resolver.addresses))
    if told and mx.kind is not AnswerKind.DATA and mx.well_formed:
        return Why.TOLD
    if mx.kind is AnswerKind.REFUSED and authority.mx and not authority.by_parent:
        return Why.REFUSED
    if mx.kind in NEGATIVE and authority.mx:
        return _denial_of_filter(resolver, authority)
    return Why.NOTHING


def _denial_of_filter(resolver: ResolverWord, authority: AuthorityWord) -> Why:
    """Return what shows that it is a filter by which a resolver knows no MX."""
    if has_null(resolver.addresses):
        return Why.NULLED
    if is_foreign(resolver.mx):
        return Why.FOREIGN_SOA
    if resolver.emptied and authority.has_mail_hosts:
        return Why.EMPTIED
    return Why.NOTHING


def has_null(answers: Sequence[Answer]) -> bool:
    """Whether a null address is among those in answers."""
    return any(is_null(record.data) for answer in answers for record in answer.records)


def is_null(address: str) -> bool:
    """Whether an address is 0.0.0.0 or ::, as filters give for a name that they block."""
    parsed = parse_ip(address)
    return parsed is not None and int(parsed) == 0


def is_foreign(answer: Answer) -> bool:
    """Whether a negative answer comes with the SOA of a zone that cannot hold the name, as of a filter's."""
    soa = answer.soa()
    if answer.kind not in NEGATIVE or soa is None or soa.owner == ".":
        return False
    return not any(name == soa.owner or name.endswith(f".{soa.owner}") for name in answer.chain)


def _own_view(resolver: ResolverWord, authority: AuthorityWord) -> Why:
    """Return what shows that a resolver answers from a zone of its own; no cache does any of it."""
    soa = resolver.soa
    if resolver.mx.authoritative or (soa is not None and soa.authoritative):
        return Why.WITH_AUTHORITY
    if resolver.inside:
        return Why.PRIVATE
    apart = resolver.name_servers.isdisjoint(authority.name_servers) and bool(resolver.name_servers)
    # Former name servers of a zone that has moved are others too, but everybody reaches them.
    if apart and resolver.served_inside and _other_primary(resolver, authority):
        return Why.OTHER_ZONE
    return Why.NOTHING


def _other_primary(resolver: ResolverWord, authority: AuthorityWord) -> bool:
    """Whether the SOA at the resolver names another primary than those of the authorities do."""
    own = primary(resolver.soa)
    theirs = {primary(answer) for answer in authority.soa} - {None}
    return own is not None and bool(theirs) and own not in theirs


def primary(answer: Answer | None) -> str | None:
    """Return the primary that an answer's SOA names (MNAME, RFC 1035 §3.3.13); None if it holds no SOA."""
    soa = answer.soa() if answer is not None else None
    return name_text(soa.fields[0]) if soa is not None and len(soa.fields) == 7 else None


def contradicts(resolver: ResolverWord) -> bool:
    """Whether a server says that a name does not exist, and gives records of that very name (RFC 8020 §2)."""
    if resolver.mx.kind is not AnswerKind.NXDOMAIN or len(resolver.mx.chain) > 1:
        return False
    others = [answer for answer in (resolver.soa, *resolver.addresses) if answer is not None]
    return bool(existing(others, resolver.mx.question.name))


def existing(answers: Sequence[Answer], name: str) -> list[Answer]:
    """Return those of the answers that hold data of this very name."""
    return [
        answer
        for answer in answers
        if answer.question.name == name and answer.kind is AnswerKind.DATA and len(answer.chain) == 1
    ]


def responsible(answer: Answer | None) -> str | None:
    """Return the mailbox that an answer's SOA names as responsible (RFC 1035 §3.3.13); None if it names none."""
    soa = answer.soa() if answer is not None else None
    if soa is None or len(soa.fields) != 7:
        return None
    local, dot, domain = soa.fields[1].rstrip(".").replace("\\.", "\0").partition(".")
    return f"{local}@{domain}".replace("\0", ".") if dot and domain else None


def seconds_left(answer: Answer) -> int | None:
    """Return how long a resolver keeps an answer yet: its least TTL, for a negative one as RFC 2308 §5 has it.

    None where the answer does not tell.
    """
    if answer.kind is AnswerKind.DATA:
        return min((record.ttl for record in answer.answer), default=None)
    soa = answer.soa()
    if soa is None or len(soa.fields) != 7 or not soa.fields[6].isdecimal():
        return None
    return min(soa.ttl, int(soa.fields[6]))


def usable_addresses(answers: Sequence[Answer]) -> frozenset[str]:
    """Return the addresses in answers that may be connected to, in RFC 5952 form."""
    parsed = (parse_ip(record.data) for answer in answers for record in answer.records)
    texts = {str(address) for address in parsed if address is not None}
    return frozenset(address for address in texts if unusable_reason(address) is None)


def authority_word(seen: SoaObservation | None) -> AuthorityWord:
    """Return what the name servers of a zone say with authority.

    Where there is no such zone, the parent's NXDOMAIN is that: it holds for all types (RFC 8020 §2).
    """
    if seen is None:
        return AuthorityWord()
    views = authoritative(seen)
    names = _all_names(seen, views)
    delegation = seen.zone.delegation
    if not views and delegation is not None and delegation.denied:
        return AuthorityWord(_denials(delegation), name_servers=names, by_parent=True)
    mx = tuple(view.settled_mx for view in views if view.settled_mx is not None)
    soa = tuple(view.best for view in views)
    return AuthorityWord(mx, soa, names, complete=all_serve(seen) and len(mx) == len(views))


def _all_names(seen: SoaObservation, views: Sequence[AuthorityView]) -> frozenset[str]:
    """Return the name servers that the parent or the zone itself names."""
    names = set(seen.zone.parent_names)
    for view in views:
        names |= ns_names(view.ns)
    return frozenset(names)


def _denials(delegation: Delegation) -> tuple[Answer, ...]:
    return tuple(view.answer for view in delegation.views if view.says is ParentSays.DENIAL)
