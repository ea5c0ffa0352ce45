"""The terminal interface. The app only wires: widgets show, the engine decides."""

import gc
import os
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual._compositor import CompositorUpdate
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from smtpdiag_tui import interrupts
from smtpdiag_tui.report.reruns import failed_steps
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.actions.answer import AnswerActions
from smtpdiag_tui.tui.actions.by_hand import ByHandActions
from smtpdiag_tui.tui.actions.history import HistoryActions
from smtpdiag_tui.tui.actions.local_mta import LocalMtaActions
from smtpdiag_tui.tui.actions.navigate import NavigateActions
from smtpdiag_tui.tui.actions.watch import WatchActions
from smtpdiag_tui.tui.drawing import themes
from smtpdiag_tui.tui.drawing.glyphs import use_ascii
from smtpdiag_tui.tui.keys import ACTIONS, keys_in_force, shown_key
from smtpdiag_tui.tui.messages import StepSelected
from smtpdiag_tui.tui.model.live_report import LiveReport
from smtpdiag_tui.tui.model.navigation import greylisted
from smtpdiag_tui.tui.model.networks import open_demo_network, open_system_network
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.points import Points
from smtpdiag_tui.tui.model.request import Request
from smtpdiag_tui.tui.runner import Diagnose, FromPoints, OpenNetwork, Runner
from smtpdiag_tui.tui.terminal import hangup
from smtpdiag_tui.tui.terminal.ascii import apply as draw_ascii
from smtpdiag_tui.tui.terminal.ascii import use_bars
from smtpdiag_tui.tui.terminal.shown import Shown
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.inputs import AddressInput, Inputs
from smtpdiag_tui.tui.widgets.key_line import KeyLine, Situation
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.panes import Panes
from smtpdiag_tui.tui.widgets.search_bar import SearchBar
from smtpdiag_tui.tui.widgets.step_tree import StepTree

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Report

REFRESH = 1 / 8  # seconds between two drawings of a run: each costs bytes on a slow link


class _Panes(Screen[object]):
    """The screen below all overlays."""

    AUTO_FOCUS = ""

    @property
    def focus_chain(self) -> list[Widget]:
        """Where Tab goes: among the fields in a field, among the panes elsewhere; e and Escape go between."""
        if isinstance(self.focused, AddressInput):
            return [widget for widget in super().focus_chain if isinstance(widget, AddressInput)]
        # / alone leads into the line of a search: who comes there by Tab would type keys into it.
        return [widget for widget in super().focus_chain if not isinstance(widget, Input)]


