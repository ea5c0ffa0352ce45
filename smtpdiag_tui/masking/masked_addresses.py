"""IP addresses in a text, in every notation, and what each is shown as. Pure."""

import ipaddress
import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from smtpdiag_tui.settings import IPAddress, parse_ip

_HEX = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8})(?![0-9a-f])", re.IGNORECASE)
_NIBBLES = re.compile(r"(?<![0-9a-f])[0-9a-f](?:\.[0-9a-f]){31,}(?:\.ip6\.arpa)?(?![0-9a-f])", re.IGNORECASE)
_DASHED = re.compile(r"[0-9a-f-]{3,}", re.IGNORECASE)
_QUADS = re.compile(
    r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3,}(?!\d)|(?<!\d)\d{1,3}(?:-\d{1,3}){3,}(?!\d)|(?<!\d)\d{1,3}(?:_\d{1,3}){3,}(?!\d)",
    re.ASCII,
)
_GROUPS = re.compile(r"[0-9a-f:][0-9a-f:.]*", re.IGNORECASE)
_IN_LINK = re.compile(r"[0-9a-f.]{0,15}(?:%3a[0-9a-f.]{0,15}){2,9}", re.IGNORECASE)  # RFC 3986 §2.1
_COLON = re.compile("%3a", re.IGNORECASE)
_LONGEST = 60  # characters of an address with what may stand around it
_MOST_GROUPS = 9  # of an IPv6 address: "::" at its end makes an empty one more


class Addresses:
    """Addresses and what each is shown as; `others` are left alone where one stands as a whole."""

    def __init__(self, others: Collection[str] = ()) -> None:
        self._shown: dict[IPAddress, str] = {}
        self._quads: dict[tuple[int, ...], str] = {}
        self._forms: dict[str, str] = {}
        self._firsts: set[int] = set()  # groups that an own address in IPv6 notation begins with
        self._lasts: set[int] = set()
        self._others = {literal for literal in map(address, others) if literal is not None}

    def add(self, literal: IPAddress, shown: str) -> None:
        """Show an address as something else from now on."""
        self._others.discard(literal)
        for form in (literal, *_carriers(literal)):
            self._shown.setdefault(form, shown)
            if isinstance(form, ipaddress.IPv6Address):
                self._firsts.add(int(form) >> 112)
                self._lasts.add(int(form) & 0xFFFF)
                self._forms |= dict.fromkeys(_spellings(form), shown)
        if isinstance(literal, ipaddress.IPv4Address):
            numbers = tuple(literal.packed)
            self._quads |= {numbers: shown, numbers[::-1]: shown}
            self._forms[literal.packed.hex()] = shown

    def sub(self, text: str) -> str:
        """Return a text with all the addresses in it replaced."""
        if not self._shown:
            return text
        text = _HEX.sub(self._form, _NIBBLES.sub(self._nibbles, text))
        text = _DASHED.sub(self._dashed, text) if "-" in text else text
        text = _QUADS.sub(self._quad, text) if self._quads else text
        text = _IN_LINK.sub(self._in_link, text) if "%" in text else text
        return _GROUPS.sub(self._groups, text) if ":" in text else text

    def _in_link(self, found: re.Match[str]) -> str:
        """Return an address whose colons are escaped; what is none of these stays as it is."""
        plain = _COLON.sub(":", found[0])
        masked = _GROUPS.sub(self._groups, plain)
        return found[0] if masked == plain else masked

    def _form(self, found: re.Match[str]) -> str:
        return self._forms.get(found[0].lower(), found[0])

    def _nibbles(self, found: re.Match[str]) -> str:
        whole = found[0]
        digits = whole.lower().removesuffix(".ip6.arpa")
        for place in range(0, len(digits) - 62, 2):
            shown = self._forms.get(digits[place : place + 63])
            if shown is not None:
                rest = whole[place + 63 :]
                return whole[:place] + shown + ("" if rest.lower() == ".ip6.arpa" else rest)
        return whole

    def _dashed(self, found: re.Match[str]) -> str:
        original, done, place = found[0].split("-"), list[str](), 0
        parts = found[0].lower().split("-")
        while place < len(parts):
            for end in range(min(place + _MOST_GROUPS, len(parts)), place + 2, -1):
                shown = self._forms.get("-".join(parts[place:end]))
                if shown is not None:
                    done.append(shown)
                    place = end
                    break
            else:
                done.append(original[place])
                place += 1
        return "-".join(done)

    def _quad(self, found: re.Match[str]) -> str:
        gap = next(char for char in found[0] if not char.isdigit())
        parts, done, place = found[0].split(gap), list[str](), 0
        if parse_ip(found[0]) in self._others:
            return found[0]
        while place < len(parts):
            shown = self._quads.get(tuple(map(int, parts[place : place + 4])))
            done.append(parts[place] if shown is None else shown)
            place += 1 if shown is None else 4
        return gap.join(done)

    def _groups(self, found: re.Match[str]) -> str:
        token = found[0]
        if token.count(":") < 2 or self._is_others(token):
            return token
        groups, done, place = token.split(":"), list[str](), 0
        while place < len(groups):
            taken = self._at(groups, place) if self._begins(groups[place]) else None
            if taken is None:
                done.append(groups[place])
                place += 1
            else:
                done.append(taken[1])
                place = taken[0]
        return ":".join(done)

    def _is_others(self, token: str) -> bool:
        """Whether a text is another's address, a tag such as `IPv6:` before it or a colon behind it."""
        texts = (token, token.rstrip(".:"), token.partition(":")[2], token.partition(":")[2].rstrip(".:"))
        return len(token) < _LONGEST and any(address(text) in self._others for text in texts)

    def _begins(self, group: str) -> bool:
        """Whether an own address can begin with a group of a text, or with its last digits."""
        return (int(group[-4:], 16) if group and "." not in group else 0) in self._firsts

    def _at(self, groups: list[str], place: int) -> tuple[int, str] | None:
        """Return where an own address that begins with a group ends, and how it reads masked, if one does."""
        glued, first = groups[place][:-4], groups[place][-4:]
        for end in reversed(list(_possible_ends(groups, place))):
            for last, rest in self._ends(groups[end - 1]):
                literal = address(":".join([first, *groups[place + 1 : end - 1], last]))
                shown = self._shown.get(literal) if literal is not None else None
                if shown is not None:
                    return end, f"{glued}{shown}{rest}"
        return None

    def _ends(self, group: str) -> Iterator[tuple[str, str]]:
        """Yield how an own address can end with a group: as a whole, before a full stop, or a port behind one."""
        digits, stop, rest = group.partition(".")
        if group.count(".") == 3:
            yield group, ""  # dotted, as IPv4 is
        if len(digits) <= 4 and (int(digits, 16) if digits else 0) in self._lasts:
            yield digits, stop + rest


