"""Reading the command line: what it may hold, and one clear sentence for what it may not."""

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NoReturn, TypeVar

from smtpdiag_tui import settings as values
from smtpdiag_tui.cli.config import Config
from smtpdiag_tui.settings import Probe, Settings, SettingsError, TlsPolicy, family_of

_LOCAL_WINS = ("port", "ehlo", "source", "tls")
_OPTIONAL_VALUES = {"--dnsbl": "", "--retry-greylisted": f"{values.GREYLIST_WINDOW:g}"}
# What may stand beside a saved report: how it is shown.
_WITH_SAVED = {
    "replay", "last", "report", "redact", "verbose", "theme", "ascii", "no_mouse", "no_history", "help", "version",
}  # fmt: skip
_SHORT = {"ipv4": "-4", "ipv6": "-6"}
REPORTS = ("text", "json", "markdown")
T = TypeVar("T")

_EXAMPLES = """\
examples:
  smtpdiag alice@sender.example bob@partner.example
  smtpdiag alice@sender.example bob@partner.example -d 192.0.2.53 --report text
  smtpdiag --demo

exit status without the interface:
  0 accepted   1 deferred   2 usage, bad address included   3 bounced   4 cannot tell   130 interrupted
"""


class UsageError(Exception):
    """The command line cannot be used; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the command line asks for. `action` is "run", "help" or "version"; `report` None for the interface.

    `given` names the options of a run that stand on the command line, and not in the user's file alone.
    """

    action: str
    settings: Settings
    report: str | None = None
    demo: bool = False
    sender_given: bool = False
    recipient_given: bool = False
    redact: bool = False
    replay: str | None = None
    last: bool = False
    theme: str | None = None
    ascii_only: bool | None = None
    mouse: bool = True
    history: bool = True
    queue: bool = False
    given: frozenset[str] = frozenset()
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether both addresses were given; the sender may be empty."""
        return self.sender_given and self.recipient_given

    def with_demo_pair(self) -> "Arguments":
        """Return the arguments with the demo's own pair where addresses are missing."""
        from smtpdiag_tui.demo.stories import DEFAULT_SENDER, STORIES

        settings = self.settings
        if not self.sender_given:
            settings = replace(settings, sender=DEFAULT_SENDER)
        if not self.recipient_given:
            settings = replace(settings, recipient=STORIES[0].recipient)
        return replace(self, settings=settings, sender_given=True, recipient_given=True)

    def require_addresses(self) -> None:
        """Raise UsageError unless both addresses are there and valid."""
        if not self.complete:
            missing = "sender and the recipient are" if not self.sender_given else "recipient is"
            raise UsageError(f"The {missing} missing: give both addresses, or start it on a terminal.")
        problem = self.check_given()
        if problem:
            raise UsageError(problem)

    def check_given(self) -> str | None:
        """Return what is wrong with the addresses that were given, None if nothing."""
        from smtpdiag_tui.checks.syntax import check_address

        sender = check_address(self.settings.sender, sender=True) if self.sender_given else None
        recipient = check_address(self.settings.recipient, sender=False) if self.recipient_given else None
        return next((seen.problem for seen in (sender, recipient) if seen and seen.problem), None)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Tell what is wrong in one sentence; how to use the command is what --help is for."""
        raise UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}; see smtpdiag --help.")


def read_arguments(argv: Sequence[str], config: Config | None = None) -> Arguments:
    """Read the command line; raise UsageError for what cannot be used. `config` holds the user's defaults."""
    options, addresses = split_options(argv)
    options = _with_values([{"/v": "-v", "/V": "-v", "/?": "-h"}.get(item, item) for item in options])
    config = config or Config()
    named = _named(options) if any(item.startswith("-") for item in options) else frozenset[str]()
    defaults = config.defaults
    if "as_local_mta" in named:  # the local server's settings come before the user's defaults
        defaults = {key: value for key, value in defaults.items() if key not in _LOCAL_WINS}
    parsed, surplus = _parser(defaults).parse_known_intermixed_args(options)
    if parsed.help or parsed.version:
        return Arguments("help" if parsed.help else "version", Settings("", ""))
    parsed.sender, parsed.recipient = _pair(parsed, addresses, surplus, options)
    _check_together(parsed, named)
    try:
        settings = _settings(parsed)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    _check_source(settings)
    _check_theme(parsed.theme)
    return _arguments(parsed, settings, config, named)


def _arguments(parsed: argparse.Namespace, settings: Settings, config: Config, named: frozenset[str]) -> Arguments:
    return Arguments(
        "run",
        settings,
        report=parsed.report,
        demo=parsed.demo,
        sender_given=parsed.sender is not None,
        recipient_given=parsed.recipient is not None,
        redact=parsed.redact,
        replay=parsed.replay,
        last=parsed.last,
        theme=parsed.theme or config.theme,
        ascii_only=True if parsed.ascii else config.ascii_only,
        mouse=config.mouse and not parsed.no_mouse,
        history=config.history and not parsed.no_history,
        queue=parsed.queue,
        given=named & {*_LOCAL_WINS, "as_local_mta"},
        keys=config.keys,
    )


