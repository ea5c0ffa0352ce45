"""Reading the command line: what it may hold, and one clear sentence for what it may not."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn, TypeVar

from smtpdiag_tui import settings as values
from smtpdiag_tui.config import Config
from smtpdiag_tui.settings import Settings, SettingsError, TlsPolicy

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
    """What the command line asks for. `action` is "run", "help" or "version"; `report` None for the interface."""

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
    given = [{"/v": "-v", "/V": "-v", "/?": "-h"}.get(item, item) for item in argv]
    config = config or Config()
    parsed = _parser(config.defaults).parse_intermixed_args(given)
    if parsed.help or parsed.version:
        return Arguments("help" if parsed.help else "version", Settings("", ""))
    if parsed.replay is not None and parsed.last:
        raise UsageError("Give --replay or --last, not both.")
    if parsed.ipv4 and parsed.ipv6:
        raise UsageError("Give -4 or -6, not both: without either, both address families are tested.")
    try:
        settings = _settings(parsed)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    _check_source(settings)
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
        keys=config.keys,
    )


def help_text() -> str:
    """Return the help: usage, options, examples, exit statuses and the demo's stories."""
    from smtpdiag_tui.demo.stories import STORIES

    width = max(len(story.recipient) for story in STORIES)
    lines = [f"  {story.recipient:<{width}}  {story.title}" for story in STORIES]
    return f"{_parser().format_help()}\nrecipients of the demo (--demo), each a story:\n" + "\n".join(lines) + "\n"


def _parser(defaults: Mapping[str, str] | None = None) -> _Parser:
    parser = _Parser(
        prog="smtpdiag",
        description="Will this mail be delivered, and if not, why and whose fault is it?",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    add = parser.add_argument
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
    add("--all-addresses", action="store_true", help="also beyond 64 addresses")
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
    known = dict(defaults or {})
    parser.set_defaults(default_dns=known.pop("dns", ""), **known)
    return parser


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
    )


def _optional(read: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else read(text)


def _check_source(settings: Settings) -> None:
    if settings.source is None or settings.family is None:
        return
    if (":" in settings.source) != (settings.family == 6):
        raise UsageError(f"The source {settings.source} is no IPv{settings.family} address.")
