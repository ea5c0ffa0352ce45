"""OpenSMTPD's settings, read from smtpd.conf itself: it has no program that tells them (smtpd.conf(5)). Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from smtpdiag_tui.local_mta import facts
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.report.facts import hosts_in
from smtpdiag_tui.settings import Relay, SettingsError, TlsPolicy, parse_server

MAX_DEPTH = 4  # files that include one another
MAX_FILES = 64  # that are included, in all
MAX_TEXT = 1024 * 1024  # characters, in all
_MAX_WORDS = 1000  # of one action that are looked at: it has some 30 options
# A string that is not closed goes on to the end of its line, so that no quote is looked at twice.
_WORD = re.compile(r'"((?:[^"\\]|\\.?)*+)"?|([{}<>,=!])|([^\s"{}<>,=!#]+)|(#.*)')
_KNOWN = ("listen", "action", "match", "table", "include", "pki", "ca", "filter", "mda", "mta", "queue", "smtp",
          "srs", "bounce", "admd", "proc", "limit")  # fmt: skip
_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 25, "smtp+notls": 25}
_POLICIES = {"smtp": TlsPolicy.AUTO, "smtps": TlsPolicy.IMPLICIT, "smtp+tls": TlsPolicy.REQUIRE}
_POLICIES["smtp+notls"] = TlsPolicy.OFF


@dataclass(slots=True)
class Config:
    """The statements of a configuration that matter here, as words, and what was not understood."""

    actions: dict[str, list[str]] = field(default_factory=dict)
    matches: list[list[str]] = field(default_factory=list)
    tables: dict[str, list[str]] = field(default_factory=dict)
    macros: dict[str, str] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)


def parse_config(text: str, read: Callable[[str], str | None]) -> Config:
    """Read smtpd.conf; `read` returns the text of an included file, None if it cannot be read.

    Each file is included once, which is what files that include one another come to; at most 64 files, 4 deep,
    and 1 Mi characters together.
    """
    config = Config()
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


def _read_into(config: Config, text: str, files: _Files, depth: int) -> None:
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
    found = []
    for match in _WORD.finditer(line):
        if match[4] is not None:
            break
        word = match[1] if match[1] is not None else match[2] or match[3]
        name = word[1:] if match[3] and word.startswith("$") else ""
        found.append(macros.get(name, word) if name else word)
    return found


def _statement(config: Config, words: list[str], files: _Files, depth: int) -> None:
    first, rest = words[0], words[1:]
    if len(words) >= 3 and words[1] == "=":
        config.macros[first] = words[2]
    elif first == "action" and len(rest) >= 2:
        config.actions[rest[0]] = rest[1:]
    elif first == "match":
        config.matches.append(rest)
    elif first == "table" and rest:
        config.tables[rest[0]] = [word for word in rest[1:] if word not in "{},"]
    elif first == "include" and rest:
        text = files.text(rest[0], depth)
        if text is None:
            config.unclear.append(f"include {rest[0]}: not read")
        else:
            _read_into(config, text, files, depth + 1)
    elif first not in _KNOWN:
        config.unclear.append(" ".join(words[:2]))  # what follows might be a password


def opensmtpd_facts(config: Config, domain: str, path: str, host_name: str | None) -> LocalFacts:
    """Return how OpenSMTPD would send to `domain`; `host_name` is what it greets with unless told otherwise."""
    lines = [
        f"OpenSMTPD is the local mail server; {path} was read, since it has no program that tells its settings"
    ]
    name, sure = _action(config, domain)
    words = config.actions.get(name, []) if name else []
    if not words or words[0] != "relay":
        lines.append(
            f"No action of {path} relays mail for {domain}" if not words else f"{domain} is delivered here"
        )
        words = []
    elif not sure:
        lines.append(f"The action {name} is taken for {domain}; a match before it was not understood")
    options = _options(words[1:_MAX_WORDS])
    ehlo = facts.greeting(options.get("helo", "") or host_name or "")
    lines.append(f"EHLO name: {ehlo or 'not known'} ({'helo' if options.get('helo') else 'the host name'})")
    source = _source(config, options.get("src", ""))
    source4, source6 = facts.literal(source, 4), facts.literal(source, 6)
    lines.append(facts.source_line(source4, source6))
    relay, tls, meaning = _relay_host(options)
    lines.append(facts.relay_line(relay, f"the action {name}") if words else facts.relay_line((), ""))
    lines.append(f"TLS: {meaning}")
    auth = "auth" in options
    lines.append(facts.auth_line("auth of the action", auth=auth))
    lines += [f"Not understood in {path}: {item}" for item in config.unclear[:5]]
    hosts = hosts_in([ehlo or "", *(item.host for item in relay)])
    return LocalFacts("OpenSMTPD", ehlo, source4, source6, None, relay, auth, tls, tuple(lines), hosts)


def _action(config: Config, domain: str) -> tuple[str | None, bool]:
    """Return the name of the action for `domain` of mail that begins here, and whether that is sure."""
    sure = True
    listed: dict[str, bool | None] = {}
    for words in config.matches:
        if "action" not in words or words.index("action") + 1 >= len(words):
            continue  # a reject, or nothing that we know
        action = words[words.index("action") + 1]
        applies = _applies(config, words[: words.index("action")], domain, listed)
        if applies:
            return action, sure
        sure = sure and applies is not None
    relaying = [name for name, words in config.actions.items() if words[:1] == ["relay"]]
    return (relaying[0], False) if len(relaying) == 1 and not sure else (None, sure)


def _applies(config: Config, words: Sequence[str], domain: str, listed: dict[str, bool | None]) -> bool | None:
    """Whether a match is for mail from here to `domain`; None if it asks for what is not understood.

    `listed` keeps what a table said of the domain: many matches may ask a large one.
    """
    text = " ".join(words)
    if re.search(r"!|\b(?:auth|mail-from|rcpt-to|helo|tag|tls|regex)\b", text):
        return None
    if "from" in words and not re.search(r"from (?:any|local)\b", text):
        return False
    if "for" not in words:
        return False
    aim = list(words[words.index("for") + 1 :])
    if aim[:1] == ["any"]:
        return True
    if aim[:1] != ["domain"] or len(aim) < 2:
        return False if aim[:1] == ["local"] else None
    if aim[1] == "<":
        table = aim[2] if len(aim) > 2 else ""
        if table not in listed:
            listed[table] = _in_table(config.tables.get(table), domain)
        return listed[table]
    return _among([word for word in aim[1:] if word not in "{},"], domain)


def _in_table(names: Sequence[str] | None, domain: str) -> bool | None:
    """Whether a table of domains holds `domain`; None for one in a file or a database."""
    if names is None or any(":" in item or "/" in item for item in names):
        return None
    return _among(names, domain)


def _among(names: Sequence[str], domain: str) -> bool:
    return any(domain == item or (item.startswith("*.") and domain.endswith(item[1:])) for item in names)


def _options(words: Sequence[str]) -> dict[str, str]:
    """Return the options of a relay action, each with the word that follows it; a table with its brackets."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        name = rest.pop(0)
        if name in ("helo", "helo-src", "host", "src", "auth", "domain", "mail-from", "ca", "pki", "filter"):
            if rest[:1] == ["<"] and ">" in rest:
                end = rest.index(">")
                found[name] = "<" + "".join(rest[1:end]) + ">"
                rest = rest[end + 1 :]
            elif rest:
                found[name] = rest.pop(0)
        elif name == "tls":
            found["tls"] = rest.pop(0) if rest[:1] == ["no-verify"] else ""
    return found


