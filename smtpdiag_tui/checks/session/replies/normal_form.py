"""The one form in which the words of a reply are read and quoted (RFC 5321 §4.2.1, RFC 2034 §4). Pure.

The lines of a reply are one text: code and enhanced status code at the beginning of each are left out, however
they are written (`550-5.7.1`, `550 #5.7.1`, `550 5.7.1 :`, `450 name_word 4.7.1`), the rest is joined by a blank.

What a reply quotes is no word of the server's: a mailbox may be called spam@, a domain blocked.example. Addresses
and names are masked in the forms that are read, by marks that keep whose they are: `<client>` and `<ip>`,
`<sender>`, `<recipient>` and `<address>`, `<ourdomain>`, `<theirdomain>`, `<hello>` (the EHLO name),
`<list>` and `<domainlist>` (zones of blocklists), `<host>`, `<quoted>` (what Postfix puts in angle brackets before
a colon) and `<link>`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.session.replies.list_zones import list_mark
from smtpdiag_tui.checks.session.replies.names import NOBODY, Names
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

LONGEST = 1536  # characters from the beginning of a reply that are read
LAST = 512  # characters of its last line that are read where that is beyond them
_MOST = LONGEST + LAST  # a mark is longer than some of what it stands for

_CODE = re.compile(r"[2-5][0-9][0-9](?:[ -]|$)")
_STATUS = re.compile(
    r"(?:[a-z]{2,10}_[a-z]{2,10} )?[ :-]{0,3}(?:\(?#)?([245]\.[0-9]{1,3}\.[0-9]{1,3})\)?(?=[ :;,-]|$)[ :;,-]{0,3}",
    re.IGNORECASE,
)
_STATUS_INSIDE = re.compile(r"\(#([245]\.[0-9]{1,3}\.[0-9]{1,3})\)")
_LINK = re.compile(r"(?:https?://|www\.)[^ <>\"']{1,400}")
_MAIL_ADDRESS = re.compile(
    r"[^\s<>\[\]()\"',;:@/?&=]{1,64}(?:@|%40)(?:[^\s<>\[\]()\"',;:@/?&]{1,255}|\[[0-9a-f:.]{2,45}\])"
)
_IN_BRACKETS = re.compile(r"<(<[a-z]{2,20}>)>")
_BEFORE_COLON = re.compile(r"<([^<>\s]{0,320})>(?=:)")
_IP = re.compile(
    r"(?<![\w.:])(?:ipv6:)?((?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-f:]{3,40}(?:\.[0-9]{1,3}){0,3})(?![\w:])"
)
_TOP = (
    r"(?:[a-z]{2}|com|net|org|edu|gov|mil|int|info|biz|name|example|test|invalid|local|localdomain|lan|internal|cloud"
    r"|online|email|mail|site|arpa|dev|app|xyz|top|zone|host|pro|shop|store|tech|live|club|corp|home)"
)
_HOST = re.compile(rf"(?<![\w.@-])(?:[a-z0-9_][a-z0-9_-]{{0,62}}\.){{1,8}}{_TOP}\b(?![\w@-]|\.\w)")
_BETWEEN_LETTERS = re.compile(r"(?<=[a-z])[-_](?=[a-z])|_")
_BLANKS = re.compile(r"\s{1,400}")
_LETTERS = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "ł": "l", "ø": "o", "ß": "ss", "“": '"', "”": '"'}
)


@dataclass(frozen=True, slots=True)
class NormalReply:
    """A reply in one line.

    `said` is what is quoted: the words of all lines as they were, printable. `text` is read for what receivers
    are known to say: in lower case, addresses masked, links and other names as they are. `words` is read for its
    vocabulary: accents and hyphens are gone, links and host names are masked too. `links` are those,
    and `zones` the names outside them that look like zones of blocklists.
    """

    code: int
    status: str
    said: str
    text: str
    words: str
    links: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()

    @property
    def first_digit(self) -> int:
        """The class of the reply."""
        return self.code // 100

    @property
    def told(self) -> str:
        """Code, enhanced status code and text, as the patterns of receivers are searched in."""
        return " ".join(part for part in (str(self.code), self.status, self.text) if part)

    def quoted(self, most: int) -> str:
        """Return code, enhanced status code and words in at most so many characters, no full stop at their end."""
        whole = " ".join(part for part in (str(self.code), self.status, self.said) if part).rstrip(". ")
        return whole if len(whole) <= most else f"{whole[: most - 1]}…"


@lru_cache(maxsize=32)
def normal_form(reply: Reply, names: Names = NOBODY) -> NormalReply:
    """Return a reply in one line, read as far as `LONGEST` and `LAST` reach."""
    said, status = _read(reply, visible)
    status = reply.enhanced_status or status or _inside(said, reply.first_digit)
    lower = _read(reply, _decoded)[0].lower()
    links = tuple(_LINK.findall(lower))
    text = _names_masked(lower, names)[:_MOST]
    without_links = _LINK.sub("<link>", lower)
    zones = tuple(host for host in _HOST.findall(_MAIL_ADDRESS.sub("", without_links)) if list_mark(host))
    return NormalReply(reply.code, status, said, text, _in_words(without_links, names), links, zones)


def _read(reply: Reply, decoded: Callable[[bytes], str]) -> tuple[str, str]:
    """Return the words of the lines that are read, and the first status code of the reply's own class."""
    parts: list[str] = []
    status, room = "", LONGEST
    for number, line in enumerate(reply.lines):
        is_last = number == len(reply.lines) - 1
        if room <= 0 and not is_last:
            continue
        words, found = _without_codes(decoded(line[: 4 * LONGEST]))
        if found.startswith(str(reply.first_digit)) and not status:
            status = found
        if len(words) > room and is_last:
            words = f"{words[: max(room, LAST)]}"
        parts.append(words[: max(room, LAST)])
        room -= len(words) + 1
    return _BLANKS.sub(" ", " ".join(parts)).strip(), status


