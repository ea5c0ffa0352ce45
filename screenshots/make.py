"""Makes the pictures of this folder from the demo: `python screenshots/make.py [--svg-only] [FOLDER]`.

PNG are made by rsvg-convert (Debian: librsvg2-bin). Nothing here is drawn by hand.
"""

import argparse
import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.events import Paste

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.runner import RunNetwork

HERE = Path(__file__).resolve().parent
LIMIT = 60.0  # seconds for one picture
LEADING_BLANKS = re.compile(
    r'x="(?P<x>[\d.]+)"(?P<between>[^>]*?)textLength="(?P<length>[\d.]+)"(?P<rest>[^>]*>)(?P<blanks>(?:&#160;)+)(?=[^<])'
)
CELL = 12.2  # units of the SVG that one column takes


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, whom the mail is for, the size in cells, the theme, the keys pressed.

    `pasted` is what is pasted after them.
    """

    name: str
    recipient: str
    size: tuple[int, int] = (120, 40)
    theme: str | None = None
    keys: tuple[str, ...] = ()
    pasted: str = ""


BOUNCED = (
    "Nov 28 04:11:02 mail postfix/smtp[2211]: 4XmT9c2Lz1z9: to=<bob@uplink.example>,"
    " relay=mx.uplink.example[192.0.2.170]:25, delay=1.9, dsn=5.7.26, status=bounced"
    " (host mx.uplink.example[192.0.2.170] said: 550 5.7.26 Unauthenticated email from sender.example is not"
    " accepted due to domain's DMARC policy (in reply to end of DATA command))"
)
PICTURES = (
    Picture("healthy", "bob@partner.example"),
    Picture("greylisted", "bob@greylist.example"),
    Picture("dns-tcp-blocked", "bob@tcp.example", keys=("home", "n")),
    Picture("hostile-banner", "bob@hostile.example", keys=("space", "down", "down")),
    Picture("one-cause", "bob@blocked.example"),
    Picture("80x24", "bob@dead.example", size=(80, 24)),
    Picture("light", "bob@blocklist.example", theme="smtpdiag-light"),
    Picture("answer", "bob@seventh.example", keys=("a",)),
    Picture("hosts", "bob@large.example", keys=("t",)),
    Picture("after-data", "bob@uplink.example"),
    Picture("dane", "bob@rollover.example", keys=("home", "n")),
    Picture("bounce", "bob@uplink.example", size=(100, 30), keys=("b",), pasted=BOUNCED),
    Picture("by-hand", "bob@greylist.example", size=(100, 30), keys=("e",)),
)


def main() -> int:
    """Make all pictures; return 1 if one could not be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    parser.add_argument("--svg-only", action="store_true", help="make no PNG")
    arguments = parser.parse_args()
    convert = shutil.which("rsvg-convert")
    if convert is None and not arguments.svg_only:
        print("rsvg-convert is missing: apt-get install librsvg2-bin, or give --svg-only", file=sys.stderr)
        return 1
    for picture in PICTURES:
        path = arguments.folder / f"{picture.name}.svg"
        path.write_text(asyncio.run(draw(picture)), encoding="utf-8")
        if convert is not None and not arguments.svg_only:
            svg = _without_leading_blanks(path.read_text(encoding="utf-8"))
            command = [convert, f"--output={path.with_suffix('.png')}"]
            subprocess.run(command, input=svg.encode(), check=True)
        print(path)
    return 0


def _without_leading_blanks(svg: str) -> str:
    """Return the picture with each text moved to its first sign: rsvg-convert drops blanks before it."""

    def move(found: re.Match[str]) -> str:
        moved = found["blanks"].count("&#160;") * CELL
        x, length = float(found["x"]) + moved, float(found["length"]) - moved
        return f'x="{x:g}"{found["between"]}textLength="{length:g}"{found["rest"]}'

    return LEADING_BLANKS.sub(move, svg)


async def draw(picture: Picture) -> str:
    """Run the story in the interface and return the screen as SVG."""
    settings = Settings(DEFAULT_SENDER, picture.recipient)
    app = SmtpDiagApp(settings, demo, start=True, options=Options(theme=picture.theme))
    async with asyncio.timeout(LIMIT), app.run_test(size=picture.size) as pilot:
        while not app.live.ended or app.live.running:
            await pilot.pause(0.05)
        await pilot.pause(0.3)
        for key in picture.keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        if picture.pasted and app.screen.focused is not None:
            app.screen.focused.post_message(Paste(picture.pasted))
            await pilot.pause(1.0)
        return app.export_screenshot(title="smtpdiag")


@asynccontextmanager
async def demo() -> AsyncIterator[RunNetwork]:
    """The embedded internet."""
    async with DemoNetwork() as network:
        yield RunNetwork(network, network.prepare)


if __name__ == "__main__":
    sys.exit(main())
