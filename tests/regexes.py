"""Every regular expression of the package, as it is used: read from the source, the modules and the data files."""

import ast
import builtins
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import smtpdiag_tui
from smtpdiag_tui.checks.session.replies.vocabulary import word_classes
from smtpdiag_tui.checks.session.reply_meanings import patterns

_FUNCTIONS = frozenset({"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
_ANYWHERE = frozenset({"search", "finditer"})  # where the source does not tell
_GIVEN = "a-b.c"  # what stands for a name or a word that only a run knows


@dataclass(frozen=True)
class Use:
    """A pattern, where it stands, and the method by which the package applies it."""

    place: str
    pattern: re.Pattern[Any]
    method: str

    def apply(self, text: str) -> object:
        """Do to a text what the package does; where it takes all matches, all are found."""
        given: Any = text.encode("latin-1", "replace") if isinstance(self.pattern.pattern, bytes) else text
        if self.method in ("match", "fullmatch", "search"):
            return getattr(self.pattern, self.method)(given)
        return sum(1 for _ in self.pattern.finditer(given))


@cache
def uses() -> tuple[Use, ...]:
    """Return all uses, each once, in a fixed order."""
    found: dict[tuple[Any, int, str], Use] = {}
    for use in _all_uses():
        method = use.method if use.method in ("match", "fullmatch", "search") else "finditer"
        key = (use.pattern.pattern, use.pattern.flags, method)
        found.setdefault(key, Use(use.place, use.pattern, method))
    return tuple(found.values())


def _all_uses() -> Iterator[Use]:
    for found in pkgutil.walk_packages(smtpdiag_tui.__path__, "smtpdiag_tui."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            yield from _of_source(module)
            yield from _of_values(module)
    for item in patterns():
        yield Use(f"data: {item.explanation.id}", item.regex, "search")
    for each in word_classes():
        for pattern in (each.words, each.unless):
            if pattern is not None:
                yield Use(f"words: {each.reason}", pattern, "search")


def _of_values(module: ModuleType) -> Iterator[Use]:
    """Yield the patterns that a module holds, with the methods by which its source uses that name."""
    methods = _methods(_tree(module))
    for name, value in vars(module).items():
        for pattern in _patterns_in(value):
            for method in methods.get(name, _ANYWHERE if isinstance(value, tuple | list | dict) else ()):
                yield Use(f"{module.__name__}.{name}", pattern, method)


def _patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | Mapping):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _patterns_in(item)


def _of_source(module: ModuleType) -> Iterator[Use]:
    """Yield the patterns in calls of `re` itself; those compiled at the top are the module's values."""
    for function, call in _calls(_tree(module)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if function is None and name == "compile":
            continue
        names = {**vars(module), **_assigned(function, vars(module))}
        flags = [value for item in call.args[1:] for value in _values(item, names) if type(value) is re.RegexFlag]
        for text in _values(call.args[0], names):
            for method in _ANYWHERE if name == "compile" else (name,):
                pattern = re.compile(text, flags[0] if flags else 0)
                yield Use(f"{module.__name__}:{call.lineno}", pattern, method)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def _calls(node: ast.AST, function: ast.FunctionDef | None = None) -> Iterator[tuple[Any, ast.Call]]:
    """Yield each call of a function of `re` that takes a pattern, and the function it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
            module = child.func.value
            of_re = isinstance(module, ast.Name) and module.id == "re"
            if of_re and child.func.attr in {*_FUNCTIONS, "compile"}:
                yield function, child
        yield from _calls(child, child if isinstance(child, ast.FunctionDef) else function)


def _methods(tree: ast.Module) -> dict[str, set[str]]:
    """Return by which methods each name is used in its module."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _FUNCTIONS:
            found.setdefault(node.value.id, set()).add(node.attr)
        elif isinstance(node, ast.keyword | ast.Call):
            given = [node.value] if isinstance(node, ast.keyword) else node.args
            for name in (item.id for item in given if isinstance(item, ast.Name)):
                found.setdefault(name, set()).update(_ANYWHERE)
    return found


def _assigned(function: ast.FunctionDef | None, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a function's names for parts of patterns are worth."""
    found: dict[str, Any] = {}
    for node in ast.walk(function) if function is not None else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = _values(node.value, {**names, **found})[0]
            found.setdefault(node.targets[0].id, value if isinstance(value, str | bytes) else _GIVEN)
    return found


class _Names(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        if hasattr(builtins, name):
            raise KeyError(name)
        return _GIVEN


def _values(node: ast.expr, names: Mapping[str, Any]) -> list[Any]:
    """Return what an expression can be worth; what only a run knows is a name."""
    if isinstance(node, ast.Subscript) and isinstance(names.get(ast.unparse(node.value)), dict):
        return list(names[ast.unparse(node.value)].values())
    try:
        return [eval(compile(ast.Expression(node), "pattern", "eval"), dict(names), _Names(names))]
    except (AttributeError, TypeError, KeyError, ValueError, NameError, IndexError):
        if isinstance(node, ast.JoinedStr):
            return ["".join(str(_values(part, names)[0]) for part in node.values)]
        if isinstance(node, ast.FormattedValue):
            return _values(node.value, names)
        return [_GIVEN]
