"""Which address of ours a server says that it sees, in its own words: greeting, EHLO reply, refusals. Pure.

RFC 5321 §4.1.1.1 leaves the text behind the server's domain in its reply to EHLO free; most programs greet the
client by its address there. Only what stands where a client is spoken of counts, and only what may be ours.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical, unusable_reason
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import family_of
from smtpdiag_tui.smtp.reply import Reply

MAX_LINES = 50  # of one reply
MAX_LENGTH = 1000  # characters of one line

_IP = r"(?:IPv6:)?([0-9a-f:.]{3,45})"
# Exim, Sendmail, OpenSMTPD, Exchange, Haraka: "Hello name [address]"; Google: "at your service, [address]".
_GREETED = re.compile(
    rf"\[{_IP}\]|\({_IP}\)|(?:hello|hi|welcome|service),? {_IP}(?![\w.:])",
    re.IGNORECASE,
)
_GREETS = re.compile(r"\b(?:hello|hi|welcome|service|greetings)\b", re.IGNORECASE)
# Where greetings and refusals speak of the client: "Client host [address] blocked", "too many connections from
# address", "banned sending IP [address]", "554 IP=address", a list's link that ends in the address.
_SPOKEN_OF = re.compile(
    r"(?:\bclient(?: host| address| ip)?|\byour (?:ip|host|server|address|ip address)(?: is| address)?|\byou are|"
    r"\bfrom|\bsending ip|\bbanned sender|\bconnecting ip|\b(?:reverse )?hostname,|\bip(?: address)?|\bbecause|"
    r"[?&](?:ip|r|query|q)=|/query/(?:ip/)?|/ip/|/lookup/|bl\.shtml\?|[?&]ip=)"
    rf"[ :=]{{0,3}}[\[(<]?{_IP}(?![\w.:@]*\w)",
    re.IGNORECASE,
)
# Postfix names the client before what it says of it: "name[address]: Client host rejected".
_POSTFIX = re.compile(rf"(?:^|[\s<])[\w.-]+\[{_IP}\]>?: (?:client|helo|sender|recipient)", re.IGNORECASE)
# Google and others open a refusal with it: "550-5.7.25 [address] The IP address ...".
_OPENING = re.compile(rf"^(?:[245]\.\d{{1,3}}\.\d{{1,3}} )?\[{_IP}[\]\s]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Echo:
    """One server's word: the address in RFC 5952 form, who says it, and the whole line, printable.

    `strong` if the client is greeted or refused by it, as "Hello name [address]" and "Client host [address]" do.
    """

    address: str
    said_by: str
    line: str
    strong: bool = True


def echo_of(seen: SessionObservation, foreign: Collection[str], is_public: Callable[[str], bool]) -> Echo | None:
    """Return the first word of a server, in its session with us, of an address that can be ours.

    It must be of the source's family, be the source itself or public, and none of `foreign` (the mail hosts'
    addresses): a server behind a relay of its own sees that relay.
    """
    if seen.source is None:
        return None
    source = canonical(seen.source)
    literal = canonical(seen.envelope.ehlo.strip("[]").removeprefix("IPv6:"))
    for line, texts, strong in _named(seen.exchanges):
        addresses = list(map(canonical, texts))
        if addresses.count(literal) == 1:
            addresses.remove(literal)  # what was said in EHLO comes back whatever the server sees
        for address in reversed(addresses):
            known = address == source or is_public(address)
            if known and _possible(address, source) and address not in foreign:
                return Echo(address, seen.target.where, line, strong)
    return None


def _possible(address: str, source: str) -> bool:
    return bool(address) and family_of(address) == family_of(source) and unusable_reason(address) is None


def _named(exchanges: Collection[Exchange]) -> Iterator[tuple[str, list[str], bool]]:
    """Yield lines with the addresses in them that stand for the client, and how surely; replies to EHLO first."""
    for exchange in sorted(exchanges, key=lambda exchange: exchange.phase is not Phase.EHLO):
        phase, reply = exchange.phase, exchange.reply
        if reply is None or phase is Phase.QUIT:
            continue
        refuses = reply.first_digit in (4, 5)
        if phase is Phase.EHLO and reply.first_digit == 2:
            yield from _greeted(reply)
        elif phase is Phase.GREETING or refuses:
            for line, texts in _spoken_of(reply):
                yield line, texts, refuses


def _greeted(reply: Reply) -> Iterator[tuple[str, list[str], bool]]:
    """The first line of the reply to EHLO: the server's domain, then what it likes to say (RFC 5321 §4.1.1.1).

    An address before the word that greets is the server's own.
    """
    if reply.lines:
        line, text = visible(reply.lines[0][:MAX_LENGTH]), visible(reply.text[0][:MAX_LENGTH])
        after_domain = text.partition(" ")[2]
        greets = _GREETS.search(after_domain)
        start = greets.start() if greets else 0
        yield line, _all(_GREETED, after_domain[start:]), greets is not None


def _spoken_of(reply: Reply) -> Iterator[tuple[str, list[str]]]:
    for whole, text in list(zip(reply.lines, reply.text, strict=True))[:MAX_LINES]:
        words = visible(text[:MAX_LENGTH])
        addresses = [*_all(_OPENING, words), *_all(_POSTFIX, words), *_all(_SPOKEN_OF, words)]
        yield visible(whole[:MAX_LENGTH]), addresses


def _all(pattern: re.Pattern[str], text: str) -> list[str]:
    """Return the address of each match, without the stop or colon of the sentence that it ends."""
    addresses: list[str] = []
    for match in pattern.finditer(text):
        address = next(filter(None, match.groups()), "")
        addresses.append(address if address.endswith("::") else address.rstrip(".:"))
    return addresses
