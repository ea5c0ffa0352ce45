"""OpenSMTPD's settings, read from smtpd.conf itself: it has no program that tells them (smtpd.conf(5)). Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from smtpdiag_tui.local_mta import facts
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.report.facts import hosts_in
from smtpdiag_tui.settings import Relay, TlsPolicy, parse_server

MAX_DEPTH = 4  # files that include one another
MAX_FILES = 64  # that are included, in all
MAX_TEXT = 1024 * 1024  # characters, in all
_MAX_WORDS = 1000  # of one action that are looked at: it has some 30 options
# A string that is not closed goes on to the end of its line, so that no quote is looked at twice.
_WORD = re.compile(r'"((?:[^"\\]|\\.?)*+)"?|([{}<>,=!])|([^\s"{}<>,=!#]+)|(#.*)')
_KNOWN = ("listen", "action", "match", "table", "include", "pki", "ca", "filter", "mda", "mta", "queue", "smtp",
          "srs", "bounce", "admd", "proc", "limit")  # fmt: skip
_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 25, "smtp+notls": 25}
_POLICIES = {
    "smtp": (TlsPolicy.AUTO, "if offered"),
    "smtps": (TlsPolicy.IMPLICIT, "from the first byte (smtps)"),
    "smtp+tls": (TlsPolicy.REQUIRE, "required; certificate errors are reported as failures"),
    "smtp+notls": (TlsPolicy.OFF, "never (smtp+notls)"),
}
_UNKNOWN_RELAY = "unknown, relay URL not understood"
_TAKE_A_WORD = ("helo", "helo-src", "host", "src", "auth", "domain", "mail-from", "ca", "pki", "filter")
_RELAY_URL = re.compile(r"(?:([a-z+]+)://)?(?:[^@/]*@)?(\[[^\]]+\]|[^:\[\]]+)(?::(\d{1,5}))?")
_MORE_CONDITIONS = re.compile(r"!|\b(?:auth|mail-from|rcpt-to|helo|tag|tls|regex)\b")


@dataclass(slots=True)
class SmtpdConfig:
    """The statements of a configuration that matter here, as words, and what was not understood."""

    actions: dict[str, list[str]] = field(default_factory=dict)
    matches: list[list[str]] = field(default_factory=list)
    tables: dict[str, list[str]] = field(default_factory=dict)
    macros: dict[str, str] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)


def parse_config(text: str, read: Callable[[str], str | None]) -> SmtpdConfig:
    """Read smtpd.conf; `read` returns the text of an included file, None if it cannot be read.

    Each file is included once, which is what files that include one another come to; at most 64 files, 4 deep,
    and 1 Mi characters together.
    """
    config = SmtpdConfig()
    _read_into(config, text[:MAX_TEXT], _Files(read, MAX_TEXT - len(text)), 0)
    return config


class _Files:
    """The files that are included, within their limits."""

    def __init__(self, read: Callable[[str], str | None], room: int) -> None:
        self._read = read
        self._room = room
        self._seen: set[str] = set()

    def text(self, path: str, depth: int) -> str | None:
        """Return what a file adds: nothing if it is there already, None if it is not read."""
        if path in self._seen:
            return ""
        if depth >= MAX_DEPTH or len(self._seen) >= MAX_FILES or self._room <= 0:
            return None
        self._seen.add(path)
        text = self._read(path)
        if text is None or len(text) > self._room:
            return None
        self._room -= len(text)
        return text


def _read_into(config: SmtpdConfig, text: str, files: _Files, depth: int) -> None:
    joined = re.sub(r"\\\n", " ", text)
    open_words: list[str] = []
    lists_open = 0
    for line in joined.split("\n"):
        words = _words(line, config.macros)
        open_words += words
        lists_open += words.count("{") - words.count("}")
        if not open_words or lists_open > 0:
            continue  # a list goes on in the next line
        _statement(config, open_words, files, depth)
        open_words, lists_open = [], 0
    if open_words:
        config.unclear.append(" ".join(open_words[:2]))


def _words(line: str, macros: dict[str, str]) -> list[str]:
    words: list[str] = []
    for match in _WORD.finditer(line):
        quoted, sign, bare, comment = match.groups()
        if comment is not None:
            break
        if quoted is not None:
            words.append(quoted)
        elif bare and bare.startswith("$") and bare != "$":
            words.append(macros.get(bare[1:], bare))
        else:
            words.append(sign or bare)
    return words


def _statement(config: SmtpdConfig, words: list[str], files: _Files, depth: int) -> None:
    match words:
        case [macro, "=", value, *_]:
            config.macros[macro] = value
        case ["action", name, option, *options]:
            config.actions[name] = [option, *options]
        case ["match", *conditions]:
            config.matches.append(conditions)
        case ["table", name, *members]:
            config.tables[name] = _members(members)
        case ["include", path, *_]:
            _include(config, path, files, depth)
        case [keyword, *_] if keyword not in _KNOWN:
            config.unclear.append(" ".join(words[:2]))  # what follows might be a password


def _members(words: Sequence[str]) -> list[str]:
    """Return what a list between braces holds."""
    return [word for word in words if word not in "{},"]


def _include(config: SmtpdConfig, path: str, files: _Files, depth: int) -> None:
    text = files.text(path, depth)
    if text is None:
        config.unclear.append(f"include {path} (not read)")
    else:
        _read_into(config, text, files, depth + 1)


def opensmtpd_facts(config: SmtpdConfig, domain: str, path: str, host_name: str | None) -> LocalFacts:
    """Return how OpenSMTPD would send to `domain`; `host_name` is what it greets with unless told otherwise."""
    lines = [f"Local mail server: OpenSMTPD (from {path})"]
    name, sure = _action(config, domain)
    words = config.actions.get(name, []) if name else []
    relays = words[:1] == ["relay"]
    if not words:
        lines.append(f"No action in {path} relays mail for {domain}")
    elif not relays:
        lines.append(f"{domain} is delivered locally")
    elif not sure:
        lines.append(f"Action {name} assumed for {domain}; an earlier match was not understood")
    options = _options(words[1:_MAX_WORDS]) if relays else {}
    ehlo, line = _ehlo(options.get("helo", ""), host_name)
    lines.append(line)
    source = _source(config, options.get("src", ""))
    source4, source6 = facts.literal(source, 4), facts.literal(source, 6)
    lines.append(facts.source_line(source4, source6))
    relay, tls, meaning = _relay_host(options)
    lines.append(facts.relay_line(relay, f"action {name}" if relays else ""))
    lines.append(f"TLS: {meaning}")
    auth = "auth" in options
    lines.append(facts.auth_line("auth option of the action", auth=auth))
    lines += [f"Not understood in {path}: {statement}" for statement in config.unclear[:5]]
    hosts = hosts_in([ehlo or "", *(hop.host for hop in relay)])
    return LocalFacts("OpenSMTPD", ehlo, source4, source6, None, relay, auth, tls, tuple(lines), hosts)


def _ehlo(helo: str, host_name: str | None) -> tuple[str | None, str]:
    """Return the EHLO name, and the line that tells it and where it comes from."""
    ehlo = facts.greeting(helo or host_name or "")
    where = "helo" if helo else "host name"
    return ehlo, f"EHLO name: {ehlo or 'unknown'} ({where})"


def _action(config: SmtpdConfig, domain: str) -> tuple[str | None, bool]:
    """Return the name of the action for `domain` of mail that begins here, and whether that is sure."""
    sure = True
    listed: dict[str, bool | None] = {}
    for words in config.matches:
        if "action" not in words[:-1]:
            continue  # a reject, or nothing that we know
        place = words.index("action")
        applies = _applies(config, words[:place], domain, listed)
        if applies:
            return words[place + 1], sure
        sure = sure and applies is not None
    relaying = [name for name, words in config.actions.items() if words[:1] == ["relay"]]
    if len(relaying) == 1 and not sure:
        return relaying[0], False
    return None, sure


def _applies(
    config: SmtpdConfig, words: Sequence[str], domain: str, listed: dict[str, bool | None]
) -> bool | None:
    """Whether a match is for mail from here to `domain`; None if it asks for what is not understood.

    `listed` keeps what a table said of the domain: many matches may ask a large one.
    """
    text = " ".join(words)
    if _MORE_CONDITIONS.search(text):
        return None
    if "from" in words and not re.search(r"from (?:any|local)\b", text):
        return False
    if "for" not in words:
        return False
    return _aims_at(config, words[words.index("for") + 1 :], domain, listed)


def _aims_at(config: SmtpdConfig, aim: Sequence[str], domain: str, listed: dict[str, bool | None]) -> bool | None:
    """Whether the words behind `for` mean `domain`; None if they are not understood."""
    match aim:
        case ["any", *_]:
            return True
        case ["local", *_]:
            return False
        case ["domain", "<"]:
            return _in_table(config.tables.get(""), domain)
        case ["domain", "<", name, *_]:
            if name not in listed:
                listed[name] = _in_table(config.tables.get(name), domain)
            return listed[name]
        case ["domain", first, *others]:
            return _among(_members([first, *others]), domain)
    return None


def _in_table(names: Sequence[str] | None, domain: str) -> bool | None:
    """Whether a table of domains holds `domain`; None for one in a file or a database."""
    if names is None or any(":" in name or "/" in name for name in names):
        return None
    return _among(names, domain)


def _among(names: Sequence[str], domain: str) -> bool:
    return any(domain == name or (name.startswith("*.") and domain.endswith(name[1:])) for name in names)


def _options(words: Sequence[str]) -> dict[str, str]:
    """Return the options of a relay action, each with the word that follows it; a table with its brackets."""
    options: dict[str, str] = {}
    rest = list(words)
    while rest:
        name = rest.pop(0)
        if name in _TAKE_A_WORD:
            if rest[:1] == ["<"] and ">" in rest:
                end = rest.index(">")
                options[name] = "<" + "".join(rest[1:end]) + ">"
                rest = rest[end + 1 :]
            elif rest:
                options[name] = rest.pop(0)
        elif name == "tls":
            options["tls"] = rest.pop(0) if rest[:1] == ["no-verify"] else ""
    return options


def _source(config: SmtpdConfig, text: str) -> str:
    if text.startswith("<"):
        names = config.tables.get(text.strip("<>"), [])
        return names[0] if len(names) == 1 else ""
    return text


def _relay_host(options: dict[str, str]) -> tuple[tuple[Relay, ...], TlsPolicy | None, str]:
    """Return the relay host, and the policy on TLS with what it means; () for a port that is none."""
    scheme, relay = "smtp", tuple[Relay, ...]()
    if options.get("host"):
        try:
            scheme, relay = _parse_url(options["host"])
        except ValueError:
            return (), None, _UNKNOWN_RELAY
    if "tls" in options and scheme == "smtp":
        scheme = "smtp+tls"
    return relay, *_POLICIES[scheme]


def _parse_url(url: str) -> tuple[str, tuple[Relay, ...]]:
    """Return the scheme and the host of a relay's URL, no host where its port is none; raises ValueError."""
    parts = _RELAY_URL.fullmatch(url)
    if parts is None:
        raise ValueError(url)
    scheme = parts[1] or "smtp"
    if scheme not in _PORTS:
        raise ValueError(url)
    port = int(parts[3]) if parts[3] else _PORTS[scheme]
    if not 0 < port < 65536:
        return scheme, ()
    return scheme, (Relay(parse_server(parts[2]), port),)
