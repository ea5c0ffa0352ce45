"""The command lines of a diagnosis, without their CR LF. There is none for content: this never sends mail.

Every argument is checked before anything is sent, so that none can smuggle a second command or parameter.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"(?=@)')  # a whole local part (RFC 5321 §4.1.2), where brackets are text


@dataclass(frozen=True, slots=True)
class MessageNeeds:
    """What MAIL says of a message: its octets with CRLF as line end, and which extensions it cannot go without.

    `eight_bit`: its body holds octets over 127 (RFC 6152); `smtputf8`: a header field does (RFC 6531 §3.2).
    """

    size: int
    eight_bit: bool = False
    smtputf8: bool = False


def ehlo(name: str) -> bytes:
    """EHLO (RFC 5321 §4.1.1.1); raises ValueError for a name that cannot go on the wire."""
    return b"EHLO " + _name(name)


def helo(name: str) -> bytes:
    """HELO, for a server that does not know EHLO (RFC 5321 §3.2); raises ValueError."""
    return b"HELO " + _name(name)


def starttls() -> bytes:
    """STARTTLS (RFC 3207 §4)."""
    return b"STARTTLS"


def mail_from(
    path: str,
    *,
    smtputf8: bool = False,
    needs: MessageNeeds | None = None,
    extensions: Collection[str] = (),
) -> bytes:
    """MAIL with the reverse-path given without its `<>`, empty for the null one (RFC 5321 §4.1.1.2).

    `smtputf8` adds the parameter of RFC 6531 §3.4, and allows characters beyond ASCII. What the message `needs` is
    said as far as `extensions` offer it: SIZE (RFC 1870 §6), BODY=8BITMIME (RFC 6152 §3), SMTPUTF8. Raises
    ValueError.
    """
    parameters: list[bytes] = []
    if needs is not None and "SIZE" in extensions:
        parameters.append(b"SIZE=%d" % needs.size)
    if needs is not None and needs.eight_bit and "8BITMIME" in extensions:
        parameters.append(b"BODY=8BITMIME")
    if smtputf8 or (needs is not None and needs.smtputf8 and "SMTPUTF8" in extensions):
        parameters.append(b"SMTPUTF8")
    return b" ".join([b"MAIL FROM:<" + _path(path, smtputf8) + b">", *parameters])


def rcpt_to(path: str, *, smtputf8: bool = False) -> bytes:
    """RCPT with the forward-path given without its `<>`, never empty (RFC 5321 §4.1.1.3); raises ValueError."""
    if not path:
        raise ValueError("The recipient's path is empty.")
    return b"RCPT TO:<" + _path(path, smtputf8) + b">"


def quit_() -> bytes:
    """QUIT (RFC 5321 §4.1.1.10)."""
    return b"QUIT"


def _name(text: str) -> bytes:
    if not text or " " in text or not _printable(text) or not text.isascii() or "<" in text or ">" in text:
        raise ValueError(f"The EHLO name {text!r} cannot be sent.")
    return text.encode("ascii")


def _path(text: str, smtputf8: bool) -> bytes:
    quoted = _QUOTED.match(text)
    unquoted = text[quoted.end() :] if quoted else text
    if not _printable(text) or "<" in unquoted or ">" in unquoted:
        raise ValueError(f"The path {text!r} holds control characters or unquoted angle brackets.")
    if not smtputf8 and not text.isascii():
        raise ValueError(f"The path {text!r} needs SMTPUTF8.")
    return text.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError


def _printable(text: str) -> bool:
    return all(unicodedata.category(char) != "Cc" for char in text)
