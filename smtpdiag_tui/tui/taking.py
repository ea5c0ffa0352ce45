"""What the app does about taking things away: copying, saving, masking."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from smtpdiag_tui.tui.live import LiveReport
from smtpdiag_tui.tui.telling import Telling
from smtpdiag_tui.tui.widgets.conversation import Conversation

if TYPE_CHECKING:  # what takes things away is imported when something is: after the first frame
    from smtpdiag_tui.tui.takeaway import SaveRequest


class Taking(Telling):
    """The actions of copying and saving. `masking`: names are masked in all that is taken away."""

    live: LiveReport
    conversation: Conversation
    masking: bool = False

    def action_copy_conversation(self) -> None:
        """Copy the conversation in view."""
        if not self.masking:
            self._copy(lambda: self.conversation.text)
        elif self.conversation.steps:
            self._copy(lambda: self._conversation_text("text"))
        else:
            self.say("Nothing to copy here.")

    def action_copy_report(self) -> None:
        """Copy the whole report as Markdown."""
        if not self.live.report.steps:
            self.say("Nothing has run yet.")
            return
        from smtpdiag_tui.tui import takeaway

        self._copy(lambda: takeaway.report_text(self.live.report, "markdown", redacted=self.masking))

    def action_save(self) -> None:
        """Ask what to save and where, and save it."""
        if not self.live.report.steps:
            self.say("Nothing has run yet.")
            return
        from smtpdiag_tui.tui import takeaway
        from smtpdiag_tui.tui.save_screen import SaveScreen

        stem = takeaway.suggested_stem(self.live.report)
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
        from smtpdiag_tui.tui import takeaway

        if request.what == "conversation":
            text = self._conversation_text(request.form)
        else:
            text = takeaway.report_text(self.live.report, request.form, redacted=self.masking)
        try:
            takeaway.write(request.path, text)
        except OSError as error:
            self.say(f"Not saved: {request.path}: {error.strerror or error}.")
            return
        self.say(f"{len(text.splitlines())} lines saved to {request.path}")

    def _conversation_text(self, form: str) -> str:
        from smtpdiag_tui.tui import takeaway

        return takeaway.conversation_text(self.live.report, self.conversation.steps, form, redacted=self.masking)

    def _copy(self, text: Callable[[], str], *, marked: bool = False) -> None:
        words = " What is marked is copied as it stands." if marked else " Names are masked."
        if not self.masking:
            words = ""

        async def work() -> None:
            from smtpdiag_tui.tui import clipboard

            self.say(await clipboard.copy(text(), self._to_terminal) + words)

        self.run_worker(work(), group="copy", exclusive=True, exit_on_error=False)

    def _to_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)
