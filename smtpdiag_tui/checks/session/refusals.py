"""What a 4yz or 5yz reply means at its place, and who it is that is refused (RFC 5321 §4.2.1, RFC 3463). Pure."""

import re
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.reply_meanings import Explanation, explain
from smtpdiag_tui.checks.session.reply_texts import Listing
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, Side, catalogue, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

_PHRASES = {
    Party.MACHINE: "this machine's address or name",
    Party.SENDER: "the sender's domain",
    Party.RECIPIENT: "the recipient",
    Party.SERVER: "the server itself",
}
_SENDER_CODES = ("1.7", "1.8")
_LOGIN = frozenset({"login-required", "exchange-login"})  # patterns
_OF_SERVER = re.compile(r"3\.|4\.(?!3$)")  # RFC 3463 §3.4, §3.5: the system or network there; x.4.3 is the DNS
_BY_WORDS = ("rate-limited", "blocklisted", "greylisted")  # then the enhanced status code adds nothing
_WITH_LINK = ("rate-limited", "blocklisted")
_SAID = 512  # characters of a server's words in a sentence of ours: a whole line (RFC 5321 §4.5.3.1.5)
_AT_421 = frozenset({"rate-limited", "blocklisted", "service-unavailable"})

# Who is refused where nothing was said.
_REFUSED = {
    Phase.GREETING: Party.MACHINE,
    Phase.EHLO: Party.MACHINE,
    Phase.STARTTLS: Party.MACHINE,
    Phase.MAIL: Party.SENDER,
}
# What a reply comes to at its place where nothing but its class is known.
_DEFERRED = {Phase.MAIL: "sender-deferred", Phase.RCPT: "recipient-deferred"}
_REJECTED = {
    Phase.GREETING: "greeting-rejected",
    Phase.EHLO: "helo-rejected",
    Phase.STARTTLS: "helo-rejected",
    Phase.MAIL: "sender-rejected",
}

# What the server does, as the message says it.
_PREDICATES = {
    "authentication-required": "takes mail only from those who log in, and AUTH is never attempted here",
    "rate-limited": "says that there is too much {traffic}",
    "blocklisted": "refuses {listed} because of a blocklist ({list})",
    "greylisted": "defers the mail, probably by greylisting",
    "service-unavailable": "{closes}",
    "sender-deferred": "defers {sender}, on account of {who}",
    "recipient-deferred": "defers {recipient}, on account of {who}",
    "greeting-rejected": "turns this machine away",
    "helo-rejected": f"refuses {_PHRASES[Party.MACHINE]} ({{ehlo}})",
    "starttls-required": "wants STARTTLS before it takes mail",
    "sender-rejected": "{rejects}",
    "recipient-rejected": "{rejects}",
}

_DOMAIN_MEANING = (
    "The sender's domain stands on a list of domains that the server uses, not this machine's address."
)
_DOMAIN_ADVICE = "Look the sender's domain up at the list that is named, mend the cause and ask for removal there."
_WAIT = "Wait. If it stays for hours, tell the postmaster there by another way, with the reply quoted."
_NOT_THE_SENDER = "The server refuses this machine, not the sender: check its reverse DNS name and reputation."
# Better advice than the catalogue's, by code and who is refused.
_ADVICE = {
    ("sender-deferred", Party.SERVER): _WAIT,
    ("sender-rejected", Party.SERVER): _WAIT,
    ("recipient-deferred", Party.SERVER): _WAIT,
    ("sender-deferred", Party.MACHINE): _NOT_THE_SENDER,
    ("sender-rejected", Party.MACHINE): _NOT_THE_SENDER,
    ("recipient-rejected", Party.MACHINE): (
        "The server refuses this machine, not the recipient: check its reverse DNS name and reputation."
    ),
    ("recipient-rejected", Party.SENDER): (
        "The server refuses the sender's domain: check that it has an MX or address, and its SPF record."
    ),
}
# Whoever is refused says whose side it is on.
_EITHER_SIDE = frozenset({"sender-deferred", "recipient-deferred", "recipient-rejected"})


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A reply that refuses, at its place, with the finding's code and what is known of its words."""

    exchange: Exchange
    reply: Reply
    explanation: Explanation | None
    code: str

    @property
    def who(self) -> Party:
        return refused(self.exchange)

    @property
    def about(self) -> Party:
        """Whom it is about: it is because of a blocklist that this machine or the sender's domain is."""
        listed = listed_party(self.exchange) if self.code == "blocklisted" else None
        return listed or self.who

    @property
    def of_listed_domain(self) -> bool:
        """Whether a blocklist of domains is the reason."""
        return self.code == "blocklisted" and listed_party(self.exchange) is Party.SENDER


