"""Whether a mechanism matches, by the answers that are known so far (RFC 7208 §5). Pure."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from smtpdiag_tui.checks.authentication.spf.macros import (
    MacroValues,
    NotAsciiError,
    dotted,
    expand_name,
    is_name,
    question_name,
    uses,
)
from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_NAMES,
    UNKNOWN,
    Mechanism,
    SpfAsked,
    SpfQuestion,
    SpfTerm,
    SpfTold,
)
from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.settings import IPAddress

MOST_VALUES = 4  # of an answer that are kept for the trace


class Match(Enum):
    """What a mechanism comes to; `UNKNOWN` where an answer is still to come."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    FAILED = "failed"  # a lookup: temperror
    TOO_MANY = "too many"  # names of an mx: permerror


@dataclass(frozen=True, slots=True)
class Matching:
    """What a mechanism comes to, what it asked, the name that its domain-spec stands for."""

    match: Match
    target: str = ""
    asked: tuple[SpfAsked, ...] = ()
    because: str = ""


@dataclass
class Answers:
    """The answers that are known; what is asked besides is noted as missing, in order."""

    known: dict[SpfQuestion, SpfTold]
    missing: dict[SpfQuestion, None] = field(default_factory=dict)

    def look(self, question: SpfQuestion) -> SpfTold | None:
        """Return what a question came to; None where it is still to be asked."""
        told = self.known.get(question)
        if told is None:
            self.missing[question] = None
        return told

    def ahead(self, questions: Iterable[SpfQuestion]) -> None:
        """Note what will be asked next, if no answer before it ends that."""
        for question in questions:
            self.look(question)


def asked_of(question: SpfQuestion, told: SpfTold) -> SpfAsked:
    """Return a question and what came of it for the trace."""
    values = tuple(told.data[:MOST_VALUES])
    return SpfAsked(question, told.found, values, len(told.data), told.why)


def target_of(term: SpfTerm, values: MacroValues, answers: Answers) -> str | None:
    """Return the name that a term is about, its record's own without a domain-spec; None while `%{p}` is unknown.

    NotAsciiError where the term cannot match (RFC 8616 §4).
    """
    if not term.spec:
        return values.domain
    validated = validated_name(values, answers) if uses(term.spec, "p") else UNKNOWN
    return None if validated is None else expand_name(term.spec, values, validated)


def validated_name(values: MacroValues, answers: Answers) -> str | None:
    """Return what `%{p}` stands for (§7.3): the domain, a name below it, any name; None while that is unknown."""
    names = _validated(values.request.ip, answers)[0]
    if names is None:
        return None
    below = [name for name in names if name.endswith(f".{values.domain}")]
    return next(iter([*(name for name in names if name == values.domain), *below, *names]), UNKNOWN)


def match_mechanism(term: SpfTerm, values: MacroValues, answers: Answers) -> Matching:
    """Return what a mechanism other than `include` comes to."""
    ip = values.request.ip
    if term.mechanism is Mechanism.ALL:
        return Matching(Match.YES)
    if term.network is not None:
        return Matching(Match.YES if ip in term.network else Match.NO)
    try:
        target = target_of(term, values, answers)
    except NotAsciiError:
        return Matching(Match.NO, because="the local part is not ASCII")
    if target is None:
        return Matching(Match.UNKNOWN)
    if term.mechanism is Mechanism.PTR:
        return _match_ptr(target, ip, answers)
    if not is_name(target):
        return Matching(Match.NO, target, because="not a domain name")
    if term.mechanism is Mechanism.EXISTS:
        return _match_exists(target, answers)
    return (
        _match_mx(term, target, ip, answers)
        if term.mechanism is Mechanism.MX
        else _match_a(term, target, ip, answers)
    )


def _match_exists(target: str, answers: Answers) -> Matching:
    question = SpfQuestion(question_name(target), "A")  # whatever the family (§5.7)
    told = answers.look(question)
    if told is None:
        return Matching(Match.UNKNOWN, target)
    asked = (asked_of(question, told),)
    if told.found is Found.FAILED:
        return Matching(Match.FAILED, target, asked)
    return Matching(Match.YES if told.data else Match.NO, target, asked)


