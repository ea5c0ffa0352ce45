"""What a run measured that speaks about the reason of a bounce: for it, against it, or neither. Pure.

A run ends at RCPT TO. Of what is judged later it knows what it looked up itself: SPF, DKIM and DMARC, reverse DNS
and EHLO name, blocklists that were asked, and the size of a message that was given.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.bounces.met import Met
from smtpdiag_tui.checks.addresses import canonical, is_inside
from smtpdiag_tui.checks.session.replies.named import (
    NAMES_DKIM,
    NAMES_DMARC,
    NAMES_EHLO,
    NAMES_SPF,
    addresses_named,
)
from smtpdiag_tui.report.authentication import (
    Authentication,
    BeyondName,
    BeyondVerdict,
    DmarcResult,
    SpfIdentity,
    SpfResult,
)
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import family_of

_PTR = ("ptr-missing", "ptr-mismatch", "ptr-generic")
_EHLO = (
    *("ehlo-name-private", "ehlo-name-literal", "ehlo-name-not-fqdn"),
    *("ehlo-name-unresolvable", "ehlo-name-mismatch"),
)
_DOMAIN = ("domain-not-found", "null-mx", "no-mail-host", "cname-loop", "dnssec-bogus")
_NOTHING_SAID = "the reason is not tested"


class Says(StrEnum):
    """What was measured comes to."""

    STILL = "still"  # what the reply was about is so now
    NOT_NOW = "not-now"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Speaking:
    """What was measured, in a clause, and the step that tells of it ("" for none)."""

    says: Says
    words: str
    step: str = ""


def speaking(reason: Reason | None, reply: str, met: Met | None, report: Report) -> Speaking:
    """Return what a run measured about a reason; `met` is the session at the host of the bounce, if any."""
    look = _LOOKS.get(reason) if reason is not None else None
    if look is None:
        return Speaking(Says.NOTHING, _NOTHING_SAID)
    return look(reply, met, report)


def about_another(reply: str, server: str, report: Report) -> str:
    """Return the client address that a reply names where it is none of those that were judged; "" else.

    Private ones are those of hosts behind the receiver: it sees public clients.
    """
    own = own_addresses(report)
    named = {item for item in addresses_named(reply) - {canonical(server)} if item in own or not is_inside(item)}
    if not own or not named or named & own:
        return ""
    return min(named)


def own_addresses(report: Report) -> set[str]:
    """Return the addresses that this host is known by: those that were given in its place, else its own."""
    facts = report.facts
    found = report.settings.as_addresses or (*facts.sources, *facts.seen_as)
    return {address for item in found if (address := canonical(item))}


def _authentication(reply: str, met: Met | None, report: Report) -> Speaking:
    """SPF, DKIM and DMARC as far as the reply names them, all where it names none.

    DMARC that passes settles a reply that names it. Of several that are named all must pass, and one that fails is
    enough, unless another one makes up for it: receivers differ in that.
    """
    judged = _judged(met, report)
    looks = ((NAMES_DMARC, _dmarc), (NAMES_SPF, _spf), (NAMES_DKIM, _dkim))
    by_name = [look for pattern, look in looks if pattern.search(reply)]
    found = [look(reply, judged, report) for look in by_name or [look for _, look in looks]]
    if by_name and by_name[0] is _dmarc and found[0].says is not Says.NOTHING:
        return found[0]
    still = [item for item in found if item.says is Says.STILL]
    passing = [item for item in found if item.says is Says.NOT_NOW]
    open_ones = [item for item in found if item.says is Says.NOTHING]
    if still and not passing:
        return still[0]
    if passing and not still and not open_ones:
        return Speaking(Says.NOT_NOW, " and ".join(item.words for item in passing), passing[0].step)
    return Speaking(Says.NOTHING, ", ".join(item.words for item in (*still, *passing, *open_ones)))


def _judged(met: Met | None, report: Report) -> tuple[Authentication, ...]:
    """Return what was found for the address that the session was held from, as far as that is known."""
    known = [item for item in report.authentication if item.address]
    sources = set(map(canonical, met.sources)) if met is not None else set[str]()
    exact = [item for item in known if canonical(item.address or "") in sources]
    if exact or met is None or not met.address:
        return tuple(exact or known)
    alike = [item for item in known if family_of(item.address or "") == family_of(met.address)]
    return tuple(alike or known)


def _spf(reply: str, judged: Iterable[Authentication], _report: Report) -> Speaking:
    """SPF of MAIL FROM (RFC 7208 §2.4), of the EHLO name where the reply says so or the sender is null."""
    of_ehlo = bool(NAMES_EHLO.search(reply))
    found = [(item.address or "", _identity(item, of_ehlo=of_ehlo)) for item in judged]
    results = {identity.result for _, identity in found if identity is not None}
    if not results or SpfResult.TEMPERROR in results or None in {identity for _, identity in found}:
        return Speaking(Says.NOTHING, "SPF unknown")
    address, identity = next(
        (item for item in found if item[1] and item[1].result is not SpfResult.PASS), found[0]
    )
    step = f"authentication/spf/{address}"
    domain = visible(identity.domain) if identity is not None else ""
    if results == {SpfResult.PASS}:
        return Speaking(Says.NOT_NOW, f"SPF of {domain} passes for {address}", step)
    if SpfResult.PASS in results:
        return Speaking(Says.NOTHING, "SPF passes for some addresses of this host alone")
    result = identity.result if identity is not None else SpfResult.NONE
    return Speaking(Says.STILL, _not_passing(result, domain, address), step)


def _identity(item: Authentication, *, of_ehlo: bool) -> SpfIdentity | None:
    if of_ehlo:
        return item.spf.ehlo
    return item.spf.mail_from or item.spf.ehlo


def _not_passing(result: SpfResult, domain: str, address: str) -> str:
    if result is SpfResult.FAIL:
        return f"SPF of {domain} fails for {address}"
    if result is SpfResult.NONE:
        return f"{domain} has no SPF record"
    return f"SPF of {domain} is {result} for {address}"


def _dmarc(_reply: str, judged: Iterable[Authentication], report: Report) -> Speaking:
    """DMARC (RFC 9989). Where it hangs on DKIM, SPF that does not pass is what is known of it."""
    items = tuple(judged)
    found = [(item.address or "", item.dmarc) for item in items if item.dmarc is not None]
    results = {dmarc.result for _, dmarc in found}
    step = "authentication/dmarc"
    if results == {DmarcResult.PASS}:
        address, dmarc = found[0]
        return Speaking(Says.NOT_NOW, f"DMARC of {visible(dmarc.domain)} passes for {address}", step)
    if results == {DmarcResult.FAIL}:
        address, dmarc = found[0]
        return Speaking(Says.STILL, f"DMARC of {visible(dmarc.domain)} fails for {address}", step)
    if results == {DmarcResult.UNKNOWN}:
        spf = _spf("", items, report)
        if spf.says is Says.STILL:
            return Speaking(Says.STILL, f"{spf.words}, and no DKIM signature is known", spf.step)
    return Speaking(Says.NOTHING, "DMARC unknown")


def _dkim(_reply: str, _judged: Iterable[Authentication], report: Report) -> Speaking:
    """DKIM (RFC 6376): a key that is well says nothing of a message; without one, only what is broken is known."""
    found = next((item for item in report.beyond if item.name is BeyondName.DKIM), None)
    if found is not None and found.verdict is BeyondVerdict.FAIL:
        return Speaking(Says.STILL, "DKIM fails", "authentication/dkim")
    if found is not None and found.verdict is BeyondVerdict.PASS and report.settings.message is not None:
        return Speaking(Says.NOT_NOW, "a DKIM signature of the message verifies", "authentication/message")
    return Speaking(Says.NOTHING, "DKIM is unknown without the message (--message FILE)")


def _reverse_name(_reply: str, met: Met | None, report: Report) -> Speaking:
    """The PTR of the address that the session was held from (RFC 8601 §3)."""
    steps = [step for step in report.steps.values() if _is_source(step, met)]
    wrong = _wrong(steps, _PTR)
    if wrong is not None:
        return wrong
    named = [step for step in steps if step.facts.names and step.status is Status.PASSED]
    if not steps or len(named) < len(steps):
        return Speaking(Says.NOTHING, "reverse DNS of this host unknown")
    name, source = visible(named[0].facts.names[0]), (*named[0].facts.seen_as, *named[0].facts.sources)[0]
    return Speaking(Says.NOT_NOW, f"{source} resolves to {name} and back", named[0].id)


def _is_source(step: Step, met: Met | None) -> bool:
    """Whether a step is about the address of this host that a session was held from; about any for no session."""
    place = StepId(step.id)
    if place.branch != "identity" or place.depth != 1 or step.stale:
        return False
    if not (step.facts.sources or step.facts.seen_as):
        return False
    if met is None or not met.sources or _of_another(step):
        return True
    return bool(set(met.sources) & set(step.facts.sources))


def _of_another(step: Step) -> bool:
    """Whether a step is about an address that was given in the place of this host's."""
    return bool(step.facts.seen_as) and not step.facts.sources


