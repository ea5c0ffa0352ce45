"""Reading the command line: what it may hold, and one line for what it may not."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NoReturn

from smtpdiag_tui.cli.config import Config
from smtpdiag_tui.message_file import STANDARD_INPUT
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Flag, Option
from smtpdiag_tui.settings import Settings, SettingsError, family_of, strip_address

REPORTS = ("text", "json", "markdown", "summary")


@dataclass(frozen=True, slots=True)
class _Command:
    """An option of the command, no setting of a run; `before` names the setting that it precedes in help."""

    dest: str
    flag: Flag
    before: str | None = None
    with_saved: bool = True


_COMMANDS = (
    _Command(
        "report",
        Flag(
            names=("--report",),
            metavar="FORMAT",
            help=f"print a report and exit: {', '.join(REPORTS[:-1])} or {REPORTS[-1]}",
        ),
        before="port",
    ),
    _Command(
        "queue",
        Flag(names=("--queue",), help="list the queue of the local mail server and exit"),
        before="all_addresses",
        with_saved=False,
    ),
    _Command(
        "redact",
        Flag(names=("--redact",), help="mask local parts, this host's addresses and internal names in the report"),
    ),
    _Command(
        "replay",
        Flag(
            names=("--replay",),
            metavar="FILE",
            help="show a report saved as JSON, without any connection",
        ),
    ),
    _Command("last", Flag(names=("--last",), help="show the report of the last run")),
    _Command(
        "theme", Flag(names=("--theme",), metavar="NAME", help="set the colours of the interface (names below)")
    ),
    _Command("ascii", Flag(names=("--ascii",), help="draw with ASCII characters only")),
    _Command("no_mouse", Flag(names=("--no-mouse",), help="do not use the mouse")),
    _Command(
        "no_history",
        Flag(names=("--no-history",), help="do not read or write the address history"),
    ),
    _Command(
        "demo",
        Flag(names=("--demo",), help="use the built-in demo network instead of the real one"),
        with_saved=False,
    ),
    _Command("version", Flag(names=("--version",), help="print the version and exit")),
    _Command("help", Flag(names=("-h", "--help"), help="print this help and exit (also /?)")),
)

_EXAMPLES = """\
examples:
  smtpdiag alice@sender.example bob@partner.example
  smtpdiag alice@sender.example bob@partner.example -d 192.0.2.53 --report text
  smtpdiag --demo

exit status without the interface:
  0 accepted   1 deferred   2 usage or invalid address   3 bounced   4 unknown   130 interrupted
"""


class UsageError(Exception):
    """The command line cannot be used; the text says what is wrong and what is allowed, in one line."""


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
        """Whether both addresses were given; the sender may be the null one."""
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
            missing = "recipient" if self.sender_given else "sender and recipient"
            raise UsageError(f"missing {missing}: give SENDER and RECIPIENT")
        problem = self.check_given()
        if problem:
            raise UsageError(problem[:1].lower() + problem[1:])

    def check_given(self) -> str | None:
        """Return what is wrong with the addresses that were given, None if nothing."""
        from smtpdiag_tui.checks.syntax import check_address, check_from

        sender = check_address(self.settings.sender, sender=True) if self.sender_given else None
        recipient = check_address(self.settings.recipient, sender=False) if self.recipient_given else None
        header_from = check_from(self.settings.header_from) if self.settings.header_from else None
        seen = (sender, recipient, header_from)
        return next((item.problem for item in seen if item and item.problem), None)

    @property
    def reads_stdin(self) -> bool:
        """Whether the message comes over standard input: the interface cannot read keys there."""
        return self.settings.message is not None and self.settings.message.name == STANDARD_INPUT


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Tell what is wrong in one line; how to use the command is what --help is for."""
        raise UsageError(f"{message.rstrip('.')} (see --help)")


