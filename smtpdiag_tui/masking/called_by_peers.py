"""As whom peers speak of this machine in their replies: addresses and names that stand nowhere else. Pure."""

import re
from collections.abc import Collection, Iterator

from smtpdiag_tui.masking.visible_escapes import without_escapes
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.settings import parse_ip

_LITERAL = r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,45}"
_LIKE_ADDRESS = re.compile(r"\d\.\d+\.\d|[0-9A-Fa-f]:")  # cheap: most lines hold none
# As replies name their client: "client host cust1.isp.example[192.0.2.1]", "your IP 192.0.2.1".
_CALLED = re.compile(
    r"(?:(?<![\w.-])(?P<name>[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})\.?\s?)?"
    rf"[\[(](?:IPv6:)?(?P<inside>{_LITERAL})[\])]"
    r"|\b(?:client|your|hello|helo|ehlo|ip|host|address|from)\b[\s:=]+(?:(?:ip|host|address|is)\b[\s:=]+){0,2}"
    rf"(?P<after>{_LITERAL})(?![\w.])",
    re.IGNORECASE,
)
# Words before the name of a client that is refused without its address.
_REFUSED_NAME = re.compile(
    r"(?:\b(?:connections?|connecting|sessions?|clients?|mail|messages?|access|hosts?)\s+from"
    r"|\b(?:client|helo|ehlo|hello|your)(?:\s+(?:host|hostname|name|server))?)"
    r"[\s:=]+[<(\[\"']?(?P<name>[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?:(?<=ip[46]:)|(?<=ipv6:)|(?<![\w.:-]))(?:{_LITERAL})(?![\w:-]|\.\w)", re.IGNORECASE)
_MOST = 64  # names and addresses that one peer can call ours in a session

Called = tuple[str, str]  # "address" or "name", and what it is


def called(step: Step, theirs: Collection[str]) -> Iterator[Called]:
    """Yield the addresses and names by which a mail host calls this machine: a NAT shows them nowhere else.

    `theirs` are the names and addresses of others.
    """
    received = (entry.text for entry in step.transcript if entry.direction is Direction.RECEIVED)
    found: dict[Called, None] = {}
    for line in received:
        for one in called_in(line, theirs):
            found[one] = None
            if len(found) >= _MOST:
                yield from found
                return
    yield from found


def called_in(line: str, theirs: Collection[str]) -> Iterator[Called]:
    """Yield the addresses and names by which one line of a mail host's calls this machine."""
    line = without_escapes(line)
    yield from _greeted(line, theirs)
    yield from _refused(line, theirs)


def addresses_in(text: str, theirs: Collection[str] = ()) -> Iterator[str]:
    """Yield the addresses in a text that can be this machine's: none of `theirs`, and none that no machine has."""
    for found in _BARE.finditer(text):
        address = _outside(found[0], theirs)
        if address is not None:
            yield address


def _greeted(line: str, theirs: Collection[str]) -> Iterator[Called]:
    """Yield address and name where a line calls them a client's."""
    if not _LIKE_ADDRESS.search(line):
        return
    speaker = line[4:].partition(" ")[0].lower()
    for found in _CALLED.finditer(line):
        address = _outside(found["inside"] or found["after"], theirs)
        name = (found["name"] or "").lower()
        tells_its_own = name == speaker and line.startswith("2")
        if address is None or tells_its_own:
            continue
        yield "address", address
        if _can_be_ours(name, theirs):
            yield "name", name


def _can_be_ours(name: str, theirs: Collection[str]) -> bool:
    return bool(name) and name not in theirs and not re.fullmatch(r"[\d.]+", name)


def _refused(line: str, theirs: Collection[str]) -> Iterator[Called]:
    """Yield what a refusal is about: an address in it that is nobody else's is this machine's."""
    if not line.startswith(("4", "5")):
        return
    if _LIKE_ADDRESS.search(line):
        for address in addresses_in(line[4:], theirs):
            yield "address", address
    for found in _REFUSED_NAME.finditer(line[4:]):
        name = found["name"].lower()
        if name not in theirs and re.search(r"\.(?:[a-z]{2,}|xn--[\w-]+)\Z", name):
            yield "name", name


def _outside(text: str, theirs: Collection[str]) -> str | None:
    """Return the address that a text is, None if it is none that a machine has, or another's."""
    literal = parse_ip(text.rstrip(".:"))
    if literal is None or str(literal) in theirs or literal.is_loopback or literal.is_unspecified:
        return None
    return str(literal)
