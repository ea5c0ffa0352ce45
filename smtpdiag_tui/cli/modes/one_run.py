"""One run without the interface: its network, its progress, its report."""

import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from smtpdiag_tui import interrupts
from smtpdiag_tui.cli.printing import print_report, printed_status
from smtpdiag_tui.cli.streams import require_stdout, tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.cli.progress import Progress
    from smtpdiag_tui.network.system import SystemNetwork
    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.settings import Settings


def run_headless(arguments: "Arguments", saved: "Report | None") -> int:
    """Run without the interface, or take the saved report, and print it."""
    require_stdout()
    report = saved if saved is not None else run_and_keep(with_pair(arguments))
    if arguments.redact:
        from smtpdiag_tui.masking.own import masked

        report = masked(report)
    print_report(report, arguments)
    return printed_status(report, arguments.report)


def with_pair(arguments: "Arguments") -> "Arguments":
    """Return the arguments with a pair and the message that comes over standard input; raises UsageError."""
    if arguments.demo:
        arguments = arguments.with_demo_pair()
    arguments.require_addresses()
    return with_message(arguments) if arguments.reads_stdin else arguments


def run_and_keep(arguments: "Arguments") -> "Report":
    """Run all tests of one pair, keep the report as the last run, and return it."""
    from smtpdiag_tui.cli.modes.saved import keep

    report = interrupts.run(diagnosed(arguments))
    keep(report, arguments)
    return report


def with_message(arguments: "Arguments") -> "Arguments":
    """Read the message that comes over standard input; raises UsageError."""
    from dataclasses import replace

    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.message_file import read_standard_input
    from smtpdiag_tui.settings import SettingsError

    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("no message on standard input: pipe one in, or give --message FILE")
    try:
        message = read_standard_input(sys.stdin.buffer)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    return replace(arguments, settings=replace(arguments.settings, message=message))


async def diagnosed(arguments: "Arguments") -> "Report":
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

    async with opened_network(arguments) as (settings, network):
        running = diagnose(settings, network, progress.tell if progress else ignore)
        if progress is None or arguments.redact or arguments.demo:  # the hint would name this machine
            return await running
        return await _with_hint(running, settings, progress)


@asynccontextmanager
async def opened_network(arguments: "Arguments") -> "AsyncIterator[tuple[Settings, SystemNetwork]]":
    """Open the network that was asked for, and give the settings that hold there; raises UsageError."""
    if arguments.demo:
        from smtpdiag_tui.demo.network import DemoNetwork

        async with DemoNetwork() as demo:
            require_own(arguments.settings.source, demo.is_own)
            yield demo.prepare(await as_local(arguments, demo)), demo
        return
    from smtpdiag_tui.network.system import SystemNetwork

    network = SystemNetwork()
    require_own(arguments.settings.source, network.is_own)
    yield await as_local(arguments, network), network


def require_own(source: str | None, is_own: Callable[[str], bool]) -> None:
    """Raise UsageError for a source address that this host does not have."""
    if source is not None and not is_own(source):
        from smtpdiag_tui.cli.parser import UsageError

        raise UsageError(f"source address '{source}' is not on this host: must be one of its addresses")


async def as_local(arguments: "Arguments", network: "SystemNetwork") -> "Settings":
    """Return the settings, the local mail server's put in if that was asked for."""
    if arguments.settings.as_local_mta is None:
        return arguments.settings
    from smtpdiag_tui.cli.modes.queue import local_mta
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.local_mta.errors import LocalMtaError
    from smtpdiag_tui.local_mta.installed import resolve

    try:
        return await resolve(arguments.settings, local_mta(arguments), network.is_own, arguments.given)
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


def ignore(_event: object) -> None:
    """Tell nothing of a run that goes on: progress is shown on a terminal only."""
