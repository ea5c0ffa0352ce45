"""What the DNS steps of one report may not say together. Each rule yields its contradictions in words."""

import ipaddress
from collections.abc import Iterator

from smtpdiag_tui.report.step_id import StepId
from tests.contradictions.seen import DnsAnswer, Json, Seen

# These say why one server's word on a name is not another's.
EXPLAINS_ABSENCE = frozenset(
    {"answer-filtered", "answer-stale", "answers-contradict", "delegation-stale", "dns-answers-differ"}
    | {"dns-intercepted", "dns-no-recursion", "dnssec-bogus", "domain-only-outside", "mx-differ-same-serial"}
    | {"nxdomain-rewritten", "soa-mx-mismatch", "stale-resolver"}
)
_SILENT = {"dns-unreachable": "", "dns-udp-failed": "udp", "dns-tcp-failed": "tcp"}
_NO_MX = ("no-mail-host", "implicit-mx")
_BROKEN = ("dns-infrastructure", "dns-resolver-broken", "resolver-broken")
_DOMAIN_FAILS = ("dns-server-failure", "domain-lookup-failed")
_INSIDE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1")
)


def absent_beside_a_zone(seen: Seen) -> Iterator[str]:
    """A domain does not exist, and somebody in this report has a record of it, and nothing explains that."""
    for where, item in seen.told("domain-not-found"):
        known = _existing(seen, _domain(seen, where, item))
        if known is not None and not EXPLAINS_ABSENCE & seen.codes:
            yield f"{where}: {item['message']!r}, but {_shown(known)}"


def absence_as_cause_beside_an_authority(seen: Seen) -> Iterator[str]:
    """The outcome comes of the domain's absence, and a server with authority has a record of it."""
    first = _first_cause(seen)
    if first is None or first["code"] != "domain-not-found" or "dns-answers-differ" in seen.codes:
        return
    known = _existing(seen, seen.domain, authority=True)
    if known is not None:
        yield f"the first cause is {first['message']!r}, but {_shown(known)}"


def silent_beside_an_answer(seen: Seen) -> Iterator[str]:
    """A server does not answer, or not over one transport, and it does."""
    for step, item in seen.having(*_SILENT):
        transport = _SILENT[item["code"]]
        server = step.server or step.address
        answers = [answer for answer in seen.answers if answer.server == server and answer.answered]
        answers = [answer for answer in answers if not transport or answer.transport == transport]
        if answers:
            yield f"{step}: {item['code']}, but {_shown(answers[0])}"


def no_mx_beside_an_mx(seen: Seen) -> Iterator[str]:
    """A domain has no MX, and an authority or another server in use has one, and nothing explains that."""
    for step, item in seen.having(*_NO_MX):
        domain = seen.sender_domain if step.branch == "local" else seen.domain
        found = next((one for one in _of(seen, domain) if one.rdtype == "MX" and one.data), None)
        if found is not None and not EXPLAINS_ABSENCE & seen.codes:
            yield f"{step}: {item['message']!r}, but {_shown(found)}"


def intercepted_beside_lame(seen: Seen) -> Iterator[str]:
    """Somebody answers in the name servers' place, and yet one of them is called lame."""
    if "dns-intercepted" in seen.codes:
        yield from (
            f"{step}: soa-lame-server beside dns-intercepted" for step, _ in seen.having("soa-lame-server")
        )


def broken_beside_a_usable_answer(seen: Seen) -> Iterator[str]:
    """A resolver resolves nothing, and it has given a usable answer."""
    for where, item in seen.told(*_BROKEN):
        transport = _one_transport(seen, item)
        servers = _servers(where, item)
        for answer in seen.answers:
            concerned = not answer.authority and (not servers or answer.server in servers)
            if concerned and answer.usable and answer.transport == (transport or answer.transport):
                yield f"{where}: {item['code']}, but {_shown(answer)}"
                break


def blocked_beside_an_authority(seen: Seen) -> Iterator[str]:
    """No name server outside can be asked from here, and one of them answers."""
    for step, _ in seen.having("dns-egress-blocked"):
        found = next((one for one in seen.answers if one.authority and one.answered and _outside(one)), None)
        if found is not None:
            yield f"{step}: dns-egress-blocked, but {_shown(found)}"


def blamed_beside_good_authorities(seen: Seen) -> Iterator[str]:
    """The outcome comes of a domain whose servers fail, and all of its servers that were asked answer well."""
    first = _first_cause(seen)
    if first is None or first["code"] not in _DOMAIN_FAILS or first["side"] != "recipient":
        return
    asked = [answer for answer in seen.answers if answer.authority and answer.name == seen.domain]
    served = any(answer.names_a_zone for answer in asked)
    if served and all("AA" in answer.flags and answer.usable for answer in asked):
        yield f"the first cause is {first['message']!r}, but {_shown(asked[0])}, and so on"


def points_at_nothing(seen: Seen) -> Iterator[str]:
    """Advice speaks of the name servers below, and none is shown."""
    shown = any(StepId(key).branch == "soa" and StepId(key).host for key in seen.steps)
    if shown:
        return
    for where, item in (*seen.findings, *(("causes", cause) for cause in seen.causes)):
        if "name servers below" in (item["advice"] or ""):
            yield f"{where}: {item['code']}: {item['advice']!r}, and none is shown"


def _domain(seen: Seen, where: str, item: Json) -> str:
    """Return the domain that is told not to exist."""
    steps = [where, *(item["evidence"] if where == "causes" else [])]
    of_sender = any(StepId(step).branch == "local" for step in steps)
    return seen.sender_domain if of_sender else seen.domain


def _existing(seen: Seen, domain: str, *, authority: bool = False) -> DnsAnswer | None:
    """Return an answer that shows that a name exists."""
    for answer in _of(seen, domain):
        if answer.names_a_zone and (not authority or (answer.authority and "AA" in answer.flags)):
            return answer
    return None


def _of(seen: Seen, domain: str) -> Iterator[DnsAnswer]:
    """Yield the answers about a name; those of name servers without authority are nobody's word."""
    for answer in seen.answers:
        if answer.name == domain and (not answer.authority or "AA" in answer.flags):
            yield answer


def _first_cause(seen: Seen) -> Json | None:
    return seen.causes[0] if seen.causes and seen.causes[0]["decides"] else None


def _one_transport(seen: Seen, item: Json) -> str:
    """Return the transport that a cause is about alone, "" for all that a server says."""
    found = {finding["code"] for _, finding in seen.below(item["evidence"])}
    transports = {_SILENT[code] for code in found if code in _SILENT}
    about = [word for word in ("udp", "tcp") if f"not over {word.upper()}" in item["message"]]
    return about[0] if about and transports == set(about) else ""


def _servers(where: str, item: Json) -> set[str]:
    """Return the servers in use that a finding or cause is about; none: all of them."""
    steps = item["evidence"] if where == "causes" else [where]
    return {StepId(step).server for step in steps} - {""}


def _outside(answer: DnsAnswer) -> bool:
    address = ipaddress.ip_address(answer.server.partition("%")[0])
    return not any(address in network for network in _INSIDE)


def _shown(answer: DnsAnswer) -> str:
    data = "; ".join(answer.data) or answer.word
    return f"{answer.server} answered {answer.rdtype} {answer.name} with {data} ({answer.step})"


RULES = (
    absent_beside_a_zone,
    absence_as_cause_beside_an_authority,
    silent_beside_an_answer,
    no_mx_beside_an_mx,
    intercepted_beside_lame,
    broken_beside_a_usable_answer,
    blocked_beside_an_authority,
    blamed_beside_good_authorities,
    points_at_nothing,
)
