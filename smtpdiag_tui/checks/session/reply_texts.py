"""What the words of a reply give away beyond its code (RFC 3463, RFC 6647). Pure."""

import re
from dataclasses import dataclass

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

_LIST_NAME = re.compile(
    r"spamhaus|spamcop|barracuda(?:central)?|\bsorbs\b|uceprotect|backscatterer|invaluement|surbl|uribl|senderscore"
    r"|abusix|\bdnsbl\b|\brbl\b|\bblack ?list|\bblock ?list|\bdeny ?list|\bsbl\b|\bxbl\b|\bpbl\b|\bzen\.",
    re.IGNORECASE,
)
_LISTED_URL = re.compile(
    r"https?://\S{0,200}?(?:lookup|query|check|remov|delist|block|reputation|bl\b)\S{0,200}", re.IGNORECASE
)
_BLAMED = re.compile(r"block|\blisted|blacklist|banned|reputation|\bspam|abus", re.IGNORECASE)
_URL = re.compile(r"https?://\S{1,400}", re.IGNORECASE)
# A reply quotes addresses, and Postfix before a colon what it refuses: those are no words of the server's.
_QUOTED = re.compile(
    r"<[^<>\s]{1,320}>(?=:)|[^\s<>\[\]()\"',;:@/?&]{1,64}@[^\s<>\[\]()\"',;:@/?&]{1,255}"
    r"|[^\s<>\[\]()\"',;:@/?&=]{1,64}%40[^\s<>\[\]()\"',;:@/?&]{1,255}",
    re.IGNORECASE,
)
# Whom somebody's own list is about: a sender or a recipient, unless a machine is spoken of beside it.
_OWN_LIST = re.compile(
    r"\b(?:recipient|user|mailbox|personal|private|sender)\b.{0,80}(?:black|block|deny) ?list"
    r"|(?:black|block|deny)-? ?list(?:ed)?(?: by)?(?: the)?"
    r" (?:recipient|user|sender|e?mail address|mail from|address)",
    re.IGNORECASE,
)
_SPEAKS_OF_MACHINE = re.compile(
    r"\b(?:ip|host|server|client|network|mta|connection|your address)\b", re.IGNORECASE
)
_ZONE = re.compile(
    r"\b(?:[a-z0-9-]{1,63}\.){0,8}(?:spamhaus|spamcop|barracudacentral|sorbs|uceprotect|surbl|uribl)\.[a-z]{2,63}\b"
)
_USING = re.compile(r"\bblocked using ([a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){1,8})")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})*", re.IGNORECASE)
_STARTTLS = re.compile(r"starttls|\btls\b|encrypt", re.IGNORECASE)
_AUTHENTICATION = re.compile(
    r"authenticat(?:ion|e) (?:is )?(?:required|needed|first)|(?:requires?|needs?|must) (?:smtp )?auth"
    r"|not (?:yet )?authenticated|\bauth(?:entication)? (?:is )?required|smtp auth|log ?in first",
    re.IGNORECASE,
)
_RELAYING = re.compile(
    r"relay(?:ing)? (?:access )?(?:is )?(?:denied|prohibited|not (?:allowed|permitted))"
    r"|(?:not (?:allowed|permitted)|unable|denied) to relay|relay not permitted",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A blocklist that a reply names, and the address it says is on it, each "" if it does not say."""

    name: str
    address: str


# Enhanced codes of servers that greylist without a word: other mailbox and security statuses, and Exchange's and
# sendmail's "not now".
_GREYLISTING = ("4.2.0", "4.2.1", "4.3.2", "4.7.0", "4.7.1")
_REFERENCE = re.compile(r"<x>:|<[^<>\s]{0,320}>|[(\[][^()\[\]]{0,80}\d[^()\[\]]{0,80}[)\]]|[45]\.\d\.\d{1,3}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# All that a reply may say and yet say no more than "not now": its words, and those of the refusal.
_LATER_WORDS = (
    "a again an and are at back be came come defer deferred delay delayed denied deny few for in is it later mail"
    " mailbox message minutes moment not now of once please recipient refused rejected resend resent retry retried"
    " sender sorry soon temporarily temporary the this time to too transient try trying wait we x you your address"
    " bitte erneut noch einmal nochmals probieren spater später spaeter versuchen versuche zu einem zeitpunkt"
    " essayez plus reessayer reessayez réessayer réessayez tard ulterieurement ultérieurement veuillez"
    " favor intente intentelo inténtelo luego mas más momento nuevamente por tarde vuelva"
    " piu più riprova riprovare tardi seguito depois novamente mais tente"
    " het later niet nog nu opnieuw probeer keer pozniej później ponownie prosze proszę sprobuj spróbuj"
)
_LATER = frozenset(_LATER_WORDS.split())

_LOOKED_AT = 4096  # characters; a peer may send 256 KiB, and the cause stands in the first lines


def words(reply: Reply) -> str:
    """Return the text of a reply, its lines joined, without codes, printable, cut where nothing is looked for."""
    return " ".join(visible(line[:_LOOKED_AT]) for line in reply.text[:_LOOKED_AT])[:_LOOKED_AT]


def masked(text: str) -> str:
    """Return a text in which "x@x" stands for each mail address, and `<x>:` for what is quoted before a colon.

    Names of blocklists are looked for in what is left: a recipient's domain may be called anything.
    """
    return _QUOTED.sub(_mask, text)


def _mask(quoted: re.Match[str]) -> str:
    return "x@x" if "@" in quoted[0] or not quoted[0].startswith("<") else "<x>"


def lines(reply: Reply | None) -> tuple[str, ...]:
    """Return the whole lines of a reply, printable, as evidence."""
    return tuple(visible(line) for line in reply.lines) if reply is not None else ()


def may_be_greylisting(reply: Reply, *, at_rcpt: bool) -> bool:
    """Whether a reply whose words say nothing may be greylisting (RFC 6647 §2.1).

    At RCPT, 450 or 451 counts that says no more than to try again later, in whatever words; of the enhanced codes
    those that greylisting servers give. Any other word is a reason, if one that is not understood.
    """
    if not at_rcpt or reply.code not in (450, 451):
        return False
    if reply.enhanced_status not in (None, *_GREYLISTING):
        return False
    text = masked(words(reply)).lower()
    said = _REFERENCE.sub(" ", _ADDRESS.sub(" ", _URL.sub(" ", text)))
    return all(word in _LATER for word in _WORD.findall(said))


def listing(text: str) -> Listing | None:
    """Return the blocklist that a text names, None if it names none, or one of somebody's own (`own_list`)."""
    without_addresses = masked(text[:_LOOKED_AT])
    named = _LIST_NAME.search(without_addresses) or _blaming_link(without_addresses)
    if named is None or own_list(without_addresses):
        return None
    return Listing(zone_in(without_addresses) or named[0].strip().lower(), address_in(text))


def _blaming_link(text: str) -> re.Match[str] | None:
    """Return a link that blames: it looks up an address, or the words speak of a block. Others are mere help."""
    link = _LISTED_URL.search(text)
    if link and (address_in(link[0]) or _BLAMED.search(_URL.sub("", text))):
        return link
    return None


def own_list(text: str) -> bool:
    """Whether a text speaks of a list of senders or recipients that a user or server keeps, not of machines."""
    without_addresses = masked(text[:_LOOKED_AT])
    without_links = _URL.sub("", without_addresses)
    if zone_in(without_addresses) or _SPEAKS_OF_MACHINE.search(without_links) or address_in(without_addresses):
        return False
    return bool(_OWN_LIST.search(without_addresses))


def zone_in(text: str) -> str:
    """Return the DNS name of the blocklist that a text names, "" if it names none by its zone."""
    lower = text[:_LOOKED_AT].lower()
    using = _USING.search(lower)
    if using:
        return using[1]
    zone = _ZONE.search(lower)
    return zone[0] if zone else ""


def address_in(text: str) -> str:
    """Return the first IP address that a text names, "" if there is none."""
    found = _ADDRESS.search(text[:_LOOKED_AT])
    return found[0] if found else ""


def wants_tls(reply: Reply) -> bool:
    """Whether a refusal says that STARTTLS must come first (RFC 3207 §4)."""
    return (reply.code == 530 or reply.enhanced_status == "5.7.0") and bool(_STARTTLS.search(words(reply)))


def wants_authentication(reply: Reply, expected: bool | None = None) -> bool:
    """Whether a refusal says that only those who log in may send (RFC 4954 §6).

    `expected`: the local mail server would log in here; then a refusal to relay says the same.
    """
    if reply.first_digit not in (4, 5) or wants_tls(reply):
        return False
    text = words(reply)
    return bool(_AUTHENTICATION.search(text) or (expected and _RELAYING.search(text)) or reply.code == 530)
