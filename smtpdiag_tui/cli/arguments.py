"""Reading the command line: what it may hold, and one line for what it may not."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from smtpdiag_tui.cli.commands import REPORTS
from smtpdiag_tui.cli.config import Config
from smtpdiag_tui.cli.mode_values import DEFAULT_JOBS, Many, parse_jobs, parse_shard, parse_watch
from smtpdiag_tui.cli.parser import (
    UsageError,
    about_value,
    command_parser,
    dest,
    flags_of_a_run,
    flags_of_settings,
    split_options,
    unbound,
    values_if_alone,
    with_values,
)
from smtpdiag_tui.message_file import STANDARD_INPUT
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Option
from smtpdiag_tui.settings import Settings, SettingsError, family_of, strip_address

MODES = ("queue", "completion", "history", "compare", "batch", "explain", "watch")
_OF_ONE_RUN = ("nagios", "prometheus")
_NEEDS = {"run": "explain", "jobs": "batch", "resume": "batch", "shard": "batch", "batch_sender": "batch"}


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the command line asks for. `action` is "run", "help" or "version"; `report` None for the interface.

    `mode` is one of MODES, which ways of using the command there are, or "run" for a run or a saved report.
    `explain` is the text, or where it stands; `watch` the seconds between two attempts; `compare` the older run,
    and the newer one if it is given; `many` the batch; `completion` the shell. `given` names the options of a run
    that stand on the command line, and not in the user's file alone; `of_a_run` is all on the command line that
    only a run heeds, as it is typed.
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
    mode: str = "run"
    explain: str | None = None
    explain_then_run: bool = False
    watch: float | None = None
    compare: tuple[str, ...] = ()
    many: Many | None = None
    completion: str = ""
    given: frozenset[str] = frozenset()
    of_a_run: tuple[str, ...] = ()
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

    def refuse_run(self, why: str) -> None:
        """Raise UsageError for addresses and options that only a run heeds, where none is made."""
        if self.of_a_run:
            raise UsageError(f"{why}: omit {', '.join(self.of_a_run)}")

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
        """Whether something comes over standard input: the interface cannot read keys there."""
        message = self.settings.message
        return STANDARD_INPUT in (self.explain, self.many and self.many.file) or (
            message is not None and message.name == STANDARD_INPUT
        )


def read_arguments(argv: Sequence[str], config: Config | None = None) -> Arguments:
    """Read the command line; raise UsageError for what cannot be used. `config` holds the user's defaults."""
    options, addresses = split_options(argv)
    options = with_values([{"/v": "-v", "/V": "-v", "/?": "-h"}.get(item, item) for item in options])
    config = config or Config()
    try:
        parsed, surplus = command_parser().parse_known_intermixed_args(options)
    except argparse.ArgumentError as error:
        raise UsageError(about_value(error.argument_name or "")) from error
    if parsed.help or parsed.version:
        return Arguments("help" if parsed.help else "version", Settings("", ""))
    named = frozenset(dest for dest, value in vars(parsed).items() if value is not None) - {"sender", "recipient"}
    parsed.sender, parsed.recipient = _pair(parsed, addresses, surplus, options)
    if parsed.sender is not None and not parsed.sender.strip():  # a variable of a script that was not set
        raise UsageError(f"empty sender {parsed.sender!r}: give '<>' for the null sender")
    _check_together(parsed, named)
    try:
        settings = _settings(parsed, config.defaults)
        _check_source(settings)
        if parsed.report in _OF_ONE_RUN and settings.via:
            raise UsageError(f"--report {parsed.report} is of one run from this host: omit --via")
        _check_theme(parsed.theme)
        return _arguments(parsed, settings, config, named)
    except SettingsError as error:
        raise UsageError(str(error)) from error


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
        mode=_mode(parsed),
        explain=parsed.explain,
        explain_then_run=bool(parsed.run),
        watch=None if parsed.watch is None else parse_watch(parsed.watch),
        compare=tuple(parsed.compare or ()),
        many=_many(parsed),
        completion=parsed.completion or "",
        given=named & {"as_local_mta", *(option.name for option in table.OPTIONS if option.local_mta_sets)},
        of_a_run=_of_a_run(parsed, named),
        keys=config.keys,
    )