def judge_refusal(seen: SessionObservation, exchange: Exchange) -> tuple[Finding, ...]:
    """Return the one finding about a reply that refuses, for now (4yz) or for good (5yz).

    What is known of the receiver's words, else of the enhanced status code, refines its meaning, side, advice and
    reference; message and evidence keep the server's own words.

    `party` is whom it is about, for "blocklisted" as `listed_party` says: the listing of the sender's domain is no
    fault of this machine's address.
    """
    if exchange.reply is None:
        return ()
    refusal = _understood(exchange, exchange.reply)
    explanation = refusal.explanation
    if explanation is not None and not explanation.settled and refusal.code in _BY_WORDS:
        refusal = replace(refusal, explanation=None)
    if refusal.code not in _BY_WORDS and _wants_login(seen, refusal):
        refusal = replace(refusal, explanation=None, code="authentication-required")
    found = finding(
        refusal.code,
        _message(seen, refusal),
        evidence=reply_texts.lines(refusal.reply),
        meaning=_meaning(refusal),
        side=_side(refusal),
        advice=_advice(refusal),
        reference=refusal.explanation.reference if refusal.explanation is not None else None,
        party=refusal.about,
    )
    return (found,)


def says_too_much(exchange: Exchange) -> bool:
    """Whether the reply says that there were too many sessions, or too much mail, from here."""
    reply = exchange.reply
    if reply is None or reply.first_digit != 4:
        return False
    return _understood(exchange, reply).code == "rate-limited"


def refused(exchange: Exchange) -> Party:
    """Say who is refused: what the words settle, else up to EHLO this machine, at MAIL the sender's domain.

    A server that has trouble of its own (x.3.x, x.4.x) refuses nobody: then it is `Party.SERVER`.
    """
    reply = exchange.reply
    if reply is None:
        return _REFUSED.get(exchange.phase, Party.RECIPIENT)
    explanation = explain(reply, exchange.phase)
    if explanation is not None and explanation.who:
        return explanation.who
    return _refused_by_status(reply, exchange.phase)


def _refused_by_status(reply: Reply, phase: Phase) -> Party:
    """Say who is refused by the enhanced status code and by words about this machine."""
    detail = (reply.enhanced_status or "")[2:]
    if detail in _SENDER_CODES:
        return Party.SENDER
    match phase:
        case Phase.GREETING | Phase.EHLO | Phase.STARTTLS:
            return Party.MACHINE
        case Phase.MAIL:
            return _refused_at_mail(reply, detail)
        case _:
            return _refused_at_rcpt(reply, detail)


def _refused_at_mail(reply: Reply, detail: str) -> Party:
    if reply_texts.names_machine(reply):
        return Party.MACHINE
    return Party.SERVER if _OF_SERVER.match(detail) else Party.SENDER


def _refused_at_rcpt(reply: Reply, detail: str) -> Party:
    if _OF_SERVER.match(detail) and reply.first_digit == 4:
        return Party.SERVER
    if detail.startswith(("1.", "2.")):
        return Party.RECIPIENT
    if detail.startswith("7.") or reply_texts.about_machine(reply):
        return Party.MACHINE
    return Party.RECIPIENT


def blocklist(exchange: Exchange) -> Listing | None:
    """Return the blocklist that a refusal is because of, and the address it is about; None where it is none.

    The list goes by its DNS zone if the reply names that, else by whose it is ("Microsoft's own").
    """
    refusal = _by_blocklist(exchange)
    return _listing(refusal) if refusal is not None else None


def listed_party(exchange: Exchange) -> Party | None:
    """Say whom a refusal because of a blocklist is about: this machine or the sender's domain; None for others."""
    refusal = _by_blocklist(exchange)
    if refusal is None:
        return None
    return Party.SENDER if _domain_is_listed(refusal) else Party.MACHINE


def _by_blocklist(exchange: Exchange) -> _Refusal | None:
    """Return the refusal that an exchange ended in, if it is because of a blocklist."""
    reply = exchange.reply
    if reply is None or reply.first_digit not in (4, 5):
        return None
    refusal = _understood(exchange, reply)
    return refusal if refusal.code == "blocklisted" else None


def _domain_is_listed(refusal: _Refusal) -> bool:
    explanation = refusal.explanation
    if explanation is not None and explanation.code == "blocklisted":
        return explanation.who is Party.SENDER
    return reply_texts.domain_listed(reply_texts.words(refusal.reply))


def _wants_login(seen: SessionObservation, refusal: _Refusal) -> bool:
    """Whether a server that is no mail host of the domain, a relay or one given, wants a login."""
    settings = seen.settings
    aside = bool(settings.relay or settings.server)
    at_envelope = refusal.exchange.phase in (Phase.MAIL, Phase.RCPT)
    return aside and at_envelope and reply_texts.wants_authentication(refusal.reply, settings.relay_auth)


