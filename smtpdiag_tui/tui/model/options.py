"""How the interface looks and behaves, whatever it diagnoses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings

if TYPE_CHECKING:
    from smtpdiag_tui.local_mta.installed import LocalMta
    from smtpdiag_tui.tui.model.history import History
    from smtpdiag_tui.vantage.side_by_side import OpenPoint


@dataclass(frozen=True, slots=True)
class Options:
    """The user's choices. `theme` is None for our own; `keys` maps an action's id to its keys.

    `senders` and `recipients` complete what is typed; `notes` say of some of them what they are about.
    `sender_given` tells the null sender, given alone, from none. `remember` is told the settings of each run that
    begins, `keep` each report that ended or was broken off; both may block for a moment, and must not fail.
    `replay` is a saved report to show; then nothing runs until the user asks for it. `local` is this machine's
    mail server, None where it is not to be asked; `given` names the settings that go before its own. `explain` is
    a text to explain at the beginning, or the path of one, "" to ask for it; `explain_then_run`: the delivery that
    it tells of, if there is but one, is run at once. `watch`: seconds between two attempts, where the run that
    begins is to be watched. `history` is where runs are kept, None where this session alone keeps its own.
    `opened` opens vantage points, None for the real ones.
    """

    theme: str | None = None
    ascii_only: bool = False
    mouse: bool = True
    redact: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    sender_given: bool = False
    remember: Callable[[Settings], None] | None = None
    keep: Callable[[Report], None] | None = None
    replay: Report | None = None
    local: "LocalMta | None" = None
    given: frozenset[str] = frozenset()
    explain: str | None = None
    explain_then_run: bool = False
    watch: float | None = None
    history: "History | None" = None
    opened: "OpenPoint | None" = None