def _source(config: Config, text: str) -> str:
    if text.startswith("<"):
        names = config.tables.get(text.strip("<>"), [])
        return names[0] if len(names) == 1 else ""
    return text


def _relay_host(options: dict[str, str]) -> tuple[tuple[Relay, ...], TlsPolicy | None, str]:
    scheme, relay = "smtp", tuple[Relay, ...]()
    url = options.get("host", "")
    if url:
        found = re.fullmatch(r"(?:([a-z+]+)://)?(?:[^@/]*@)?(\[[^\]]+\]|[^:\[\]]+)(?::(\d{1,5}))?", url)
        scheme = (found[1] or "smtp") if found else ""
        if found is None or scheme not in _PORTS:
            return (), None, "not known: the relay's URL is not understood"
        port = int(found[3]) if found[3] else _PORTS[scheme]
        try:
            relay = (Relay(parse_server(found[2]), port),) if 0 < port < 65536 else ()
        except SettingsError:
            return (), None, "not known: the relay's URL is not understood"
    if "tls" in options and scheme == "smtp":
        scheme = "smtp+tls"
    policy = _POLICIES[scheme]
    meaning = {
        TlsPolicy.AUTO: "if it is offered",
        TlsPolicy.OFF: "never (smtp+notls)",
        TlsPolicy.IMPLICIT: "from the first byte (smtps)",
        TlsPolicy.REQUIRE: "required; a bad certificate is told as a failure, and the session goes on",
    }[policy]
    return relay, policy, meaning