def _ehlo_name(_reply: str, _met: Met | None, report: Report) -> Speaking:
    """The name that this run said in EHLO (RFC 5321 §4.1.4)."""
    step = report.steps.get("identity/ehlo-name")
    if step is None or step.stale:
        return Speaking(Says.NOTHING, "EHLO name unknown")
    wrong = _wrong([step], _EHLO)
    if wrong is not None:
        return wrong
    if step.status is Status.PASSED and report.facts.ehlo:
        return Speaking(Says.NOT_NOW, f"EHLO name {visible(report.facts.ehlo)} matches", step.id)
    return Speaking(Says.NOTHING, "EHLO name unknown")


def _sender_domain(_reply: str, _met: Met | None, report: Report) -> Speaking:
    """The sender's domain, and whether mail could come back to it (RFC 5321 §5.1)."""
    steps = [step for step in report.steps.values() if StepId(step.id).branch == "local" and not step.stale]
    wrong = _wrong(steps, _DOMAIN)
    if wrong is not None:
        return wrong
    domain = visible(report.settings.sender.rpartition("@")[2])
    if steps and steps[0].status is Status.PASSED and domain:
        return Speaking(Says.NOT_NOW, f"{domain} resolves", steps[0].id)
    return Speaking(Says.NOTHING, "sender domain unknown")


