"""What the configuration of programs that sign mail says of selectors, as text. Pure.

OpenDKIM: opendkim.conf(5). Rspamd: its module dkim_signing, in UCL. Exim: its specification, §58.1. Amavis:
dkim_key in its configuration.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from smtpdiag_tui.settings import host_name

MOST = 20_000  # selectors of one program: a host may sign for many domains
_MOST_TOLD = 80  # characters of an expression
_AMAVIS_KEY = re.compile(r"""^[ \t]*dkim_key\(\s*['"]([^'"\n]+)['"]\s*,\s*['"]([^'"\n]+)['"]""", re.MULTILINE)
_AMAVIS_SIGNS = re.compile(r"^[ \t]*\$enable_dkim_signing\s*=\s*(\d)", re.MULTILINE)
_MACRO = re.compile(r"([A-Z]\w*)\s*==?\s*(.*)")
_EXIM_OPTION = re.compile(r"(dkim_domain|dkim_selector)\s*=\s*(.*)")
_CONDITION = re.compile(r"\.(ifdef|ifndef|else|endif)\b\s*(\S*)")
# Where an expansion of Exim comes to the domain of the sender or of the From field.
_OF_SENDER = re.compile(r"sender_address_domain|h_from|header_from|dkim_domain|sender_address", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SigningSelector:
    """A selector that a program on this host signs with; `domain` None is the domain of each message.

    `source` names the program. `unknown` is an expression that stands where the selector would, "" otherwise:
    what it comes to could not be determined.
    """

    selector: str
    domain: str | None
    source: str
    unknown: str = ""


Reader = Callable[[str], str | None]  # a path in a configuration to that file's text, None where it cannot be read


def made(selector: str, domain: str, source: str) -> SigningSelector | None:
    """Return a selector with a domain, `%` and `*` standing for the message's; None for what is no name."""
    name = host_name(selector.strip())
    every = domain.strip() in ("", "%", "*")
    own = None if every else host_name(domain.strip())
    return SigningSelector(name, own, source) if name and own != "" else None


def unknown(source: str, expression: str) -> SigningSelector:
    """Return what stands for a selector that could not be determined."""
    short = expression if len(expression) <= _MOST_TOLD else f"{expression[: _MOST_TOLD - 1]}…"
    return SigningSelector("", None, source, short)


def of_opendkim(text: str, read: Reader, source: str = "OpenDKIM") -> Iterator[SigningSelector]:
    """Yield the selectors of opendkim.conf, or of dkimpy-milter's file, which has its form.

    A KeyTable goes before Domain and Selector; of one, the keys that a readable SigningTable names.
    """
    values = _directives(text)
    if values.get("mode", "sv").strip().lower() == "v":
        return  # it verifies alone
    if "keytable" in values:
        yield from _key_table(values["keytable"], values.get("signingtable", ""), read, source)
        return
    domains = values.get("domain", "")
    if "/" in domains:
        domains = ",".join(line.split()[0] for line in _lines(_table(domains, read) or ""))
    for key in ("selector", "selectored25519"):
        for domain in domains.split(",") if key in values and domains else ():
            found = made(values[key], domain, source)
            if found is not None:
                yield found


def _directives(text: str) -> dict[str, str]:
    """Return the directives of opendkim.conf by name in lower case, the last of each."""
    pairs = (line.split(None, 1) for line in _lines(text))
    return {pair[0].lower(): pair[1].strip() for pair in pairs if len(pair) == 2}


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that say something, without comments."""
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()
        if bare:
            yield bare


def _table(place: str, read: Reader) -> str | None:
    """Return the text of a data set (opendkim(8)); None for one that is no file, or cannot be read."""
    kind, colon, path = place.partition(":")
    if not colon:
        kind, path = "file", place
    if kind.lower() == "csl":
        return "\n".join(item.replace("=", " ", 1) for item in path.split(","))
    return read(path.strip()) if kind.lower() in ("file", "refile") else None


def _key_table(place: str, signing: str, read: Reader, source: str) -> Iterator[SigningSelector]:
    text = _table(place, read)
    if text is None:
        yield unknown(source, f"KeyTable {place}")
        return
    rows = [pair for line in _lines(text) if len(pair := line.split(None, 1)) == 2]
    used = {name for line in _lines(_table(signing, read) or "") for name in _key_names(line)}
    named = [row for row in rows if row[0] in used] or rows
    for _, value in named:
        domain, _, rest = value.partition(":")
        found = made(rest.partition(":")[0], domain, source)
        if found is not None:
            yield found


def _key_names(line: str) -> Iterable[str]:
    """Return the names of keys in a line of a SigningTable."""
    parts = line.split(None, 1)
    return [name.strip() for name in parts[1].split(",")] if len(parts) == 2 else ()


def of_amavis(text: str) -> Iterator[SigningSelector]:
    """Yield the selectors of Amavis, where it signs."""
    signs = _AMAVIS_SIGNS.findall(text)
    if not signs or signs[-1] == "0":
        return
    for domain, selector in _AMAVIS_KEY.findall(text):
        found = made(selector, domain, "Amavis")
        if found is not None:
            yield found


def of_exim(text: str) -> Iterator[SigningSelector]:
    """Yield the selectors of Exim's transports, as far as they need no expansion at run time."""
    macros: dict[str, str] = {}
    options: dict[str, str] = {}
    for line in [*_exim_lines(text, macros), "end:"]:
        option = _EXIM_OPTION.match(line)
        if option is not None:
            options[option[1]] = _resolved(option[2], macros)
        elif re.fullmatch(r"\w+:", line):  # the next transport
            yield from _of_transport(options)
            options = {}


def _exim_lines(text: str, macros: dict[str, str]) -> Iterator[str]:
    """Yield the lines that count, continued ones joined, and put the macros that they define into `macros`."""
    skipping: list[bool] = []
    for line in re.sub(r"\\[ \t]*\n[ \t]*", "", text).splitlines():
        bare = line.strip()
        condition = _CONDITION.match(bare)
        if condition is not None:
            _branch(condition, macros, skipping)
        elif not any(skipping) and bare and not bare.startswith("#"):
            macro = _MACRO.fullmatch(bare)
            if macro is not None:
                macros[macro[1]] = macro[2].strip()
            else:
                yield bare


def _branch(condition: re.Match[str], macros: dict[str, str], skipping: list[bool]) -> None:
    match condition[1]:
        case "ifdef":
            skipping.append(condition[2] not in macros)
        case "ifndef":
            skipping.append(condition[2] in macros)
        case "else" if skipping:
            skipping[-1] = not skipping[-1]
        case "endif" if skipping:
            skipping.pop()


def _resolved(value: str, macros: dict[str, str]) -> str:
    """Return a value with macros put in, without quotes around it."""
    for _ in range(4):  # macros may name others
        before = value
        value = re.sub(r"[A-Z]\w*", lambda found: macros.get(found[0], found[0]), value)[:4096]
        if value == before:
            break
    return value.strip().strip('"')


def _of_transport(options: dict[str, str]) -> Iterator[SigningSelector]:
    selector, domain = options.get("dkim_selector", ""), options.get("dkim_domain", "")
    if not selector or not domain:
        return
    if "$" in selector:
        yield unknown("Exim", f"dkim_selector = {selector}")
        return
    if "$" in domain and not _OF_SENDER.search(domain):
        yield unknown("Exim", f"dkim_domain = {domain}")
        return
    domains = ["%"] if "$" in domain else [item.strip() for item in domain.split(":")]
    for name in selector.split(":"):
        for one in domains:
            found = made(name, one, "Exim")
            if found is not None:
                yield found
