"""A hostile banner in every widget: what reaches the terminal is read byte by byte."""

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.widgets.conversation import Conversation
from smtpdiag_tui.tui.widgets.findings import Findings
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.interrupting import LIMIT
from tests.tui.piloting import demo, ended

# What the demo's hostile banner would do if it came through: title, erase, colour, clipboard, C1, bidi override.
BANNED = (b"\x1b]0;all is well", b"\x1b]52;c;cm0g", b"\x1b[2J\x1b[31mmx", "\u202e".encode(), b"\xc2\x9b")


class Hostile(DemoNetwork):
    """A demo in which the reply to RCPT is hostile as well, so that it gets into findings and outcome."""

    def __init__(self) -> None:
        super().__init__()
        markup = b"[bold red]no[/] [/oops] [@click=app.quit]x[/]"
        nasty = b"550 5.1.1 \x1b]0;all is well\x07" + markup + b" \xe2\x80\xae \xc2\x9b1m\r\n"
        script = self.hosts["192.0.2.39"]
        self.hosts["192.0.2.39"] = type(script)(script.host, greeting=script.greeting, rcpt=nasty)


async def test_no_widget_lets_it_through_or_takes_it_for_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtpdiag_tui.demo.network.DemoNetwork", Hostile)
    monkeypatch.setattr("tests.tui.piloting.DemoNetwork", Hostile)
    app = SmtpDiagApp(Settings(DEFAULT_SENDER, "bob@hostile.example"), demo, start=True)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await ended(app, pilot)
        texts = [app.query_one(OutcomeLine).text.plain, app.query_one(Findings).text.plain]
        texts += [app.query_one(Conversation).text, str(app.query_one(Conversation).border_title)]
        texts += [str(node.label) for node in app.query_one(StepTree).root.children]
        await pilot.press("c", "v", "a")
        await pilot.pause(0.2)
        shown = "".join(strip.text for strip in app.screen._compositor.render_strips())
        texts.append(shown)
        for text in texts:
            assert all(char.isprintable() or char == "\n" for char in text)
        reply = "[bold red]no[/] [/oops] [@click=app.quit]x[/]"
        assert reply in texts[1].replace("\n│ ", " "), "quoted lines are broken to the pane's width"
        assert reply in texts[2]
        assert reply in shown
        assert app.is_running


def test_nothing_of_it_is_written_to_the_terminal() -> None:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    environment.pop("TMUX", None)
    command = [sys.executable, "-m", "smtpdiag_tui", "--demo", DEFAULT_SENDER, "bob@hostile.example"]
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    out = b""
    end = time.monotonic() + LIMIT
    pressed = False
    while time.monotonic() < end and process.poll() is None:
        if select.select([master], [], [], 0.2)[0]:
            try:
                out += os.read(master, 65536)
            except OSError:
                break
        elif b"ACCEPTED" in out:
            os.write(master, b"q" if pressed else b"v]")
            pressed = True
    process.wait(LIMIT)
    os.close(master)
    assert b"ACCEPTED" in out
    assert [item for item in BANNED if item in out] == []
    assert rb"\x1b[2J" in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", out)
