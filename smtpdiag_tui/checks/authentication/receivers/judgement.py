"""Judging what a receiver requires of senders against what is known of this one. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.authentication.dmarc.judgement import address_words
from smtpdiag_tui.checks.authentication.receivers.known import Receiver, Required, Requirement
from smtpdiag_tui.checks.authentication.receivers.requirements import WHO, Outcome, SenderFacts, State, outcomes
from smtpdiag_tui.report.actions import Action, each_once
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import family_of

_NEEDS = {
    Requirement.PTR: "a confirmed PTR",
    Requirement.OWN_PTR: "a PTR name that is not generic",
    Requirement.EHLO: "a fully qualified EHLO name",
    Requirement.SPF_OR_DKIM: "SPF or DKIM",
    Requirement.SPF: "SPF",
    Requirement.DKIM: "DKIM",
    Requirement.DMARC: "a DMARC record",
    Requirement.DMARC_PASS: "a DMARC pass",
    Requirement.TLS: "TLS",
    Requirement.FORMAT: "messages that follow RFC 5322",
    Requirement.IMPRINT: "a web page with an imprint",
}
Group = Sequence[Outcome]
_WIDTH = 80  # of a headline
_MOST_ALLOWED = 2  # addresses that what lets SPF pass is told for


def judge(receiver: Receiver, facts: SenderFacts) -> tuple[Finding, ...]:
    """Return a finding for each thing that is not met or at risk, one for bulk mail, or that all is met."""
    seen = outcomes(receiver, facts)
    of_all = [item for item in seen if not item.required.bulk]
    found = [
        _found(receiver, facts, group)
        for group in _groups(of_all)
        if group[0].state in (State.UNMET, State.AT_RISK)
    ]
    bulk = [item for item in seen if item.required.bulk and item.state in (State.UNMET, State.AT_RISK)]
    if bulk:
        found.append(_bulk(receiver, facts, bulk))
    if not found and any(item.state is State.MET for item in seen):
        message = f"Published requirements of {receiver.name} that could be checked are met"
        evidence = notes(receiver, facts)
        found.append(finding("receiver-requirements-met", message, evidence=evidence, reference=receiver.page))
    return tuple(found)


def detail(receiver: Receiver, facts: SenderFacts) -> str:
    """Return how many requirements are in which state, in a few words."""
    seen = outcomes(receiver, facts)
    worst: dict[Required, State] = {}
    for item in seen:
        worst[item.required] = min(worst.get(item.required, item.state), item.state, key=_gravity)
    told = [
        f"{sum(state is wanted for state in worst.values())} {wanted}"
        for wanted in (State.UNMET, State.AT_RISK, State.MET, State.UNKNOWN)
        if wanted in worst.values()
    ]
    return f"{receiver.name} ({', '.join(told) or 'nothing required'})"


def notes(receiver: Receiver, facts: SenderFacts) -> tuple[str, ...]:
    """Return one line for each requirement and address: what is required, whether it is met, and why."""
    lines: list[str] = []
    for group in _groups(outcomes(receiver, facts)):
        required = group[0].required
        of_bulk = " of bulk mail" if required.bulk else ""
        lines.append(f"{_NEEDS[required.what]}{of_bulk}{_over(required)}: {group[0].state} ({_fact(group)})")
    return (*lines, f"published at {receiver.page}")


def receivers_beyond(judged: Sequence[tuple[Receiver, SenderFacts]]) -> Beyond | None:
    """Return what is known of all receivers' requirements, in a sentence; None where nothing could be checked."""
    seen = [(receiver, facts, outcomes(receiver, facts)) for receiver, facts in judged]
    for verdict, state in ((BeyondVerdict.FAIL, State.UNMET), (BeyondVerdict.UNKNOWN, State.AT_RISK)):
        for receiver, _, found in seen:
            wanted = [item for item in found if item.state is state and not item.required.bulk]
            if wanted:
                group = _groups(wanted)[0]
                return _beyond(verdict, _headline(receiver, group))
    met = [receiver.name for receiver, _, found in seen if any(item.state is State.MET for item in found)]
    if not met:
        return None
    return _beyond(BeyondVerdict.PASS, f"Published requirements of {listed(met)} that could be checked are met")


def _beyond(verdict: BeyondVerdict, message: str) -> Beyond:
    return Beyond(BeyondName.RECEIVERS, verdict, message)


def _gravity(state: State) -> int:
    return (State.UNMET, State.AT_RISK, State.UNKNOWN, State.MET).index(state)


def _groups(seen: Sequence[Outcome]) -> list[list[Outcome]]:
    """Return outcomes together that differ in their address alone, in order."""
    groups: dict[tuple[Required, State, str], list[Outcome]] = {}
    for item in seen:
        groups.setdefault((item.required, item.state, item.fact), []).append(item)
    return list(groups.values())


def _addresses(group: Group) -> list[str]:
    return [item.passage.address for item in group if item.passage.address is not None]


