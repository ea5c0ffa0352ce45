"""What the app does about the size of the terminal."""

from textual import events
from textual.app import App
from textual.geometry import Size
from textual.widgets import Static

from smtpdiag_tui.tui.keys import keys_in_force
from smtpdiag_tui.tui.model.options import Options

WIDE = 100  # columns from which the findings stand beside the steps
TIGHT = 140  # columns below which fields and the settings in force do not stand in one row
SMALLEST = (60, 15)


class SizeActions(App[None]):
    """Chooses the layout. Where the terminal is too small, all is covered and stays as it was."""

    options: Options
    _small = False

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        self.size_up(event.size)

    def size_up(self, size: Size) -> None:
        """Choose the layout for a size."""
        self._small = size.width < SMALLEST[0] or size.height < SMALLEST[1]
        below = self.screen_stack[0]
        below.set_class(size.width < WIDE, "narrow")
        below.set_class(size.width < TIGHT, "tight")
        below.set_class(self._small, "small")
        for cover in below.query("#too-small").results(Static):
            words = f"This terminal is {size.width}×{size.height}.\nsmtpdiag needs {SMALLEST[0]}×{SMALLEST[1]}."
            cover.update(words.replace("×", "x") if self.options.ascii_only else words)

    async def on_event(self, event: events.Event) -> None:
        """Let nothing through to what is covered, but the keys that leave."""
        covered = self._small and len(self.screen_stack) == 1
        if covered and isinstance(event, events.InputEvent) and not event.is_forwarded:
            if isinstance(event, events.Key):
                await self._leave_by(event.key)
            return
        await super().on_event(event)

    async def _leave_by(self, key: str) -> None:
        force = keys_in_force(self.options.keys)
        if key in (*force["quit"], *force["quit-anywhere"]):
            await self.run_action("leave")
        elif key in force["suspend"]:
            await self.run_action("suspend_process")