def _decoded(line: bytes) -> str:
    """Return a line, printable; what is no UTF-8 is Latin-1, as servers of old said it."""
    try:
        return visible(line.decode("utf-8"))
    except UnicodeDecodeError:
        return visible(line.decode("latin-1"))


def _without_codes(line: str) -> tuple[str, str]:
    """Return a line without the codes at its beginning, and the enhanced status code among them."""
    status = ""
    for _ in range(2):  # some servers say them twice: theirs, and that of the server behind
        code = _CODE.match(line)
        line = line[4:] if code else line
        found = _STATUS.match(line)
        if found:
            status = status or found[1]
            line = line[found.end() :]
        if not code and not found:
            break
    return line.strip(), status


def _inside(said: str, first_digit: int) -> str:
    """Return a status code as qmail writes it, at the end: `(#5.1.1)`."""
    found = _STATUS_INSIDE.search(said)
    return found[1] if found and found[1].startswith(str(first_digit)) else ""


def _names_masked(text: str, names: Names) -> str:
    """Return a text with the mail addresses in it masked, and the names of sender, recipient and client."""
    masked = _BEFORE_COLON.sub(lambda match: _quoted_mark(match[1], names), text)
    masked = _MAIL_ADDRESS.sub(lambda match: _address_mark(match[0], names), masked)
    masked = _IN_BRACKETS.sub(r"\1", masked)
    return _HOST.sub(lambda match: _own_host_mark(match[0], names) or match[0], masked)


def _in_words(text: str, names: Names) -> str:
    masked = _names_masked(text, names)
    masked = _IP.sub(lambda match: _ip_mark(match, names), masked)
    masked = _HOST.sub(lambda match: list_mark(match[0]) or "<host>", masked)
    plain = unicodedata.normalize("NFKD", masked.translate(_LETTERS))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _BLANKS.sub(" ", _BETWEEN_LETTERS.sub(" ", plain)).strip()[:_MOST]


def _quoted_mark(quoted: str, names: Names) -> str:
    """Return the mark of what stands in angle brackets before a colon."""
    if "@" in quoted:
        return _address_mark(quoted, names)
    if not quoted:
        return "<nullsender>"
    return _own_host_mark(quoted.partition("[")[0], names) or "<quoted>"


def _address_mark(address: str, names: Names) -> str:
    bare = address.replace("%40", "@").rstrip(".")
    if names.sender and bare == names.sender.lower():
        return "<sender>"
    return "<recipient>" if names.recipient and bare == names.recipient.lower() else "<address>"


def _own_host_mark(host: str, names: Names) -> str:
    bare = host.rstrip(".")
    if not bare:
        return ""
    marks = (
        (names.ehlo, "<hello>"),
        (names.sender_domain, "<ourdomain>"),
        (names.recipient_domain, "<theirdomain>"),
    )
    return next((mark for name, mark in marks if name and bare == name), "")


def _ip_mark(match: re.Match[str], names: Names) -> str:
    address = canonical(match[1])
    if not address:
        return match[0]
    return "<client>" if address in names.clients else "<ip>"