def read_arguments(argv: Sequence[str], config: Config | None = None) -> Arguments:
    """Read the command line; raise UsageError for what cannot be used. `config` holds the user's defaults."""
    options, addresses = split_options(argv)
    options = _with_values([{"/v": "-v", "/V": "-v", "/?": "-h"}.get(item, item) for item in options])
    config = config or Config()
    try:
        parsed, surplus = command_parser().parse_known_intermixed_args(options)
    except argparse.ArgumentError as error:
        raise UsageError(_about_value(error.argument_name or "")) from error
    if parsed.help or parsed.version:
        return Arguments("help" if parsed.help else "version", Settings("", ""))
    named = frozenset(dest for dest, value in vars(parsed).items() if value is not None) - {"sender", "recipient"}
    parsed.sender, parsed.recipient = _pair(parsed, addresses, surplus, options)
    if parsed.sender is not None and not parsed.sender.strip():  # a variable of a script that was not set
        raise UsageError(f"empty sender {parsed.sender!r}: give '<>' for the null sender")
    _check_together(parsed, named)
    try:
        settings = _settings(parsed, config.defaults)
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
        demo=bool(parsed.demo),
        sender_given=parsed.sender is not None,
        recipient_given=parsed.recipient is not None,
        redact=bool(parsed.redact),
        replay=parsed.replay,
        last=bool(parsed.last),
        theme=parsed.theme or config.theme,
        ascii_only=True if parsed.ascii else config.ascii_only,
        mouse=config.mouse and not parsed.no_mouse,
        history=config.history and not parsed.no_history,
        queue=bool(parsed.queue),
        given=named & {"as_local_mta", *(option.name for option in table.OPTIONS if option.local_mta_sets)},
        keys=config.keys,
    )


def _about_value(names: str) -> str:
    """Say what is wrong where a value is missing, or is one too many; `names` are those of the option."""
    flags = [flag for option in table.OPTIONS for flag in option.flags] + [command.flag for command in _COMMANDS]
    if names in {"/".join(flag.names) for flag in flags if flag.metavar is not None}:
        return f"missing value for {names} (see --help)"
    return f"{names} takes no value (see --help)"


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
    for option in _values_if_alone() if left else ():
        if any(pair == (option, "") for pair in pairwise(_unbound(options))):
            raise UsageError(f"empty value for {option}: omit it or give {option}=VALUE")
    if left:
        shown = ", ".join(map(repr, left))
        raise UsageError(f"unknown argument{'s' if len(left) > 1 else ''} {shown} (see --help)")
    sender, recipient = (*found, None, None)[:2]
    return sender, recipient


def _check_together(parsed: argparse.Namespace, named: Collection[str]) -> None:
    """Raise UsageError for options that contradict each other."""
    if parsed.replay is not None and parsed.last:
        raise UsageError("--replay and --last conflict: give one of them")
    if parsed.replay is not None or parsed.last:
        _check_saved(parsed, named)
    if parsed.ipv4 and parsed.ipv6:
        raise UsageError("-4 and -6 conflict: omit both to test IPv4 and IPv6")
    if parsed.report is not None and parsed.report not in REPORTS:
        raise UsageError(f"unknown report {parsed.report!r}: must be one of {', '.join(REPORTS)}")


def _check_saved(parsed: argparse.Namespace, named: Collection[str]) -> None:
    """Raise UsageError for what would be of a new run where a saved report is shown."""
    if parsed.replay == "":
        raise UsageError("empty value for --replay: give the file of a saved report")
    of_a_run = _flags_of_a_run()
    wrong = [of_a_run[dest] for dest in sorted(set(named) & set(of_a_run))]
    if parsed.sender is not None:
        wrong.insert(0, "addresses")
    if wrong:
        option = "--last" if parsed.last else "--replay"
        raise UsageError(f"{option} shows a saved report and runs no tests: omit {', '.join(wrong)}")


def _with_values(argv: Sequence[str]) -> list[str]:
    """Bind to each option whose value may be left out the value behind it, or its default.

    An address, which has an `@` or begins with `<` or `"`, or is empty, is no value, and no more is an option.
    """
    alone = _values_if_alone()
    given: list[str] = []
    rest = list(argv)
    while rest:
        item = rest.pop(0)
        if item in alone:
            follows = rest[0].strip() if rest else ""
            taken = follows and "@" not in follows and follows[0] not in '-<"'
            item = f"{item}={rest.pop(0) if taken else alone[item]}"
        given.append(item)
    return given


