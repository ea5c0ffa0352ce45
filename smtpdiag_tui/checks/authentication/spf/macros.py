"""Macros of SPF: how they are written, and what they expand to (RFC 7208 §7, RFC 8616 §4). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from smtpdiag_tui.checks.authentication.spf.model import SpfRequest
from smtpdiag_tui.settings import IPAddress

MAX_NAME = 253  # octets of a name in presentation form (§7.3)
MAX_LABEL = 63
MAX_EXPLANATION = 1000  # characters of one that are kept
_ENOUGH = MAX_NAME + MAX_LABEL + 1  # characters, from the right: what a name that has to be cut can come from
_LETTERS = frozenset("slodiphv")
_IN_EXPLANATIONS = frozenset("crt")  # alone (§7.2)
_MOST_PARTS = 9999  # of a value: none has as many

_ESCAPES = str.maketrans({**{char: f"\\{char}" for char in '"();\\@$'}, " ": "\\032"})

_MACRO = re.compile(r"%(?:\{([a-zA-Z])([0-9]*)([rR]?)([.+,/_=-]*)\}|[%_-])")


class MacroError(ValueError):
    """A macro is written wrongly; the text says in a clause how."""


class NotAsciiError(ValueError):
    """A local part is expanded that cannot be in a name: the term does not match (RFC 8616 §4)."""


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro, `text` as it stands in the record; `letter` is "" for `%%`, `%_` and `%-`."""

    text: str
    letter: str = ""
    parts: int = 0
    reverse: bool = False
    delimiters: str = ""


@dataclass(frozen=True, slots=True)
class MacroValues:
    """What the macro letters stand for, but `p`, which costs lookups."""

    request: SpfRequest
    domain: str

    def of(self, letter: str, validated: str) -> str:
        """Return the value of a letter, in lower case; `validated` is that of `p`."""
        request = self.request
        ip = request.ip
        match letter:
            case "s":
                return f"{request.local_part}@{self._own}"
            case "l":
                return request.local_part
            case "o":
                return self._own
            case "d":
                return self.domain
            case "i":
                return dotted(ip)
            case "p":
                return validated
            case "v":
                return "in-addr" if ip.version == 4 else "ip6"
            case "h":
                return request.ehlo
            case "c":
                return str(ip)
            case "r":
                return request.receiver
            case _:
                return str(request.now)

    @property
    def _own(self) -> str:
        """The domain of the identity as it was given."""
        request = self.request
        return request.ehlo if request.by_ehlo else request.sender.rpartition("@")[2]


def dotted(ip: IPAddress) -> str:
    """Return an address for `%{i}` and for reverse names: four numbers, or 32 nibbles (§7.3)."""
    return ".".join(ip.exploded.replace(":", "")) if ip.version == 6 else str(ip)


def tokens(text: str, *, explains: bool = False) -> Iterator[str | Macro]:
    """Yield the literal texts and macros of a macro-string; MacroError where it is none.

    `explains`: of an explanation, where blanks and the letters c, r and t may stand.
    """
    end = 0
    for found in _MACRO.finditer(text):
        if found.start() > end:
            yield _literal(text[end : found.start()], explains=explains)
        yield _macro(found, explains=explains)
        end = found.end()
    if end < len(text):
        yield _literal(text[end:], explains=explains)


def check(text: str) -> None:
    """Raise MacroError where a text is no macro-string."""
    for _ in tokens(text):
        pass


def check_domain_spec(text: str) -> None:
    """Raise MacroError where a text is no domain-spec: it ends in a macro, or in a dot and a top label (§7.1)."""
    if not text:
        raise MacroError("its domain is empty")
    last: str | Macro = ""
    for last in tokens(text):  # noqa: B007 - the last one counts
        pass
    if isinstance(last, Macro):
        return
    before, dot, top = last.removesuffix(".").rpartition(".")
    if not dot:
        raise MacroError("a name without a dot is not a domain")
    if not _is_top_label(top):
        raise MacroError(_about_top(before, top))


