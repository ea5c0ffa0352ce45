"""The command: arguments, exit status, and which front end runs."""

import os
import sys
from collections.abc import Callable, Collection, Coroutine, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TextIO

from smtpdiag_tui import __version__, interrupts
from smtpdiag_tui.cli.streams import UnwritableError, keep_descriptors, require_stdout, tell, write

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.cli.config import Config
    from smtpdiag_tui.cli.progress import Progress
    from smtpdiag_tui.local_mta.installed import LocalMta
    from smtpdiag_tui.network.system import SystemNetwork
    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.settings import Settings


class ExitStatus(IntEnum):
    """What the command tells its caller."""

    ACCEPTED = 0
    DEFERRED = 1
    USAGE = 2
    BOUNCED = 3
    UNKNOWN = 4
    INTERRUPTED = 130


def entry() -> None:
    """Run the command and leave with its exit status."""
    interrupts.install()
    keep_descriptors()
    status = main()
    interrupts.finish(status)
    sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (the process's own arguments for None) and return its exit status.

    stdout carries the report alone; usage errors are one line on stderr, and nothing is sent.
    """
    argv = sys.argv[1:] if argv is None else argv
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
    from smtpdiag_tui.cli.arguments import UsageError, read_arguments
    from smtpdiag_tui.cli.config import ConfigError
    from smtpdiag_tui.cli.help_text import help_text

    try:
        arguments = read_arguments(argv, _config(argv))
        if arguments.action == "version":
            return _answer(f"smtpdiag {__version__}\n")
        if arguments.action == "help":
            return _answer(help_text())
        if arguments.queue:
            return _queue(arguments)
        saved = _saved(arguments)
        if arguments.report is None and not arguments.reads_stdin and _on_terminal():
            return _interface(arguments, saved)
        return _headless(arguments, saved)
    except (UsageError, ConfigError) as error:
        tell(_sentence(error, argv))
        return ExitStatus.USAGE


def _sentence(error: Exception, argv: Sequence[str]) -> str:
    """Return what is wrong with a command line, masked if what is printed shall be."""
    from smtpdiag_tui.cli.arguments import split_options
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
    from smtpdiag_tui.cli.arguments import split_options

    if {"-h", "--help", "/?", "--version"} & set(split_options(argv)[0]):
        return None
    from smtpdiag_tui.cli.config import config_path, read_config

    return read_config(config_path())


def _saved(arguments: "Arguments") -> "Report | None":
    """Return the saved report that is to be shown, if one is."""
    if arguments.replay is None and not arguments.last:
        return None
    from pathlib import Path

    from smtpdiag_tui.cli.arguments import UsageError
    from smtpdiag_tui.render.from_json import read_saved
    from smtpdiag_tui.render.saved_values import SavedReportError

    if arguments.replay is None:
        return _last()
    path = Path(arguments.replay)
    try:
        return read_saved(path)
    except SavedReportError as error:
        raise UsageError(f"cannot show '{path}': {error}") from error
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise UsageError(f"cannot read '{path}': {error}") from error


def _last() -> "Report":
    """Return the newest of the kept runs. Raises UsageError where it cannot be shown: no older one is instead."""
    from smtpdiag_tui.cli.arguments import UsageError
    from smtpdiag_tui.cli.kept_runs import runs
    from smtpdiag_tui.render.from_json import read_saved
    from smtpdiag_tui.render.saved_values import SavedReportError

    try:
        kept = runs()
    except OSError as error:
        raise UsageError(f"cannot read the folder of saved runs: {error.strerror or error}") from error
    if not kept:
        raise UsageError("no saved run yet: run a test first")
    try:
        return read_saved(kept[-1])
    except SavedReportError as error:
        words = str(error)
    except OSError as error:
        words = error.strerror or str(error)
    earlier = "; show an earlier one with --replay FILE" if len(kept) > 1 else ""
    raise UsageError(f"cannot show the last run '{kept[-1]}': {words}{earlier}")


def _interface(arguments: "Arguments", saved: "Report | None") -> int:
    import gc

    # Next to nothing that the imports make is garbage: looking for it delays the first frame, which ends this.
    gc.disable()
    from smtpdiag_tui.cli.arguments import UsageError
    from smtpdiag_tui.cli.front_end import interface_options
    from smtpdiag_tui.tui.app import run_app

    if saved is not None:
        from dataclasses import replace

        from smtpdiag_tui.masking.redact import without_masks

        saved = replace(saved, settings=without_masks(saved.settings))
        return run_app(saved.settings, interface_options(arguments, saved), demo=arguments.demo, start=False)
    for_check = arguments.check_given()
    if for_check:
        raise UsageError(for_check)
    start = arguments.demo or arguments.complete
    if arguments.demo:
        arguments = arguments.with_demo_pair()
    return run_app(arguments.settings, interface_options(arguments), demo=arguments.demo, start=start)


def _headless(arguments: "Arguments", saved: "Report | None") -> int:
    """Run without the interface, or take the saved report, and print it."""
    require_stdout()
    if saved is not None:
        report = saved
    else:
        if arguments.demo:
            arguments = arguments.with_demo_pair()
        arguments.require_addresses()
        if arguments.reads_stdin:
            arguments = _with_message(arguments)
        report = interrupts.run(_diagnose(arguments))
        if not arguments.demo:
            _keep(report)
    if arguments.redact:
        from smtpdiag_tui.masking.own import masked

        report = masked(report)
    _print(report, arguments)
    return _exit_status(report)


def _with_message(arguments: "Arguments") -> "Arguments":
    """Read the message that comes over standard input; raises UsageError."""
    from dataclasses import replace

    from smtpdiag_tui.cli.arguments import UsageError
    from smtpdiag_tui.message_file import read_standard_input
    from smtpdiag_tui.settings import SettingsError

    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("no message on standard input: pipe one in, or give --message FILE")
    try:
        message = read_standard_input(sys.stdin.buffer)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    return replace(arguments, settings=replace(arguments.settings, message=message))


def _keep(report: "Report") -> None:
    """Keep the run for --last, if that can be done: where there is no home, that is no matter."""
    from contextlib import suppress

    from smtpdiag_tui.cli.kept_runs import save_run

    with suppress(OSError):
        save_run(report)


def _queue(arguments: "Arguments") -> int:
    """Print what waits in the local mail server's queue."""
    from smtpdiag_tui.local_mta.errors import LocalMtaError
    from smtpdiag_tui.masking.queue import redact_queue
    from smtpdiag_tui.render.queue import queue_json, queue_text

    try:
        queue = interrupts.run(_local_mta(arguments).queue())
    except LocalMtaError as error:
        tell(str(error))
        return ExitStatus.UNKNOWN
    if arguments.redact:
        queue = redact_queue(queue, _own_names(arguments))
    write(queue_json(queue) if arguments.report == "json" else queue_text(queue))
    return ExitStatus.ACCEPTED


def _local_mta(arguments: "Arguments") -> "LocalMta":
    """Return the mail server of this host, or of the demo's."""
    if arguments.demo:
        from smtpdiag_tui.demo.local_mta import DemoMta

        return DemoMta()
    from smtpdiag_tui.local_mta.installed import InstalledMta

    return InstalledMta()


def _own_names(arguments: "Arguments") -> "Collection[str]":
    if arguments.demo:
        from smtpdiag_tui.demo.local_mta import HOST_NAME

        return (HOST_NAME,)
    from smtpdiag_tui.network.machine import own_names

    return own_names()


async def _diagnose(arguments: "Arguments") -> "Report":
    """Run all tests, and tell on stderr how it goes on if that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return await _over_network(arguments, None)
    import asyncio

    from smtpdiag_tui.cli.progress import Progress

    progress = Progress(sys.stderr)
    ticking = asyncio.ensure_future(progress.ticking())
    try:
        return await _over_network(arguments, progress)
    finally:
        ticking.cancel()
        progress.clear()


async def _over_network(arguments: "Arguments", progress: "Progress | None") -> "Report":
    """Run over this machine's network, or over the demo's."""
    from smtpdiag_tui.engine import diagnose

    emit = progress.tell if progress else _ignore
    if arguments.demo:
        from smtpdiag_tui.demo.network import DemoNetwork

        async with DemoNetwork() as demo:
            _require_own(arguments.settings.source, demo.is_own)
            return await diagnose(demo.prepare(await _as_local(arguments, demo)), demo, emit)
    from smtpdiag_tui.network.system import SystemNetwork

    network = SystemNetwork()
    _require_own(arguments.settings.source, network.is_own)
    settings = await _as_local(arguments, network)
    running = diagnose(settings, network, emit)
    if progress is None or arguments.redact:  # the hint would name this machine
        return await running
    return await _with_hint(running, settings, progress)


def _require_own(source: str | None, is_own: Callable[[str], bool]) -> None:
    if source is not None and not is_own(source):
        from smtpdiag_tui.cli.arguments import UsageError

        raise UsageError(f"source address '{source}' is not on this host: must be one of its addresses")


async def _as_local(arguments: "Arguments", network: "SystemNetwork") -> "Settings":
    """Return the settings, the local mail server's put in if that was asked for."""
    if arguments.settings.as_local_mta is None:
        return arguments.settings
    from smtpdiag_tui.cli.arguments import UsageError
    from smtpdiag_tui.local_mta.errors import LocalMtaError
    from smtpdiag_tui.local_mta.installed import resolve

    try:
        return await resolve(arguments.settings, _local_mta(arguments), network.is_own, arguments.given)
    except LocalMtaError as error:
        raise UsageError(str(error)) from error


async def _with_hint(
    running: "Coroutine[Any, Any, Report]", settings: "Settings", progress: "Progress"
) -> "Report":
    """See a run to its end, and say what was found out beside it about the local mail server: not waited for."""
    import asyncio

    from smtpdiag_tui.local_mta.installed import InstalledMta, hint

    hinting = asyncio.create_task(hint(settings, InstalledMta()))
    try:
        report = await running
        if hinting.done() and hinting.exception() is None and hinting.result():
            progress.clear()
            tell(hinting.result() or "")
        hinting.cancel()
        await asyncio.gather(hinting, return_exceptions=True)
        return report
    finally:
        hinting.cancel()


def _ignore(_event: object) -> None:
    """Progress is shown on a terminal only."""


def _print(report: "Report", arguments: "Arguments") -> None:
    from smtpdiag_tui.render.as_json import to_json
    from smtpdiag_tui.render.markdown import to_markdown
    from smtpdiag_tui.render.summary import to_summary
    from smtpdiag_tui.render.text import to_text

    if arguments.report == "json":
        text = to_json(report)
    elif arguments.report == "markdown":
        text = to_markdown(report, verbose=arguments.settings.verbose)
    elif arguments.report == "summary":
        text = to_summary(report)
    else:
        text = to_text(
            report,
            colour=_colour(sys.stdout),
            verbose=arguments.settings.verbose,
            ascii_only=bool(arguments.ascii_only) or _plain(sys.stdout),
        )
    write(text)


def _colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") not in ("", "dumb")


def _plain(stream: TextIO) -> bool:
    """Whether to keep to ASCII: on a terminal of such a locale, or where the encoding has no more."""
    from smtpdiag_tui.cli.character_set import ascii_alone

    try:
        "✓✗→".encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return True
    return stream.isatty() and ascii_alone()


def _exit_status(report: "Report") -> ExitStatus:
    return ExitStatus[report.outcome.name] if report.outcome is not None else ExitStatus.UNKNOWN
