"""The headline of a refusal: who refused whom, and why, in a few words and none of the server's. Pure."""

import re
from dataclasses import dataclass

from smtpdiag_tui.checks.session.replies.filling import client_of
from smtpdiag_tui.checks.session.replies.names import Names
from smtpdiag_tui.checks.session.replies.normal_form import NormalReply
from smtpdiag_tui.checks.session.reply_texts import Listing
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.visible import visible

_MECHANISMS = ("SPF", "DKIM", "DMARC")
_CONNECTIONS = re.compile(r"\b(?:connections?|sessions?)\b")
# Words for a blocklist in general, where a reply names none.
_ANY_LIST = re.compile(r"dnsbl|rbl|(?:black|block|deny) ?list", re.IGNORECASE)
_OBJECTS = {Party.MACHINE: "this host", Party.SENDER: "the sender", Party.RECIPIENT: "the recipient"}
_OF_PHASE = {
    Phase.GREETING: "this host",
    Phase.EHLO: "EHLO",
    Phase.STARTTLS: "STARTTLS",
    Phase.MAIL: "the sender",
    Phase.RCPT: "the recipient",
}
_COMMANDS = {Phase.MAIL: "MAIL FROM", Phase.RCPT: "RCPT TO"}
# What refuses a command, whoever sends it, and what refuses the message, whatever its envelope.
_OF_COMMAND = frozenset({Reason.TLS_REQUIRED, Reason.LOGIN_REQUIRED, Reason.PROTOCOL, Reason.SMTPUTF8})
_OF_MESSAGE = frozenset({Reason.CONTENT, Reason.SIZE})


@dataclass(frozen=True, slots=True)
class Refused:
    """What a headline is made of.

    `host` is the server, printable, and `where` the same with its address. `party` is whom it refused, None where
    it does not tell. `name` is why, in a few words; `named`: these are an entry's own, more precise than those of
    `reason`. `listing` is the blocklist that it is because of, if it is. `greylisted`: a retry is accepted;
    `probable`: that is likely, and not said. `of_message`: the reply is to DATA or to the end of the message.
    """

    host: str
    where: str
    phase: Phase
    reply: NormalReply
    reason: Reason
    party: Party | None
    name: str
    names: Names
    named: bool = False
    listing: Listing | None = None
    greylisted: bool = False
    probable: bool = False
    of_message: bool = False


def headline(told: Refused, other: str = "") -> str:
    """Return the headline. `other` is the address of somebody else that the server takes for this host."""
    if other:
        return f"{told.host} took {other} for this host and {_verb(told)} it"
    if told.probable:
        return f"Probably greylisted by {told.where}"
    if told.greylisted:
        return f"Greylisted by {told.where}; a retry should be accepted"
    if told.listing is not None and not told.named:
        return _listed(told, told.listing)
    match told.reason:
        case Reason.PATH_INTERFERENCE:
            return f"A device on the path answered in place of {told.host}"
        case Reason.NULL_SENDER:
            return f"{told.host} {_verb(told)} the null sender (MAIL FROM:<>)"
        case Reason.EHLO_NAME:
            why = f": {told.name}" if told.named else ""
            return f"{told.host} {_verb(told)} EHLO name {visible(told.names.ehlo)}{why}"
        case _:
            return f"{told.host} {_verb(told)} {_object(told)}: {_why(told)}"


def _verb(told: Refused) -> str:
    """Return what the server did: at its greeting it refuses the connection, later it defers or rejects."""
    if told.phase is Phase.GREETING:
        return "refused"
    return "deferred" if told.reply.first_digit == 4 else "rejected"


def _object(told: Refused) -> str:
    """Return what was refused."""
    if told.phase is Phase.STARTTLS:
        return _OF_PHASE[told.phase]
    if told.phase is Phase.GREETING:
        return "the connection" if told.party is Party.SERVER else "this host"
    if told.reason in _OF_COMMAND and told.phase in _COMMANDS:
        return _COMMANDS[told.phase]
    if told.reason in _OF_MESSAGE or (told.party is Party.SERVER and told.phase in _COMMANDS):
        return "the message"
    if told.of_message and told.party is None:
        return "the message"
    by_phase = _OF_PHASE.get(told.phase, "the recipient")
    return _OBJECTS.get(told.party, by_phase) if told.party is not None else by_phase


def _why(told: Refused) -> str:
    if told.named:
        return told.name
    match told.reason:
        case Reason.UNEXPLAINED:
            return f"{code_of(told.reply)}, {told.name}"
        case Reason.AUTHENTICATION:
            said = [item for item in _MECHANISMS if item.lower() in told.reply.words]
            return f"{said[0]} did not pass" if len(said) == 1 else told.name
        case Reason.RATE_LIMIT if told.party is Party.SENDER:
            return "rate limit of its domain exceeded"
        case Reason.RATE_LIMIT if _CONNECTIONS.search(told.reply.words):
            return "too many connections"
        case _:
            return told.name


def _listed(told: Refused, listing: Listing) -> str:
    """Return what is on which list: the client, its name, or the sender's domain."""
    blocklist = visible(listing.name)
    if not blocklist or _ANY_LIST.fullmatch(blocklist) or "://" in blocklist:
        blocklist = "a blocklist"
    domain = told.names.sender_domain
    if told.party is Party.SENDER:
        return f"{visible(domain) or 'The sender'} is listed on {blocklist}; {told.host} {_verb(told)} it"
    if told.reason is Reason.DOMAIN_BLOCKLIST:
        return f"{told.host} {_verb(told)} this host: its name is listed on {blocklist}"
    client = listing.address or client_of(told.names) or "This host"
    return f"{client} is listed on {blocklist}; {told.host} {_verb(told)} it"


def code_of(reply: NormalReply) -> str:
    """Return the code of a reply with its status code: `550 5.7.1`."""
    return f"{reply.code} {reply.status}".rstrip()
