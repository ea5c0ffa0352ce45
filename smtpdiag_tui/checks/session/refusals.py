"""What a 4xx or 5xx reply means at its place, and who it is that is refused (RFC 5321 §4.2.1, RFC 3463). Pure."""

import re
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.replies.client_seen import other_client
from smtpdiag_tui.checks.session.replies.filling import client_of, filled
from smtpdiag_tui.checks.session.replies.headlines import Refused, code_of, headline
from smtpdiag_tui.checks.session.replies.names import NOBODY, Names, names_of
from smtpdiag_tui.checks.session.replies.normal_form import NormalReply, normal_form
from smtpdiag_tui.checks.session.replies.reasons import reason_texts
from smtpdiag_tui.checks.session.replies.waits import told_wait, wait_in_words
from smtpdiag_tui.checks.session.reply_meanings import Explanation, explain, status_entry, status_reason
from smtpdiag_tui.checks.session.reply_texts import Listing
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.report.actions import Action, actions_in
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

_LINK = re.compile(r"https?://\S{1,400}", re.IGNORECASE)
_LISTS = frozenset({Reason.IP_BLOCKLIST, Reason.DOMAIN_BLOCKLIST})
_MAY_BE_LISTS = frozenset({Reason.IP_REPUTATION, Reason.DYNAMIC_ADDRESS})  # where they speak of a list
_OF_DOMAIN = frozenset({Reason.DOMAIN_BLOCKLIST, Reason.DOMAIN_REPUTATION})
_TO_SETTLE = (
    "Rerun after 5 minutes from {client} (key g, --retry-greylisted).",
    "If the reply is the same then, send it to postmaster@{recipient_domain} from another mailbox.",
)
_MX_ADMINISTRATOR, _ADMINISTRATOR = "MX administrator of", "Administrator of"
_POSTMASTER = re.compile(r"postmaster@\{recipient_domain\}(?: from another mailbox)?")
# Statuses that are told of so many things that they contradict none (RFC 3463 §3.8 and the plain x.x.0).
_GENERAL_STATUSES = frozenset({"7.0", "7.1", "0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "6.0"})
# Reasons that one status may well stand for.
_ALIKE = (
    frozenset({Reason.NO_SUCH_MAILBOX, Reason.MAILBOX_DISABLED}),
    frozenset({Reason.SERVER_TROUBLE, Reason.SERVER_CLOSED, Reason.MAILBOX_FULL}),
    frozenset({Reason.RATE_LIMIT, Reason.SERVER_CLOSED, Reason.SERVER_TROUBLE, Reason.RECIPIENT_RATE_LIMIT}),
    frozenset({Reason.SENDER_DOMAIN, Reason.SENDER_CALLOUT, Reason.SENDER_POLICY, Reason.AUTHENTICATION}),
    frozenset({Reason.NOT_HOSTED, Reason.NO_SUCH_MAILBOX}),
    frozenset({Reason.EHLO_NAME, Reason.PROTOCOL}),
    frozenset({Reason.RATE_LIMIT, Reason.PROTOCOL, Reason.RECIPIENT_RATE_LIMIT}),
    frozenset({Reason.SERVER_CLOSED, Reason.SERVER_TROUBLE, Reason.GREYLISTING}),
    frozenset({Reason.LOGIN_REQUIRED, Reason.TLS_REQUIRED, Reason.OWN_ACCOUNT}),
)

# Who is refused where nothing was said.
_REFUSED = {
    Phase.GREETING: Party.MACHINE,
    Phase.EHLO: Party.MACHINE,
    Phase.STARTTLS: Party.MACHINE,
    Phase.MAIL: Party.SENDER,
}
_COMMANDS = {
    Phase.GREETING: "the connection",
    Phase.EHLO: "EHLO",
    Phase.STARTTLS: "STARTTLS",
    Phase.MAIL: "MAIL FROM",
    Phase.RCPT: "RCPT TO",
}
# What a reply comes to at its place where nothing but its class is known.
_DEFERRED = {Phase.MAIL: "sender-deferred", Phase.RCPT: "recipient-deferred"}
_REJECTED = {
    Phase.GREETING: "greeting-rejected",
    Phase.EHLO: "helo-rejected",
    Phase.STARTTLS: "helo-rejected",
    Phase.MAIL: "sender-rejected",
}


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A reply that refuses, at its place, with the finding's code and what is known of its words."""

    exchange: Exchange
    reply: Reply
    normal: NormalReply
    explanation: Explanation
    code: str
    names: Names

    @property
    def reason(self) -> Reason:
        return self.explanation.reason

    @property
    def listing(self) -> Listing:
        """What it calls the list and which address is on it, as far as it says."""
        return _listing(self)


def judge_refusal(seen: SessionObservation, exchange: Exchange, names: Names | None = None) -> tuple[Finding, ...]:
    """Return the one finding about a reply that defers (4xx) or rejects (5xx).

    Its `reason` is what the words say, else the status code (`reply_meanings`); meaning, side, actions and
    reference follow from it. The evidence keeps the server's own words. `party` is whom it is about, None where
    the reply does not tell. `names` is who is who where that is known otherwise than by a session.
    """
    if exchange.reply is None or exchange.reply.first_digit not in (4, 5):
        return ()
    names = names_of(seen) if names is None else names
    refusal = _understood(exchange, exchange.reply, names)
    if _wants_login(seen, refusal):
        return (_login_wanted(seen, refusal),)
    other = other_client(refusal.normal, names, refusal.reason)
    found = finding(
        refusal.code,
        _message(seen, refusal, other),
        evidence=reply_texts.lines(refusal.reply),
        meaning=_meaning(refusal, other),
        side=Side.RECIPIENT if other else refusal.explanation.side,
        advice=_advice_about_proxy(names, other) if other else _actions(refusal),
        reference=refusal.explanation.reference,
        party=Party.SERVER if other else refusal.explanation.who,
        reason=refusal.reason,
        probable=refusal.explanation.perhaps and not other,
    )
    return (_once_more(seen, found),)


def _once_more(seen: SessionObservation, found: Finding) -> Finding:
    """Return a deferral of the second attempt as that: what follows of it is told at the address."""
    if seen.greylisted_for is None or found.code != "greylisted":
        return found
    return replace(found, message=f"{seen.target.where} greylisted the retry too", meaning="", actions=())


def says_too_much(exchange: Exchange, names: Names = NOBODY) -> bool:
    """Whether the reply says that there were too many sessions, or too much mail, from here."""
    reply = exchange.reply
    if reply is None or reply.first_digit != 4:
        return False
    return _understood(exchange, reply, names).code == "rate-limited"


def refused(exchange: Exchange, names: Names = NOBODY) -> Party:
    """Say who is refused: what the words settle, else this machine up to EHLO, then sender, then recipient.

    A server that has trouble of its own refuses nobody: then it is `Party.SERVER`.
    """
    explanation = explain(exchange.reply, exchange.phase, names) if exchange.reply is not None else None
    if explanation is not None and explanation.who is not None:
        return explanation.who
    if exchange.phase is Phase.RCPT and exchange.reply is not None and _by_a_rule(exchange.reply, explanation):
        return Party.MACHINE
    return _REFUSED.get(exchange.phase, Party.RECIPIENT)


def _by_a_rule(reply: Reply, explanation: Explanation | None) -> bool:
    """Whether a rule refuses (x.7.x), which may be about anything but whether the recipient exists."""
    by_status = normal_form(reply).status[2:].startswith("7.")
    return by_status or (explanation is not None and explanation.reason is Reason.RECIPIENT_POLICY)


def blocklist(exchange: Exchange) -> Listing | None:
    """Return the blocklist that a refusal is because of, and the address it is about; None where it is none.

    The list goes by its DNS zone if the reply names that, else by whose it is ("Microsoft's own").
    """
    refusal = _by_blocklist(exchange)
    return refusal.listing if refusal is not None else None


def listed_party(exchange: Exchange) -> Party | None:
    """Say whom a refusal because of a blocklist is about: this machine or the sender's domain; None for others."""
    refusal = _by_blocklist(exchange)
    if refusal is None:
        return None
    return refusal.explanation.who


def _by_blocklist(exchange: Exchange) -> _Refusal | None:
    """Return the refusal that an exchange ended in, if it is because of a blocklist."""
    reply = exchange.reply
    if reply is None or reply.first_digit not in (4, 5):
        return None
    refusal = _understood(exchange, reply, NOBODY)
    return refusal if refusal.code == "blocklisted" else None


def _understood(exchange: Exchange, reply: Reply, names: Names) -> _Refusal:
    """Find what a reply is about, and the finding's code."""
    explanation = explain(reply, exchange.phase, names, of_message=_of_message(exchange))
    if explanation is None:
        raise ValueError(f"{reply.code} refuses nothing")
    normal = normal_form(reply, names)
    return _Refusal(exchange, reply, normal, explanation, _code(exchange, normal, explanation), names)


def _of_message(exchange: Exchange) -> bool:
    """Whether the reply is to DATA or to the end of the message: no run gets there, a bounce tells of it."""
    return exchange.says((b"DATA", b"."))


def _code(exchange: Exchange, normal: NormalReply, told: Explanation) -> str:
    """Return the finding's code: by the reason where that has one, else by phase and class."""
    for_now = normal.first_digit == 4
    if told.reason is Reason.RATE_LIMIT and for_now:
        return "rate-limited"
    if told.reason is Reason.GREYLISTING and for_now:
        return "greylisted"
    if _is_listing(normal, told):
        return "blocklisted"
    at_envelope = exchange.phase in (Phase.MAIL, Phase.RCPT)
    if told.reason is Reason.TLS_REQUIRED and at_envelope and not for_now:
        return "starttls-required"
    if told.code == "service-unavailable":
        return told.code
    return _plain_code(exchange, normal)


def _is_listing(normal: NormalReply, told: Explanation) -> bool:
    """Whether a list of addresses or domains is what a reply is because of: a public one, or their own."""
    if told.of_receiver:
        return told.code == "blocklisted"
    if told.reason in _LISTS:
        return True
    return told.reason in _MAY_BE_LISTS and reply_texts.listing(normal.said) is not None


def _plain_code(exchange: Exchange, normal: NormalReply) -> str:
    if normal.code == 421:
        return "service-unavailable"
    if normal.first_digit == 4:
        return _DEFERRED.get(exchange.phase, "service-unavailable")
    return _REJECTED.get(exchange.phase, "recipient-rejected")


def _message(seen: SessionObservation, refusal: _Refusal, other: str) -> str:
    explanation = refusal.explanation
    told = Refused(
        host=visible(seen.target.host),
        where=seen.target.where,
        phase=refusal.exchange.phase,
        reply=refusal.normal,
        reason=refusal.reason,
        party=explanation.who,
        name=explanation.name or reason_texts()[refusal.reason].name,
        names=refusal.names,
        named=bool(explanation.name),
        listing=refusal.listing if refusal.code == "blocklisted" else None,
        greylisted=refusal.code == "greylisted",
        probable=explanation.perhaps,
        of_message=_of_message(refusal.exchange),
    )
    return headline(told, other)


def _listing(refusal: _Refusal) -> Listing:
    text = refusal.normal.said
    name = reply_texts.zone_in(reply_texts.masked(_LINK.sub("", text)))
    if not name and refusal.normal.zones:
        name = refusal.normal.zones[0]
    name = name or refusal.explanation.blocklist or reply_texts.zone_in(reply_texts.masked(text))
    if not name:
        named = reply_texts.listing(text)
        name = named.name if named is not None else ""
    # Where a domain is listed, an address in the text is not the one that is on the list.
    of_domain = refusal.reason in _OF_DOMAIN
    return Listing(name, "" if of_domain else reply_texts.address_in(text))


def _meaning(refusal: _Refusal, other: str) -> str:
    if other:
        # What it says of the client is said of somebody else: told as a fact, it would accuse this host.
        return (
            f"The reply names {other} as the client, but this session left from {client_of(refusal.names)}."
            f" A proxy or NAT in front of the server hides its clients, and the reply is about {other}."
        )
    parts = [_filled(refusal, refusal.explanation.meaning)]
    if refusal.explanation.perhaps:
        parts = [
            f"A {refusal.normal.code} to RCPT TO without a reason is how many servers greylist: they accept a"
            " retry after a few minutes."
        ]
    contradiction = _status_otherwise(refusal)
    if contradiction:
        parts.append(contradiction)
    return " ".join(parts)


def _status_otherwise(refusal: _Refusal) -> str:
    """Return that the status code speaks of something else than the words, "" where it does not."""
    detail, found = refusal.normal.status[2:], status_entry(refusal.normal)
    if not refusal.explanation.settled or found is None or not detail or detail in _GENERAL_STATUSES:
        return ""
    reason = status_reason(refusal.normal, Phase.RCPT)
    if reason is None or _are_alike(reason, refusal.reason):
        return ""
    if refusal.explanation.of_receiver and detail.startswith("7."):
        return ""  # large receivers give codes of x.7 meanings of their own
    return f"Status code {refusal.normal.status} says otherwise: {found[1]['name']}."


def _are_alike(one: Reason, other: Reason) -> bool:
    """Whether one status may well stand for both reasons."""
    return one is other or any({one, other} <= alike for alike in _ALIKE)


def _actions(refusal: _Refusal) -> tuple[Action, ...]:
    """Return what to do, with the names and addresses that it is about."""
    actions = refusal.explanation.actions
    if refusal.explanation.perhaps:
        actions = actions_in(_TO_SETTLE)
    if refusal.names.aside:
        actions = tuple(Action(_of_given(item.who), _of_given(item.what)) for item in actions)
    return tuple(Action(_filled(refusal, item.who), _filled(refusal, item.what)) for item in actions)


def _of_given(text: str) -> str:
    """Return who acts, or what to do, where the host is a relay or a given server: no MX names it."""
    text = text.replace(_MX_ADMINISTRATOR, _ADMINISTRATOR)
    return _POSTMASTER.sub("the administrator of {host}", text)


def _advice_about_proxy(names: Names, other: str) -> Action:
    what = (
        f"let {{host}} see the addresses of its clients instead of {other}; nothing needs to change at {{client}}."
    )
    who = _ADMINISTRATOR if names.aside else _MX_ADMINISTRATOR
    return Action(filled(f"{who} {{host}}", names), filled(what, names))


def _filled(refusal: _Refusal, text: str) -> str:
    normal = refusal.normal
    wait = told_wait(normal)
    return filled(
        text,
        refusal.names,
        list=refusal.listing.name if refusal.reason in _LISTS else "",
        wait=wait_in_words(wait) if wait is not None else "",
        code=code_of(normal),
        page=refusal.explanation.reference or "",
        command="DATA" if _of_message(refusal.exchange) else _COMMANDS.get(refusal.exchange.phase, "RCPT TO"),
        **{"class": "temporary" if normal.first_digit == 4 else "permanent"},
    )


def _wants_login(seen: SessionObservation, refusal: _Refusal) -> bool:
    """Whether a server that is no mail host of the domain, a relay or one given, wants a login."""
    at_envelope = refusal.exchange.phase in (Phase.MAIL, Phase.RCPT)
    if not refusal.names.aside or not at_envelope or refusal.code in ("rate-limited", "blocklisted", "greylisted"):
        return False
    wanted = reply_texts.wants_authentication(refusal.reply, seen.settings.relay_auth)
    return wanted or refusal.reason is Reason.LOGIN_REQUIRED


def _login_wanted(seen: SessionObservation, refusal: _Refusal) -> Finding:
    return finding(
        "authentication-required",
        f"{visible(seen.target.host)} requires authentication; smtpdiag never authenticates",
        evidence=reply_texts.lines(refusal.reply),
        side=Side.HERE,
        party=Party.MACHINE,
        reason=Reason.LOGIN_REQUIRED,
    )
