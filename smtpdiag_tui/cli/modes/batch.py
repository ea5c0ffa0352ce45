"""Many pairs, one line each."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smtpdiag_tui import interrupts
from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.cli.modes.one_run import as_local, require_own, with_message
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.cli.streams import require_stdout, tell, write
from smtpdiag_tui.message_file import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from smtpdiag_tui.batch.lines import Source
    from smtpdiag_tui.batch.out import OutFile
    from smtpdiag_tui.batch.telling import Teller
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.cli.batch_progress import BatchProgress
    from smtpdiag_tui.cli.mode_values import Many
    from smtpdiag_tui.network.system import SystemNetwork
    from smtpdiag_tui.settings import Settings

FORMATS = ("jsonl", "summary")
_DESCRIPTORS = 4096  # sockets of all runs at once, and more than enough


def run_batch(arguments: "Arguments") -> int:
    """Run many pairs, and print or append one line for each."""
    from smtpdiag_tui.batch.lines import InputError, Source
    from smtpdiag_tui.batch.out import OutError, OutFile

    many = _many(arguments)
    message = arguments.settings.message
    if message is not None and message.name == STANDARD_INPUT:
        arguments = with_message(arguments)
    try:
        source = Source(many.file)
        out = OutFile(Path(many.resume)) if many.resume is not None else None
    except (InputError, OutError) as error:
        raise UsageError(str(error)) from error
    try:
        return interrupts.run(_run(arguments, many, source, out))
    except OutError as error:
        tell(str(error))
        return ExitStatus.UNKNOWN
    finally:
        source.close()
        if out is not None:
            out.close()


def _many(arguments: "Arguments") -> "Many":
    """Return what is asked for; raises UsageError for what does not go together."""
    many, settings = arguments.many, arguments.settings
    if many is None:
        raise UsageError("missing file: give --batch FILE")
    if arguments.report is not None and arguments.report not in FORMATS:
        raise UsageError(f"--batch prints {' or '.join(FORMATS)}, not {arguments.report}")
    if many.resume is None:
        require_stdout()
    elif arguments.report == "summary":
        raise UsageError("--resume and --report summary conflict: the pairs are read from JSON lines")
    elif arguments.redact:
        raise UsageError("--resume and --redact conflict: masked pairs cannot be found again")
    if settings.via:
        raise UsageError("--batch and --via conflict: run the batch on that host")
    if many.file == STANDARD_INPUT and settings.message is not None and settings.message.name == many.file:
        raise UsageError("--batch and --message conflict: only one of them can read standard input")
    if many.file == STANDARD_INPUT and (sys.stdin is None or sys.stdin.closed):
        raise UsageError("cannot read standard input: it is closed")
    return many


async def _run(arguments: "Arguments", many: "Many", source: "Source", out: "OutFile | None") -> int:
    """Run over this machine's network, or over the demo's."""
    _raise_limit()
    if arguments.demo:
        from smtpdiag_tui.demo.network import DemoNetwork

        async with DemoNetwork() as demo:
            return await _over(demo, demo.prepare, arguments, many, source, out)
    from smtpdiag_tui.network.system import SystemNetwork

    return await _over(SystemNetwork(), None, arguments, many, source, out)


async def _over(
    network: "SystemNetwork",
    prepare: "Callable[[Settings], Settings] | None",
    arguments: "Arguments",
    many: "Many",
    source: "Source",
    out: "OutFile | None",
) -> int:
    from smtpdiag_tui.batch.run import Batch, Plan
    from smtpdiag_tui.cli.batch_progress import BatchProgress

    require_own(arguments.settings.source, network.is_own)

    async def prepared(settings: "Settings") -> "Settings":
        settings = await as_local(replace(arguments, settings=settings), network)
        return settings if prepare is None else prepare(settings)

    printed = _Printed()
    plan = Plan(arguments.settings, many.sender, many.jobs, many.shard, prepared)
    batch = Batch(plan, network, out or printed, _teller(arguments), out.done if out is not None else None)
    progress = BatchProgress(batch, sys.stderr)
    if sys.stderr is not None and sys.stderr.isatty():
        printed.before = progress.clear
    telling = [asyncio.create_task(progress.ticking()), asyncio.create_task(_count(source, progress))]
    try:
        await batch.run(source.lines())
        if out is not None:
            await asyncio.to_thread(out.sync)
    finally:
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)
        progress.finish()
    if batch.unread:
        tell(_masked_unread(batch.unread, many) if arguments.redact else batch.unread)
    return ExitStatus.ACCEPTED if batch.tally.whole and not batch.unread else ExitStatus.UNKNOWN


def _masked_unread(words: str, many: "Many") -> str:
    from smtpdiag_tui.masking.own import masked_usage

    return masked_usage(words, ["--batch", many.file])


async def _count(source: "Source", progress: "BatchProgress") -> None:
    progress.total = await source.count()


def _teller(arguments: "Arguments") -> "Teller":
    from smtpdiag_tui.batch.telling import Form, Teller

    mask = None
    if arguments.redact:
        from smtpdiag_tui.masking.own import masked

        mask = masked
    if arguments.report == "summary":
        return Teller(Form.SUMMARY, mask)
    return Teller(Form.LONG if arguments.settings.verbose else Form.SHORT, mask)


class _Printed:
    """Lines on stdout, written in a thread: whoever reads them may be slow, and no session is to wait for that."""

    def __init__(self) -> None:
        self.before: Callable[[], None] | None = None

    async def put(self, line: bytes) -> None:
        """Print one line; raises UnwritableError."""
        if self.before is not None:
            self.before()
        await asyncio.to_thread(write, line.decode())


def _raise_limit() -> None:
    """Allow this process the sockets of all runs together, as far as the system lets it."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
