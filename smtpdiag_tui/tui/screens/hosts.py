"""The table of MX hosts, over the whole screen."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.model.host_filter import Filter
from smtpdiag_tui.tui.model.host_table import rows_in_view, tally, whole
from smtpdiag_tui.tui.widgets.host_table import HostTable

_REFRESH = 1 / 4  # seconds between two looks at a run under way
_KEYS = ("Left/Right: sort", "r: reverse", "f: filter", "Enter: go to", "Esc: close")

Look = Callable[[], tuple[Report, Mapping[str, Step]]]


class HostsScreen(ModalScreen[str | None]):
    """Shows the hosts of the report that `look` returns, while it grows; returns the step picked, or None."""

    CSS_PATH = "hosts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,t,q", "dismiss(None)", "Close"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(self, look: Look, at: str | None = None) -> None:
        """`at`: the step that the cursor stands on at first."""
        super().__init__()
        self._look = look
        self._at = at
        self._drawn: Report | None = None

    def compose(self) -> ComposeResult:
        """Lay out the table above all that the row under the cursor says."""
        with Vertical(id="hosts") as box:
            box.border_title = "MX hosts"
            yield HostTable()
            yield Static("", id="host-whole", markup=False)

    def on_mount(self) -> None:
        """Show what there is, and what comes."""
        self.query_one(HostTable).focus()
        self._show()
        self.set_interval(_REFRESH, self._show)

    def _show(self) -> None:
        report, earlier = self._look()
        if report is not self._drawn:
            self._drawn = report
            at, self._at = self._at, None
            self._rows = rows_in_view(report, earlier)
            self.query_one(HostTable).show(self._rows, at)

    @on(HostTable.Moved)
    def _moved(self) -> None:
        table = self.query_one(HostTable)
        self.query_one("#host-whole", Static).update("" if table.row is None else whole(table.row))
        parts = ["MX hosts"]
        if table.shown != Filter.ALL:  # first: the end of a title may be cut
            parts.append(f"{table.shown}: {len(table.rows)} of {len(self._rows)}")
        box = self.query_one("#hosts", Vertical)
        box.border_title = Content(f" {stroke('dot')} ".join([*parts, tally(self._rows)]))
        box.border_subtitle = Content(f" {stroke('dot')} ".join(_KEYS))

    @on(HostTable.Picked)
    def _picked(self, event: HostTable.Picked) -> None:
        self.dismiss(event.step)
