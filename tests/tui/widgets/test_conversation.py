"""The transcript of a step: which of its lines are marked."""

from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.piloting import demo, ended, until


async def test_the_lines_of_the_step_under_the_cursor_are_marked_and_copied_without_the_mark() -> None:
    app = SmtpDiagApp(Settings(DEFAULT_SENDER, "bob@blocklist.example"), demo, start=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        conversation = app.query_one(Conversation)

        def marked() -> list[str]:
            rows = [conversation.render_line(y).text for y in range(conversation.size.height)]
            return [row for row in rows if row.startswith("▌")]

        await until(pilot, lambda: any("554 5.7.1" in row for row in marked()))
        assert "RCPT TO:<bob@blocklist.example>" in marked()[0]
        assert not any("QUIT" in row or "MAIL FROM" in row for row in marked())
        assert "▌" not in conversation.text
        app.query_one(StepTree).go_to("delivery/mx.blocklist.example/192.0.2.43")
        await until(pilot, lambda: not marked())
