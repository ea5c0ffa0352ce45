"""The text of a bounce without the message that it returns. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence

MOST = 400_000  # characters of the text that are looked at
MOST_LINES = 20_000
LONGEST = 6000  # characters of a line
# Behind such a line stands the message that bounced: what looks like a reply in it is none.
_ORIGINAL = re.compile(
    r"[- ]{2,12}(?:this is a copy of|below this line is a copy of|(?:the )?(?:header|text) of (?:the )?original"
    r"|original message|unsent message|message header follows|message text follows|returned message"
    r"|forwarded message|included is a copy|the body of the message)"
    r"|original message headers?:|-{3,10} ?original message|received: from |arc-seal: |dkim-signature: ",
    re.IGNORECASE,
)
_BEGINNINGS = frozenset("-oOrRaAdD")
_QUOTE = re.compile(r"(?:>[ \t]?){1,20}")


def prose_lines(text: str) -> list[str]:
    """Return the lines of a bounce up to the message that it returns."""
    return [line[:LONGEST].rstrip() for line in without_original(text[:MOST].splitlines()[:MOST_LINES])]


def without_original(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines up to the message that bounced."""
    for line in lines:
        begins = line[:200].lstrip()
        if begins[:1] in _BEGINNINGS and _ORIGINAL.match(begins):
            return
        yield line


def unquoted(text: str) -> str:
    """Return a text without the `>` that a mail program puts before what it quotes, where most lines have one."""
    lines = text.splitlines()
    said = [line for line in lines[:400] if line.strip()]
    if sum(line.lstrip().startswith(">") for line in said) * 2 <= len(said):
        return text
    return "\n".join(
        _QUOTE.sub("", line.lstrip(), count=1) if line.lstrip()[:1] == ">" else line for line in lines
    )


def paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield runs of lines that are not empty."""
    block: list[str] = []
    for line in lines:
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def indent_of(line: str) -> int:
    """Return how many blanks a line begins with."""
    return len(line) - len(line.lstrip(" \t"))


def joined(lines: Sequence[str]) -> str:
    """Return lines as one, at most as long as a line may be."""
    return " ".join(line.strip() for line in lines)[:LONGEST]
