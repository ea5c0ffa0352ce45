"""The text of a bounce that is HTML alone. Pure."""

import re
from html.parser import HTMLParser

MOST = 100_000  # characters of HTML that are looked at
_BREAKS = frozenset(
    {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "pre", "blockquote", "td", "title"}
)
_HIDDEN = frozenset({"script", "style", "head"})
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]{1,400}")


class _Text(HTMLParser):
    """Collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0
        self._kept = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BREAKS:
            self.parts.append("\n")
        self._kept += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BREAKS:
            self.parts.append("\n")
        self._kept = max(0, self._kept - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data if self._kept else data.replace("\n", " "))


def text_of_html(html: str) -> str:
    """Return the text of HTML, a line for each block; of what is no HTML, whatever is left of it."""
    reader = _Text()
    try:
        reader.feed(_without_declarations(html[:MOST]))
        reader.close()
    except (AssertionError, ValueError, RecursionError):  # as the parser of the library ends on some declarations
        pass
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(lines)


def _without_declarations(html: str) -> str:
    """Return HTML without comments and declarations, and without tags that do not end: the parser looks for that.

    For each that begins it would look through all the rest.
    """
    parts: list[str] = []
    place = 0
    while (begins := html.find("<!", place)) >= 0:
        parts.append(html[place:begins])
        comment = html.startswith("<!--", begins)
        ends = html.find("-->" if comment else ">", begins + 2)
        place = len(html) if ends < 0 else ends + (3 if comment else 1)
    whole = "".join([*parts, html[place:]]).replace("<?", "&lt;?")
    last = whole.rfind(">") + 1
    return whole[:last] + whole[last:].replace("<", " ")
