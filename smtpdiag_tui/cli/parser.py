"""The words of the command line: which options there are, and which value belongs to which."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from smtpdiag_tui.cli.commands import COMMANDS, EXAMPLES
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Flag, Option

EXPLAIN, COMPARE = "--explain", "--compare"


class UsageError(Exception):
    """The command line cannot be used; the text says what is wrong and what is allowed, in one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Tell what is wrong in one line; how to use the command is what --help is for."""
        raise UsageError(f"{message.rstrip('.')} (see --help)")


def split_options(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what stands before the first `--`, and what behind it: addresses alone, whatever they look like."""
    given = list(argv)
    end = given.index("--") if "--" in given else len(given)
    return given[:end], given[end + 1 :]


def with_values(argv: Sequence[str]) -> list[str]:
    """Bind to each option whose value may be left out the value behind it, or its default.

    An address, which has an `@` or begins with `<` or `"`, or is empty, is no value, and no more is an option.
    What is to be explained may be anything but an option; the second run to compare is bound to the same option.
    """
    alone = values_if_alone()
    given: list[str] = []
    rest = list(argv)
    while rest:
        item = rest.pop(0)
        if item == EXPLAIN:
            given.append(f"{item}={rest.pop(0) if rest and not _is_option(rest[0]) else ''}")
            continue
        if item == COMPARE and len(rest) > 1 and not _is_option(rest[0]) and _may_be_value(rest[1]):
            given += [f"{item}={rest.pop(0)}", f"{item}={rest.pop(0)}"]
            continue
        if item in alone:
            item = f"{item}={rest.pop(0) if rest and _may_be_value(rest[0]) else alone[item]}"
        given.append(item)
    return given


def _may_be_value(word: str) -> bool:
    word = word.strip()
    return bool(word) and "@" not in word and word[0] not in '-<"'


def _is_option(word: str) -> bool:
    return word.startswith("-") and len(word) > 1


def unbound(options: Sequence[str]) -> list[str]:
    """Return the words with options whose value was left out as they were typed."""
    bound = {f"{option}={value}": option for option, value in values_if_alone().items()}
    return [bound.get(item, item) for item in options]


def values_if_alone() -> dict[str, str]:
    """Return the flags whose value may be left out, with the text that they stand for then."""
    flags = [flag for option in table.OPTIONS for flag in option.flags] + [command.flag for command in COMMANDS]
    return {name: flag.alone for flag in flags if flag.alone is not None for name in flag.names}


def flags_of_a_run() -> dict[str, str]:
    """Return by `dest` the flags that have no place beside a saved report, as they are typed in full."""
    commands = {command.dest: command.flag.names[-1] for command in COMMANDS if not command.with_saved}
    return flags_of_settings() | commands


def flags_of_settings() -> dict[str, str]:
    """Return by `dest` the flags of a run's settings, as they are typed in full."""
    return {
        dest(option, flag): flag.names[-1]
        for option in table.OPTIONS
        if not option.with_saved
        for flag in option.flags
    }


def dest(option: Option, flag: Flag) -> str:
    """Return the name that the parser knows a flag by."""
    return flag.dest or option.name


def command_parser() -> _Parser:
    """Return the parser: None stands for what is not given."""
    parser = _Parser(
        prog="smtpdiag",
        description="Tests whether mail from SENDER to RECIPIENT will be delivered, and if not, why\n"
        "and who must act. No message is sent.",
        epilog=EXAMPLES,
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
            _add(parser, dest(option, flag), flag, several=option.several)
    _add_commands(parser, None)
    return parser


def _add_commands(parser: argparse.ArgumentParser, before: str | None) -> None:
    for command in COMMANDS:
        if command.before == before:
            _add(parser, command.dest, command.flag, several=command.several)


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


def about_value(names: str) -> str:
    """Say what is wrong where a value is missing, or is one too many; `names` are those of the option."""
    flags = [flag for option in table.OPTIONS for flag in option.flags] + [command.flag for command in COMMANDS]
    if names in {"/".join(flag.names) for flag in flags if flag.metavar is not None}:
        return f"missing value for {names} (see --help)"
    return f"{names} takes no value (see --help)"