def _fact(group: Group) -> str:
    return group[0].fact.replace(WHO, address_words(item.passage.address for item in group))


def _short(group: Group) -> str:
    """Return the fact with a number in place of several addresses."""
    return group[0].fact.replace(WHO, counted(len(group), "address"))


def _over(required: Required) -> str:
    return f" over IPv{required.family}" if required.family is not None else ""


def _headline(receiver: Receiver, group: Group) -> str:
    """Return the fact, and what the receiver requires, or does about it where the code is known."""
    required = group[0].required
    verb = "defers" if required.code.startswith("4") else "rejects"
    then = f"{receiver.name} {verb} mail{_over(required)}"
    if group[0].state is not State.UNMET or not required.code:
        then = f"{receiver.name} requires {_NEEDS[required.what]}{_over(required)}"
    code = f", {required.code}" if required.code else ""
    forms = [f"{_fact(group)}: {then}{code}", f"{_short(group)}: {then}{code}", f"{_fact(group)}: {then}"]
    if len(group) == 1:
        del forms[1]
    headline = next((form for form in forms if len(form) <= _WIDTH), forms[-1])
    return f"{headline[:1].upper()}{headline[1:]}"


def _found(receiver: Receiver, facts: SenderFacts, group: Group) -> Finding:
    required = group[0].required
    unmet = group[0].state is State.UNMET
    return finding(
        "receiver-requirement-unmet" if unmet else "receiver-requirement-at-risk",
        _headline(receiver, group),
        evidence=(
            f"required: {_NEEDS[required.what]}{_over(required)}{_code(group)}",
            f"published at {required.page}",
        ),
        advice=_advice(receiver, facts, group) or None,
        reference=required.page,
    )


def _bulk(receiver: Receiver, facts: SenderFacts, seen: Sequence[Outcome]) -> Finding:
    """Return one finding about all that is required of bulk mail and not met: most senders send none."""
    groups = _groups(seen)
    needs = listed(_NEEDS[group[0].required.what] for group in groups)
    evidence = [f"{_NEEDS[group[0].required.what]}: {_fact(group)}{_code(group)}" for group in groups]
    actions = [action for group in groups for action in _advice(receiver, facts, group)]
    message = f"{receiver.name} requires {needs} of bulk mail"
    if len(message) > _WIDTH:
        number = counted(len(groups), "requirement")
        message = f"{receiver.name}: {number} for bulk mail not met or at risk"
    return finding(
        "receiver-requirement-at-risk",
        message,
        evidence=(*evidence, f"published at {receiver.page}"),
        meaning=(
            f"What {receiver.name} requires of domains that send thousands of messages a day is not met, or"
            " depends on DKIM. Other mail is not affected."
        ),
        advice=tuple(dict.fromkeys(actions)) or None,
        reference=receiver.page,
    )


def _code(group: Group) -> str:
    code = group[0].required.code
    return f" ({code})" if code else ""


def _advice(receiver: Receiver, facts: SenderFacts, group: Group) -> tuple[str | Action, ...]:
    """Return what to do about one requirement."""
    own = visible(facts.header_from)
    sign = f"Sign messages from {own} with DKIM (d={own})." if own else "Sign messages with DKIM."
    allow = each_once(action for item in group[:_MOST_ALLOWED] for action in item.passage.allow)
    match group[0].required.what:
        case Requirement.PTR | Requirement.OWN_PTR:
            return _reverse_advice(receiver, facts, group)
        case Requirement.EHLO:
            return ("Set the EHLO name of this host to its fully qualified host name.",)
        case Requirement.SPF:
            return allow
        case Requirement.SPF_OR_DKIM:
            return (*allow, sign)
        case Requirement.DKIM | Requirement.DMARC_PASS:
            return (sign,)
        case Requirement.DMARC:
            return facts.publish
        case Requirement.TLS:
            return (f"Enable STARTTLS in the sending server for the MX hosts of {receiver.name}.",)
        case Requirement.FORMAT:
            return ("Correct the header of the message (RFC 5322 §3.6).",)
        case _:
            return ()


def _reverse_advice(receiver: Receiver, facts: SenderFacts, group: Group) -> tuple[str | Action, ...]:
    """Return who sets the PTR to what; where the other family meets it, mail can use that until then."""
    addresses = _addresses(group)
    name = visible(facts.ehlo.removesuffix(".").lower()) if "." in facts.ehlo and "[" not in facts.ehlo else ""
    target = name or "the fully qualified name of this host"
    actions: list[str | Action] = [
        Action(f"Provider of {address}", f"set the PTR of {address} to {target}.") for address in addresses[:2]
    ]
    if name:
        actions.append(f"Make {name} resolve to {listed(addresses[:2])}.")
    families = {family_of(address) for address in addresses}
    all_families = {family_of(item.address) for item in facts.passages if item.address is not None}
    if families == {6} and 4 in all_families:
        actions.append(f"Until the PTR of {listed(addresses[:2])} is set, send to {receiver.name} over IPv4 only.")
    return tuple(actions)