def _unbound(options: Sequence[str]) -> list[str]:
    """Return the words with options whose value was left out as they were typed."""
    bound = {f"{option}={value}": option for option, value in _values_if_alone().items()}
    return [bound.get(item, item) for item in options]


def _values_if_alone() -> dict[str, str]:
    """Return the flags whose value may be left out, with the text that they stand for then."""
    flags = (flag for option in table.OPTIONS for flag in option.flags)
    return {name: flag.alone for flag in flags if flag.alone is not None for name in flag.names}


def _flags_of_a_run() -> dict[str, str]:
    """Return by `dest` the flags that have no place beside a saved report, as they are typed in full."""
    runs = {
        _dest(option, flag): flag.names[-1]
        for option in table.OPTIONS
        if not option.with_saved
        for flag in option.flags
    }
    return runs | {command.dest: command.flag.names[-1] for command in _COMMANDS if not command.with_saved}


def _dest(option: Option, flag: Flag) -> str:
    return flag.dest or option.name


def command_parser() -> _Parser:
    """Return the parser: None stands for what is not given."""
    parser = _Parser(
        prog="smtpdiag",
        description="Tests whether mail from SENDER to RECIPIENT will be delivered, and if not, why and who\n"
        "must act. No message is sent.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
        exit_on_error=False,
    )
    sender_help = "sender address; '<>' is the null sender"
    parser.add_argument("sender", nargs="?", metavar="SENDER", help=sender_help)
    parser.add_argument("recipient", nargs="?", metavar="RECIPIENT", help="recipient address")
    for option in table.OPTIONS:
        _add_commands(parser, option.name)
        for flag in option.flags:
            _add(parser, _dest(option, flag), flag, several=option.several)
    _add_commands(parser, None)
    return parser


def _add_commands(parser: argparse.ArgumentParser, before: str | None) -> None:
    for command in _COMMANDS:
        if command.before == before:
            _add(parser, command.dest, command.flag)


def _add(parser: argparse.ArgumentParser, dest: str, flag: Flag, *, several: bool = False) -> None:
    if flag.metavar is None:
        parser.add_argument(*flag.names, dest=dest, action="store_true", default=None, help=flag.help)
        return
    parser.add_argument(
        *flag.names,
        dest=dest,
        action="append" if several else "store",
        nargs=None if flag.alone is None else "?",
        metavar=flag.metavar,
        help=flag.help,
    )


def _settings(parsed: argparse.Namespace, defaults: Mapping[str, str]) -> Settings:
    """Return the settings given, and those of the user's file where none was; raises SettingsError."""
    values: dict[str, Any] = {}
    for option in table.OPTIONS:
        in_file = option.in_file if option.name in defaults else None
        if in_file is not None and not (option.local_mta_sets and parsed.as_local_mta):
            values[option.name] = option.read(defaults[option.name], in_file.separators)
        values |= _given(option, parsed)
    return Settings(strip_address(parsed.sender or ""), strip_address(parsed.recipient or ""), **values)


def _given(option: Option, parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the value that the command line gives a setting, by its name; raises SettingsError."""
    for flag in option.flags:
        text = getattr(parsed, _dest(option, flag))
        if text is not None:
            return {option.name: flag.means if flag.metavar is None else option.parse(text)}
    return {}


def _check_source(settings: Settings) -> None:
    if settings.source is None or settings.family is None:
        return
    if family_of(settings.source) != settings.family:
        wrong = f"source address '{settings.source}' conflicts with -{settings.family}"
        raise UsageError(f"{wrong}: must be an IPv{settings.family} address")


def _check_theme(name: str | None) -> None:
    if name is None:
        return
    from smtpdiag_tui.tui.drawing.theme_names import theme_problem

    problem = theme_problem(name)
    if problem is not None:
        raise UsageError(f"{problem} (see --help)")
