"""What a 4yz or 5yz reply means at its place, and who it is that is refused (RFC 5321 §4.2.1, RFC 3463). Pure."""

import re

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
_DOMAIN_MEANING = (
    "The sender's domain stands on a list of domains that the server uses, not this machine's address."
)
_DOMAIN_ADVICE = "Look the sender's domain up at the list that is named, mend the cause and ask for removal there."
_SAID = 512  # characters of a server's words in a sentence of ours: a whole line (RFC 5321 §4.5.3.1.5)
_AT_421 = frozenset({"rate-limited", "blocklisted", "service-unavailable"})


def judge_refusal(seen: SessionObservation, item: Exchange) -> tuple[Finding, ...]:
    """Return the one finding about a reply that refuses, for now (4yz) or for good (5yz).

    What is known of the receiver's words, else of the enhanced status code, refines its meaning, side, advice and
    reference; message and evidence keep the server's own words.

    `party` is whom it is about, for "blocklisted" as `listed_party` says: the listing of the sender's domain is no
    fault of this machine's address.
    """
    reply = item.reply
    if reply is None:
        return ()
    told = explain(reply, item.phase)
    code = _code(item, reply, told)
    if told is not None and not told.settled and code in _BY_WORDS:
        told = None
    if code not in _BY_WORDS and _wants_login(seen, item, reply):
        code, told = "authentication-required", None
    message = _message(code, seen, item, reply, told)
    found = finding(
        code,
        message,
        evidence=reply_texts.lines(reply),
        meaning=_meaning(code, item, told),
        side=_side(code, item, told),
        advice=_advice(code, item, told),
        reference=told.reference if told is not None else None,
        party=_about(code, item),
    )
    return (found,)


def says_too_much(item: Exchange) -> bool:
    """Whether the reply says that there were too many sessions, or too much mail, from here."""
    reply = item.reply
    if reply is None or reply.first_digit != 4:
        return False
    return _code(item, reply, explain(reply, item.phase)) == "rate-limited"


def refused(item: Exchange) -> Party:
    """Say who is refused: what the words settle, else up to EHLO this machine, at MAIL the sender's domain.

    A server that has trouble of its own (x.3.x, x.4.x) refuses nobody: then it is `Party.SERVER`.
    """
    reply = item.reply
    told = explain(reply, item.phase) if reply is not None else None
    if told is not None and told.who:
        return told.who
    status = (reply.enhanced_status or "") if reply is not None else ""
    detail = status[2:]
    if detail in _SENDER_CODES:
        return Party.SENDER
    if item.phase in (Phase.GREETING, Phase.EHLO, Phase.STARTTLS):
        return Party.MACHINE
    if reply is not None and item.phase is Phase.MAIL and reply_texts.names_machine(reply):
        return Party.MACHINE
    if _OF_SERVER.match(detail) and (item.phase is Phase.MAIL or status.startswith("4")):
        return Party.SERVER
    if item.phase is Phase.MAIL:
        return Party.SENDER
    if detail.startswith(("1.", "2.")):
        return Party.RECIPIENT
    if detail.startswith("7.") or (reply is not None and reply_texts.about_machine(reply)):
        return Party.MACHINE
    return Party.RECIPIENT


def blocklist(item: Exchange) -> Listing | None:
    """Return the blocklist that a refusal is because of, and the address it is about; None where it is none.

    The list goes by its DNS zone if the reply names that, else by whose it is ("Microsoft's own").
    """
    reply = item.reply
    if reply is None or reply.first_digit not in (4, 5):
        return None
    told = explain(reply, item.phase)
    return _listing(reply, told) if _code(item, reply, told) == "blocklisted" else None


def listed_party(item: Exchange) -> Party | None:
    """Say whom a refusal because of a blocklist is about: this machine or the sender's domain; None for others."""
    reply = item.reply
    if reply is None or reply.first_digit not in (4, 5):
        return None
    told = explain(reply, item.phase)
    if _code(item, reply, told) != "blocklisted":
        return None
    if told is not None and told.code == "blocklisted":
        of_domain = told.who is Party.SENDER
    else:
        of_domain = reply_texts.domain_listed(reply_texts.words(reply))
    return Party.SENDER if of_domain else Party.MACHINE


def _about(code: str, item: Exchange) -> Party:
    """Return whom a refusal is about: it is because of a blocklist that this machine or the sender's domain is."""
    listed = listed_party(item) if code == "blocklisted" else None
    return listed or refused(item)


def _wants_login(seen: SessionObservation, item: Exchange, reply: Reply) -> bool:
    """Whether a server that is no mail host of the domain, a relay or one given, wants a login."""
    settings = seen.settings
    aside = bool(settings.relay or settings.server)
    at_envelope = item.phase in (Phase.MAIL, Phase.RCPT)
    return aside and at_envelope and reply_texts.wants_authentication(reply, settings.relay_auth)


