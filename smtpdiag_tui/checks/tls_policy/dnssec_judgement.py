"""Judging whether the names of a run are signed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import cite
from smtpdiag_tui.checks.lookups.extended_errors import judge_bogus
from smtpdiag_tui.checks.tls_policy.dnssec import Security, State, Validator, Way
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.visible import visible

_RESOLVED = "systemd-resolved: it validates with DNSSEC=yes only"
_DOCKER = (
    "Docker's resolver: it forwards, so AD proves no more than the path from the Docker host to its resolvers"
)
_KNOWN = {"127.0.0.53": _RESOLVED, "127.0.0.54": _RESOLVED, "127.0.0.11": _DOCKER}  # the same on every host
_VALIDATES = {
    True: "validates (the root's SOA record came back with AD)",
    False: "does not validate (no AD for the root)",
}
_WAYS = {
    Way.LOOPBACK: "on this host",
    Way.OWN: "on this host",
    Way.TRUST_AD: "trusted by resolv.conf (trust-ad)",
    Way.OPEN: "across the network, so its AD can be forged",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged of one name. `records` names the types, `sender`: it is the sender's."""

    name: str
    records: str
    state: State
    sender: bool = False

    def __str__(self) -> str:
        return f"{self.records} of {visible(self.name)}"


@dataclass(frozen=True, slots=True)
class DnssecSeen:
    """What AD is worth to this host, and what is known of each name."""

    validators: tuple[Validator, ...]
    subjects: tuple[Subject, ...]


def notes(seen: DnssecSeen) -> tuple[str, ...]:
    """Return the lines that tell which servers validate, and what each name is."""
    return (*map(_validator_line, seen.validators), *map(_subject_line, seen.subjects))


def _validator_line(item: Validator) -> str:
    validates = "did not answer for the root" if item.validates is None else _VALIDATES[item.validates]
    line = f"{item.server.label} {validates}; it is {_WAYS[item.way]}"
    if item.server.address in _KNOWN:
        return f"{line} ({_KNOWN[item.server.address]})"
    if item.trusted and item.way is not Way.TRUST_AD:
        return f"{line}; a forwarder that passes AD on without validating proves no more than the path behind it"
    return line


def _subject_line(item: Subject) -> str:
    if item.state.untrusted:
        return f"{item}: would be {item.state.claimed} if the resolver were trusted"
    return f"{item}: {item.state.security}"


def judge(seen: DnssecSeen) -> tuple[Finding, ...]:
    """Return the findings, one for each state that there is; one for each name whose signatures are broken."""
    found = [_bogus(item) for item in seen.subjects if item.state.security is Security.BOGUS]
    for security, make in (
        (Security.UNKNOWN, _unknown),
        (Security.SECURE, _secure),
        (Security.INSECURE, _insecure),
    ):
        items = [item for item in seen.subjects if item.state.security is security]
        if items:
            found.append(make(seen, items))
    return tuple(found)


def detail(seen: DnssecSeen) -> str:
    """Return how many names are what: "2 secure, 1 insecure"."""
    states = [item.state.security for item in seen.subjects]
    counts = [f"{states.count(state)} {state}" for state in Security if state in states]
    return ", ".join(counts) or "nothing to judge"


def _bogus(item: Subject) -> Finding:
    side = Side.HERE if item.sender else None
    if item.state.answer is None:
        return finding("dnssec-bogus", f"DNSSEC validation of {item} failed", side=side)
    return judge_bogus(item.state.answer, item.state.unchecked, side)


def _secure(_: DnssecSeen, items: Sequence[Subject]) -> Finding:
    return finding("dnssec-secure", f"{_named(items)} signed with DNSSEC", evidence=_lines(items))


def _insecure(_: DnssecSeen, items: Sequence[Subject]) -> Finding:
    return finding("dnssec-insecure", f"{_named(items)} not signed with DNSSEC", evidence=_lines(items))


def _unknown(seen: DnssecSeen, items: Sequence[Subject]) -> Finding:
    """Return why nothing is known, and what would be so if a server were trusted."""
    open_ones = [item for item in seen.validators if item.validates and not item.trusted]
    if not any(item.validates for item in seen.validators):
        message = "No resolver in use validates DNSSEC"
        if all(item.validates is None for item in seen.validators):
            message = "Whether a resolver in use validates DNSSEC could not be determined"
    elif all(item.state.untrusted for item in items) and open_ones:
        message = f"{open_ones[0].server.label} validates DNSSEC, but the path to it is not trusted"
    else:
        message = f"DNSSEC state of {_names(items)} could not be determined"
    lines = (*map(_validator_line, seen.validators), *map(_subject_line, items))
    return finding("dnssec-unknown", message, evidence=lines)


def _named(items: Sequence[Subject]) -> str:
    names = {item.name for item in items}
    return f"{_names(items)} {'is' if len(names) == 1 else 'are'}"


def _names(items: Sequence[Subject]) -> str:
    names = list(dict.fromkeys(visible(item.name) for item in items))
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} more names"


def _lines(items: Sequence[Subject]) -> tuple[str, ...]:
    return tuple(f"{item}: {cite(item.state.answer)}" for item in items if item.state.answer is not None)
