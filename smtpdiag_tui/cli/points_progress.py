"""One line on a terminal that tells how the runs from several vantage points go on."""

from typing import TYPE_CHECKING, TextIO

from smtpdiag_tui.cli.redrawn_line import RedrawnLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.report.events import Event
    from smtpdiag_tui.report.vantage import Vantage
    from smtpdiag_tui.settings import Via

_NAME = 20  # columns of a vantage point's name, at most
_WAITING = "connecting"


class PointsProgress(RedrawnLine):
    """Counts the steps of each vantage point; the line tells of all of them."""

    def __init__(self, stream: TextIO, points: "Sequence[Via]", *, named: bool = True) -> None:
        """`named`: points are called by their names, else by their places: masked, they have none."""
        super().__init__(stream)
        names = [point.label[:_NAME] if named else f"point {number}" for number, point in enumerate(points, 1)]
        self._names = dict(zip((point.label for point in points), names, strict=True))
        self._planned: dict[str, set[str]] = {label: set() for label in self._names}
        self._ended: dict[str, set[str]] = {label: set() for label in self._names}
        self._done: dict[str, str] = {}

    def tell(self, via: "Via", event: "Event") -> None:
        """Take in one event of the run from a vantage point."""
        from smtpdiag_tui.report.events import StepFinished, StepPlanned

        if isinstance(event, StepPlanned):
            self._planned[via.label].add(event.id)
            self._ended[via.label].discard(event.id)
        elif isinstance(event, StepFinished):
            self._ended[via.label].add(event.id)
        self.tick()

    def end(self, vantage: "Vantage") -> None:
        """Take in what came of a vantage point."""
        outcome = vantage.report.outcome if vantage.report is not None else None
        self._done[vantage.via.label] = "failed" if vantage.error or outcome is None else outcome.value
        self.draw()

    def words(self) -> str:
        """Return how far each vantage point is."""
        told = ", ".join(f"{name} {self._state(label)}" for label, name in self._names.items())
        return f"{len(self._done)} of {len(self._names)} done, {self._drawn - self._began:.0f} s  {told}"

    def _state(self, label: str) -> str:
        if label in self._done:
            return self._done[label]
        planned = len(self._planned[label])
        return f"{len(self._ended[label])}/{planned}" if planned else _WAITING
