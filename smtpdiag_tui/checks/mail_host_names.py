"""Mail hosts whose names cannot be right: the final dot is forgotten, or the name does not exist. Pure."""

from collections.abc import Iterator, Sequence

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, describe
from smtpdiag_tui.checks.lookups.routing import HostLookup
from smtpdiag_tui.checks.registered_domain import registered_domain
from smtpdiag_tui.report.actions import Action, by, dns_administrator
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.visible import visible

_ONE_LABEL = (
    "Sending servers query the name as it stands, without the domain. In the zone file the target lacks its"
    " domain, or $ORIGIN is wrong."
)


def judge_host_name(lookup: HostLookup, owners: Sequence[str], side: Side = Side.RECIPIENT) -> tuple[Finding, ...]:
    """Return the finding that an MX target is written wrongly in the zone file, none if it is not.

    `owners` are the names that the MX records stand at: the mail domain, then what its CNAMEs lead to. A relative
    name in a zone file gets the zone's own name behind it (RFC 1035 §5.1).
    """
    name = lookup.host.name
    if lookup.is_address or name in owners or name in (".", "localhost"):
        return ()
    owner = visible(owners[0]) if owners else ""
    if "." not in name:
        message = f"MX target {visible(name)} of {owner} is a single label"
        advice = _advice(owner, f"{visible(name)}.{owner}.", side)
        return (finding("mx-missing-dot", message, meaning=_ONE_LABEL, side=side, advice=advice),)
    zone = next((zone for zone in _zones(owners) if f".{name}".endswith(f".{zone}.{zone}")), None)
    if zone is None:
        return ()
    message = f"MX target {visible(name)} ends in {visible(zone)} twice"
    right = visible(name.removesuffix(f".{zone}"))
    return (finding("mx-missing-dot", message, side=side, advice=_advice(owner, f"{right}.", side)),)


def _zones(owners: Sequence[str]) -> Iterator[str]:
    """Yield the names that a zone holding an owner may have, the longest first; a top-level name is left out."""
    for owner in owners:
        labels = owner.split(".")
        for first in range(len(labels) - 1):
            yield ".".join(labels[first:])


def _advice(owner: str, target: str, side: Side) -> Action:
    who = "" if side is Side.HERE else dns_administrator(owner)
    return by(who, f"set the MX target of {owner} to {target} in the zone file, with the final dot.")


def missing_name(lookup: HostLookup) -> str | None:
    """Return the name that does not exist (RFC 8020), the host's own or one that its CNAMEs lead to; else None."""
    if lookup.looping or not lookup.found:
        return None
    if any(found.kind is not AnswerKind.NXDOMAIN for found in lookup.found):
        return None
    return lookup.found[0].names[-1]


def without_address(lookup: HostLookup, code: str, domain: str) -> Finding:
    """Return the finding, of `code`, about a mail host that does not exist, or has neither A nor AAAA.

    `domain` is the mail domain that names it, "" if it is the sender's or none does.
    """
    name, evidence = visible(lookup.host.name), tuple(describe(answer) for answer in _answers(lookup))
    missing = missing_name(lookup)
    if missing is None:
        advice = _add_address(code, name, domain)
        return finding(code, f"{name} has no A or AAAA record", evidence=evidence, advice=advice)
    through = "" if missing == lookup.host.name else f" ({visible(missing)}, its CNAME target)"
    free = unregistered(lookup)
    meaning, advice = None, _add_address(code, name, domain)
    if free is not None:
        free = visible(free)
        meaning = (
            f"{free} is not registered. If somebody else registers it, they receive mail meant for this MX host."
        )
        advice = by(_keeper(domain), f"remove {name} from the MX set, or register {free}.")
    message = f"{name}{through} does not exist (NXDOMAIN)"
    return finding(code, message, evidence=evidence, meaning=meaning, advice=advice)


def _add_address(code: str, name: str, domain: str) -> Action | None:
    """Return what to do about a host without address; None where no MX record names it."""
    if not domain and code == "mx-unresolvable":
        return None
    return by(_keeper(domain), f"give {name} an A or AAAA record, or remove {name} from the MX set.")


def _keeper(domain: str) -> str:
    return dns_administrator(visible(domain)) if domain else ""


def unregistered(lookup: HostLookup) -> str | None:
    """Return the registered domain of a name that does not exist, where that is missing too; else None.

    A negative answer names the zone that it comes from (RFC 2308 §3): one above the registered domain knows
    nothing of that. The root's says that the top-level name is missing, which nobody can register.
    """
    missing = missing_name(lookup)
    if missing is None:
        return None
    domain = registered_domain(missing)
    for found in lookup.found:
        soa = found.last.soa() if found.last is not None else None
        if soa is not None and domain.endswith(f".{soa.owner}"):
            return domain
    return None


def _answers(lookup: HostLookup) -> Iterator[Answer]:
    return (answer for found in lookup.found for answer in found.answers[-1:])
