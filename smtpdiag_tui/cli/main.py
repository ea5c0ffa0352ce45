"""The command: its exit status, and which way of using it was asked for."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from smtpdiag_tui import __version__, interrupts
from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.cli.plugin import LEFT, plugin_asked
from smtpdiag_tui.cli.streams import UnwritableError, keep_descriptors, tell, write

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.cli.config import Config


def entry() -> None:
    """Run the command and leave with its exit status."""
    interrupts.install(LEFT if plugin_asked(sys.argv[1:]) else None)
    keep_descriptors()
    status = main()
    interrupts.finish(status)
    sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (the process's own arguments for None) and return its exit status.

    stdout carries the report alone; usage errors are one line on stderr, and nothing is sent.
    """
    argv = sys.argv[1:] if argv is None else argv
    if plugin_asked(argv):
        return _plugin(argv)
    try:
        if list(argv) == ["--version"]:  # answered before anything else is loaded
            return _answer(f"smtpdiag {__version__}\n")
        return _run(argv)
    except KeyboardInterrupt:
        interrupts.finish(ExitStatus.INTERRUPTED)
        tell("interrupted")
        return ExitStatus.INTERRUPTED
    except UnwritableError as error:
        if str(error):
            tell(str(error))
        return ExitStatus.UNKNOWN


def _run(argv: Sequence[str]) -> int:
    from smtpdiag_tui.cli.config import ConfigError
    from smtpdiag_tui.cli.parser import UsageError

    try:
        return _go(argv)
    except (UsageError, ConfigError) as error:
        tell(_sentence(error, argv))
        return ExitStatus.USAGE


def _plugin(argv: Sequence[str]) -> int:
    from smtpdiag_tui.cli.config import ConfigError
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.cli.plugin import as_plugin

    return as_plugin(lambda: _go(argv), (UsageError, ConfigError), lambda error: _sentence(error, argv))


def _go(argv: Sequence[str]) -> int:
    """Do what the command line asks for; raises UsageError and ConfigError."""
    from smtpdiag_tui.cli.arguments import read_arguments
    from smtpdiag_tui.cli.help_text import help_text

    arguments = read_arguments(argv, _config(argv))
    if arguments.action == "version":
        return _answer(f"smtpdiag {__version__}\n")
    if arguments.action == "help":
        return _answer(help_text())
    return _mode(arguments)


def _mode(arguments: "Arguments") -> int:
    """Go the way that the command line asks for; each loads what it needs and no more."""
    interactive = arguments.report is None and not arguments.reads_stdin and _on_terminal()
    match arguments.mode:
        case "queue":
            from smtpdiag_tui.cli.modes.queue import print_queue

            return print_queue(arguments)
        case "completion":
            from smtpdiag_tui.cli.modes.completion import print_completion

            return print_completion(arguments)
        case "history":
            from smtpdiag_tui.cli.modes.history import print_history

            return print_history(arguments)
        case "compare":
            from smtpdiag_tui.cli.modes.compare import print_comparison

            return print_comparison(arguments)
        case "batch":
            from smtpdiag_tui.cli.modes.batch import run_batch

            return run_batch(arguments)
        case "explain" if not interactive and arguments.explain_then_run:
            from smtpdiag_tui.cli.modes.explain_run import explain_and_run

            return explain_and_run(arguments)
        case "explain" if not interactive:
            from smtpdiag_tui.cli.modes.explain import print_explanation

            return print_explanation(arguments)
        case "watch" if not interactive:
            from smtpdiag_tui.cli.modes.watch import watch_headless

            return watch_headless(arguments)
    return _one_run(arguments, interactive=interactive)


def _one_run(arguments: "Arguments", *, interactive: bool) -> int:
    from smtpdiag_tui.cli.modes.saved import saved_report

    saved = saved_report(arguments)
    if interactive:
        from smtpdiag_tui.cli.modes.interface import run_interface

        return run_interface(arguments, saved)
    if saved is None and arguments.settings.via:
        from smtpdiag_tui.cli.modes.vantage import run_from_vantage_points

        return run_from_vantage_points(arguments)
    from smtpdiag_tui.cli.modes.one_run import run_headless

    return run_headless(arguments, saved)


def _sentence(error: Exception, argv: Sequence[str]) -> str:
    """Return what is wrong with a command line, masked if what is printed shall be."""
    from smtpdiag_tui.cli.parser import split_options
    from smtpdiag_tui.report.visible import visible

    if "--redact" in split_options(argv)[0]:
        from smtpdiag_tui.masking.own import masked_usage

        return visible(masked_usage(str(error), argv))
    return visible(str(error))


def _answer(text: str) -> int:
    write(text)
    return ExitStatus.ACCEPTED


def _on_terminal() -> bool:
    if os.environ.get("TERM", "") in ("", "dumb"):
        return False
    # The interface reads stdin and draws on stderr.
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _config(argv: Sequence[str]) -> "Config | None":
    """Read the user's file, unless all that is asked for is help or the version."""
    from smtpdiag_tui.cli.parser import split_options

    if {"-h", "--help", "/?", "--version"} & set(split_options(argv)[0]):
        return None
    from smtpdiag_tui.cli.config import config_path, read_config

    return read_config(config_path())
