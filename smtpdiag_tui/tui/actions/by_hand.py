"""What the app does about doing the same by hand: showing the commands for a step, and copying them."""

import asyncio
from typing import TYPE_CHECKING

from smtpdiag_tui.tui.actions.copy_save import CopySaveActions
from smtpdiag_tui.tui.widgets.step_tree import StepTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.render.by_hand.command import Command
    from smtpdiag_tui.report.report import Report

_OF_THE_DEMO = "The demo's addresses exist inside smtpdiag only"


class ByHandActions(CopySaveActions):
    """The action that shows commands. `demo`: runs go over the demo's network, which no other program reaches."""

    _tree: StepTree
    demo: bool = False

    def action_by_hand(self) -> None:
        """Show the commands that reproduce the step under the cursor."""
        step = self._tree.selected
        if step is None or step not in self.live.report.steps:
            self.say_there_is_none("No step is selected")
            return
        report, masked = self.live.report, self.masking
        self.run_worker(self._show_by_hand(report, step, masked=masked), group="by-hand", exclusive=True)

    async def _show_by_hand(self, report: "Report", step: str, *, masked: bool) -> None:
        """Open the overlay; what is shown is what is copied, so that it is masked where copies are."""
        from smtpdiag_tui.tui.screens.by_hand import ByHandScreen

        if isinstance(self.screen, ByHandScreen):
            return
        title = report.steps[step].title
        try:
            commands = await asyncio.to_thread(_commands, report, step, masked=masked)
        except Exception as error:  # noqa: BLE001 - whatever masking meets, nothing unmasked may be shown for it
            self.say(f"Not shown: {error!r:.40}")
            return
        if not commands:
            self.say("No command reproduces this step")
            return
        remarks = (_OF_THE_DEMO if self.demo else "", "Masked, as copies are" if masked else "")
        remark = ". ".join(filter(None, remarks))
        self.push_screen(ByHandScreen("" if masked else title, commands, self._copy_commands, remark))

    def _copy_commands(self, text: str, what: str) -> None:
        self._copy(lambda: text, what=what)


def _commands(report: "Report", step: str, *, masked: bool) -> "Sequence[Command]":
    from smtpdiag_tui.render.by_hand.commands import by_hand

    if masked:
        from smtpdiag_tui.masking.own import masked as mask

        # Steps keep their order: so the same one is found under its masked name.
        place = list(report.steps).index(step)
        report = mask(report)
        step = list(report.steps)[place]
    return by_hand(report, step)
