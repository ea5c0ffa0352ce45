"""What a hostile host sends in place of a report, or does not: each ends, in one sentence."""

import contextlib
import subprocess
from collections.abc import Iterator

import pytest

from smtpdiag_tui.processes import child
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.vantage import whole_run
from smtpdiag_tui.vantage.errors import VantageError
from smtpdiag_tui.vantage.whole_run import NotThereError, run_there

SETTINGS = Settings("alice@sender.example", "bob@partner.example")


class Carrier:
    """Stands for a host over SSH on which a command is another one."""

    label = "ssh:far.example"

    def __init__(self, command: str) -> None:
        self._command = command

    @contextlib.contextmanager
    def session(self, _command: str) -> Iterator[subprocess.Popen[bytes]]:
        pipe = subprocess.PIPE
        with child(("/bin/sh", "-c", self._command), stdin=pipe, stdout=pipe, stderr=pipe) as process:
            yield process


async def there(command: str) -> None:
    await run_there(Carrier(command), SETTINGS)  # type: ignore[arg-type]


async def test_what_has_no_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_run, "MAX_SIZE", 1024 * 1024)
    with pytest.raises(VantageError, match="sent more than 1 MiB"):
        await there("exec cat /dev/zero")


async def test_a_run_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_run, "LONGEST", 0.2)
    with pytest.raises(VantageError, match=r"^ssh:far\.example: smtpdiag did not end within 0\.2 s"):
        await there("exec sleep 1000")


@pytest.mark.parametrize(
    "command",
    [
        """echo '{"schema": 2}'""",
        "echo '['",
        "exit 0",
        "head -c 1000000 /dev/zero | tr '\\0' '['",
        """echo '{"schema": 1, "sender": "a@b.example", "recipient": "c@d.example", "settings": {},'"""
        """ '"steps": [{"id": "../../etc", "title": "x", "status": "passed"}]}'""",
    ],
)
async def test_what_is_no_report_is_none(command: str) -> None:
    with pytest.raises(NotThereError, match="the report from that host cannot be read"):
        await there(command)


async def test_what_is_said_there_is_printable_and_short() -> None:
    with pytest.raises(VantageError) as caught:
        await there("printf '\\033]0;title\\007\\033[2J%0300d' 0 >&2; exit 9")
    words = str(caught.value)
    assert words.isprintable()
    assert len(words) < 300
