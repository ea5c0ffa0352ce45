"""The terminal interface. The app only wires: widgets show, the engine decides."""

import asyncio
import gc
import os
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Input, Static

from smtpdiag_tui.engine.report import Report
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui import lifeline, themes
from smtpdiag_tui.tui.again import WAIT_OUT, Again
from smtpdiag_tui.tui.leaving import Leaving
from smtpdiag_tui.tui.live import LiveReport
from smtpdiag_tui.tui.local import Local, LocalMtaError
from smtpdiag_tui.tui.look import use_ascii
from smtpdiag_tui.tui.messages import RunRequested, StepSelected
from smtpdiag_tui.tui.navigation import landing, problems, sessions, step_along, talking
from smtpdiag_tui.tui.options import Options
from smtpdiag_tui.tui.request import InputProblemError, Request
from smtpdiag_tui.tui.runner import Diagnose, Runner, WorldFactory
from smtpdiag_tui.tui.searching import Searching
from smtpdiag_tui.tui.taking import Taking
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.inputs import Inputs
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.search_bar import SearchBar
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from smtpdiag_tui.tui.worlds import demo_world, system_world

if TYPE_CHECKING:  # events come with a run: not before the first frame
    from smtpdiag_tui.engine.events import Event

REFRESH = 1 / 8  # seconds between two drawings of a run: each costs bytes on a slow link
WIDE = 100  # columns from which the findings stand beside the steps
SMALLEST = (60, 15)


