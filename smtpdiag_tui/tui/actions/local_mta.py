"""What the app does about this machine's own mail server: offering its settings, showing its queue."""

from typing import TYPE_CHECKING

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.actions.copy_save import CopySaveActions
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.request import NULL

if TYPE_CHECKING:
    from smtpdiag_tui.local_mta.installed import LocalMta
    from smtpdiag_tui.local_mta.queue import Queued
    from smtpdiag_tui.network.seam import Network
    from smtpdiag_tui.tui.widgets.inputs import Inputs

LOOK_AFTER = 0.5  # seconds from the first frame, which must not wait for programs


class LocalMtaActions(CopySaveActions):
    """The actions with the local mail server. `local_name` names it once it is found."""

    options: Options
    settings: Settings
    local_name: str | None = None
    _inputs: "Inputs"

    def look_for_local(self) -> None:
        """Find out beside all else whether a mail server is here, and offer its settings if they differ."""
        local = self.options.local
        if local is not None:

            def look() -> None:
                self.run_worker(self._find(local), group="local", exit_on_error=False)

            self.set_timer(LOOK_AFTER, look)

    async def _find(self, local: "LocalMta") -> None:
        try:
            facts = await local.facts("", "")
        except LocalMtaError:
            return  # most machines have none: nothing to tell
        self.local_name = facts.server
        if self.settings.as_local_mta is None and facts.differs(await local.host_name()):
            self.say(f"{facts.server} found on this host; o: use its settings")

    async def as_local(self, settings: Settings, network: "Network") -> Settings:
        """Return the settings of a run, the local server's put in if that is wanted; raises LocalMtaError."""
        local = self.options.local
        if settings.as_local_mta is None or local is None:
            return settings
        from smtpdiag_tui.local_mta.installed import resolve

        return await resolve(settings, local, network.is_own, self.options.given)

    def action_settings(self) -> None:
        """Open the settings."""

        def take(settings: Settings | None) -> None:
            if settings is not None and settings != self.settings:
                self.settings = settings
                self.say("Settings changed; F5: run with them")
                self._draw()

        from smtpdiag_tui.tui.screens.settings import SettingsScreen

        self.push_screen(SettingsScreen(self.settings, self.local_name), take)

    def action_queue(self) -> None:
        """Show the local mail server's queue; a message picked fills in its addresses."""
        from smtpdiag_tui.tui.screens.queue import QueueScreen

        if self.options.local is None:
            self.say("No local mail server to list the queue of")
        elif not isinstance(self.screen, QueueScreen):
            self.push_screen(QueueScreen(self.options.local.queue), self._picked)

    def _picked(self, message: "Queued | None") -> None:
        if message is None:
            return
        self._inputs.field("sender").put(message.sender or NULL)
        field = self._inputs.field("recipient")
        field.put(message.recipient)
        field.focus()
        self.say("Filled in from the queue; Enter: run")
