"""What the command tells the interface: the user's choices, and what is kept between runs."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from smtpdiag_tui.cli.arguments import Arguments
from smtpdiag_tui.cli.character_set import ascii_alone
from smtpdiag_tui.tui.model.options import Options

if TYPE_CHECKING:
    from smtpdiag_tui.local_mta.facts import LocalFacts
    from smtpdiag_tui.local_mta.installed import LocalMta
    from smtpdiag_tui.local_mta.queue import Queue
    from smtpdiag_tui.report.kept_run import KeptRun
    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.settings import Settings


def interface_options(arguments: Arguments, replay: "Report | None" = None) -> Options:
    """Return the interface's options."""
    senders, recipients = _known(arguments)
    return Options(
        theme=_theme(arguments.theme),
        ascii_only=arguments.ascii_only if arguments.ascii_only is not None else ascii_alone(),
        mouse=arguments.mouse,
        redact=arguments.redact,
        keys=dict(arguments.keys),
        senders=senders,
        recipients=recipients,
        notes=_notes(arguments),
        sender_given=arguments.sender_given,
        remember=_remember if arguments.history and not arguments.demo else None,
        keep=None if arguments.demo else _keep,
        replay=replay,
        local=_Installed(demo=arguments.demo),
        given=arguments.given,
        explain=arguments.explain,
        explain_then_run=arguments.explain_then_run,
        watch=arguments.watch,
        history=None if arguments.demo else _OnDisk(),
    )


class _OnDisk:
    """The runs that are kept on disk."""

    def listed(self) -> "list[KeptRun]":
        """Return what is known of each, the newest first; raises HistoryError."""
        from smtpdiag_tui.cli.run_list import RunError, kept_runs
        from smtpdiag_tui.tui.model.history import HistoryError

        try:
            return kept_runs()
        except RunError as error:
            raise HistoryError(_sentence(error)) from error

    def read(self, key: str) -> "Report":
        """Return the report of a file; raises HistoryError."""
        from smtpdiag_tui.cli.run_list import RunError, read_run
        from smtpdiag_tui.tui.model.history import HistoryError

        try:
            return read_run(Path(key))
        except RunError as error:
            raise HistoryError(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    words = str(error)
    return words[:1].upper() + words[1:]


class _Installed:
    """The local mail server, which is looked for when it is first asked for: not before the first frame."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo

    async def facts(self, sender: str, recipient: str) -> "LocalFacts":
        """Return how it would send between these addresses."""
        return await self._found().facts(sender, recipient)

    async def queue(self) -> "Queue":
        """Return what waits in its queue."""
        return await self._found().queue()

    async def host_name(self) -> str | None:
        """Return this machine's fully qualified name."""
        return await self._found().host_name()

    def _found(self) -> "LocalMta":
        if self._demo:
            from smtpdiag_tui.demo.local_mta import DemoMta

            return DemoMta()
        from smtpdiag_tui.local_mta.installed import InstalledMta

        return InstalledMta()


def _known(arguments: Arguments) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses that complete what is typed: earlier ones, in the demo those of the stories."""
    if arguments.demo:
        from smtpdiag_tui.demo.stories import DEFAULT_SENDER, STORIES

        return (DEFAULT_SENDER,), tuple(story.recipient for story in STORIES)
    if not arguments.history:
        return (), ()
    from smtpdiag_tui.cli import kept_runs

    earlier: tuple[str, ...] = ()
    with contextlib.suppress(OSError):
        earlier = tuple(reversed(kept_runs.history()))
    return earlier, earlier


def _notes(arguments: Arguments) -> dict[str, str]:
    """Return what some of these addresses are about: in the demo, what each story tells."""
    if not arguments.demo:
        return {}
    from smtpdiag_tui.demo.stories import STORIES

    return {story.recipient: story.title for story in STORIES}


def _remember(settings: "Settings") -> None:
    from smtpdiag_tui.cli import kept_runs

    with contextlib.suppress(OSError):
        kept_runs.remember(settings.sender, settings.recipient)


def _keep(report: "Report") -> None:
    from smtpdiag_tui.cli import kept_runs

    with contextlib.suppress(OSError):
        kept_runs.save_run(report)


def _theme(name: str | None) -> str | None:
    if name is None:
        return None
    from smtpdiag_tui.tui.drawing.themes import themes

    return themes().get(name)  # a name that the command line took: only another Textual may lack it
