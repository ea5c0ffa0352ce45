"""The man page smtpdiag(1) in man(7), made from the tables that the help is made from. Pure."""

import re
import textwrap
from collections.abc import Iterable, Iterator

from smtpdiag_tui import __version__
from smtpdiag_tui.cli.commands import EXAMPLES
from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.distribution.flags import PROGRAMS, Offered, offered
from smtpdiag_tui.tui.drawing.theme_names import THEMES
from smtpdiag_tui.tui.keys import ACTIONS, GROUPS, keys_of, shown_key

_WIDTH = 78
_SENTENCE_END = re.compile(r"(?<=[.;])\s+(?=[A-Z'])")
_STATUSES = {
    ExitStatus.ACCEPTED: "The recipient was accepted, with or without warnings.",
    ExitStatus.DEFERRED: "The message was deferred: the sending server would queue it and retry.",
    ExitStatus.USAGE: "The command line or the configuration cannot be used, or an address is invalid.",
    ExitStatus.BOUNCED: "The message bounced: the sending server would return it.",
    ExitStatus.UNKNOWN: "The outcome could not be determined from this host.",
    ExitStatus.INTERRUPTED: "The run was interrupted.",
}
_PLUGIN_STATUSES = {
    "0 (OK)": "Accepted, and nothing that matters to a message is wrong.",
    "1 (WARNING)": "Accepted, but a check after DATA fails, an MX address does not accept, a certificate is about"
    " to expire, or something else is wrong with an MX host, a policy or this host. Also deferred, where a retry"
    " may get through.",
    "2 (CRITICAL)": "Bounced. Also deferred, where nothing gets through before somebody acts, or no server"
    " replied.",
    "3 (UNKNOWN)": "The outcome could not be determined, the command line cannot be used, or the run was"
    " interrupted by SIGINT or SIGTERM.",
}
_FILES = {
    "~/.config/smtpdiag-tui/config.toml": "Defaults for settings below [defaults], theme, and keys below [keys]."
    " The command line wins.",
    "~/.local/state/smtpdiag-tui/": "The last runs, as JSON, and the addresses that were typed; readable by"
    " their owner alone.",
}
_ENVIRONMENT = {
    "NO_COLOR": "Print reports without colours.",
    "TERM": "Without it, or with dumb, a report is printed and no interface is shown.",
    "XDG_CONFIG_HOME": "The folder of the configuration, instead of ~/.config.",
    "XDG_STATE_HOME": "The folder of what is kept, instead of ~/.local/state.",
}
_DESCRIPTION = """\
Tests whether mail from SENDER to RECIPIENT will be delivered, and if not, why and who must act.
It queries the DNS over UDP and TCP, connects to every address of every MX host for an SMTP session up to RCPT TO,
and checks what receivers find of the sender. No message is sent.

On a terminal it opens an interface. Without a terminal, or with --report, it prints a report and exits.
The sender '<>' is the null sender."""
_MONITORS = """\
With --report nagios one line is printed as the Monitoring Plugins guidelines ask, with performance data: seconds
in all and for each phase of the session that decided, days until the first certificate expires, MX addresses that
accepted of those tested, and problems. Give a --timeout well below the time that the monitor waits.

With --report prometheus metrics are printed for the textfile collector of node_exporter. Write them to a file of
another name first, and rename it."""


def man_page(date: str) -> str:
    """Return the page, dated as `2026-11-28`."""
    lines = [f'.TH SMTPDIAG 1 "{date}" "smtpdiag {__version__}" "User Commands"']
    for title, body in _sections():
        lines += [f".SH {title}", *body]
    return "".join(f"{line}\n" for line in lines)


def alias_page() -> str:
    """Return the page of the command's other names: the same."""
    return f".so man1/{PROGRAMS[0]}.1\n"


def _sections() -> Iterator[tuple[str, Iterable[str]]]:
    yield "NAME", [f"{', '.join(map(_plain, PROGRAMS))} \\- will this mail be delivered, and if not, why"]
    yield "SYNOPSIS", [".B smtpdiag", "[\\fISENDER\\fR] [\\fIRECIPIENT\\fR] [\\fIOPTION\\fR ...]"]
    yield "DESCRIPTION", _paragraphs(_DESCRIPTION)
    yield "OPTIONS", [line for flag in offered() for line in _tagged(_flag_tag(flag), _sentence(flag.help))]
    yield "MONITORS", _paragraphs(_MONITORS)
    yield "KEYS", _keys()
    yield "EXIT STATUS", [*_terms({str(int(key)): text for key, text in _STATUSES.items()}), *_plugin_statuses()]
    yield "FILES", _terms(_FILES)
    yield "ENVIRONMENT", _terms(_ENVIRONMENT)
    yield "EXAMPLES", [".nf", *map(_plain, _examples()), ".fi"]
    yield "THEMES", _filled(", ".join(sorted(THEMES)))
    yield "DEMO", [*_filled("With --demo these recipients show what can happen."), *_stories()]
    yield "SEE ALSO", [".BR dig (1),", ".BR openssl (1),", ".BR swaks (1)"]


def _stories() -> list[str]:
    return [line for story in STORIES for line in _tagged(_bold(story.recipient), _sentence(story.title))]


def _plugin_statuses() -> list[str]:
    return [
        ".PP",
        "With",
        ".B \\-\\-report nagios",
        "the exit status is that of a plug\\-in:",
        *_terms(_PLUGIN_STATUSES),
    ]


def _keys() -> Iterator[str]:
    yield from _filled("In the interface. The keys can be changed in config.toml.")
    for group in GROUPS:
        yield f'.SS "{_plain(group)}"'
        for action in ACTIONS:
            if action.group == group:
                keys = ", ".join(shown_key(name) for name in keys_of(action.keys))
                yield from _tagged(_bold(keys), _sentence(action.words))


def _examples() -> list[str]:
    """Return the command lines of the help's examples."""
    lines = EXAMPLES.partition("\n\n")[0].splitlines()[1:]
    more = ("smtpdiag --report nagios --timeout 10 alice@sender.example bob@partner.example",)
    return [line.strip() for line in (*lines, *more)]


def _flag_tag(flag: Offered) -> str:
    value = ""
    if flag.value is not None:
        value = f" [\\fI{_plain(flag.value)}\\fR]" if flag.optional else f" \\fI{_plain(flag.value)}\\fR"
    return ", ".join(f"{_bold(name)}{value}" for name in flag.names)


def _terms(terms: dict[str, str]) -> list[str]:
    return [line for term, text in terms.items() for line in _tagged(_bold(term), text)]


def _tagged(tag: str, text: str) -> list[str]:
    return [".TP", tag, *_filled(text)]


def _paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for number, paragraph in enumerate(text.split("\n\n")):
        lines += [*([".PP"] if number else []), *_filled(paragraph)]
    return lines


def _filled(text: str) -> list[str]:
    """Return text as lines of input, each sentence on lines of its own."""
    wrapped = [
        line
        for sentence in _SENTENCE_END.split(" ".join(text.split()))
        for line in textwrap.wrap(sentence, _WIDTH - 8, break_on_hyphens=False, break_long_words=False)
    ]
    return list(map(_plain, wrapped))


def _sentence(text: str) -> str:
    """Return a phrase of the help as a sentence; one that is in brackets at its end stays there."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _bold(text: str) -> str:
    return f"\\fB{_plain(text)}\\fR"


def _plain(text: str) -> str:
    r"""Return text that roff takes for nothing else: no escape, no request, and hyphens that can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    escaped = escaped.replace("^", "\\(ha").replace("~", "\\(ti")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
