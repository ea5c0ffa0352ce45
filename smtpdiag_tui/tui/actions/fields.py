"""What the app does about the fields and the settings: what a run would ask, and whether it can be asked."""

from dataclasses import replace

from textual import events, on
from textual.widget import Widget
from textual.widgets import Input

from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.keys import keys_in_force, shown_key
from smtpdiag_tui.tui.messages import AddressPicked, FieldsPasted
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.request import InputProblemError, Request
from smtpdiag_tui.tui.widgets.inputs import AddressInput, Inputs
from smtpdiag_tui.tui.widgets.step_tree import StepTree


class FieldActions(AppBase):
    """Reads the fields. `settings` are those of the next run, but for what stands in the fields."""

    options: Options
    settings: Settings
    _inputs: Inputs
    _tree: StepTree
    _pane: Widget | None = None
    masking: bool
    _problems: dict[str, str]
    _refused: Request
    _ran: tuple[Request, Settings] | None = None
    _told_changed: Request | None = None

    def begin_with(self, request: Request, settings: Settings) -> None:
        """Take notice that a run of these fields and settings is what is shown from now on."""
        self._ran = (request, settings)
        self._told_changed = None
        self._inputs.keep()

    def _checked(self) -> Settings | None:
        """Return the settings that the fields make; None if they cannot be used, which is told then."""
        self._refused = self._inputs.request.tidied()
        self._inputs.fill(self._refused)
        try:
            settings = self._refused.settings(self.settings)
        except InputProblemError as problem:
            self._problems = problem.problems
            self._inputs.mark(self._problems)
            self._inputs.field(next(iter(self._problems))).focus()
            self._draw()
            return None
        self._problems = {}
        self._inputs.mark(())
        return settings

    def problem_here(self) -> str | None:
        """Return what is wrong with the field that has the focus, None elsewhere."""
        focused = self.screen_stack[0].focused
        return self._problems.get(focused.id or "") if isinstance(focused, Input) else None

    def about(self) -> str:
        """Return what the shown run is for, in so far as the fields or settings say something else by now."""
        if self._ran is None:
            return ""
        request, settings = self._ran
        words = request.about(self._inputs.request)
        bare = {"sender": "", "recipient": "", "dns": ()}
        if not words and replace(settings, **bare) != replace(self.settings, **bare):  # type: ignore[arg-type]
            return "with other settings"
        return words

    def tell_changed(self) -> None:
        """Say once that what runs is not what the fields say."""
        if self.about() and self._told_changed != self._inputs.request:
            self._told_changed = self._inputs.request
            self.say("Fields have changed; F5: run with them")

    def which_point(self) -> str:
        """Say which vantage point is shown, where there are several."""
        points = self.points
        if not points.several:
            return ""
        key = shown_key(keys_in_force(self.options.keys)["vantage-points"][0])
        return f"{points.place} of {len(points.order)} ({key}) via {visible(points.in_view.label)}"

    def tell_in_force(self) -> None:
        """Show what is in force beside the addresses, and which DNS servers stand in for an empty field."""
        without = ("dns", "via") if self.points.several else ("dns",)
        in_force = [self.which_point(), settings_line(self.settings, without), "masked" if self.masking else ""]
        of_story = ""
        if self.live.report.settings.dns and not self.settings.dns and not self.about():
            servers = " ".join(server.label for server in self.live.report.settings.dns)
            of_story = f"{servers} (of this story)"
        self._inputs.tell("; ".join(filter(None, in_force)), of_story)

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        # A change typed before the check may be told after it.
        if name in self._problems and event.input.value != getattr(self._refused, name):
            del self._problems[name]
            self._inputs.mark(self._problems)
        self._draw()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember the pane that Escape goes back to; show what is wrong with a field, the answer elsewhere."""
        # An event that was on its way when the app ended finds no screen left.
        below = next(iter(self.screen_stack), None)
        if not isinstance(event.widget, Input) and below in event.widget.ancestors:
            self._pane = event.widget
        if self._problems:
            self._draw()

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        """Show the answer again."""
        if self._problems:
            self._draw()

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted where nothing is typed: whoever pastes an address means the fields."""
        from smtpdiag_tui.tui.model.pasted import read_pasted

        if not self.screen_stack or self.screen is not self.screen_stack[0]:
            return
        pasted = read_pasted(event.text, "recipient")
        if pasted is None:
            self.say("No address in what was pasted")
            return
        self._pasted(FieldsPasted(pasted))
        if pasted.left_out == 0 and (pasted.sender is None or pasted.recipient is None):
            self.say("Sender pasted; F5: run" if pasted.recipient is None else "Recipient pasted; F5: run")

    @on(FieldsPasted)
    def _pasted(self, event: FieldsPasted) -> None:
        """Fill in what was pasted, and say where it is not what a paste does by itself."""
        pasted = event.pasted
        self._inputs.take(pasted)
        if pasted.left_out:
            self.say(f"First address used, {pasted.left_out:,} left out")
        elif pasted.sender is not None and pasted.recipient is not None:
            self.say("Sender and recipient pasted; F5: run")

    @on(AddressPicked)
    def _picked_address(self, event: AddressPicked) -> None:
        if isinstance(self.focused, AddressInput):
            self.focused.take(event.address)

    def leave_field(self) -> None:
        """Go from a field back to the pane that one came from, with the text that was there."""
        field = self.focused
        if isinstance(field, AddressInput) and field.restore():
            self.say("Earlier text restored; ctrl+z in the field: undo")
        self.to_panes()

    def to_panes(self) -> None:
        """Go to the pane that has the whole screen, or to the one where the focus was last."""
        zoomed = next((pane for pane in self.query(".zoom").results(Widget) if pane.can_focus), None)
        pane = zoomed or self._pane
        if pane is None or not pane.display or not pane.is_attached:
            pane = self._tree
        pane.focus()

    def action_edit(self) -> None:
        """Go to the fields."""
        self._inputs.field("sender").focus()

    def action_swap(self) -> None:
        """Let sender and recipient change places."""
        self._inputs.swap()
        self.say("Sender and recipient swapped; F5: run")
