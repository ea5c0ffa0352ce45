"""What holds for tests of the interface: apps share stylesheets that are parsed, and stories that are run."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from tests.tui.fake_engine import nowhere
from tests.tui.piloting import MakeApp, told


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Keep what each stylesheet was parsed to, under these variables: rules are read, never changed."""
    parsed: dict[tuple[Any, ...], list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_once(self: Stylesheet, css: str, read_from: Any, *more: Any, **named: Any) -> list[RuleSet]:
        key = (frozenset(self._variables.items()), css, read_from, more, frozenset(named.items()))
        if key not in parsed:
            parsed[key] = parse(self, css, read_from, *more, **named)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture
def story_app(recipient: str) -> MakeApp:
    """Return what makes an app to which the run of a recipient's story is told, anew for each app."""
    engine = told(recipient)
    return lambda **more: SmtpDiagApp(
        Settings(DEFAULT_SENDER, recipient), nowhere, start=True, diagnose=engine, **more
    )
