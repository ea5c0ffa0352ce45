"""What a 4yz or 5yz reply means at its place, and who it is that is refused (RFC 5321 §4.2.1, RFC 3463). Pure."""

from smtpdiag_tui.checks import reply_texts
from smtpdiag_tui.checks.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.findings import Finding, Side, finding
from smtpdiag_tui.smtp.reply import Reply
from smtpdiag_tui.transcript import visible

MACHINE = "this machine's address or name"
SENDER = "the sender's domain"
RECIPIENT = "the recipient"

_SENDER_CODES = ("1.7", "1.8")


def judge_refusal(seen: SessionObservation, item: Exchange) -> tuple[Finding, ...]:
    """Return the one finding about a reply that refuses, for now (4yz) or for good (5yz)."""
    reply = item.reply
    if reply is None:
        return ()
    where = seen.target.where
    lines = reply_texts.lines(reply)
    if reply_texts.rate_limiting(reply):
        message = f"{where} says that there is too much traffic from here: {_said(reply)}."
        return (finding("rate-limited", message, evidence=lines),)
    listed = reply_texts.listing(reply_texts.words(reply))
    if listed is not None:
        about = f", for {listed.address}" if listed.address else ""
        message = f"{where} refuses {refused(item)} because of a blocklist ({listed.name}{about}): {_said(reply)}."
        return (finding("blocklisted", message, evidence=lines),)
    if _wants_login(seen, item, reply):
        message = (
            f"{where} takes mail only from those who log in, and AUTH is never attempted here: {_said(reply)}."
        )
        return (finding("authentication-required", message, evidence=lines),)
    if reply.first_digit == 4 and reply.code != 421:
        return (_transient(seen, item, reply, where),)
    if reply.code == 421:
        message = f"{where} closes the session: {_said(reply)}."
        return (finding("service-unavailable", message, evidence=lines),)
    return (_permanent(seen, item, reply, where),)


def refused(item: Exchange) -> str:
    """Say who is refused: up to EHLO this machine, at MAIL the sender's domain, at RCPT what the reply says."""
    reply = item.reply
    status = (reply.enhanced_status or "") if reply is not None else ""
    detail = status[2:]
    if detail in _SENDER_CODES:
        return SENDER
    if item.phase in (Phase.GREETING, Phase.EHLO, Phase.STARTTLS):
        return MACHINE
    if item.phase is Phase.MAIL:
        return SENDER
    if detail.startswith(("1.", "2.")):
        return RECIPIENT
    if detail.startswith("7.") or (reply is not None and reply_texts.about_machine(reply)):
        return MACHINE
    return RECIPIENT


def _wants_login(seen: SessionObservation, item: Exchange, reply: Reply) -> bool:
    """Whether a server that is no mail host of the domain, a relay or one given, wants a login."""
    settings = seen.settings
    aside = bool(settings.relay or settings.server)
    at_envelope = item.phase in (Phase.MAIL, Phase.RCPT)
    return aside and at_envelope and reply_texts.wants_authentication(reply, settings.relay_auth)


def _transient(seen: SessionObservation, item: Exchange, reply: Reply, where: str) -> Finding:
    lines = reply_texts.lines(reply)
    if reply_texts.greylisting(reply, at_rcpt=item.phase is Phase.RCPT):
        message = f"{where} defers the mail, probably by greylisting: {_said(reply)}."
        return finding("greylisted", message, evidence=lines)
    if item.phase in (Phase.MAIL, Phase.RCPT):
        code = "sender-deferred" if item.phase is Phase.MAIL else "recipient-deferred"
        path = (seen.envelope.sender or "<>") if item.phase is Phase.MAIL else seen.envelope.recipient
        message = f"{where} defers {visible(path)}, on account of {refused(item)}: {_said(reply)}."
        return finding(code, message, evidence=lines, side=_side(item))
    message = f"{where} takes no mail now: {_said(reply)}."
    return finding("service-unavailable", message, evidence=lines)


def _permanent(seen: SessionObservation, item: Exchange, reply: Reply, where: str) -> Finding:
    lines, said = reply_texts.lines(reply), _said(reply)
    if item.phase is Phase.GREETING:
        return finding("greeting-rejected", f"{where} turns this machine away: {said}.", evidence=lines)
    if item.phase in (Phase.EHLO, Phase.STARTTLS):
        name = visible(seen.envelope.ehlo)
        return finding("helo-rejected", f"{where} refuses {MACHINE} ({name}): {said}.", evidence=lines)
    if item.phase is Phase.MAIL and reply_texts.wants_tls(reply):
        message = f"{where} wants STARTTLS before it takes mail: {said}."
        return finding("starttls-required", message, evidence=lines)
    if item.phase is Phase.MAIL:
        message = f"{where} rejects the sender {visible(seen.envelope.sender or '<>')}: {said}."
        return finding("sender-rejected", message, evidence=lines)
    message = f"{where} rejects {visible(seen.envelope.recipient)}, on account of {refused(item)}: {said}."
    return finding("recipient-rejected", message, evidence=lines, side=_side(item), advice=_advice(item, reply))


def _side(item: Exchange) -> Side:
    return Side.RECIPIENT if refused(item) == RECIPIENT else Side.HERE


def _advice(item: Exchange, reply: Reply) -> str | None:
    """Return better advice than the catalogue's, where the reply says more."""
    detail = (reply.enhanced_status or "")[2:]
    if detail == "1.1":
        return "There is no such mailbox: check the spelling of the address."
    if detail == "2.2":
        return "The mailbox is full: tell the recipient by another way."
    if refused(item) == MACHINE:
        return "The server refuses this machine, not the recipient: check its reverse DNS name and reputation."
    if refused(item) == SENDER:
        return "The server refuses the sender's domain: check that it has an MX or address, and its SPF record."
    return None


def _said(reply: Reply) -> str:
    """Return the last line of a reply, code and all, without a full stop of its own."""
    return visible(reply.lines[-1]).rstrip(". ") if reply.lines else str(reply.code)
