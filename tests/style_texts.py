"""Every text that a person reads, taken from where it stands: source, data and documents."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WHERE = ("smtpdiag_tui", "README.md", "CHANGELOG.md")

_RAW_PREFIX = re.compile(r"(?:r|rf|fr|rb|br)['\"]", re.IGNORECASE)  # of patterns alone
_REPLY = re.compile(r"\d{3}[ -]")  # a server's words, not ours
_MANY = 30  # words without a sign between them are no sentence
_SELECTOR = re.compile(r"(?:[#.][\w-]+(?:, |$))+")
_STYLE_SHEET = re.compile(r"CSS$")
_SHORT = frozenset({"label", "title", "help", "detail", "placeholder", "advice", "meaning", "message"})  # one word
_DATA = frozenset({"meaning", "meaning-now", "advice", "advice-now", "name", "title", "what", "who", "actor"})
_ADVICE = frozenset({"advice", "advice-now", "what"})


@dataclass(frozen=True)
class Text:
    """One text and where it stands; `kind` is "advice" for what somebody is to do, else "words"."""

    place: str
    line: int
    text: str
    kind: str = "words"


def texts(paths: list[Path]) -> Iterator[Text]:
    """Yield the texts of files, and of all files below folders."""
    for path in paths:
        if path.is_dir():
            yield from texts(sorted(item for item in path.rglob("*") if item.suffix in (".py", ".toml")))
        elif path.suffix in _READERS:
            place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
            yield from _READERS[path.suffix](place, path.read_text(encoding="utf-8"))


def of_source(place: str, source: str) -> Iterator[Text]:
    """Yield the sentences and labels of a module; what only a run knows stands as `{}`."""
    yield from _Strings(place, source).of(ast.parse(source))


class _Strings:
    def __init__(self, place: str, source: str) -> None:
        self._place = place
        self._lines = [line.encode() for line in source.splitlines()]

    def of(self, node: ast.AST, *, labelled: str = "") -> Iterator[Text]:
        """Yield the texts below a node; `labelled` is the keyword that it is given for."""
        if _is_silent(node):
            return
        if isinstance(node, ast.JoinedStr | ast.Constant):
            text = _text(node)
            if text and self._is_words(node, text, labelled):
                yield Text(self._place, getattr(node, "lineno", 0), text, _kind(labelled))
        if isinstance(node, ast.JoinedStr):
            children = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            for child in children:
                yield from self.of(child)
            return
        for below in ast.iter_child_nodes(node):
            label = (below.arg or "") if isinstance(below, ast.keyword) else ""
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Action" and len(node.args) == 2:
                label = "what" if below is node.args[1] else label
            through = isinstance(below, ast.IfExp | ast.BoolOp | ast.Tuple | ast.Constant | ast.JoinedStr)
            yield from self.of(below, labelled=label or (labelled if through else ""))

    def _is_words(self, node: ast.Constant | ast.JoinedStr, text: str, labelled: str) -> bool:
        start = self._lines[node.lineno - 1][node.col_offset : node.col_offset + 4].decode(errors="replace")
        if _RAW_PREFIX.match(start) or _REPLY.match(text) or _SELECTOR.fullmatch(text):
            return False
        if len(text.split()) >= _MANY and not re.search(r"[.,;:]", text):
            return False  # a list of words
        return bool(re.search(r"[a-z]{2}", text)) and (bool(re.search(r"\s", text.strip())) or labelled in _SHORT)


def _is_silent(node: ast.AST) -> bool:
    """Whether nobody reads the texts of a node: docstrings, patterns, lists of words, style sheets."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return any(isinstance(item, ast.Name) and _STYLE_SHEET.search(item.id) for item in node.targets)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and bool(_STYLE_SHEET.search(node.target.id))
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Attribute):
            of_re = isinstance(function.value, ast.Name) and function.value.id == "re"
            return of_re or (function.attr == "split" and isinstance(function.value, ast.Constant))
        return isinstance(function, ast.Name) and function.id in ("KeyError", "TypeError", "AssertionError")
    return False


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
    return "".join(str(part) for part in parts)


def _kind(key: str) -> str:
    return "advice" if key in _ADVICE else "words"


def of_data(place: str, text: str) -> Iterator[Text]:
    """Yield the texts of a data file, by their keys; the names of status codes are those of the registry."""
    lines = text.splitlines()
    keys = _DATA - {"name"} if place.endswith("enhanced_status.toml") else _DATA
    for key, value in _values(tomllib.loads(text)):
        if key in keys and re.search(r"\s", value):
            line = next((number for number, line in enumerate(lines, 1) if value[:60] in line), 0)
            yield Text(place, line, value, _kind(key))


def _values(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _values(below, name)
    elif isinstance(value, list):
        for below in value:
            yield from _values(below, key)
    elif isinstance(value, str):
        yield key, value


def of_document(place: str, text: str) -> Iterator[Text]:
    """Yield the lines of a document but for fenced blocks; what stands in backticks, or is linked, as `{}`."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and line.strip() and not line.startswith(("<!--", "![")):
            yield Text(place, number, re.sub(r"`[^`]*`|(?<=\])\([^)]*\)", "{}", line))


_READERS = {".py": of_source, ".toml": of_data, ".md": of_document}
