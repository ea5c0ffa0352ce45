"""What the app does about taking things away: copying, saving, masking."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.widgets.conversation import Conversation

if TYPE_CHECKING:  # what takes things away is imported when something is: after the first frame
    from smtpdiag_tui.tui.model.export import SaveRequest


class CopySaveActions(AppBase):
    """The actions of copying and saving. `masking`: names are masked in all that is taken away."""

    conversation: Conversation
    masking: bool = False

    def action_copy_conversation(self) -> None:
        """Copy the conversation in view."""
        if not self.masking:
            self._copy(lambda: self.conversation.text)
        elif self.conversation.steps:
            self._copy(self._conversation_text("text"))
        else:
            self.say("Nothing to copy here.")

    def action_copy_report(self) -> None:
        """Copy the whole report as Markdown."""
        if not self.live.report.steps:
            self.say("Nothing has run yet.")
            return
        self._copy(self._report_text("markdown"))

    def action_copy_ticket(self) -> None:
        """Copy what a ticket needs: the answer, and the session that decided."""
        if self.live.report.outcome is None:
            self.say_there_is_none("No answer yet")
            return
        self._copy(self._report_text("ticket"))

    def action_save(self) -> None:
        """Ask what to save and where, and save it."""
        if not self.live.report.steps:
            self.say("Nothing has run yet.")
            return
        from smtpdiag_tui.tui.model import export
        from smtpdiag_tui.tui.screens.save import SaveScreen

        stem = export.suggested_stem(self.live.report)
        self.push_screen(SaveScreen(stem, redacted=self.masking), self._save)

    def action_mask(self) -> None:
        """Mask local parts, this machine's addresses and internal names in what is taken away, or not."""
        self.masking = not self.masking
        words = "is masked" if self.masking else "is as it was said"
        self.say(f"What you copy and save now {words}: local parts, own addresses and names.")
        self._draw()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what is marked with the mouse, the way that reaches the user."""
        self._copy(lambda: text, marked=True)

    def _save(self, request: "SaveRequest | None") -> None:
        if request is None:
            return
        if request.what == "conversation":
            text = self._conversation_text(request.form)
        else:
            text = self._report_text(request.form)
        if not self.masking:
            self._write(request.path, text())
            return

        async def work() -> None:
            self._write(request.path, await asyncio.to_thread(text))

        self.run_worker(work(), group="save", exit_on_error=False)

    def _write(self, path: Path, text: str) -> None:
        from smtpdiag_tui.tui.model import export

        try:
            export.write(path, text)
        except OSError as error:
            self.say(f"Not saved: {path}: {error.strerror or error}.")
            return
        self.say(f"{len(text.splitlines())} lines saved to {path}")

    def _report_text(self, form: str) -> Callable[[], str]:
        """Return what makes the text of the report as it is now; to be called in any thread."""
        from smtpdiag_tui.tui.model import export

        report, redacted = self.live.report, self.masking
        return lambda: export.report_text(report, form, redacted=redacted)

    def _conversation_text(self, form: str) -> Callable[[], str]:
        """Return what makes the text of the conversation in view; to be called in any thread."""
        from smtpdiag_tui.tui.model import export

        report, steps, redacted = self.live.report, self.conversation.steps, self.masking
        return lambda: export.conversation_text(report, steps, form, redacted=redacted)

    def _copy(self, text: Callable[[], str], *, marked: bool = False) -> None:
        masked = self.masking and not marked
        note = ""
        if masked:
            note = " Names are masked."
        elif self.masking:
            note = " What is marked is copied as it stands."

        async def work() -> None:
            from smtpdiag_tui.tui.terminal import clipboard

            # A long report takes a while to be masked, and the screen must not stand still.
            copied = await asyncio.to_thread(text) if masked else text()
            self.say(await clipboard.copy(copied, self._to_terminal) + note)

        self.run_worker(work(), group="copy", exclusive=True, exit_on_error=False)

    def _to_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)
