"""What the app does about taking things away: copying, saving, masking."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.widgets.conversation import Conversation

if TYPE_CHECKING:  # what takes things away is imported when something is: after the first frame
    from smtpdiag_tui.tui.model.export import Bounced, SaveRequest


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
            self.say("Nothing to copy")

    def action_copy_report(self) -> None:
        """Copy the whole report as Markdown."""
        if not self.live.report.steps:
            self.say("No run yet")
            return
        self._copy(self._report_text("markdown"), what="Report")

    def action_copy_ticket(self) -> None:
        """Copy what a ticket needs: the answer, and the session that decided."""
        if self.live.report.outcome is None:
            self.say_there_is_none("No answer yet")
            return
        self._copy(self._report_text("ticket"), what="Ticket")

    def action_save(self) -> None:
        """Ask what to save and where, and save it."""
        if not self.live.report.steps:
            self.say("No run yet")
            return
        from smtpdiag_tui.tui.model import export
        from smtpdiag_tui.tui.screens.save import SaveScreen

        stem = export.suggested_stem(self.live.report)
        self.push_screen(SaveScreen(stem, self._save, redacted=self.masking))

    def action_mask(self) -> None:
        """Mask local parts, this machine's addresses and internal names in what is taken away, or not."""
        self.masking = not self.masking
        self.say("Copies and files: masked" if self.masking else "Copies and files: not masked")
        self._draw()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what is marked with the mouse, the way that reaches the user."""
        self._copy(lambda: text, marked=True)

    async def _save(self, request: "SaveRequest") -> None:
        """Save what is asked for; raises PathError where that fails."""
        from smtpdiag_tui.tui.model import export

        if request.what == "conversation":
            text = self._conversation_text(request.form)
        else:
            text = self._report_text(request.form, whole=True)
        try:
            # A long report takes a while to be masked, and the screen must not stand still.
            made = await asyncio.to_thread(text) if self.masking else text()
            export.write(request.path, made)
        except OSError as error:
            raise export.PathError(f"Not saved: {error.strerror or error}") from error
        except Exception as error:  # whatever it is, the overlay stays and tells it
            raise export.PathError(f"Not saved, smtpdiag failed: {error!r:.200}") from error
        self.say(f"{counted(len(made.splitlines()), 'line')} saved: {visible(export.told_path(request.path))}")

    def _report_text(self, form: str, *, whole: bool = False) -> Callable[[], str]:
        """Return what makes the text of the report as it is now; to be called in any thread."""
        from smtpdiag_tui.tui.model import export

        report, redacted, bounced = self.live.report, self.masking, self.bounced()
        return lambda: export.report_text(report, form, redacted=redacted, whole=whole, bounced=bounced)

    def bounced(self) -> "Bounced | None":
        """Return the bounce that the report is compared with, None for none."""
        return None

    def _conversation_text(self, form: str) -> Callable[[], str]:
        """Return what makes the text of the conversation in view; to be called in any thread."""
        from smtpdiag_tui.tui.model import export

        report, steps, redacted = self.live.report, self.conversation.steps, self.masking
        return lambda: export.conversation_text(report, steps, form, redacted=redacted)

    def _copy(self, text: Callable[[], str], *, marked: bool = False, what: str = "") -> None:
        masked = self.masking and not marked
        note = ""
        if masked:
            note = "Masked: "
        elif self.masking:
            note = "Not masked: "

        async def work() -> None:
            from smtpdiag_tui.tui.terminal import clipboard

            try:
                copied = await asyncio.to_thread(text) if masked else text()
                self.say(note + await clipboard.copy(copied, self._to_terminal, what=what))
            except Exception as error:  # noqa: BLE001 - whatever it is, the user must not think that it was copied
                self.say(f"Not copied: {error!r:.40}")

        self.run_worker(work(), group="copy", exclusive=True, exit_on_error=False)

    def _to_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)
