"""What a reply that a text tells of means: the same as a run says of it. Pure."""

import re
from dataclasses import dataclass

from smtpdiag_tui.bounces.reply_text import as_reply
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.bounces.without_reply import no_reply
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.replies.filling import filled
from smtpdiag_tui.checks.session.replies.names import NOBODY, Names, addresses_in, is_public
from smtpdiag_tui.checks.session.session import Envelope, Exchange, Phase, SessionObservation, Target
from smtpdiag_tui.report.actions import Action, as_text
from smtpdiag_tui.report.findings import Finding, Side, catalogue
from smtpdiag_tui.report.fitting import fitted
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings

_PHASES = {
    ToldPhase.CONNECT: Phase.GREETING,
    ToldPhase.GREETING: Phase.GREETING,
    ToldPhase.EHLO: Phase.EHLO,
    ToldPhase.STARTTLS: Phase.STARTTLS,
    ToldPhase.AUTH: Phase.MAIL,
    ToldPhase.MAIL: Phase.MAIL,
}
_COMMANDS = {ToldPhase.DATA: b"DATA", ToldPhase.END_OF_DATA: b"."}
_SERVER = "the server"
# Replies that are about the client: the server that has the session with the one that replies.
_OF_CLIENT = frozenset(
    {Reason.IP_BLOCKLIST, Reason.IP_REPUTATION, Reason.DYNAMIC_ADDRESS, Reason.REVERSE_DNS, Reason.EHLO_NAME}
    | {Reason.RATE_LIMIT, Reason.AUTHENTICATION, Reason.TLS_REQUIRED, Reason.LOGIN_REQUIRED, Reason.PROTOCOL}
)
_UNNAMED = re.compile(r"(?:^|(?<=\. ))(?:the|this) ")
_CLASSES = {2: Outcome.ACCEPTED, 4: Outcome.DEFERRED, 5: Outcome.BOUNCED}
_NO_REPLY = "The mail server that wrote this quotes no reply"
_NO_REASON = "The text gives no reason"
_OWN_RULE = "This host gave the reply: the client is the sending server."
_ACCEPTED_LATER = "The message may still have been filtered, forwarded or returned after that."


@dataclass(frozen=True, slots=True)
class Explained:
    """A delivery with what its reply means, as a run would say; `message` has at most 80 characters.

    `reason` and `side` are None where no reply is judged, or nobody is known. `probable`: the reply does not say
    it in so many words. `code` is the finding that a run makes of it, "" where there is none.
    """

    told: Told
    outcome: Outcome
    reason: Reason | None
    side: Side | None
    message: str
    meaning: str
    actions: tuple[Action, ...] = ()
    reference: str | None = None
    probable: bool = False
    code: str = ""

    @property
    def advice(self) -> str:
        """What to do, as sentences; "" for nothing."""
        return as_text(self.actions)


def explain(told: Told) -> Explained:
    """Return what a delivery that a text tells of means."""
    found = _finding(told)
    if found is None:
        return _accepted(told) if _is_accepted(told) else _without_reply(told)
    if told.ours:
        return _given_by_us(told, found)
    if told.phase is ToldPhase.STARTTLS and found.reason in (Reason.PROTOCOL, Reason.UNEXPLAINED):
        return _starttls_refused(told)
    if told.phase is ToldPhase.AUTH and found.reason in (Reason.LOGIN_REQUIRED, Reason.UNEXPLAINED):
        return _login_refused(told, found)
    if told.relayed and found.reason in _OF_CLIENT:
        return _to_a_relay(told, found)
    return Explained(
        told=told,
        outcome=_outcome(told),
        reason=found.reason,
        side=found.side,
        message=_fitted(told, found.message),
        meaning=_capital(found.meaning),
        actions=tuple(
            Action(item.who, _capital(item.what) if not item.who else item.what) for item in found.actions
        ),
        reference=found.reference,
        probable=found.probable,
        code=found.code,
    )


