"""The interface over the fake engine, as a program of its own: for tests in a true terminal."""

import sys

from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from tests.tui.fake_engine import Story, nowhere


def main(banner: str) -> None:
    story = Story(banner=banner)
    story.titles["delivery/mx1.partner.example"] = banner
    settings = Settings("a@sender.example", "bob@partner.example")
    SmtpDiagApp(settings, nowhere, start=True, diagnose=story.diagnose).run()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "220 mx1.partner.example ESMTP")
