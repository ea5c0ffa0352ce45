"""The terminal interface. The app only wires: widgets show, the engine decides."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Footer, Input, Static

from smtpdiag_tui.engine.events import Event, RunFinished
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui import clipboard, lifeline
from smtpdiag_tui.tui.help_screen import HelpScreen
from smtpdiag_tui.tui.live import LiveReport
from smtpdiag_tui.tui.messages import RunRequested, StepSelected
from smtpdiag_tui.tui.navigation import failed_steps, landing, problems, runnable, sessions, step_along
from smtpdiag_tui.tui.request import InputProblemError, Request
from smtpdiag_tui.tui.runner import Diagnose, Runner, World, WorldFactory
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.inputs import Inputs
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree

REFRESH = 1 / 8  # seconds between two drawings of a run: each costs bytes on a slow link
WIDE = 100  # columns from which the findings stand beside the steps
SMALLEST = (60, 15)


class SmtpDiagApp(App[None]):
    """Shows runs over the network that `world` opens; `start` begins one at once."""

    CSS_PATH = "app.tcss"
    TITLE = "smtpdiag"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+r", "run", "Run", key_display="F5", id="run", tooltip="Run all tests", priority=True),
        Binding("r", "rerun", "Rerun", id="rerun", tooltip="Run the step under the cursor again"),
        Binding("f", "rerun_failed", "Failed", id="failed", tooltip="Run again what did not pass"),
        Binding("n", "problem(1)", "Next", id="next", tooltip="Next problem"),
        Binding("N", "problem(-1)", "Previous", show=False, id="previous"),
        Binding("left_square_bracket", "session(-1)", "Previous session", show=False, id="session-previous"),
        Binding("right_square_bracket", "session(1)", "Next session", show=False, id="session-next"),
        Binding("v", "explain", "Why", id="explain", tooltip="Explain why the test is made"),
        Binding("c", "copy_conversation", "Copy", id="copy", tooltip="Copy this conversation"),
        Binding("C", "copy_report", "Copy report", show=False, id="copy-report"),
        Binding("x", "swap", "Swap", id="swap", tooltip="Swap sender and recipient"),
        Binding("z", "zoom", "Zoom", id="zoom", tooltip="Zoom the focused pane, and back"),
        Binding("s", "edit", "Edit", show=False, id="edit"),
        Binding("escape", "step_out", "Cancel", show=False, id="step-out"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, id="suspend"),
        Binding("question_mark", "help", "Help", key_display="?", id="help", tooltip="All keys"),
        Binding("q", "leave", "Quit", id="quit", tooltip="Leave"),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True, id="quit-anywhere"),
    ]

    def __init__(
        self, settings: Settings, world: WorldFactory, *, start: bool = False, diagnose: Diagnose | None = None
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.settings = settings
        self.live = LiveReport(settings)
        self._start = start
        self._explain = settings.verbose
        self._runner = Runner(world, self._emit, diagnose)
        self._jump = False
        self._refused = Request.of(settings)

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        yield OutcomeLine()
        yield Inputs(Request.of(self.settings))
        with Container(id="body"):
            yield StepTree()
            with Vertical(id="right"):
                yield Findings()
                yield Conversation()
        yield Static("", id="too-small", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start to draw, and to run if that is wanted."""
        # Widgets are asked for every frame: found once.
        self._tree = self.query_one(StepTree)
        self._findings = self.query_one(Findings)
        self._conversation = self.query_one(Conversation)
        self._outcome = self.query_one(OutcomeLine)
        self._inputs = self.query_one(Inputs)
        self._draw()
        self.set_interval(REFRESH, self._tick)
        if not self.is_headless:
            lifeline.on_hangup(self._hung_up)
            self.set_interval(lifeline.CHECK_EVERY, self._check_terminal)
        if self._start:
            self._tree.focus()
            self.call_after_refresh(self.action_run)
        else:
            self._inputs.field("recipient" if self.settings.sender else "sender").focus()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        width, height = event.size
        small = width < SMALLEST[0] or height < SMALLEST[1]
        self.screen_stack[0].set_class(width < WIDE, "narrow")
        self.screen_stack[0].set_class(small, "small")
        words = f"This terminal is {width}×{height}.\nsmtpdiag needs {SMALLEST[0]}×{SMALLEST[1]}."
        self.screen_stack[0].query_one("#too-small", Static).update(words)

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

    def action_rerun(self) -> None:
        """Run the step under the cursor again."""
        if self._tree.selected is not None:
            self._again([runnable(self._tree.selected)])

    def action_rerun_failed(self) -> None:
        """Run again what did not pass."""
        steps = failed_steps(self.live.report)
        if steps:
            self._again(steps)
        else:
            self._say("Nothing to run again: all passed." if self.live.report.steps else "Nothing has run yet.")

    def action_step_out(self) -> None:
        """Undo the topmost thing: the zoom, the focus of a field, the run."""
        if self.screen.has_class("zoomed"):
            self.action_zoom()
        elif isinstance(self.focused, Input):
            self._tree.focus()
        elif self.live.running:
            self._runner.cancel()

    def _again(self, steps: list[str]) -> None:
        if self.live.running:
            self._say("A run is under way: Escape cancels it.")
            return
        settings = self._checked()
        if settings is None:
            return
        if settings != self.settings:
            self._go(settings, None)
        else:
            self._go(settings, steps)

    def _go(self, settings: Settings, only: list[str] | None) -> None:
        self.settings = settings
        # Not exclusive: the runner cancels the run before, once, and waits until its sockets are closed.
        self.run_worker(self._run(settings, only), group="run", exit_on_error=False)

    async def _run(self, settings: Settings, only: list[str] | None) -> None:
        try:
            await self._runner.run(settings, only, lambda: self.live.expect(partial=only is not None))
        except asyncio.CancelledError:
            pass
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

    def _emit(self, event: Event) -> None:
        self.live.apply(event)
        if isinstance(event, RunFinished) and event.run == self.live.report.run:
            self._draw()
            self._finished()

    def _finished(self) -> None:
        self._tree.fold(self.live.report)
        if self._jump and not self._tree.touched:
            place = landing(self.live.report)
            if place is not None:
                self._tree.go_to(place)
        self._jump = False

    # Drawing

    def _tick(self) -> None:
        if self.live.running or self.live.changed:
            self._draw()

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
        self._conversation.show(report, step)

    @on(StepSelected)
    def _selected(self) -> None:
        self._show_step()

    # Finding one's way

    def action_problem(self, direction: int) -> None:
        """Go to the next or the previous problem."""
        self._walk(problems(self.live.report), direction, "No problem in this report.")

    def action_session(self, direction: int) -> None:
        """Go to the next or the previous session with a mail host."""
        self._walk(sessions(self.live.report), direction, "No session with a mail host yet.")

    def _walk(self, places: list[str], direction: int, nothing: str) -> None:
        place = step_along(list(self.live.report.steps), places, self._tree.selected, direction)
        if place is None:
            self._say(nothing)
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
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_edit(self) -> None:
        """Go to the first field."""
        self._inputs.field("sender").focus()

    def action_swap(self) -> None:
        """Let sender and recipient change places."""
        self._inputs.swap()
        self._say("Sender and recipient swapped: Enter in a field or F5 runs.")

    # Taking it away

    def action_copy_conversation(self) -> None:
        """Copy the conversation in view."""
        self._copy(lambda: self._conversation.text)

    def action_copy_report(self) -> None:
        """Copy the whole report as Markdown."""
        if not self.live.report.steps:
            self._say("Nothing has run yet.")
            return
        self._copy(self._markdown)

    def _markdown(self) -> str:
        from smtpdiag_tui.render.markdown import to_markdown

        return to_markdown(self.live.report)

    def _copy(self, text: Callable[[], str]) -> None:
        async def work() -> None:
            self._say(await clipboard.copy(text(), self._to_terminal))

        self.run_worker(work(), group="copy", exclusive=True, exit_on_error=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what is marked with the mouse, the way that reaches the user."""
        self._copy(lambda: text)

    def _to_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    def _say(self, text: str) -> None:
        self.notify(text, markup=False, timeout=4)

    # Leaving

    async def action_leave(self) -> None:
        """Cancel the run, close the network and leave."""
        await self._runner.close()
        self.exit()

    def _hung_up(self) -> None:
        if lifeline.terminal_gone():
            lifeline.die()
        self.run_worker(self.action_leave(), group="leave", exclusive=True, exit_on_error=False)

    def _check_terminal(self) -> None:
        if lifeline.terminal_gone():
            lifeline.die()

    async def on_unmount(self) -> None:
        """Close the network also when the app ends in another way."""
        await self._runner.close()


def run_app(settings: Settings, *, demo: bool, start: bool) -> int:
    """Run the interface until the user leaves; return its exit status."""
    app = SmtpDiagApp(settings, _demo_world if demo else _system_world, start=start)
    app.run()
    return app.return_code or 0


@asynccontextmanager
async def _system_world() -> AsyncIterator[World]:
    from smtpdiag_tui.network import SystemNetwork

    network = SystemNetwork()
    try:
        yield World(network, lambda settings: settings)
    finally:
        network.release()


@asynccontextmanager
async def _demo_world() -> AsyncIterator[World]:
    from smtpdiag_tui.demo.network import DemoNetwork

    async with DemoNetwork() as network:
        yield World(network, network.prepare)