def _finding(told: Told) -> Finding | None:
    """Return what a run would find of the reply; None where none is quoted that defers or rejects."""
    if told.reply is None:
        return None
    phase = _PHASES.get(told.phase, Phase.RCPT) if told.phase is not None else Phase.RCPT
    command = None if phase is Phase.GREETING else _COMMANDS.get(told.phase, b"") if told.phase else b""
    exchange = Exchange(phase, command, as_reply(told.reply), None, 0.0, 0.0)
    host = "this host" if told.ours else _host(told) or _SERVER
    sender, recipient = told.sender or "", told.recipient or ""
    seen = SessionObservation(
        Target(host, "" if told.ours else told.address or "", 25, None),
        Envelope("", sender, recipient),
        Settings(sender, recipient),
    )
    found = judge_refusal(seen, exchange, _names(told))
    return found[0] if found else None


def _names(told: Told) -> Names:
    address = told.address or ""
    client = address if told.ours else _client(told)
    return Names(
        source=client,
        clients=frozenset({client}) - {""},
        servers=frozenset(() if told.ours else {address}) - {""},
        sender=told.sender,
        recipient=told.recipient or "",
        host="this host" if told.ours else _host(told),
    )


def _client(told: Told) -> str:
    """Return the one address that a reply names beside the server's own: it is whom the server speaks to.

    Of several nobody can say which one that is: "" then.
    """
    named = {address for address in addresses_in(told.reply or "") if address != told.address}
    public = [address for address in named if is_public(address)]
    return public[0] if len(public) == 1 else ""


def _host(told: Told) -> str:
    """Return the server's name, its address as a literal where that is all that is known; "" for neither."""
    return told.host or (f"[{told.address}]" if told.address else "")


def _outcome(told: Told) -> Outcome:
    """Return what became of the message: what the text says, else what the reply comes to."""
    if told.outcome is not None:
        return told.outcome
    code = as_reply(told.reply).first_digit if told.reply is not None else 0
    return _CLASSES.get(code, Outcome.UNKNOWN)


def _is_accepted(told: Told) -> bool:
    return _outcome(told) is Outcome.ACCEPTED


def _accepted(told: Told) -> Explained:
    if told.reply is None and not told.host:
        message = (
            f"The message to {told.recipient} was delivered" if told.recipient else "The message was delivered"
        )
    else:
        message = f"{told.where or 'The server'} accepted the message"
    reference = catalogue()["recipient-accepted"].reference
    return Explained(told, Outcome.ACCEPTED, None, None, _fitted(told, message), _ACCEPTED_LATER, (), reference)


def _without_reply(told: Told) -> Explained:
    if told.ours:
        message = (
            f"This host rejected mail to {told.recipient}" if told.recipient else "This host rejected the client"
        )
        return Explained(
            told, _outcome(told), None, Side.HERE, _fitted(told, message), _OWN_RULE, _own_actions(told)
        )
    found = no_reply(told.words, _places(told))
    message = found.headline or found.meaning.rstrip(".") or (_NO_REPLY if told.words else _NO_REASON)
    return Explained(
        told=told,
        outcome=told.outcome or (Outcome.DEFERRED if found.retried else Outcome.UNKNOWN),
        reason=None,
        side=found.side,
        message=_fitted(told, message),
        meaning=f"{found.meaning} {found.why}".strip() if found.headline else "",
        actions=found.actions,
        reference=found.reference,
        code=found.code,
    )


def _places(told: Told) -> dict[str, str]:
    domain = visible(told.domain) or "the recipient's domain"
    host = told.host or told.where or f"the MX host of {domain}"
    return {
        "host": host,
        "where": told.where or host,
        "domain": domain,
        "recipient": visible(told.recipient or "") or "the recipient",
        "contact": f"postmaster@{visible(told.domain)}" if told.domain else f"the administrator of {host}",
        "port": "25",
    }