def _of_a_run(parsed: argparse.Namespace, named: Collection[str]) -> tuple[str, ...]:
    flags = flags_of_settings()
    return (
        *(("addresses",) if parsed.sender is not None else ()),
        *(flags[dest] for dest in sorted(named & flags.keys())),
    )


def _mode(parsed: argparse.Namespace) -> str:
    """Return which way of using the command is asked for; raises UsageError for two at once."""
    wanted = [mode for mode in MODES if getattr(parsed, mode) is not None]
    if len(wanted) > 1:
        raise UsageError(f"--{wanted[0]} and --{wanted[1]} conflict: give one of them")
    return wanted[0] if wanted else "run"


def _many(parsed: argparse.Namespace) -> Many | None:
    """Return the batch; raises SettingsError."""
    if parsed.batch is None:
        return None
    return Many(
        parsed.batch,
        DEFAULT_JOBS if parsed.jobs is None else parse_jobs(parsed.jobs),
        parsed.resume,
        None if parsed.shard is None else parse_shard(parsed.shard),
        _batch_sender(parsed),
    )


def _batch_sender(parsed: argparse.Namespace) -> str | None:
    """Return the sender of a batch, from its option or as the one address; raises UsageError."""
    from smtpdiag_tui.checks.syntax import check_address

    if parsed.recipient is not None or (parsed.sender is not None and parsed.batch_sender is not None):
        raise UsageError("too many addresses: --batch reads the recipients from its file")
    given = parsed.sender if parsed.batch_sender is None else parsed.batch_sender
    if given is None:
        return None
    if not given.strip():
        raise UsageError(f"empty sender {given!r}: give '<>' for the null sender")
    sender = strip_address(given)
    problem = check_address(sender, sender=True).problem
    if problem:
        raise UsageError(problem[:1].lower() + problem[1:])
    return sender


def _pair(
    parsed: argparse.Namespace, addresses: Sequence[str], surplus: Sequence[str], options: Sequence[str]
) -> tuple[str | None, str | None]:
    """Return the sender and the recipient, from before and behind `--`; raise UsageError for what is left."""
    found = [item for item in (parsed.sender, parsed.recipient) if item is not None] + list(addresses)
    left = [*surplus, *found[2:]]
    for option in values_if_alone() if left else ():
        if any(pair == (option, "") for pair in pairwise(unbound(options))):
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
    for name, needed in _NEEDS.items():
        if getattr(parsed, name) is not None and getattr(parsed, needed) is None:
            raise UsageError(f"--{'sender' if name == 'batch_sender' else name} needs --{needed}")
    if parsed.report in _OF_ONE_RUN and (mode := _mode(parsed)) != "run":
        raise UsageError(f"--report {parsed.report} is of one run: omit --{mode}")
    if len(parsed.compare or ()) > 2:
        raise UsageError("too many runs to compare: give two at most")
    if parsed.report is not None and parsed.report not in REPORTS:
        raise UsageError(f"unknown report {parsed.report!r}: must be one of {', '.join(REPORTS)}")


def _check_saved(parsed: argparse.Namespace, named: Collection[str]) -> None:
    """Raise UsageError for what would be of a new run where a saved report is shown."""
    if parsed.replay == "":
        raise UsageError("empty value for --replay: give the file of a saved report")
    of_a_run = flags_of_a_run()
    wrong = [of_a_run[dest] for dest in sorted(set(named) & set(of_a_run))]
    if parsed.sender is not None:
        wrong.insert(0, "addresses")
    if wrong:
        option = "--last" if parsed.last else "--replay"
        raise UsageError(f"{option} shows a saved report and runs no tests: omit {', '.join(wrong)}")


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
        text = getattr(parsed, dest(option, flag))
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
