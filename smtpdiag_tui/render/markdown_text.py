"""Text so that Markdown shows it as it is: a peer's words must not become markup. Pure."""

import re

_MARKUP = re.compile(r"([\\`*\[\]<>#|~&$]|(?<![^\W_])_|_(?![^\W_]))")
# What begins a list or underlines a heading where a line begins.
_BEGINS = re.compile(r"^(\d{0,9})([-+=.)])")
_WORD = re.compile(r"[^\s`|<>()\[\]{}\"',;]+")
# What a reader makes a link of by itself: web and mail addresses (GitHub Flavored Markdown 6.9), and GitHub's
# mentions and references to issues. Most are looked for in the finished text, where no backslash stops it.
_LIVE = re.compile(r"@|//|www\.|#\d|(?<![A-Za-z0-9_])GH-\d", re.IGNORECASE)
_ENDS = ".:!?*_~"  # of a sentence or of emphasis, not of the address before it
_FENCE = re.compile(r"`{3,}")
_WEB_ADDRESS = re.compile(r"https://[\w.-]+(?:/[\w./?=&%-]*)?", re.ASCII)
# At the end of a sentence or before a bracket the link is over.
_LINK = re.compile(r"https://[\w.-]{1,253}(?:/[\w./?=&%#+-]{0,500})?(?<![.])", re.ASCII)


def escape(text: str) -> str:
    """Return `text` so that Markdown shows it as it is: no markup, link, mention or table cell comes of it.

    A word that a reader would make a link of stands in a code span; all else keeps its letters.
    """
    parts: list[str] = []
    done = 0
    for found in _WORD.finditer(text):
        word = found[0]
        if _LIVE.search(word):
            address = word.rstrip(_ENDS)
            address = address if _LIVE.search(address) else word
            parts += [_literal(text[done : found.start()]), code(address)]
            done = found.start() + len(address)
    return "".join([*parts, _literal(text[done:])])


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def paragraph(text: str) -> str:
    """Return `text` as `escape` does, for the place where a line begins."""
    return _BEGINS.sub(r"\1\\\2", escape(text.strip()))


def code(text: str) -> str:
    """Return `text` as a code span, whatever backquotes it holds; a blank where there is nothing."""
    if not text:
        return "` `"
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    edges = text[:1] + text[-1:]
    pad = " " if "`" in edges or (edges == "  " and text.strip()) else ""  # a reader takes one blank off each side
    return f"{ticks}{pad}{text}{pad}{ticks}"


def reference(text: str) -> str:
    """Return a reference as Markdown: a plain web address as a link, all else as it is."""
    return f"<{text}>" if _WEB_ADDRESS.fullmatch(text) else escape(text)


def fenced(lines: list[str], indent: str, language: str = "text") -> list[str]:
    """Return lines as a code block, whatever fences they hold."""
    longest = max((len(run) for line in lines for run in _FENCE.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return [f"{indent}{fence}{language}", *(f"{indent}{line}" for line in lines), f"{indent}{fence}"]


def links(text: str) -> str:
    """Return a sentence of ours with each plain web address in it as a link, all else as it is."""
    parts: list[str] = []
    done = 0
    for found in _LINK.finditer(text):
        parts += [escape(text[done : found.start()]), f"<{found[0]}>"]
        done = found.end()
    return "".join([*parts, escape(text[done:])])
