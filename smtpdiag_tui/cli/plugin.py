"""The command as a monitor's plug-in: whatever happens, one line on stdout and one of four exit statuses."""

import traceback
from collections.abc import Callable, Sequence
from itertools import pairwise

from smtpdiag_tui import interrupts
from smtpdiag_tui.cli.streams import UnwritableError, tell, write

REPORT = "nagios"
_INTERRUPTED = "SMTPDIAG UNKNOWN - Interrupted\n"
_UNKNOWN = 3  # for a monitor; it would take the status of a usage error for a critical state
LEFT = (_UNKNOWN, 1, _INTERRUPTED.encode("ascii"))  # by a plug-in that is ended at once


def plugin_asked(argv: Sequence[str]) -> bool:
    """Whether the command line asks for a monitor's line, be it usable or not; nothing is loaded to see it."""
    options = list(argv[: list(argv).index("--")] if "--" in argv else argv)
    form = ""
    for word, after in pairwise([*options, ""]):
        if word == "--report":
            form = after
        elif word.startswith("--report="):
            form = word.partition("=")[2]
    return form == REPORT


def as_plugin(
    work: Callable[[], int], usage: tuple[type[Exception], ...], words: Callable[[Exception], str]
) -> int:
    """Do `work` and return its exit status; 3, with a line, where it comes to none.

    `usage` are the errors of usage, and `words` tells what is wrong with the command line. A monitor that waits no
    longer sends SIGTERM: it ends the run as SIGINT does.
    """
    try:
        return work()
    except KeyboardInterrupt:
        interrupts.finish(_UNKNOWN)
        return _told(_INTERRUPTED)
    except usage as error:
        from smtpdiag_tui.render.monitors.nagios import PluginState, plugin_line

        return _told(plugin_line(PluginState.UNKNOWN, words(error)))
    except UnwritableError as error:
        if str(error):
            tell(str(error))
        return _UNKNOWN
    except Exception as error:
        traceback.print_exc()
        _told("SMTPDIAG UNKNOWN - Internal error, see stderr\n")
        raise SystemExit(_UNKNOWN) from error  # the interpreter's own status would be a warning


def _told(line: str) -> int:
    try:
        write(line)
    except UnwritableError as error:
        if str(error):
            tell(str(error))
    return _UNKNOWN
