"""A whole run by the smtpdiag that is installed on a host over SSH; nothing of it is left there."""

import asyncio
import shlex
import subprocess
from dataclasses import dataclass, field

from smtpdiag_tui.network.ssh import SshCarrier
from smtpdiag_tui.options.as_words import as_words
from smtpdiag_tui.processes import Reading, Writing, ended
from smtpdiag_tui.render.from_json import MAX_SIZE, from_json
from smtpdiag_tui.render.saved_values import SavedReportError
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.vantage.errors import VantageError
from smtpdiag_tui.vantage.far_host import PATHS

_WITH_REPORT = frozenset({0, 1, 3, 4})
_USAGE, _NO_FOLDER, _NO_PROGRAM, _SSH_FAILED = 2, 97, 127, 255
# Seconds: a run of 64 addresses that all keep silent, one after another at one host name, ends within that.
LONGEST = 3600.0
_MAX_SAID = 64 * 1024  # octets of standard error
_SHOWN = 160  # characters of it in a sentence
# One line without quotes of its own: the user's shell there may be any. Standard input brings the message, then
# stays open while somebody waits here: its end ends the run. The whole process group goes, whatever stands between
# this shell and the interpreter. What the run would keep there goes with the folder.
_SCRIPT = (
    f"{PATHS}; umask 077; d=$(mktemp -d) || exit {_NO_FOLDER}; trap : TERM HUP INT PIPE;"
    " XDG_STATE_HOME=$d; XDG_CONFIG_HOME=$d; XDG_CACHE_HOME=$d;"
    " export XDG_STATE_HOME XDG_CONFIG_HOME XDG_CACHE_HOME;"
    ' n=$1; shift; : >"$d/in"; if test "$n" -gt 0; then head -c "$n" >"$d/in"; fi; exec 3<&0;'
    ' smtpdiag "$@" <"$d/in" 3<&- & p=$!;'
    " ( while read -r x; do :; done; kill -TERM 0 ) <&3 >/dev/null 2>&1 & w=$!; exec 3<&-;"
    " wait $p; s=$?; if test $s -gt 128; then kill -KILL $p; wait $p; fi 2>/dev/null;"
    ' kill $w 2>/dev/null; rm -rf "$d"; exit $s'
)


class NotThereError(Exception):
    """The smtpdiag there cannot make this run; why, as a clause. Connections go through that host instead."""


@dataclass(slots=True)
class _Output:
    """What the far side wrote."""

    report: bytearray = field(default_factory=bytearray)
    said: bytearray = field(default_factory=bytearray)

    def lines(self) -> list[str]:
        """The lines of standard error, printable."""
        return [visible(line.strip()) for line in bytes(self.said).splitlines() if line.strip()]


def command_for(settings: Settings) -> str:
    """Return the command for the far host's shell."""
    content = _content(settings)
    words = ["--report=json", *(("--message=-",) if content else ()), *as_words(settings)]
    return shlex.join(["sh", "-c", _SCRIPT, "sh", str(len(content)), *words])


def _content(settings: Settings) -> bytes:
    """Return the message that is given, b"" where there is none."""
    message = settings.message
    return b"" if message is None or message.content is None else message.content


async def run_there(carrier: SshCarrier, settings: Settings) -> Report:
    """Run on the far host; return its report, with its own settings.

    Raises NotThereError where that smtpdiag cannot do it, VantageError for anything else that failed. Cancelled,
    it ends there too.
    """
    output = _Output()
    with carrier.session(command_for(settings)) as process:
        limit = LONGEST + 2 * (settings.retry_greylisted or 0)
        status = await _collected(process, output, Writing(process.stdin, _content(settings)), limit)
    label = carrier.label
    if status is None and len(output.report) <= MAX_SIZE:
        raise VantageError(f"{label}: smtpdiag did not end within {limit:g} s: run it by hand on that host")
    if status is None:
        raise VantageError(f"{label}: smtpdiag on that host sent more than {MAX_SIZE // 1024 // 1024} MiB")
    if status in (_USAGE, _NO_FOLDER, _NO_PROGRAM):
        raise NotThereError(_why_not(status, output))
    if status == _SSH_FAILED:
        await carrier.check()
    if status not in _WITH_REPORT:
        words = (output.lines() or [f"status {status}"])[-1].removeprefix("smtpdiag: ")
        raise VantageError(f"{label}: smtpdiag failed ({words[:_SHOWN]}): run it by hand on that host")
    try:
        return await asyncio.to_thread(from_json, bytes(output.report))
    except SavedReportError as error:
        raise NotThereError(f"the report from that host cannot be read: {error}") from error


def _why_not(status: int, output: _Output) -> str:
    if status == _NO_FOLDER:
        return "that host has no temporary folder"
    if status == _NO_PROGRAM:
        return "smtpdiag does not start on that host"
    words = (output.lines() or ["usage error"])[-1].removeprefix("smtpdiag: ")
    return f"smtpdiag on that host: {words[:_SHOWN]}"


async def _collected(
    process: subprocess.Popen[bytes], output: _Output, message: Writing, limit: float
) -> int | None:
    """Take what comes until the end; return the exit status, None for a report that is too large, or too late."""
    report, said = Reading(process.stdout), Reading(process.stderr)

    def enough() -> bool:
        message.write()
        output.report += report.read()
        output.said += said.read()[: _MAX_SAID - len(output.said)]
        return len(output.report) > MAX_SIZE

    if await ended(process, enough, limit) is None:
        return None
    while not report.ended and not enough():
        pass  # the rest stands in the pipe, whose other end is closed
    return process.poll()
