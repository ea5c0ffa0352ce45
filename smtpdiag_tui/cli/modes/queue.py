"""The queue of the local mail server, printed."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from smtpdiag_tui import interrupts
from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.cli.streams import tell, write

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.local_mta.installed import LocalMta


def print_queue(arguments: "Arguments") -> int:
    """Print what waits in the local mail server's queue."""
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.local_mta.errors import LocalMtaError
    from smtpdiag_tui.masking.queue import redact_queue
    from smtpdiag_tui.render.queue import queue_json, queue_text

    if arguments.report == "jsonl":
        raise UsageError("--queue has no jsonl report: give --report text or --report json")
    try:
        queue = interrupts.run(local_mta(arguments).queue())
    except LocalMtaError as error:
        tell(str(error))
        return ExitStatus.UNKNOWN
    if arguments.redact:
        queue = redact_queue(queue, _own_names(arguments))
    write(queue_json(queue) if arguments.report == "json" else queue_text(queue))
    return ExitStatus.ACCEPTED


def local_mta(arguments: "Arguments") -> "LocalMta":
    """Return the mail server of this host, or of the demo's."""
    if arguments.demo:
        from smtpdiag_tui.demo.local_mta import DemoMta

        return DemoMta()
    from smtpdiag_tui.local_mta.installed import InstalledMta

    return InstalledMta()


def _own_names(arguments: "Arguments") -> Collection[str]:
    if arguments.demo:
        from smtpdiag_tui.demo.local_mta import HOST_NAME

        return (HOST_NAME,)
    from smtpdiag_tui.network.machine import own_names

    return own_names()