def _possible_ends(groups: Sequence[str], place: int) -> Iterator[int]:
    """Yield where an address that begins with a group can end: one gap at most, all but the last group plain."""
    gaps = 0
    for end in range(place + 2, min(place + _MOST_GROUPS, len(groups)) + 1):
        before, group = groups[end - 2], groups[end - 1]
        if "." in before or (end > place + 2 and len(before) > 4):
            return
        if group == "" and before != "":
            gaps += 1
        elif before == "" and gaps == 0:
            if end > place + 2 or group != "":
                return
            gaps = 1  # it begins with "::"
        if gaps > 1:
            return
        if end > place + 2:
            yield end
        if group == before == "" and end > place + 2:
            return  # it ends with "::"


@lru_cache(maxsize=4096)
def address(text: str) -> IPAddress | None:
    """Return the address that a text is, in whatever spelling; an IPv4-mapped one as the IPv4 address it is."""
    literal = parse_ip(text.partition("%")[0])
    if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped is not None:
        return literal.ipv4_mapped
    return literal


def _carriers(literal: IPAddress) -> list[IPAddress]:
    """Return the IPv6 addresses that hold an IPv4 address: IPv4-compatible, IPv4-translated and NAT64."""
    if isinstance(literal, ipaddress.IPv6Address):
        return []
    number = int(literal)
    # RFC 4291 §2.5.5.1, RFC 2765 §2.1, RFC 6052 §2.1; mapped ones are read as what they hold.
    held = [number, 0xFFFF << 48 | number, 0x64FF9B << 96 | number]
    return [ipaddress.IPv6Address(item) for item in held]


def _spellings(literal: ipaddress.IPv6Address) -> list[str]:
    """Return how an address stands in names, in lower case: as reverse names have it, dashed, as hex."""
    pointer = literal.reverse_pointer.removesuffix(".ip6.arpa")
    groups = literal.exploded.split(":")
    short = "-".join(f"{int(group, 16):x}" for group in groups)
    dashed = [str(literal).replace(":", "-"), "-".join(groups), short]
    return [pointer, pointer[::-1], literal.packed.hex(), *dashed]