def _match_a(term: SpfTerm, target: str, ip: IPAddress, answers: Answers) -> Matching:
    question = SpfQuestion(question_name(target), _address_type(ip))
    told = answers.look(question)
    if told is None:
        return Matching(Match.UNKNOWN, target)
    asked = (asked_of(question, told),)
    if told.found is Found.FAILED:
        return Matching(Match.FAILED, target, asked)
    return Matching(_covers(told.data, term, ip), target, asked)


def _match_mx(term: SpfTerm, target: str, ip: IPAddress, answers: Answers) -> Matching:
    """Match the addresses of the MX targets in the order of preference; no MX record is no match (§5.4)."""
    question = SpfQuestion(question_name(target), "MX")
    told = answers.look(question)
    if told is None:
        return Matching(Match.UNKNOWN, target)
    asked = [asked_of(question, told)]
    if told.found is Found.FAILED:
        return Matching(Match.FAILED, target, tuple(asked))
    names = _exchanges(told.data)
    if len(names) > MOST_NAMES:
        return Matching(
            Match.TOO_MANY, target, tuple(asked), f"{counted(len(names), 'MX record')}, over {MOST_NAMES}"
        )
    questions = [SpfQuestion(name, _address_type(ip)) for name in names if name]  # not of a null MX (RFC 7505)
    answers.ahead(questions)
    for each in questions:
        one = answers.look(each)
        if one is None:
            return Matching(Match.UNKNOWN, target)
        asked.append(asked_of(each, one))
        if one.found is Found.FAILED:
            return Matching(Match.FAILED, target, tuple(asked))
        if _covers(one.data, term, ip) is Match.YES:
            return Matching(Match.YES, target, tuple(asked))
    return Matching(Match.NO, target, tuple(asked))


def _match_ptr(target: str, ip: IPAddress, answers: Answers) -> Matching:
    """Match where a validated name is the target or below it (§5.5); what fails is skipped."""
    names, asked = _validated(ip, answers)
    if names is None:
        return Matching(Match.UNKNOWN, target)
    found = next((name for name in names if name == target or name.endswith(f".{target}")), None)
    if found is not None:
        return Matching(Match.YES, target, asked, f"{found} resolves back")
    return Matching(Match.NO, target, asked)


def _validated(ip: IPAddress, answers: Answers) -> tuple[list[str] | None, tuple[SpfAsked, ...]]:
    """Return the names that lead back to an address, of the first ten that its PTR records give (§5.5)."""
    zone = "in-addr.arpa" if ip.version == 4 else "ip6.arpa"
    question = SpfQuestion(f"{'.'.join(reversed(dotted(ip).split('.')))}.{zone}", "PTR")
    told = answers.look(question)
    if told is None:
        return None, ()
    asked = [asked_of(question, told)]
    questions = [SpfQuestion(_plain(name), _address_type(ip)) for name in told.data[:MOST_NAMES]]
    questions = [item for item in questions if item.name]
    answers.ahead(questions)
    names: list[str] = []
    for each in questions:
        one = answers.look(each)
        if one is None:
            return None, ()
        asked.append(asked_of(each, one))
        if ip in _addresses(one.data):
            names.append(each.name)
    return names, tuple(replace(item) for item in asked)


def _covers(data: Iterable[str], term: SpfTerm, ip: IPAddress) -> Match:
    length = term.cidr4 if ip.version == 4 else term.cidr6
    for address in _addresses(data):
        if address.version == ip.version and ip in ipaddress.ip_network((address, length), strict=False):
            return Match.YES
    return Match.NO


def _addresses(data: Iterable[str]) -> list[IPAddress]:
    found: list[IPAddress] = []
    for text in data:
        try:
            found.append(ipaddress.ip_address(text))
        except ValueError:
            continue
    return found


def _exchanges(data: Iterable[str]) -> list[str]:
    """Return the targets of MX records, the preferred first."""
    found: list[tuple[int, str]] = []
    for text in data:
        preference, _, name = text.partition(" ")
        found.append((int(preference) if preference.isdigit() else 0, _plain(name)))
    return [name for _, name in sorted(found)]


def _plain(name: str) -> str:
    return name.removesuffix(".").lower()


def _address_type(ip: IPAddress) -> str:
    return "A" if ip.version == 4 else "AAAA"
