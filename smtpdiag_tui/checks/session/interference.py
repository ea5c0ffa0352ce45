"""Does a device on the path answer in the server's place, or rewrite what client and server say? Pure.

Inspecting firewalls mask banners, keywords and commands that they do not know; a provider's proxy greets under
its own name. That a banner names another host than the MX record is common and means nothing by itself: hosted
mail and load balancers do that.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.registered_domain import registered_domain
from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.egress import network_of
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.smtp.reply import Reply

SHOWN = 1000  # characters of a banner that are looked at
LEAST_ROUND_TRIP = 0.04  # seconds; what shorter ones show is the time that a first packet takes to find its way
TENTH = 10  # a reply in less than this part of the round trip was sent before its command arrived
SEVERAL = 3  # replies that came too early
UNASKED = 2  # replies that nobody had asked for

# A mask keeps the digits of "220" and blanks: Cisco's inspection of SMTP (PIX: fixup protocol smtp, ASA: esmtp).
_MASK = re.compile(r"[*20 \t]{3,}")
_MASKED_KEYWORD = re.compile(r"X{3,64}[A-Z]?|\*{3,64}")
# A command that was overwritten comes back in the server's refusal of it, in the length that it had.
_MASKED_VERB = re.compile(r"(?<![\w.@-])X{4,8}(?![\w.@-])")
_HOST = re.compile(r"\[?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,8}\.?\]?", re.IGNORECASE)
_PROXY = re.compile(
    r"\bprox(?:y|ied)\b|\b(?:outgoing|outbound) (?:e?smtp|mail|relay|gateway|filter)\b|\bsmart ?host\b",
    re.IGNORECASE,
)
# These speak to the client of a provider, whoever greets.
_TO_CLIENTS = re.compile(
    r"\btransparent (?:e?smtp |mail )?proxy\b|\brelay(?:s|ing)? your (?:outgoing|outbound) "
    r"|\byour outgoing mail\b",
    re.IGNORECASE,
)
_REPLY = re.compile(rb"[2-5][0-9][0-9][ -]")

_MASKING = (
    "An inspecting firewall on the path rewrites the session (Cisco: inspect esmtp, fixup protocol smtp)."
    " It hides keywords such as STARTTLS and may break commands."
)
_PROXYING = (
    "A provider's proxy for outbound port 25 sends such a banner and answers in place of the server. So does a"
    " mail filter that the recipient's operator uses under another name."
)
_EARLY = "A reply cannot arrive before its command has reached the server. A device closer to this host answered."
_SHARED = (
    "Unrelated hosts do not share a banner in the name of a third. Probably a proxy on the path, such as a"
    " provider's for outbound port 25, answers for all of them."
)


@dataclass(frozen=True, slots=True)
class HostSessions:
    """The sessions with one mail host; `names` are its name and what its CNAMEs lead to.

    `certified` holds the addresses that showed a certificate which this host trusts for the MX host's name: these
    are the server itself.
    """

    names: tuple[str, ...]
    sessions: tuple[SessionObservation, ...]
    certified: frozenset[str] = frozenset()


def judge_greeting(seen: SessionObservation) -> tuple[Finding, ...]:
    """Return the finding that the banner is masked, none if it is not."""
    greeting = seen.last(Phase.GREETING)
    if greeting is None or not masked_banner(greeting.answer):
        return ()
    message = f"{seen.target.host} sent a banner masked by a firewall"
    return (_found(seen, message, _MASKING, reply_texts.lines(greeting.reply)),)


def judge_commands(seen: SessionObservation, phase: Phase) -> tuple[Finding, ...]:
    """Return the finding that EHLO, its reply or STARTTLS was rewritten, none if they were not.

    Under TLS nothing can be.
    """
    for exchange in seen.exchanges:
        if exchange.phase is not phase or exchange.tls:
            continue
        what = _rewritten(seen, exchange)
        if what:
            return (_found(seen, what, _MASKING, reply_texts.lines(exchange.reply)),)
    return ()


def _rewritten(seen: SessionObservation, exchange: Exchange) -> str:
    """Say what of an exchange a firewall wrote, "" if it wrote nothing that can be told."""
    host, verb = seen.target.host, "STARTTLS" if exchange.phase is Phase.STARTTLS else "EHLO"
    if masked_keywords(exchange.answer):
        return f"EHLO keywords of {host} were masked by a firewall"
    if masked_command(exchange):
        return f"A firewall overwrote {verb} before it reached {host}"
    greeting = seen.last(Phase.GREETING)
    behind_mask = greeting is not None and masked_banner(greeting.answer)
    if behind_mask and exchange.says(b"EHLO") and exchange.turned_down and _unknown_command(exchange.reply):
        return f"{host} rejected EHLO behind a firewall that masks its banner"
    return ""


def _unknown_command(reply: Reply | None) -> bool:
    """Whether a reply says that the command is not known or not implemented (RFC 5321 §4.2.4)."""
    return reply is not None and reply.code in (500, 502)


def masked_banner(reply: Reply | None) -> bool:
    """Whether every line of a greeting is asterisks, beside the few characters that a mask keeps."""
    if reply is None or not reply.lines:
        return False
    texts = [_text(line) for line in reply.text[:20]]
    masked = all(_MASK.fullmatch(text) or not text.strip() for text in texts)
    whole = "".join(texts)
    return masked and whole.count("*") >= max(3, len(whole) // 3)


def masked_keywords(reply: Reply | None) -> tuple[str, ...]:
    """Return the keywords of an EHLO reply that a firewall masked: `XXXX`, `XXXXXXXA` and the like."""
    if reply is None or reply.first_digit != 2:
        return ()
    words = [_text(line).partition(" ")[0] for line in reply.text[1:]]
    return tuple(word for word in words if _MASKED_KEYWORD.fullmatch(word))


def masked_command(exchange: Exchange) -> bool:
    """Whether a refusal quotes the command as a row of X, which this host never sent."""
    sent = exchange.command or b""
    if exchange.reply is None or exchange.reply.first_digit != 5 or b"XXXX" in sent:
        return False
    return exchange.says((b"EHLO", b"HELO", b"STARTTLS")) and any(
        _MASKED_VERB.search(_text(line)) for line in exchange.reply.text[:20]
    )


def masked(seen: SessionObservation) -> bool:
    """Whether a firewall masked anything in a session, so that what is missing may be missing for its sake."""
    greeting = seen.last(Phase.GREETING)
    if greeting is not None and masked_banner(greeting.answer):
        return True
    return any(
        masked_keywords(exchange.answer) or masked_command(exchange)
        for exchange in seen.exchanges
        if exchange.phase in (Phase.EHLO, Phase.STARTTLS)
    )


def judge_session(seen: SessionObservation, names: Sequence[str], *, certified: bool) -> tuple[Finding, ...]:
    """Return the findings about a session as a whole: a proxy's banner, and replies that came too early.

    `names` are the MX host's, what its CNAMEs lead to, and the recipient's domain; none where no MX names the
    host: a relay host may be a proxy rightly. `certified`: the server showed a trusted certificate for the MX
    host's name, so that it is no proxy.
    """
    found: list[Finding] = []
    greeting = seen.last(Phase.GREETING)
    speaker = None
    if names and not certified and greeting is not None:
        speaker = proxy(greeting.reply, names)
    if speaker is not None and greeting is not None:
        who = f"the proxy {speaker}" if speaker else "a proxy"
        message = f"The banner of {seen.target.host} is that of {who}"
        found.append(_found(seen, message, _PROXYING, reply_texts.lines(greeting.reply)))
    early = too_early(seen)
    if early:
        message = f"{seen.target.host} replied before the commands could have arrived"
        found.append(_found(seen, message, _EARLY, early))
    return tuple(found)


def proxy(greeting: Reply | None, names: Sequence[str]) -> str | None:
    """Return the host that a proxy's greeting names, "" if it names none; None if it is no proxy's.

    A proxy says what it is: another host's name alone is none. `names` are those of the MX host and its domain.
    """
    if greeting is None or not greeting.lines:
        return None
    host, text = banner(greeting)
    related = {registered_domain(name) for name in names}
    if host and registered_domain(host) in related:
        return None
    if _TO_CLIENTS.search(text) or (host and _PROXY.search(text)):
        return host
    return None


def banner(greeting: Reply) -> tuple[str, str]:
    """Return the host that a greeting names, lower case, "" for none, and the text behind it (RFC 5321 §4.2)."""
    text = " ".join(_text(line) for line in greeting.text[:20])[:SHOWN]
    first, _, rest = text.partition(" ")
    if not _HOST.fullmatch(first) or first.strip("[].").rpartition(".")[2].isdecimal():
        return "", text
    return first.strip("[]").rstrip(".").lower(), rest


def too_early(seen: SessionObservation) -> tuple[str, ...]:
    """Return lines on replies that came before their commands could have arrived; none unless there are several.

    The round trip is the system's own measure of the connection, which no delay in this program lengthens.
    """
    return (*_unasked(seen), *_too_quick(seen))


def _unasked(seen: SessionObservation) -> list[str]:
    """Return lines on replies that nobody had asked for; none unless there are several."""
    unasked = [exchange for exchange in seen.before_quit if _REPLY.match(exchange.unexpected)]
    if len(unasked) < UNASKED:
        return []
    return [f"{_verb(item)}: another reply arrived before the next command was sent" for item in unasked]


def _too_quick(seen: SessionObservation) -> list[str]:
    """Return lines on replies that came in a small part of the round trip; none unless there are several."""
    trip = seen.round_trip
    if trip is None or trip < LEAST_ROUND_TRIP:
        return []
    answered = [item for item in seen.exchanges if item.command is not None and item.answer is not None]
    quick = [item for item in answered if item.seconds * TENTH < trip]
    if len(quick) < SEVERAL:
        return []
    lines = [f"{_verb(item)}: reply after {item.seconds * 1000:.1f} ms" for item in quick]
    return [*lines, f"round trip of the connection: {trip * 1000:.0f} ms"]


def judge_hosts(hosts: Sequence[HostSessions], domain: str) -> tuple[Finding, ...]:
    """Return the finding that unrelated mail hosts show one banner in the name of a third party, none if not.

    Unrelated are hosts under different registered domains, at addresses in different networks.
    """
    for speaker, sessions in _by_banner(hosts, domain).items():
        operators = {registered_domain(names[-1]) for names, _ in sessions}
        networks = {network_of(seen.target.address) for _, seen in sessions}
        if len(operators) < 2 or len(networks) < 2:
            continue
        evidence = tuple(line for _, seen in sessions for line in _greeted(seen))
        message = f"Unrelated MX hosts show the same banner, {speaker[0] or 'that of a proxy'}"
        return (_found(sessions[0][1], message, _SHARED, evidence),)
    return ()


_Spoken = list[tuple[tuple[str, ...], SessionObservation]]


def _by_banner(hosts: Sequence[HostSessions], domain: str) -> Mapping[tuple[str, str], _Spoken]:
    """Return the sessions under each banner, without its numbers, that names nobody whom the mail goes to."""
    related = {registered_domain(name) for host in hosts for name in (*host.names, domain)}
    found: dict[tuple[str, str], _Spoken] = {}
    for host in hosts:
        for seen in _uncertified(host.sessions, host.certified):
            key = _third_party(seen, related)
            if key is not None:
                found.setdefault(key, []).append((host.names, seen))
    return found


def _third_party(seen: SessionObservation, related: Collection[str]) -> tuple[str, str] | None:
    """Return who greets under which text, its numbers 0, where that is none of the `related` domains; else None.

    Who greets is a registered domain, "" for a proxy that does not name itself.
    """
    greeting = seen.last(Phase.GREETING)
    if greeting is None or greeting.reply is None or not greeting.reply.lines:
        return None
    speaker, text = banner(greeting.reply)
    numberless = re.sub(r"\d+", "0", text)
    if not speaker:
        return ("", numberless) if _PROXY.search(text) else None
    domain = registered_domain(speaker)
    return None if domain in related else (domain, numberless)


def _uncertified(sessions: Sequence[SessionObservation], certified: Collection[str]) -> list[SessionObservation]:
    return [seen for seen in sessions if seen.target.address not in certified]


def _greeted(seen: SessionObservation) -> list[str]:
    greeting = seen.last(Phase.GREETING)
    lines = reply_texts.lines(greeting.reply) if greeting is not None else ()
    return [f"{seen.target.where}: {line}" for line in lines[:3]]


def _found(seen: SessionObservation, message: str, meaning: str, evidence: tuple[str, ...]) -> Finding:
    host = seen.target.host
    advice = (
        f"Connect to {host} from another network and compare the banner.",
        Action("Network administrator", f"if the banners differ, let port 25 to {host} through unchanged."),
        Action(f"MX administrator of {host}", f"if they are the same, check the firewall in front of {host}."),
    )
    return finding(
        "path-interference",
        message,
        meaning=meaning,
        evidence=evidence,
        advice=advice,
        reason=Reason.PATH_INTERFERENCE,
    )


def _verb(exchange: Exchange) -> str:
    return _text((exchange.command or b"greeting").split(b" ")[0])


def _text(line: bytes) -> str:
    return line[:SHOWN].decode("ascii", "backslashreplace")