def expand_name(text: str, values: MacroValues, validated: str) -> str:
    """Return the name that a domain-spec stands for: lower case, no trailing dot, cut to 253 octets (§7.3).

    NotAsciiError where a local part is in it that no name can hold. It may still be no domain name:
    see `is_domain`.
    """
    pieces: list[str] = []
    size = 0
    for token in reversed(list(tokens(text))):  # what has to be cut is cut on the left
        piece = token if isinstance(token, str) else _value(token, values, validated)
        pieces.append(piece)
        size += len(piece)
        if size > 2 * _ENOUGH:
            break
    name = "".join(reversed(pieces))
    if not name.isascii():
        raise NotAsciiError
    name = name.removesuffix(".").lower()
    while len(name) > MAX_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def expand_explanation(text: str, values: MacroValues, validated: str) -> str:
    """Return an explanation with its macros expanded, at most `MAX_EXPLANATION` characters; MacroError (§6.2)."""
    known = list(tokens(text, explains=True))
    pieces: list[str] = []
    size = 0
    for token in known:
        piece = token if isinstance(token, str) else _value(token, values, validated)
        pieces.append(piece)
        size += len(piece)
        if size > MAX_EXPLANATION:
            break
    return "".join(pieces)[:MAX_EXPLANATION]


def uses(text: str, letter: str) -> bool:
    """Whether a macro-string holds a macro of that letter."""
    known = tokens(text, explains=True)
    return any(isinstance(token, Macro) and token.letter.lower() == letter for token in known)


def is_domain(name: str) -> bool:
    """Whether a name can have a record of SPF: several labels, none empty or too long (§4.3)."""
    return "." in name and is_name(name) and not name.startswith("[")


def is_name(name: str) -> bool:
    """Whether the DNS can be asked for a name (RFC 1035 §2.3.4)."""
    return 0 < len(name) <= MAX_NAME and all(0 < len(label) <= MAX_LABEL for label in name.split("."))


def question_name(name: str) -> str:
    """Return a name in presentation form, as answers have it: what is special is escaped (RFC 1035 §5.1)."""
    return name.translate(_ESCAPES)


def _literal(text: str, *, explains: bool) -> str:
    for char in text:
        if char == "%":
            raise MacroError("a % starts no macro in it")
        if not ("!" <= char <= "~" or (explains and char == " ")):
            raise MacroError("it has a character that is not printable ASCII")
    return text


def _macro(found: re.Match[str], *, explains: bool) -> Macro:
    letter = found[1] or ""
    if not letter:
        return Macro(found[0])
    known = _LETTERS | _IN_EXPLANATIONS if explains else _LETTERS
    if letter.lower() not in known:
        fault = "for explanations only" if letter.lower() in _IN_EXPLANATIONS else "unknown"
        raise MacroError(f"macro {found[0]} is {fault}")
    digits = found[2].lstrip("0")
    if found[2] and not digits:
        raise MacroError(f"macro {found[0]} keeps 0 parts")
    parts = int(digits) if 0 < len(digits) <= 4 else _MOST_PARTS
    return Macro(found[0], letter, parts, bool(found[3]), found[4] or ".")


def _value(macro: Macro, values: MacroValues, validated: str) -> str:
    """Return what a macro expands to: split, reversed, cut to its last parts, escaped for a URL."""
    if not macro.letter:
        return {"%%": "%", "%_": " ", "%-": "%20"}[macro.text]
    value = values.of(macro.letter.lower(), validated)
    parts = re.split(f"[{re.escape(macro.delimiters)}]", value)
    if macro.reverse:
        parts.reverse()
    value = ".".join(parts[-macro.parts :])
    return quote(value, safe="~") if macro.letter.isupper() else value


def _is_top_label(label: str) -> bool:
    plain = label.replace("-", "")
    return bool(plain) and plain.isascii() and plain.isalnum() and _is_firm(label) and not label.isdigit()


def _is_firm(label: str) -> bool:
    return not label.startswith("-") and not label.endswith("-")


def _about_top(before: str, top: str) -> str:
    if f"{before}.{top}".replace(".", "").isdigit() and top.isdigit():
        return "an IPv4 address needs the mechanism ip4"
    if ":" in top:
        return "a domain has no port"
    if "/" in top:
        return "a prefix length is not allowed in this place"
    return f"'{top[:MAX_LABEL]}' is not a top-level domain" if top else "its domain ends with two dots"