class SmtpDiagApp(NavigateActions, AnswerActions, ByHandActions, HistoryActions, LocalMtaActions, WatchActions):
    """Shows runs over the network that `open_network` opens; `start` begins one at once."""

    CSS_PATH = "app.tcss"
    TITLE = "smtpdiag"
    COMMAND_PALETTE_DISPLAY = "^p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            action.keys,
            action.call,
            action.label,
            show=action.rank > 0,
            tooltip=action.words,
            priority=action.priority,
            id=action.id,
        )
        for action in ACTIONS
    ]

    def __init__(
        self,
        settings: Settings,
        open_network: OpenNetwork,
        *,
        start: bool = False,
        diagnose: Diagnose | None = None,
        options: Options = Options(),  # noqa: B008 - frozen
    ) -> None:
        self.options = options
        self._on_terminal = Shown()
        super().__init__()
        use_ascii(on=options.ascii_only)
        use_bars(on=options.ascii_only)
        self.animation_level = "none"
        self.begin_theme(options.theme or themes.DARK)
        if options.keys:
            self.set_keymap(options.keys)
        self.masking = options.redact
        self.demo = open_network is open_demo_network
        self.settings = settings
        self.points = Points(LiveReport(settings))
        if options.replay is not None:
            self.live.replay(options.replay)
        self._start = start
        self._explain = settings.verbose
        points = FromPoints(self.emit_from, self.point_ended, options.opened)
        self.runner = Runner(open_network, self._emit, diagnose, self.as_local, points)
        self._jump = False
        self._problems = {}
        self._error = None
        self._looked_through: Report | None = None
        self._greylisted = self._missed = False
        self._told_of_watch: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        self.size_up(self.size)
        yield OutcomeLine(shown_key(keys_in_force(self.options.keys)["answer"][0]))
        yield Inputs(Request.of(self.settings, sender_given=self.options.sender_given), self.options)
        with Panes():
            yield StepTree()
            with Vertical(id="right"):
                yield Findings(shown_key(keys_in_force(self.options.keys)["worst"][0]))
                yield Conversation()
        yield SearchBar()
        yield Static("", id="too-small", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Start to draw, and to run if that is wanted."""
        if self.options.ascii_only:
            draw_ascii(self)
        # Widgets are asked for every frame: found once.
        self._tree = self.query_one(StepTree)
        self._findings = self.query_one(Findings)
        self.conversation = self.query_one(Conversation)
        self._outcome = self.query_one(OutcomeLine)
        self._inputs = self.query_one(Inputs)
        self._key_line = self.query_one(KeyLine)
        # Over SSH each turn of a spinner costs bytes.
        self._tree.moving = not any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
        self._draw()
        self.app_resume_signal.subscribe(self, lambda _app: self._on_terminal.forget())
        self.call_after_refresh(_collect_garbage)
        self.set_interval(REFRESH, self._tick)
        if not self.is_headless:
            self.watch_interrupts()
            hangup.on_hangup(self._hung_up)
            self.set_interval(hangup.CHECK_EVERY, self._check_terminal)
        self.screen.set_focus(self._first_focus())
        if self._start:
            self.call_after_refresh(self._start_up)
        elif self.options.replay is not None:
            self.begin_with(Request.of(self.settings), self.settings)
            self._jump = True
            self.call_after_refresh(self.finished)
            self.say("Saved report; F5: run all tests now")
        self.look_for_local()
        self.begin_with_bounce()

    def _start_up(self) -> None:
        if self.action_run() and self.options.watch is not None:
            self.begin_watch()

    def _first_focus(self) -> Widget:
        """Return where the keys go from the first on, also those that were pressed before the first frame."""
        if self._start or self.options.replay is not None:
            return self._tree
        return self._inputs.field("recipient" if self.settings.sender else "sender")

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        """Write what changed, and nothing that the terminal shows already."""
        if isinstance(renderable, CompositorUpdate):
            renderable = self._on_terminal.spared(renderable)
        super()._display(screen, renderable)

    def get_default_screen(self) -> Screen[object]:
        """Return a screen that gives the focus to nothing by itself: it would be the first field."""
        return _Panes(id="_default")

    def watch_theme(self) -> None:
        """Draw statuses as the theme can show them."""
        super().watch_theme()
        if self.is_running and self.is_mounted(self._tree):
            self._tree.redraw()
            self._findings.redraw()
            self._draw()

    def action_step_out(self) -> None:
        """Undo the topmost thing: the zoom, the focus of a field, an error told, the run."""
        if self.searched is not None:
            self._close_search()
        elif isinstance(self.focused, Input):
            self.leave_field()
        elif self.screen.has_class("zoomed"):
            self.action_zoom()
        elif self.end_watch() and not self.points.under_way:
            pass
        elif self.points.under_way:
            self.runner.cancel()
            if self.live.second_try:
                self.live.call_off()
                self.say("Cancelled; previous result kept")
        elif self._error is not None:
            self._error = None
            self._draw()

    def _tick(self) -> None:
        self._follow()
        if self.points.under_way or self.live.changed or self.watch_words() != self._told_of_watch:
            self._draw()

    def _draw(self) -> None:
        """Draw all that may have changed."""
        if not self.is_running or not self.is_mounted(self._tree):
            return
        self.live.changed = False
        report = self.live.report
        self._tree.show(report, self.live.now, self.live.earlier)
        self._outcome.problem = self.problem_here() or self._error or self.points.problem
        self._told_of_watch = self.watch_words()
        around = replace(self.live.around(self.about(), self.beside()), watched=self._told_of_watch)
        self._outcome.show(report, self.live.now, self.live.elapsed, around)
        self.tell_in_force()
        self._key_line.follow(self._situation())
        self._show_step()

    def _situation(self) -> Situation:
        """Return what the footer goes by; what a whole report has to be read for is looked for once in each."""
        report, running = self.live.report, self.points.under_way
        if self._looked_through is not report and not running:
            self._looked_through, self._greylisted = report, bool(report.run and greylisted(report, None))
            self._missed = bool(failed_steps(report, warnings=False))
        return Situation(
            running,
            self._greylisted and not running,
            self.searched is not None,
            empty=not report.steps,
            failed=self._missed,
            problems=bool(self._tree.places),
            points=self.points.several,
            watching=self.watching,
            accepted=report.outcome is Outcome.ACCEPTED,
        )

    def _show_step(self) -> None:
        report, step = self.live.report, self._tree.selected
        self._findings.show(report, step, explain=self._explain, earlier=self.live.earlier)
        self.conversation.show(report, step)
        self.balance()

    @on(StepSelected)
    def _selected(self) -> None:
        self._show_step()

    def get_key_display(self, binding: Binding) -> str:
        """Return a key as people write it."""
        return shown_key(binding.key)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Offer every action by name."""
        force = keys_in_force(self.options.keys)
        for action in ACTIONS:
            if action.id not in ("step-out", "quit-anywhere"):
                keys = ", ".join(map(shown_key, force[action.id]))
                yield SystemCommand(action.words, f"key {keys}", partial(self.run_action, action.call))
        yield SystemCommand("Change theme", "for this session", self.action_change_theme)

    def action_explain(self) -> None:
        """Show or hide why the test is made."""
        self._explain = not self._explain
        self._show_step()


def _collect_garbage() -> None:
    """Collect garbage from the first frame on, but not among what was made for it: that stays to the end.

    Seldom: a run and its widgets make many objects that stay, and a key has to wait while they are gone through.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def run_app(settings: Settings, options: Options, *, demo: bool, start: bool) -> int:
    """Run the interface until the user leaves; return its exit status."""
    app = SmtpDiagApp(settings, open_demo_network if demo else open_system_network, start=start, options=options)
    interrupts.watch(None, app.terminal.put_back)
    app.run(mouse=options.mouse)
    interrupts.watch(None)
    return app.return_code or 0