class SmtpDiagApp(Searching, Local, Taking, Leaving, Again):
    """Shows runs over the network that `world` opens; `start` begins one at once."""

    CSS_PATH = "app.tcss"
    TITLE = "smtpdiag"
    COMMAND_PALETTE_DISPLAY = "^p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+r", "run", "Run", key_display="F5", id="run", tooltip="Run all tests", priority=True),
        Binding("r", "rerun", "Rerun", id="rerun", tooltip="Run the step under the cursor again"),
        Binding("f", "rerun_failed", "Failed", id="failed", tooltip="Run again what did not pass"),
        Binding("g", "retry_greylisted", "Greylisting", show=False, id="retry-greylisted", tooltip=WAIT_OUT),
        Binding("n", "problem(1)", "Next", id="next", tooltip="Next problem"),
        Binding("N", "problem(-1)", "Previous", show=False, id="previous"),
        Binding("left_square_bracket", "session(-1)", "Previous session", show=False, id="session-previous"),
        Binding("right_square_bracket", "session(1)", "Next session", show=False, id="session-next"),
        Binding("a", "answer", "Answer", id="answer", tooltip="The answer whole: reasons, and what to do"),
        Binding("v", "explain", "Why", show=False, id="explain", tooltip="Explain why the test is made"),
        Binding("c", "copy_conversation", "Copy", id="copy", tooltip="Copy this conversation"),
        Binding("C", "copy_report", "Copy report", show=False, id="copy-report"),
        Binding("slash", "search", "Find", key_display="/", id="search", tooltip="Find in the conversation"),
        Binding("w", "wrap", "Wrap", show=False, id="wrap", tooltip="Wrap long lines of the conversation, or not"),
        Binding("x", "swap", "Swap", show=False, id="swap", tooltip="Swap sender and recipient"),
        Binding("z", "zoom", "Zoom", show=False, id="zoom", tooltip="Zoom the focused pane, and back"),
        Binding("s", "save", "Save", id="save", tooltip="Save the report or this conversation"),
        Binding("p", "mask", "Mask", show=False, id="mask", tooltip="Mask names in what is copied and saved"),
        Binding("o", "settings", "Settings", show=False, id="settings", tooltip="Port, limits, EHLO name, TLS"),
        Binding("u", "queue", "Queue", show=False, id="queue", tooltip="The local mail server's queue"),
        Binding("e", "edit", "Edit", show=False, id="edit", tooltip="Go to the first field"),
        Binding("escape", "step_out", "Cancel", show=False, id="step-out"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, id="suspend"),
        Binding("question_mark", "help", "Help", key_display="?", id="help", tooltip="All keys"),
        Binding("q", "leave", "Quit", id="quit", tooltip="Leave"),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True, id="quit-anywhere"),
    ]

    def __init__(
        self,
        settings: Settings,
        world: WorldFactory,
        *,
        start: bool = False,
        diagnose: Diagnose | None = None,
        options: Options = Options(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__()
        use_ascii(on=options.ascii_only)
        self.animation_level = "none"
        themes.begin(self, options.theme or themes.DARK)
        if options.keys:
            self.set_keymap(options.keys)
        self.options = options
        self.masking = options.redact
        self.settings = settings
        self.live = LiveReport(settings)
        if options.replay is not None:
            self.live.replay(options.replay)
        self._start = start
        self._explain = settings.verbose
        self.runner = Runner(world, self._emit, diagnose, self.as_local)
        self._jump = False
        self._refused = Request.of(settings)

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        self._size_up(self.size)
        yield OutcomeLine()
        yield Inputs(Request.of(self.settings), self.options.senders, self.options.recipients)
        with Container(id="body"):
            yield StepTree()
            with Vertical(id="right"):
                yield Findings()
                yield Conversation()
                yield SearchBar()
        yield Static("", id="too-small", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start to draw, and to run if that is wanted."""
        if self.options.ascii_only:
            from smtpdiag_tui.tui import ascii_only

            ascii_only.apply(self)
        # Widgets are asked for every frame: found once.
        self._tree = self.query_one(StepTree)
        self._findings = self.query_one(Findings)
        self.conversation = self.query_one(Conversation)
        self._outcome = self.query_one(OutcomeLine)
        self._inputs = self.query_one(Inputs)
        # Over SSH each turn of a spinner costs bytes.
        self._tree.moving = not any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
        self._draw()
        self.call_after_refresh(_collect_garbage)
        self.set_interval(REFRESH, self._tick)
        self.look_for_local()
        if not self.is_headless:
            lifeline.on_hangup(self._hung_up)
            self.set_interval(lifeline.CHECK_EVERY, self._check_terminal)
        if self._start:
            self._tree.focus()
            self.call_after_refresh(self.action_run)
        elif self.options.replay is not None:
            self._tree.focus()
            self._jump = True
            self.call_after_refresh(self._finished)
            self.say("This is a saved report: F5 runs the same tests now.")
        else:
            self._inputs.field("recipient" if self.settings.sender else "sender").focus()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        width, height = event.size
        self._size_up(event.size)
        words = f"This terminal is {width}×{height}.\nsmtpdiag needs {SMALLEST[0]}×{SMALLEST[1]}."
        self.screen_stack[0].query_one("#too-small", Static).update(words)
        self.call_after_refresh(self._draw)  # the labels fit the width

    def _size_up(self, size: Size) -> None:
        small = size.width < SMALLEST[0] or size.height < SMALLEST[1]
        self.screen_stack[0].set_class(size.width < WIDE, "narrow")
        self.screen_stack[0].set_class(small, "small")

    # Runs

    @on(RunRequested)
    def _run_requested(self) -> None:
        if self.action_run():
            self._tree.focus()

    def action_run(self) -> bool:
        """Run all tests with what stands in the fields; return whether that could be begun."""
        settings = self._checked()
        if settings is None:
            return False
        self._jump = True
        if settings != self.settings:
            self._tree.touched = False
        self._go(settings, None)
        return True

    def action_step_out(self) -> None:
        """Undo the topmost thing: the zoom, the focus of a field, the run."""
        if self.conversation.search.open:
            self._close_search()
        elif self.screen.has_class("zoomed"):
            self.action_zoom()
        elif isinstance(self.focused, Input):
            self._tree.focus()
        elif self.live.running:
            self.runner.cancel()

    def _go(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        self.settings = settings
        if self.options.remember is not None:
            self.options.remember(settings)
        # Not exclusive: the runner cancels the run before, once, and waits until its sockets are closed.
        self.run_worker(self._run(settings, only, second_try), group="run", exit_on_error=False)

    async def _run(self, settings: Settings, only: list[str] | None, second_try: bool) -> None:
        def begin() -> Report | None:
            return self.live.expect(partial=only is not None)

        try:
            await self.runner.run(settings, only, begin, second_try=second_try)
        except asyncio.CancelledError:
            pass
        except LocalMtaError as error:
            self._outcome.problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface stays and tells it
            self._outcome.problem = f"An error in this program ended the run: {error!r:.200}"
            self.live.abandon()
        self._draw()

    def _checked(self) -> Settings | None:
        try:
            self._refused = self._inputs.request
            settings = self._refused.settings(self.settings)
        except InputProblemError as problem:
            self._inputs.mark(problem.field)
            self._inputs.field(problem.field).focus()
            self._outcome.problem = str(problem)
            self._draw()
            return None
        self._inputs.mark(None)
        self._outcome.problem = None
        return settings

    @on(Input.Changed)
    def _edited(self) -> None:
        # A change typed before the check may be told after it.
        if self._outcome.problem is not None and self._inputs.request != self._refused:
            self._inputs.mark(None)
            self._outcome.problem = None
            self._draw()

    def _emit(self, event: "Event") -> None:
        running = self.live.running
        self.live.apply(event)
        if running and self.live.ended:
            self._draw()
            self._finished()
            self.keep()

    def _finished(self) -> None:
        self._tree.fold(self.live.report)
        if self._jump and not self._tree.touched:
            place = landing(self.live.report)
            if place is not None:
                self._tree.go_to(place)
        self._jump = False

    # Drawing

    def _tick(self) -> None:
        if self._jump and self.live.running and not self._tree.touched:
            self._follow()
        if self.live.running or self.live.changed:
            self._draw()

    def _follow(self) -> None:
        """Go to the first conversation that begins, unless the user has gone somewhere."""
        place = talking(self.live.report)
        if place is not None and not (self._tree.selected or "").startswith("delivery/"):
            self._tree.go_to(place)

    def _draw(self) -> None:
        if not self.is_running or not self.is_mounted(self._tree):
            return
        self.live.changed = False
        report = self.live.report
        self._tree.show(report, self.live.now)
        self._outcome.show(report, self.live.now, self.live.elapsed)
        self._show_step()

    def _show_step(self) -> None:
        report, step = self.live.report, self._tree.selected
        self._findings.show(report, step, explain=self._explain)
        self.conversation.show(report, step)

    @on(StepSelected)
    def _selected(self) -> None:
        self._show_step()

    @classmethod
    def action_ids(cls) -> list[str]:
        """Return the ids that keys can be given to."""
        return [binding.id for binding in cls.BINDINGS if isinstance(binding, Binding) and binding.id]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Offer every action by name."""
        for binding in self.BINDINGS:
            if isinstance(binding, Binding) and binding.id not in ("step-out", "quit-anywhere"):
                name = binding.tooltip or binding.description
                key = binding.key_display or binding.key.split(",")[0].replace("question_mark", "?")
                yield SystemCommand(name, f"key {key}", partial(self.run_action, binding.action))
        yield SystemCommand("Change the theme", "for this session", self.action_change_theme)

    # Finding one's way

    def action_problem(self, direction: int) -> None:
        """Go to the next or the previous problem; to a match while a search is open."""
        if self.conversation.search.open:
            self.conversation.next_match(direction)
            return
        self._walk(problems(self.live.report), direction, "No problem in this report.")

    def action_session(self, direction: int) -> None:
        """Go to the next or the previous session with a mail host."""
        self._walk(sessions(self.live.report), direction, "No session with a mail host yet.")

    def _walk(self, places: list[str], direction: int, nothing: str) -> None:
        place = step_along(list(self.live.report.steps), places, self._tree.selected, direction)
        if place is None:
            self.say(nothing)
        else:
            self._tree.touched = True
            self._tree.go_to(place)

    def action_explain(self) -> None:
        """Show or hide why the test is made."""
        self._explain = not self._explain
        self._show_step()

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or all panes their places."""
        for widget in self.query(".zoom"):
            widget.remove_class("zoom")
        if self.screen.has_class("zoomed"):
            self.screen.remove_class("zoomed")
            return
        pane = self.focused
        if not isinstance(pane, StepTree | Findings | Conversation):
            return
        pane.add_class("zoom")
        if isinstance(pane.parent, Widget) and pane.parent.id == "right":
            pane.parent.add_class("zoom")
        self.screen.add_class("zoomed")

    def action_help(self) -> None:
        """Show all keys."""
        from smtpdiag_tui.tui.help_screen import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_answer(self) -> None:
        """Show the answer whole."""
        from smtpdiag_tui.tui.answer_screen import AnswerScreen

        if self.live.report.outcome is None:
            self.say("There is no answer yet.")
        else:
            self.push_screen(AnswerScreen(self.live.report))

    def action_edit(self) -> None:
        """Go to the first field."""
        self._inputs.field("sender").focus()

    def action_swap(self) -> None:
        """Let sender and recipient change places."""
        self._inputs.swap()
        self.say("Sender and recipient swapped: Enter in a field or F5 runs.")


def _collect_garbage() -> None:
    """Collect garbage from the first frame on, but not among what was made for it: that stays to the end."""
    gc.freeze()
    gc.enable()


def run_app(settings: Settings, options: Options, *, demo: bool, start: bool) -> int:
    """Run the interface until the user leaves; return its exit status."""
    app = SmtpDiagApp(settings, demo_world if demo else system_world, start=start, options=options)
    app.run(mouse=options.mouse)
    return app.return_code or 0