def _code(item: Exchange, reply: Reply, told: Explanation | None) -> str:
    """Return the finding's code: what the words settle, else what they hint at, else what the reply code says."""
    settled = told if told is not None and told.settled else None
    if settled is not None and settled.code and (reply.code != 421 or settled.code in _AT_421):
        return settled.code
    if settled is None and not reply_texts.about_address(reply):
        if reply_texts.rate_limiting(reply):
            return "rate-limited"
        if reply_texts.listing(reply_texts.words(reply)) is not None:
            return "blocklisted"
    if reply.code == 421:
        return "service-unavailable"
    if reply.first_digit == 4:
        if settled is None and reply_texts.greylisting(reply, at_rcpt=item.phase is Phase.RCPT):
            return "greylisted"
        return {Phase.MAIL: "sender-deferred", Phase.RCPT: "recipient-deferred"}.get(
            item.phase, "service-unavailable"
        )
    if item.phase is Phase.MAIL and reply_texts.wants_tls(reply):
        return "starttls-required"
    return {
        Phase.GREETING: "greeting-rejected",
        Phase.EHLO: "helo-rejected",
        Phase.STARTTLS: "helo-rejected",
        Phase.MAIL: "sender-rejected",
    }.get(item.phase, "recipient-rejected")


def _message(code: str, seen: SessionObservation, item: Exchange, reply: Reply, told: Explanation | None) -> str:
    where, said, party = seen.target.where, _said(reply), _about(code, item)
    who = _PHRASES[party]
    sender, recipient = visible(seen.envelope.sender or "<>"), visible(seen.envelope.recipient)
    listed = _listing(reply, told)
    about = f"{listed.name}, for {listed.address}" if listed.address else listed.name
    closes = "closes the session" if reply.code == 421 else "takes no mail now"
    because = f", on account of {who}" if party is not Party.SENDER else ""
    whom = f"the sender {sender}{because}" if item.phase is Phase.MAIL else f"{recipient}, on account of {who}"
    rejects = f"rejects {whom}"
    if told is not None and told.id in _LOGIN:
        rejects = "wants a login before it takes mail"
    of_domain = told is not None and told.who is Party.SENDER
    much = f"mail of {_PHRASES[Party.SENDER]}" if of_domain else "traffic from here"
    words = {
        "authentication-required": "takes mail only from those who log in, and AUTH is never attempted here",
        "rate-limited": f"says that there is too much {much}",
        "blocklisted": f"refuses {who} because of a blocklist ({about})",
        "greylisted": "defers the mail, probably by greylisting",
        "service-unavailable": closes,
        "sender-deferred": f"defers {sender}, on account of {who}",
        "recipient-deferred": f"defers {recipient}, on account of {who}",
        "greeting-rejected": "turns this machine away",
        "helo-rejected": f"refuses {_PHRASES[Party.MACHINE]} ({visible(seen.envelope.ehlo)})",
        "starttls-required": "wants STARTTLS before it takes mail",
        "sender-rejected": rejects,
        "recipient-rejected": rejects,
    }
    return f"{where} {words[code]}: {said}."


def _listing(reply: Reply, told: Explanation | None) -> Listing:
    text = reply_texts.words(reply)
    listed = reply_texts.listing(text)
    called = told.blocklist if told is not None else ""
    zone = reply_texts.zone_in(reply_texts.masked(text))
    name = zone or called or (listed.name if listed is not None else "which it does not name")
    # Where a domain is listed, an address in the text is not the one that is on the list.
    settled = told is not None and told.code == "blocklisted"
    about_domain = told.who is Party.SENDER if told is not None and settled else reply_texts.domain_listed(text)
    return Listing(name, "" if about_domain else reply_texts.address_in(text))


def _meaning(code: str, item: Exchange, told: Explanation | None) -> str | None:
    if told is None:
        return _DOMAIN_MEANING if code == "blocklisted" and listed_party(item) is Party.SENDER else None
    return told.meaning if told.settled else f"{catalogue()[code].meaning} {told.meaning}"


def _side(code: str, item: Exchange, told: Explanation | None) -> Side | None:
    if told is not None and told.side is not None:
        return told.side
    if code in ("sender-deferred", "recipient-deferred", "recipient-rejected") or (
        code == "sender-rejected" and refused(item) is Party.SERVER
    ):
        return Side.RECIPIENT if refused(item) in (Party.RECIPIENT, Party.SERVER) else Side.HERE
    return None


def _advice(code: str, item: Exchange, told: Explanation | None) -> str | None:
    """Return better advice than the catalogue's, where the reply says more."""
    if told is not None and told.advice:
        # Where to look up, or to ask to be let in again, belongs to what to do.
        link = told.reference if told.code in _WITH_LINK and (told.reference or "").startswith("https:") else None
        return f"{told.advice} See {link}" if link else told.advice
    if code == "blocklisted" and listed_party(item) is Party.SENDER:
        return _DOMAIN_ADVICE
    who = refused(item)
    if code in ("sender-deferred", "sender-rejected", "recipient-deferred") and who is Party.SERVER:
        return "Wait. If it stays for hours, tell the postmaster there by another way, with the reply quoted."
    of_machine = code in ("sender-rejected", "sender-deferred") and who is Party.MACHINE
    if code != "recipient-rejected" and not of_machine:
        return None
    if who is Party.MACHINE:
        other = "sender" if item.phase is Phase.MAIL else "recipient"
        return f"The server refuses this machine, not the {other}: check its reverse DNS name and reputation."
    if who is Party.SENDER:
        return "The server refuses the sender's domain: check that it has an MX or address, and its SPF record."
    return None


def _said(reply: Reply) -> str:
    """Return the last line of a reply, code and all, without a full stop of its own."""
    text = visible(reply.lines[-1]).rstrip(". ") if reply.lines else str(reply.code)
    return text if len(text) <= _SAID else f"{text[: _SAID - 1]}…"  # the evidence has it whole
