"""The footer: the keys that matter here and now, as many as fit."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, Input
from textual.widgets._footer import FooterKey

from smtpdiag_tui.tui.keys import ACTIONS, keys_in_force, shown_key
from smtpdiag_tui.tui.model.options import Options

_RANKS = {action.call: action.rank for action in ACTIONS if action.rank}
_CANCEL, _RETRY, _NEXT = "step_out", "retry_greylisted", "problem(1)"
_POINTS, _WATCH = "vantage_points", "watch"
_FAILED, _ONLY_PROBLEMS = "rerun_failed", "problems_only"
_OF_A_REPORT = frozenset({"rerun", "answer", "hosts", "session(1)", "copy_conversation", "copy_ticket", "save"})


@dataclass(frozen=True, slots=True)
class Situation:
    """What goes on: a run, greylisting that can be waited out, a search whose matches `n` goes through.

    `empty`: there is no report yet; `failed`: something in it failed or is unknown; `problems`: it has problems.
    `points`: there are several vantage points.
    `watching`: what did not pass is tried again until somebody ends that; `accepted`: there is nothing to watch.
    """

    running: bool = False
    greylisted: bool = False
    searching: bool = False
    empty: bool = False
    failed: bool = True
    problems: bool = True
    points: bool = False
    watching: bool = False
    accepted: bool = False

    def shows(self, call: str) -> bool:
        """Whether the key of an action is of use now."""
        if call == _CANCEL:
            return self.running or self.watching
        if call == _RETRY:
            return self.greylisted
        if call == _POINTS:
            return self.points
        if call == _WATCH:
            return self.watching or not (self.accepted or self.empty or self.running or self.points)
        if call == _FAILED:
            return self.failed and not self.running
        if call == _NEXT:
            return self.problems or self.searching
        if call == _ONLY_PROBLEMS:
            return self.problems
        return not (self.empty and call in _OF_A_REPORT)

    def rank(self, call: str) -> float:
        """Return how early an action is given a place, 1 first; what belongs to the situation comes before all."""
        of_now = call in (_CANCEL, _RETRY) or (call == _NEXT and self.searching)
        return 0.5 if of_now else _RANKS.get(call, 0)


class KeyLine(Footer):
    """Leaves out what would be cut: first what one needs least. The keys of the focused widget always stay."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._fitted = 0
        self._situation = Situation()
        self._drawn: list[tuple[object, ...]] = []
        self._drawn_for: tuple[object, ...] = ()

    def follow(self, situation: Situation) -> None:
        """Show the keys for what goes on now."""
        if situation != self._situation:
            self._situation = situation
            self.call_later(self._renew)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys for what has the focus now."""
        self._bindings_ready = True
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self.call_after_refresh(self._renew)

    def _renew(self) -> None:
        """Lay out the keys anew, once for all that changed since, and only where they are others."""
        if self._asked() == self._drawn_for:
            return
        if [_look(key) for key in self._chosen()] != self._drawn:
            self.refresh(recompose=True)

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        keys = list(self._chosen())
        self._drawn_for = self._asked()
        self._drawn = [_look(key) for key in keys]
        for key in keys:
            key.set_class(True, "-compact", update=False)  # as it will be: else it would be styled twice
            yield key

    def _asked(self) -> tuple[object, ...]:
        """Return all that the choice goes by: to choose makes a widget of each key, and often nothing is new."""
        bindings = tuple(
            (key.binding, key.enabled) for key in self.screen.active_bindings.values() if key.binding.show
        )
        in_field = isinstance(self.screen.focused, Input)
        return self._bindings_ready, bindings, in_field, self._situation, self.app.size.width

    def _chosen(self) -> Iterable[FooterKey]:
        """Choose the keys."""
        keys = [widget for widget in super().compose() if isinstance(widget, FooterKey)]
        if isinstance(self.screen.focused, Input):  # there a sign is typed, also one that Textual does not know
            keys = [key for each in keys if (key := self._in_field(each)) is not None]
        return self._fitting([key for key in keys if self._situation.shows(key.action)])

    def _in_field(self, key: FooterKey) -> FooterKey | None:
        """Return a key as it can be pressed where signs are typed, None where it cannot."""
        if len(shown_key(key.key)) > 1:
            return key
        names = next((names for call, names in self._names() if call == key.action), ())
        name = next((name for name in names if len(shown_key(name)) > 1), None)
        if name is None:
            return None
        return FooterKey(name, shown_key(name), key.description, key.action)

    def _names(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        force = keys_in_force(getattr(self.app, "options", Options()).keys)
        return ((action.call, force[action.id]) for action in ACTIONS)

    def _fitting(self, keys: list[FooterKey]) -> Iterable[FooterKey]:
        room = self.app.size.width
        chosen: set[FooterKey] = set()
        for key in sorted(keys, key=lambda key: self._situation.rank(key.action)):
            if key.action == _NEXT and self._situation.searching:
                key.description = "Match"
            width = len(key.key_display) + len(key.description) + 2
            if width <= room + 1:  # the last one needs no gap
                chosen.add(key)
                room -= width
        return (key for key in keys if key in chosen)

    def on_resize(self) -> None:
        """Choose anew for another width."""
        before, self._fitted = self._fitted, self.app.size.width
        if before not in (0, self._fitted):
            self.call_after_refresh(self.recompose)


def _look(key: FooterKey) -> tuple[object, ...]:
    return key.key_display, key.description, key.action, key._disabled
