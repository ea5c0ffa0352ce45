"""Filling the catalogue's texts with what a step is about, so that what to do names its subject. Pure.

The catalogue knows no case; a step's id and the settings tell the host, its address and port, the domain
and the DNS server.
Only texts that are the catalogue's own are filled: what a peer said stays as it is, whatever
braces it has.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, catalogue
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings

_PLACE = re.compile(r"\{(host|where|domain|server|port|mailbox|contact)\}")
_OF_SENDER = ("local", "syntax/sender")  # steps about the sender's domain
_MX_ADMINISTRATOR, _ADMINISTRATOR = "MX administrator of", "Administrator of"


def filled_at(step_id: str, settings: Settings, item: Finding) -> Finding:
    """Return a finding that is made at a step, its catalogue texts with the names that the step is about."""
    kind = catalogue().get(item.code)
    if kind is None:
        return item
    names = names_at(step_id, settings)
    return replace(
        item,
        meaning=filled(item.meaning, names) if item.meaning == kind.meaning else item.meaning,
        actions=filled_actions(item.actions, names, settings) if item.actions == kind.actions else item.actions,
    )


def filled_actions(actions: Iterable[Action], names: Mapping[str, str], settings: Settings) -> tuple[Action, ...]:
    """Return actions with their places filled; a host that no MX names has an administrator all the same."""
    made = [Action(filled(action.who, names), filled(action.what, names)) for action in actions]
    if not _without_mx(settings):
        return tuple(made)
    return tuple(replace(action, who=action.who.replace(_MX_ADMINISTRATOR, _ADMINISTRATOR)) for action in made)


def filled(text: str, names: Mapping[str, str]) -> str:
    """Return a text with its places filled, in one pass: a name that looks like a place stays one."""
    return _PLACE.sub(lambda found: names[found[1]], text)


def names_at(step_id: str, settings: Settings) -> dict[str, str]:
    """Return what stands for each place at a step; a noun phrase where the step does not tell it."""
    where = StepId(step_id)
    host, address = visible(where.host), visible(where.address)
    literal = f"[{address}]"
    domain = domain_at(step_id, settings)
    unnamed = "the name server" if where.branch == "soa" else "the MX host"
    return {
        "host": host or unnamed,
        "where": f"{host} {literal}" if address and host != literal else host or unnamed,
        "domain": domain or "the domain",
        "server": visible(where.server) or "the resolver of this host",
        "port": str(port_at(step_id, settings)),
        "mailbox": visible(_not_ascii(settings)),
        "contact": contact_of(settings),
    }


def contact_of(settings: Settings) -> str:
    """Return whom to contact about a mail host, and how: who runs the one that was given, else the postmaster."""
    given = settings.server or ", ".join(relay.label for relay in settings.relay)
    if given:
        return f"the administrator of {visible(given)}"
    domain = visible(settings.recipient.rpartition("@")[2])
    return f"postmaster@{domain} from another mailbox"


def given_name(settings: Settings) -> str:
    """Return the server, or the relay hosts, that a run turns to in place of the MX hosts; "" for none."""
    names = [settings.server] if settings.server else [relay.host for relay in settings.relay]
    shown = ", ".join(visible(name) for name in names)
    return f"one of {shown}" if len(names) > 1 else shown


def port_at(step_id: str, settings: Settings) -> int:
    """Return the port that the host of a step is connected to: a relay host's own, else the run's."""
    host = StepId(step_id).host.strip("[]").lower()
    own = [relay.port for relay in settings.relay if host == relay.host.strip("[]").lower()]
    ports = own or [relay.port for relay in settings.relay]
    return ports[0] if ports else settings.port


def domain_at(step_id: str, settings: Settings) -> str:
    """Return the domain that a step is about: the sender's or the recipient's; "" for the null sender."""
    of_sender = any(StepId(step_id).within(branch) for branch in _OF_SENDER)
    path = settings.sender if of_sender else settings.recipient
    return visible(path.rpartition("@")[2])


def _not_ascii(settings: Settings) -> str:
    """Return the address whose local part is not ASCII (RFC 6531 §3.3): the recipient's where both or none are."""
    of_sender = (
        settings.recipient.rpartition("@")[0].isascii() and not settings.sender.rpartition("@")[0].isascii()
    )
    return settings.sender if of_sender else settings.recipient


def _without_mx(settings: Settings) -> bool:
    """Whether the message goes to a host that no MX record names."""
    return bool(settings.server or settings.relay) or settings.recipient.endswith("]")
