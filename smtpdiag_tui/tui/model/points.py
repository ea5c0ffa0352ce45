"""The vantage points of the runs in view: a live report of each, and which of them the main screen shows."""

from dataclasses import replace
from typing import TYPE_CHECKING

from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.tui.model.live_report import LiveReport

if TYPE_CHECKING:  # there are none before a run begins: not before the first frame
    from collections.abc import Sequence

    from smtpdiag_tui.report.events import Event

LOCAL = Via("local")
_CANCELLED = "cancelled before it began"


class Points:
    """Keeps the reports of all vantage points apart; there is always one, this host at first.

    `order` are the vantage points of the last run of all tests, `in_view` is the one whose report `live` is.
    """

    def __init__(self, first: LiveReport) -> None:
        self.order: tuple[Via, ...] = (LOCAL,)
        self.in_view = LOCAL
        self._lives = {LOCAL: first}
        self._ended: dict[Via, Vantage] = {}
        self._awaited: set[Via] = set()
        self.begun = 0  # how many runs have

    @property
    def live(self) -> LiveReport:
        """The report in view."""
        return self._lives[self.in_view]

    @property
    def several(self) -> bool:
        """Whether there are others than the one in view."""
        return len(self.order) > 1

    @property
    def place(self) -> int:
        """Which of them is in view, 1 for the first."""
        return self.order.index(self.in_view) + 1

    @property
    def under_way(self) -> bool:
        """Whether a run goes on, or is about to begin, from any of them."""
        return bool(self._awaited) or any(live.running for live in self._lives.values())

    @property
    def problem(self) -> str | None:
        """Why the vantage point in view has no report of its last run, None where it has."""
        ended = self._ended.get(self.in_view)
        return ended.error or None if ended is not None else None

    @property
    def running(self) -> "tuple[LiveReport, ...]":
        """The reports whose run goes on."""
        return tuple(live for live in self._lives.values() if live.running)

    def live_of(self, via: Via) -> LiveReport:
        """Return the report of a vantage point; raises KeyError for one that is none of them."""
        return self._lives[via]

    def begin(self, points: "Sequence[Via]", settings: Settings) -> None:
        """Begin a run of all tests from `points`; what was known of those that stay is kept until then."""
        self.begun += 1
        self.order = tuple(points) or (LOCAL,)
        named = {via: replace(settings, via=() if via == LOCAL else (via,)) for via in self.order}
        self._lives = {via: self._lives.get(via) or LiveReport(named[via]) for via in self.order}
        self._ended = {}
        self._awaited = set(self.order) if points else set()
        if self.in_view not in self._lives:
            self.in_view = self.order[0]

    def begin_part(self, via: Via) -> None:
        """Begin a run of a part, on top of what is known from `via`."""
        self.begun += 1
        self._ended.pop(via, None)
        self._awaited = {via}

    def show(self, via: Via) -> None:
        """Have the report of a vantage point in view; raises KeyError for one that is none of them."""
        self._lives[via].changed = True
        self.in_view = via

    def apply(self, via: Via, event: "Event") -> LiveReport:
        """Fold an event of a run from `via`; return the report that it belongs to."""
        self._awaited.discard(via)
        live = self._lives[via]
        live.apply(event)
        return live

    def end(self, vantage: Vantage) -> None:
        """Take in what came of a run from a vantage point; one that broke off has no outcome."""
        self._awaited.discard(vantage.via)
        self._ended[vantage.via] = vantage
        if vantage.error:
            self._lives[vantage.via].abandon()
        self.live.changed = True

    def abandon(self, via: Via) -> None:
        """End a run from `via` that broke off without telling its end."""
        if via in self._lives:
            self._lives[via].abandon()

    def settle(self, begun: "Sequence[int]") -> None:
        """Take in that a run is over, unless another has begun: who was still awaited was cancelled."""
        if self.begun not in begun:
            return
        for via in self._awaited:
            self._ended[via] = Vantage(via, error=_CANCELLED)
        self._awaited = set()

    def vantages(self) -> tuple[Vantage, ...]:
        """Return what is known from each by now; of one whose run has not begun, nothing."""
        return tuple(map(self._vantage, self.order))

    def _vantage(self, via: Via) -> Vantage:
        report = self._lives[via].report
        ended = self._ended.get(via)
        known = report if via not in self._awaited and report.run and (report.steps or not ended) else None
        error = ended.error if ended is not None else ""
        return Vantage(via, known, error, ended.whole if ended is not None else via == LOCAL)