def _understood(exchange: Exchange, reply: Reply) -> _Refusal:
    """Find the finding's code: what the words settle, else what they hint at, else what the reply code says."""
    explanation = explain(reply, exchange.phase)
    if explanation is not None and explanation.settled:
        counts = reply.code != 421 or explanation.code in _AT_421
        code = explanation.code if counts else ""
    else:
        code = _hinted_code(exchange, reply)
    return _Refusal(exchange, reply, explanation, code or _plain_code(exchange, reply))


def _hinted_code(exchange: Exchange, reply: Reply) -> str:
    """Return the code of a cause that common words give away, "" if they give away none."""
    if not reply_texts.about_address(reply):
        if reply_texts.rate_limiting(reply):
            return "rate-limited"
        if reply_texts.listing(reply_texts.words(reply)) is not None:
            return "blocklisted"
    may_be_greylisting = reply.first_digit == 4 and reply.code != 421
    if may_be_greylisting and reply_texts.greylisting(reply, at_rcpt=exchange.phase is Phase.RCPT):
        return "greylisted"
    return ""


def _plain_code(exchange: Exchange, reply: Reply) -> str:
    if reply.code == 421:
        return "service-unavailable"
    if reply.first_digit == 4:
        return _DEFERRED.get(exchange.phase, "service-unavailable")
    if exchange.phase is Phase.MAIL and reply_texts.wants_tls(reply):
        return "starttls-required"
    return _REJECTED.get(exchange.phase, "recipient-rejected")


def _message(seen: SessionObservation, refusal: _Refusal) -> str:
    explanation, reply = refusal.explanation, refusal.reply
    of_domain = explanation is not None and explanation.who is Party.SENDER
    listing = _listing(refusal)
    predicate = _PREDICATES[refusal.code].format(
        who=_PHRASES[refusal.who],
        sender=visible(seen.envelope.sender or "<>"),
        recipient=visible(seen.envelope.recipient),
        ehlo=visible(seen.envelope.ehlo),
        traffic=f"mail of {_PHRASES[Party.SENDER]}" if of_domain else "traffic from here",
        listed=_PHRASES[refusal.about],
        list=f"{listing.name}, for {listing.address}" if listing.address else listing.name,
        closes="closes the session" if reply.code == 421 else "takes no mail now",
        rejects=_rejection(seen, refusal),
    )
    # The last line, code and all, without a full stop of its own; the evidence has it whole.
    words = visible(reply.lines[-1]).rstrip(". ") if reply.lines else str(reply.code)
    if len(words) > _SAID:
        words = f"{words[: _SAID - 1]}…"
    return f"{seen.target.where} {predicate}: {words}."


def _rejection(seen: SessionObservation, refusal: _Refusal) -> str:
    if refusal.explanation is not None and refusal.explanation.id in _LOGIN:
        return "wants a login before it takes mail"
    whom = visible(seen.envelope.recipient)
    if refusal.exchange.phase is Phase.MAIL:
        whom = f"the sender {visible(seen.envelope.sender or '<>')}"
        if refusal.who is Party.SENDER:
            return f"rejects {whom}"
    return f"rejects {whom}, on account of {_PHRASES[refusal.who]}"


def _listing(refusal: _Refusal) -> Listing:
    """Return what a refusal calls the list and which address is on it, as far as it says."""
    text = reply_texts.words(refusal.reply)
    named = reply_texts.listing(text)
    name = reply_texts.zone_in(reply_texts.masked(text))
    if not name and refusal.explanation is not None:
        name = refusal.explanation.blocklist
    if not name:
        name = named.name if named is not None else "which it does not name"
    # Where a domain is listed, an address in the text is not the one that is on the list.
    address = "" if _domain_is_listed(refusal) else reply_texts.address_in(text)
    return Listing(name, address)


def _meaning(refusal: _Refusal) -> str | None:
    explanation = refusal.explanation
    if explanation is None:
        return _DOMAIN_MEANING if refusal.of_listed_domain else None
    if explanation.settled:
        return explanation.meaning
    return f"{catalogue()[refusal.code].meaning} {explanation.meaning}"


def _side(refusal: _Refusal) -> Side | None:
    if refusal.explanation is not None and refusal.explanation.side is not None:
        return refusal.explanation.side
    if refusal.code == "sender-rejected":
        return Side.RECIPIENT if refusal.who is Party.SERVER else None
    if refusal.code in _EITHER_SIDE:
        return Side.RECIPIENT if refusal.who in (Party.RECIPIENT, Party.SERVER) else Side.HERE
    return None


def _advice(refusal: _Refusal) -> str | None:
    """Return better advice than the catalogue's, where the reply says more."""
    explanation = refusal.explanation
    if explanation is not None and explanation.advice:
        reference = explanation.reference or ""
        if explanation.code in _WITH_LINK and reference.startswith("https:"):
            # Where to look up, or to ask to be let in again, belongs to what to do.
            return f"{explanation.advice} See {reference}"
        return explanation.advice
    if refusal.of_listed_domain:
        return _DOMAIN_ADVICE
    return _ADVICE.get((refusal.code, refusal.who))
