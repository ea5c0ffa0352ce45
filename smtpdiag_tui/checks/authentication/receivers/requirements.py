"""Whether mail from this host meets what a receiver requires, one requirement and address at a time. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.checks.authentication.receivers.known import Receiver, Required, Requirement
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import DmarcResult, SpfResult
from smtpdiag_tui.settings import family_of

WHO = "{who}"  # stands for the addresses in a fact


class State(StrEnum):
    """Whether a requirement is met. `AT_RISK`: that is not known, and something speaks against it."""

    MET = "met"
    UNMET = "not met"
    AT_RISK = "at risk"
    UNKNOWN = "unknown"


class Reverse(StrEnum):
    """What the reverse DNS of an address comes to."""

    CONFIRMED = "confirmed"
    MISSING = "missing"
    CONTRADICTED = "contradicted"
    UNKNOWN = "unknown"


class Signed(StrEnum):
    """What is known of DKIM: of the given message, or of the keys alone."""

    VERIFIED = "verified"
    NOT = "not"
    UNKNOWN = "unknown"
    BAD_KEYS = "bad keys"  # without a message, and no key that is known can be used


class Form(StrEnum):
    """What the given message is by RFC 5322."""

    GOOD = "good"
    RISKY = "risky"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Passage:
    """Mail from one address, None where it is unknown. `spf` and `dmarc` are None where they are not known.

    `generic`: its PTR name looks as if a provider had given it. `allow` is what lets SPF pass.
    """

    address: str | None
    reverse: Reverse = Reverse.UNKNOWN
    generic: bool = False
    spf: SpfResult | None = None
    dmarc: DmarcResult | None = None
    allow: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class SenderFacts:
    """What is known of the sender. `tls`: whether the sessions with the receiver had it, None without sessions.

    `ehlo` is the name said there, "" for none; `header_from` is the domain of the From field;
    `publish` is what makes a DMARC record that is not `published`.
    """

    passages: tuple[Passage, ...]
    header_from: str = ""
    ehlo: str = ""
    signed: Signed = Signed.UNKNOWN
    published: bool | None = None
    publish: tuple[Action, ...] = ()
    tls: bool | None = None
    form: Form = Form.UNKNOWN


@dataclass(frozen=True, slots=True)
class Outcome:
    """One requirement for one address: `fact` is a clause, in which `{who}` stands for the address."""

    required: Required
    passage: Passage
    state: State
    fact: str


def outcomes(receiver: Receiver, facts: SenderFacts) -> tuple[Outcome, ...]:
    """Return what becomes of each requirement for each address that it holds for."""
    found: list[Outcome] = []
    for required in receiver.requires:
        for passage in facts.passages:
            if required.family is None or _family(passage) == required.family:
                state, fact = _CHECKS[required.what](passage, facts)
                found.append(Outcome(required, passage, state, fact))
    return tuple(found)


Judged = tuple[State, str]


def _family(passage: Passage) -> int | None:
    return None if passage.address is None else family_of(passage.address)


def _ptr(passage: Passage, _facts: SenderFacts) -> Judged:
    match passage.reverse:
        case Reverse.CONFIRMED:
            return State.MET, f"PTR of {WHO} resolves back"
        case Reverse.MISSING:
            return State.UNMET, f"no PTR for {WHO}"
        case Reverse.CONTRADICTED:
            return State.UNMET, f"PTR of {WHO} does not resolve back"
        case _:
            return State.UNKNOWN, f"PTR of {WHO} unknown"


def _own_ptr(passage: Passage, _facts: SenderFacts) -> Judged:
    if passage.reverse is not Reverse.CONFIRMED:
        return State.UNKNOWN, f"no PTR name of {WHO} that resolves back"
    if passage.generic:
        return State.AT_RISK, f"PTR name of {WHO} looks generic"
    return State.MET, f"PTR name of {WHO} does not look generic"


def _ehlo(_passage: Passage, facts: SenderFacts) -> Judged:
    name = facts.ehlo
    if not name:
        return State.UNKNOWN, "EHLO name unknown"
    if name.startswith("[") or "." not in name.removesuffix("."):
        return State.UNMET, "EHLO name is not fully qualified"
    return State.MET, "EHLO name is fully qualified"


def _spf(passage: Passage, _facts: SenderFacts) -> Judged:
    if passage.spf is None or passage.spf is SpfResult.TEMPERROR:
        return State.UNKNOWN, f"SPF for {WHO} unknown"
    if passage.spf is SpfResult.PASS:
        return State.MET, f"SPF passes for {WHO}"
    if passage.spf is SpfResult.NONE:
        return State.UNMET, f"no SPF record for {WHO}"
    told = "fails" if passage.spf is SpfResult.FAIL else f"is {passage.spf}"
    return State.UNMET, f"SPF {told} for {WHO}"


def _dkim(_passage: Passage, facts: SenderFacts) -> Judged:
    match facts.signed:
        case Signed.VERIFIED:
            return State.MET, "a DKIM signature verifies"
        case Signed.NOT:
            return State.UNMET, "no DKIM signature verifies"
        case Signed.BAD_KEYS:
            return State.AT_RISK, "no known DKIM key can be used"
        case _:
            return State.UNKNOWN, "whether messages are signed is unknown"


def _spf_or_dkim(passage: Passage, facts: SenderFacts) -> Judged:
    by_spf, by_dkim = _spf(passage, facts), _dkim(passage, facts)
    for judged in (by_spf, by_dkim):
        if judged[0] is State.MET:
            return judged
    if by_spf[0] is State.UNKNOWN:
        return State.UNKNOWN, by_spf[1]
    if by_dkim[0] is State.UNMET:
        return State.UNMET, f"no SPF or DKIM pass for {WHO}"
    return State.AT_RISK, by_spf[1]


def _record(_passage: Passage, facts: SenderFacts) -> Judged:
    if facts.published is None:
        return State.UNKNOWN, "DMARC record unknown"
    if facts.published:
        return State.MET, "a DMARC record is published"
    return State.UNMET, "no usable DMARC record"


def _dmarc(passage: Passage, _facts: SenderFacts) -> Judged:
    match passage.dmarc:
        case DmarcResult.PASS:
            return State.MET, f"DMARC passes for {WHO}"
        case DmarcResult.FAIL:
            return State.UNMET, f"DMARC fails for {WHO}"
        case DmarcResult.NONE | DmarcResult.PERMERROR:
            return State.UNMET, "no usable DMARC record"
        case DmarcResult.UNKNOWN if passage.spf is not None:
            return State.AT_RISK, f"DMARC for {WHO} depends on DKIM"
        case _:
            return State.UNKNOWN, f"DMARC for {WHO} unknown"


def _tls(_passage: Passage, facts: SenderFacts) -> Judged:
    if facts.tls is None:
        return State.UNKNOWN, "TLS unknown"
    return (State.MET, "TLS established") if facts.tls else (State.AT_RISK, "TLS could not be established")


def _format(_passage: Passage, facts: SenderFacts) -> Judged:
    match facts.form:
        case Form.GOOD:
            return State.MET, "the message is well formed"
        case Form.MALFORMED:
            return State.UNMET, "the message is malformed"
        case Form.RISKY:
            return State.AT_RISK, "the message has faults that some servers repair"
        case _:
            return State.UNKNOWN, "no message given"


def _imprint(_passage: Passage, _facts: SenderFacts) -> Judged:
    return State.UNKNOWN, "whether the PTR domain has a web page with an imprint is unknown"


_CHECKS: dict[Requirement, Callable[[Passage, SenderFacts], Judged]] = {
    Requirement.PTR: _ptr,
    Requirement.OWN_PTR: _own_ptr,
    Requirement.EHLO: _ehlo,
    Requirement.SPF_OR_DKIM: _spf_or_dkim,
    Requirement.SPF: _spf,
    Requirement.DKIM: _dkim,
    Requirement.DMARC: _record,
    Requirement.DMARC_PASS: _dmarc,
    Requirement.TLS: _tls,
    Requirement.FORMAT: _format,
    Requirement.IMPRINT: _imprint,
}