def _blocklist(reply: str, _met: Met | None, report: Report) -> Speaking:
    """The lists that were asked: a listing on any speaks for the reply, against it only its own list."""
    lists = [step for step in report.steps.values() if step.id.startswith("identity/dnsbl/") and not step.stale]
    wrong = _wrong(lists, ("dnsbl-listed",))
    if wrong is not None:
        return wrong
    named = [step for step in lists if StepId(step.id).name.lower() in reply.lower()]
    if named and all(step.status is Status.PASSED for step in named):
        return Speaking(Says.NOT_NOW, f"not listed on {visible(StepId(named[0].id).name)}", named[0].id)
    return Speaking(Says.NOTHING, "its list was not queried (--dnsbl LIST)")


def _size(_reply: str, _met: Met | None, report: Report) -> Speaking:
    """The size of a message that was given, and what the MX hosts announced (RFC 1870)."""
    for step in report.steps.values():
        found = next((item for item in step.findings if item.code == "message-too-large"), None)
        if found is not None and not step.stale:
            return Speaking(Says.STILL, _clause(found.message), step.id)
    fits = any(item.code == "message-fits" for step in report.steps.values() for item in step.findings)
    if report.settings.message is not None and fits:
        return Speaking(Says.NOT_NOW, "the message fits the sizes that were announced", "authentication/message")
    return Speaking(Says.NOTHING, "the size of the message is unknown (--message FILE)")


def _content(_reply: str, _met: Met | None, _report: Report) -> Speaking:
    return Speaking(Says.NOTHING, "content filtering is not tested")


_LOOKS: Mapping[Reason, Callable[[str, Met | None, Report], Speaking]] = {
    Reason.AUTHENTICATION: _authentication,
    Reason.REVERSE_DNS: _reverse_name,
    Reason.EHLO_NAME: _ehlo_name,
    Reason.SENDER_DOMAIN: _sender_domain,
    Reason.IP_BLOCKLIST: _blocklist,
    Reason.DYNAMIC_ADDRESS: _blocklist,
    Reason.SIZE: _size,
    Reason.CONTENT: _content,
}


def _wrong(steps: Iterable[Step], codes: Iterable[str]) -> Speaking | None:
    """Return what was found wrong at one of some steps, if one of the codes was."""
    wanted = frozenset(codes)
    for step in steps:
        found = next((item for item in step.findings if item.code in wanted), None)
        if found is not None:
            return Speaking(Says.STILL, _clause(found.message), step.id)
    return None


def _clause(sentence: str) -> str:
    return sentence.rstrip(".")
