"""What the app does about a bounce: explaining it, running its hop, and setting it beside the run."""

from typing import TYPE_CHECKING

from textual import events

from smtpdiag_tui.tui.actions.copy_save import CopySaveActions
from smtpdiag_tui.tui.messages import RunRequested
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.request import NULL

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.explaining import Explained
    from smtpdiag_tui.bounces.then_and_now import Beside
    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.tui.model.export import Bounced
    from smtpdiag_tui.tui.widgets.inputs import Inputs


class BounceActions(CopySaveActions):
    """The actions with a bounce. `_bounce` is the delivery whose hop was run last, until another pair is run."""

    options: Options
    _inputs: "Inputs"
    _bounce: "Explained | None" = None
    _bounce_text = ""
    _beside_of: "tuple[Report | None, Explained | None, Beside | None]" = (None, None, None)

    async def on_event(self, event: events.Event) -> None:
        """Give the overlay of a bounce what was typed or pasted behind its key, and reached what it covers now."""
        took = getattr(self.screen, "take_early", None) if self.screen_stack else None
        late = isinstance(event, events.Key | events.Paste) and event.is_forwarded
        if not (late and took is not None and took(event)):
            await super().on_event(event)

    def begin_with_bounce(self) -> None:
        """Open the overlay with what the command line gave, if it asks for one."""
        if self.options.explain is not None:
            self._bounce_text = self.options.explain
            self.call_after_refresh(self._open_bounce, at_once=self.options.explain_then_run)

    def action_bounce(self) -> None:
        """Explain a bounce, a log line or a reply."""
        self._open_bounce(at_once=False)

    def _open_bounce(self, *, at_once: bool) -> None:
        from smtpdiag_tui.tui.screens.bounce import BounceScreen

        if not isinstance(self.screen, BounceScreen):
            screen = BounceScreen(self._bounce_text, self._keep_bounce, self._copy_bounce, at_once=at_once)
            self.push_screen(screen, self._run_bounce)

    def _keep_bounce(self, text: str) -> None:
        self._bounce_text = text

    def _copy_bounce(self, item: "Explained") -> None:
        """Copy what a delivery means; masked as all that is taken away where that is wanted."""
        redacted = self.masking

        def text() -> str:
            from smtpdiag_tui.tui.drawing.explained_text import explained_copy

            if not redacted:
                return explained_copy(item)
            from smtpdiag_tui.tui.model.bounce import masked_delivery

            return explained_copy(masked_delivery(item))

        self._copy(text, what="Explanation")

    def _run_bounce(self, item: "Explained | None") -> None:
        """Fill in the pair of a delivery, and run its hop; what the text does not tell is left to the user."""
        if item is None:
            return
        self._bounce = item
        told = item.told
        sender, recipient = self._inputs.field("sender"), self._inputs.field("recipient")
        if told.sender is not None:
            sender.put(told.sender or NULL)
        if told.recipient is not None:
            recipient.put(told.recipient)
        for field, known in ((sender, told.sender is not None), (recipient, told.recipient is not None)):
            if not known and not field.value.strip():
                field.focus()
                self.say(f"The text names no {field.id}; enter it, then press Enter")
                return
        self.post_message(RunRequested())

    def beside(self) -> "Beside | None":
        """Return the bounce beside the run that is shown; None where no bounce was run, or another pair was."""
        report, item = self.live.report, self._bounce
        if item is None or report.outcome is None or self.points.under_way or self.live.saved:
            return None
        if self._beside_of[0] is not report or self._beside_of[1] is not item:
            from smtpdiag_tui.bounces.beside import beside

            found = beside(item.told, item.reason, report) if _is_of(item, report) else None
            self._beside_of = (report, item, found)
        return self._beside_of[2]

    def bounced(self) -> "Bounced | None":
        """Return the bounce that the report is compared with, None for none."""
        from smtpdiag_tui.tui.model.export import Bounced

        beside = self.beside()
        return None if beside is None or self._bounce is None else Bounced(beside, self._bounce.told.at)


def _is_of(item: "Explained", report: "Report") -> bool:
    """Whether a run is of a delivery's pair, as far as the text tells it."""
    told, settings = item.told, report.settings
    pairs = ((told.sender, settings.sender), (told.recipient, settings.recipient))
    return all(then is None or then.lower() == now.lower() for then, now in pairs)