def split_options(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what stands before the first `--`, and what behind it: addresses alone, whatever they look like."""
    given = list(argv)
    end = given.index("--") if "--" in given else len(given)
    return given[:end], given[end + 1 :]


def _pair(
    parsed: argparse.Namespace, addresses: Sequence[str], surplus: Sequence[str], options: Sequence[str]
) -> tuple[str | None, str | None]:
    """Return the sender and the recipient, from before and behind `--`; raise UsageError for what is left."""
    found = [item for item in (parsed.sender, parsed.recipient) if item is not None] + list(addresses)
    left = [*surplus, *found[2:]]
    for option in _OPTIONAL_VALUES if left else ():
        if any(pair == (option, "") for pair in pairwise(_unbound(options))):
            raise UsageError(f"The value of {option} is empty: leave it out, or give {option}=VALUE.")
    if left:
        raise UsageError(f"Unrecognized arguments: {' '.join(left)}; see smtpdiag --help.")
    sender, recipient = (*found, None, None)[:2]
    return sender, recipient


def _check_together(parsed: argparse.Namespace, named: Collection[str]) -> None:
    """Raise UsageError for options that contradict each other."""
    if parsed.replay is not None and parsed.last:
        raise UsageError("Give --replay or --last, not both.")
    if parsed.replay is not None or parsed.last:
        _check_saved(parsed, named)
    if parsed.ipv4 and parsed.ipv6:
        raise UsageError("Give -4 or -6, not both: without either, both address families are tested.")
    if parsed.demo and (parsed.as_local_mta or parsed.queue):
        raise UsageError("The demo has no local mail server: give --as-local-mta and --queue without --demo.")


def _check_saved(parsed: argparse.Namespace, named: Collection[str]) -> None:
    """Raise UsageError for what would be of a new run where a saved report is shown."""
    if parsed.replay == "":
        raise UsageError("The value of --replay is empty: give the file of a saved report.")
    wrong = [_SHORT.get(name, f"--{name.replace('_', '-')}") for name in sorted(set(named) - _WITH_SAVED)]
    if parsed.sender is not None:
        wrong.insert(0, "addresses")
    if wrong:
        option = "--last" if parsed.last else "--replay"
        raise UsageError(f"{option} shows a saved report and tests nothing: give it without {', '.join(wrong)}.")


def _with_values(argv: Sequence[str]) -> list[str]:
    """Bind to each option whose value may be left out the value behind it, or its default.

    An address, which has an `@` or begins with `<` or `"`, or is empty, is no value, and no more is an option.
    """
    given: list[str] = []
    rest = list(argv)
    while rest:
        item = rest.pop(0)
        if item in _OPTIONAL_VALUES:
            follows = rest[0].strip() if rest else ""
            taken = follows and "@" not in follows and follows[0] not in '-<"'
            item = f"{item}={rest.pop(0) if taken else _OPTIONAL_VALUES[item]}"
        given.append(item)
    return given


def _unbound(options: Sequence[str]) -> list[str]:
    """Return the words with options whose value was left out as they were typed."""
    bound = {f"{option}={value}": option for option, value in _OPTIONAL_VALUES.items()}
    return [bound.get(item, item) for item in options]


def _named(given: Sequence[str]) -> frozenset[str]:
    """Return the names of the options that stand on the command line, whatever their values."""
    parser = _parser()
    parser.set_defaults(**dict.fromkeys(vars(parser.parse_args([]))))
    found, _ = parser.parse_known_intermixed_args(given)
    return frozenset(name for name, value in vars(found).items() if value is not None) - {"sender", "recipient"}


def help_text() -> str:
    """Return the help: usage, options, examples, exit statuses and the demo's stories."""
    from smtpdiag_tui.demo.stories import STORIES

    width = max(len(story.recipient) for story in STORIES)
    lines = [f"  {story.recipient:<{width}}  {story.title}" for story in STORIES]
    return f"{_parser().format_help()}\nrecipients of the demo (--demo), each a story:\n" + "\n".join(lines) + "\n"


def _parser(defaults: Mapping[str, str] | None = None) -> _Parser:
    """Return the parser, the user's defaults in place."""
    parser = _Parser(
        prog="smtpdiag",
        description="Will this mail be delivered, and if not, why and whose fault is it?",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    _add_run(parser.add_argument)
    _add_asked(parser.add_argument)
    _add_shown(parser.add_argument)
    known = dict(defaults or {})
    known_dns, known_lists = known.pop("dns", ""), known.pop("dnsbl", "").split()
    parser.set_defaults(**known, default_dns=known_dns, default_dnsbl=known_lists)
    return parser


def _add_run(add: Callable[..., object]) -> None:
    """Add the addresses, and how the run goes out."""
    add("sender", nargs="?", metavar="SENDER", help='the sending address; "" or "<>" is the null reverse-path')
    add("recipient", nargs="?", metavar="RECIPIENT", help="the address that mail shall go to")
    server_help = "target DNS server for the recipient's domain: IP, IP:PORT or [IPv6]:PORT; repeatable"
    add("-d", "--dns", action="append", default=[], metavar="SERVER", help=server_help)
    add("-v", "--verbose", action="store_true", help="explain every test (also /v)")
    report_help = "no interface: run, print text, json or markdown, leave"
    add("--report", choices=REPORTS, metavar="FORMAT", help=report_help)
    add("-p", "--port", default="25", metavar="N", help="SMTP port (25)")
    add("--timeout", metavar="S", help="limit in seconds for each wait: connect, greeting, each reply")
    add("--ehlo", metavar="NAME", help="name to greet with")
    add("--source", metavar="ADDRESS", help="local address to connect from")
    add("-4", dest="ipv4", action="store_true", help="IPv4 only")
    add("-6", dest="ipv6", action="store_true", help="IPv6 only")
    policies = [item.value for item in TlsPolicy]
    add("--tls", choices=policies, default="auto", metavar="POLICY", help=f"{', '.join(policies)} (auto)")
    add("--server", metavar="HOST", help="talk to this host or address instead of the MX set")


def _add_asked(add: Callable[..., object]) -> None:
    """Add what is done only where it is asked for."""
    local_help = "go out as the mail server installed here would: its name, addresses, TLS level and relay host"
    add("--as-local-mta", action="store_true", help=local_help)
    add("--queue", action="store_true", help="list the queue of the mail server installed here, and leave")
    add("--all-addresses", action="store_true", help="also beyond 64 addresses")
    probe_help = f"side probes, each one more session with the best mail host: {', '.join(Probe)}"
    add("--probe", action="append", default=[], metavar="PROBE,...", help=probe_help)
    lists_help = "ask this DNS blocklist for the address that others see; repeatable; without LIST, a small set"
    add("--dnsbl", action="append", default=[], nargs="?", const="", metavar="LIST", help=lists_help)
    retry_help = "where greylisted, wait (300 s, or as long as the server says) and try again"
    add("--retry-greylisted", metavar="SECONDS", nargs="?", help=retry_help)


def _add_shown(add: Callable[..., object]) -> None:
    """Add what is shown, and how."""
    add("--redact", action="store_true", help="mask local parts, own addresses and internal names in the report")
    add("--replay", metavar="FILE", help="show a report saved as JSON; the network is not touched")
    add("--last", action="store_true", help="show the report of the last run")
    add("--theme", metavar="NAME", help="colours of the interface")
    add("--ascii", action="store_true", help="ASCII alone, for terminals that have no more")
    add("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    add("--no-history", action="store_true", help="neither complete from earlier addresses nor keep these")
    add("--demo", action="store_true", help="use the embedded internet instead of the network")
    add("--version", action="store_true", help="print the version and leave")
    add("-h", "--help", action="store_true", help="print this help and leave (also /?)")


def _settings(parsed: argparse.Namespace) -> Settings:
    servers = [values.parse_dns_server(text) for text in parsed.dns]
    return Settings(
        sender=values.strip_address(parsed.sender or ""),
        recipient=values.strip_address(parsed.recipient or ""),
        dns=tuple(dict.fromkeys(servers)) or values.parse_dns_servers(parsed.default_dns),
        port=values.parse_port(parsed.port),
        timeout=_optional(values.parse_timeout, parsed.timeout),
        ehlo=_optional(values.parse_ehlo, parsed.ehlo),
        source=_optional(values.parse_source, parsed.source),
        family=4 if parsed.ipv4 else 6 if parsed.ipv6 else None,
        tls=TlsPolicy(parsed.tls),
        server=_optional(values.parse_server, parsed.server),
        all_addresses=parsed.all_addresses,
        verbose=parsed.verbose,
        probes=values.parse_probes(parsed.probe),
        dnsbl=values.parse_blocklists(parsed.dnsbl or parsed.default_dnsbl),
        as_local_mta="" if parsed.as_local_mta else None,
        retry_greylisted=_optional(values.parse_retry, parsed.retry_greylisted),
    )


def _optional(read: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else read(text)


def _check_source(settings: Settings) -> None:
    if settings.source is None or settings.family is None:
        return
    if family_of(settings.source) != settings.family:
        raise UsageError(f"The source {settings.source} is no IPv{settings.family} address.")


def _check_theme(name: str | None) -> None:
    if name is None:
        return
    from smtpdiag_tui.tui.drawing.theme_names import theme_problem

    problem = theme_problem(name)
    if problem is not None:
        raise UsageError(f"There is {problem}.")