def _given_by_us(told: Told, found: Finding) -> Explained:
    """Return what a reply means that the server gave which wrote the text: its rules are the reader's own."""
    return Explained(
        told=told,
        outcome=_outcome(told),
        reason=found.reason,
        side=Side.HERE if found.side in (Side.RECIPIENT, Side.POLICY) else None,
        message=_fitted(told, _capital(found.message)),
        meaning=f"{_OWN_RULE} {_capital(found.meaning)}".strip(),
        actions=_own_actions(told),
        reference=found.reference,
        probable=found.probable,
        code=found.code,
    )


def _starttls_refused(told: Told) -> Explained:
    """Return what it means that STARTTLS was rejected: sending servers try it where it is offered, or required."""
    entry, places = catalogue()["starttls-refused"], _places(told)
    return Explained(
        told=told,
        outcome=_outcome(told),
        reason=Reason.SERVER_TROUBLE,
        side=entry.side,
        message=_fitted(told, f"{_host(told) or 'The server'} rejected STARTTLS"),
        meaning="Sending servers that require TLS do not deliver; others continue unencrypted.",
        actions=tuple(
            Action(filled(item.who, NOBODY, **places), filled(item.what, NOBODY, **places))
            for item in entry.actions
        ),
        reference=entry.reference,
        code="starttls-refused",
    )


def _login_refused(told: Told, found: Finding) -> Explained:
    """Return what it means that a login was rejected: only a server of one's own, or a provider's, gets one."""
    server = _host(told) or _SERVER
    return Explained(
        told=told,
        outcome=_outcome(told),
        reason=Reason.LOGIN_REQUIRED,
        side=Side.HERE,
        message=_fitted(told, f"{_capital(server)} rejected the login of the sending server"),
        meaning=f"{_capital(server)} relays mail after a login, and did not accept the one it got.",
        actions=(
            Action("", f"Check user, password and mechanism that the sending server has for {server}."),
            Action(f"Administrator of {server}", "check whether the account is locked."),
        ),
        reference=found.reference,
        code=found.code,
    )


def _to_a_relay(told: Told, found: Finding) -> Explained:
    """Return what a reply about its client means where that is a server of the recipient's, which reports it."""
    relay = told.reporter or ""
    session = Action(
        f"Administrator of {relay}",
        f"compare this reply with the session of {relay} with {_host(told) or _SERVER}.",
    )
    told_by = Action("", f"Send the whole bounce to postmaster@{visible(told.domain)} from another mailbox.")
    signed = Action("", "Sign mail of the sender's domain with DKIM: relays break SPF.")
    return Explained(
        told=told,
        outcome=_outcome(told),
        reason=found.reason,
        side=Side.RECIPIENT,
        message=_fitted(told, found.message.replace("this host", relay)),
        meaning=(
            f"{relay} accepted the message and failed to pass it on. The reply is to {relay}, "
            "not to the server that sent it the message."
        ),
        actions=(session, told_by, *([signed] if found.reason is Reason.AUTHENTICATION else [])),
        reference=found.reference,
        probable=found.probable,
        code=found.code,
    )


def _own_actions(told: Told) -> tuple[Action, ...]:
    client = told.where or "the client"
    return (
        Action("", "None, if this host is meant to reject it."),
        Action("", f"To accept such mail, change the rule of this host that rejects {client}."),
    )


def _capital(text: str) -> str:
    """Return sentences that each begin with a capital, where a name of ours stands for one that is not known."""
    return _UNNAMED.sub(lambda found: f"{found[0][:1].upper()}{found[0][1:]}", text)


def _fitted(told: Told, text: str) -> str:
    """Return a headline in 80 characters."""
    places = [f" [{told.address}]"] if told.address else []
    names = [name for name in (told.host, told.recipient, told.sender, told.domain) if name]
    return fitted(_capital(text.replace(" []", "", 1)), places, names)
