"""Every theme: statuses, notes and marks can be read on its grounds and told from each other, by computation."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color
from textual.filter import ANSIToTruecolor, Monochrome, NoColor
from textual.theme import BUILTIN_THEMES, Theme

from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.drawing.contrast import (
    NOTE,
    TEXT,
    Rgb,
    contrast,
    difference,
    dimmed,
    fitted,
    from_oklch,
    oklch,
)
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, severity_look, use_colours
from smtpdiag_tui.tui.drawing.marks import CURRENT_MATCH, MATCH
from smtpdiag_tui.tui.drawing.theme_names import THEMES
from smtpdiag_tui.tui.drawing.themes import OWN, adapted, fixed_colours, look_of, terminal_theme, themes
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.widgets.outcome_line import OutcomeLine
from smtpdiag_tui.tui.widgets.step_tree import StepTree
from tests.tui.fake_engine import Story, nowhere
from tests.tui.piloting import SETTINGS, ended

ALL = {theme.name: theme for theme in (*OWN, *BUILTIN_THEMES.values())}
COLOURED = sorted(name for name, theme in ALL.items() if not theme.ansi)
ANSI = sorted(name for name, theme in ALL.items() if theme.ansi)
TOLD_APART = 0.075
NOTES_TOLD_APART = 0.03
# What terminals with colours of their own have below: black, dark grey, white, and the paper of Solarized.
GROUNDS = {True: [(0, 0, 0), (0x30, 0x30, 0x30)], False: [(255, 255, 255), (0xEE, 0xE8, 0xD5)]}


@pytest.fixture(autouse=True)
def colours_as_they_were() -> Iterator[None]:
    yield
    use_colours({})


def rgb(name: str, theme: Theme, ground: Rgb) -> Rgb:
    """Return the colour of a style as it is drawn on a ground."""
    style = Style.parse(name)
    palette = terminal_theme(adapted(theme), grey=False)
    colour = style.color.get_truecolor(palette) if style.color else palette.foreground_color
    found = (colour.red, colour.green, colour.blue)
    return dimmed(found, ground) if style.dim else found


def test_all_shipped_themes_are_looked_at() -> None:
    assert set(ALL) == set(themes().values())
    assert set(ALL) | {"dark", "light", "ansi"} == THEMES
    assert len(COLOURED) >= 20
    assert ANSI == ["ansi-dark", "ansi-light"]


@pytest.mark.parametrize("name", COLOURED)
def test_every_status_can_be_read_and_told_from_every_other(name: str) -> None:
    look = look_of(ALL[name])
    for ground in look.panes:
        drawn = {status: rgb(look_, ALL[name], ground) for status, look_ in COLOURS.items()}
        for status, colour in drawn.items():
            assert contrast(colour, ground) >= (NOTE if "dim" in COLOURS[status] else TEXT), status
        assert len(set(drawn.values())) == len(Status)
        for one, other in combinations(drawn, 2):
            notes = "dim" in COLOURS[one] and "dim" in COLOURS[other]
            apart = difference(drawn[one], drawn[other])
            assert apart >= (NOTES_TOLD_APART if notes else TOLD_APART), (one, other)


@pytest.mark.parametrize("name", COLOURED)
def test_what_stands_in_the_header_and_is_left_of_an_earlier_run_can_be_read(name: str) -> None:
    look = look_of(ALL[name])
    for status, look_ in COLOURS.items():
        for ground in look.grounds:
            if "dim" not in look_:
                assert contrast(rgb(look_, ALL[name], ground), ground) >= TEXT, status
        for ground in look.panes:
            assert contrast(rgb(f"dim {look_}", ALL[name], ground), ground) >= NOTE, status
    for ground in look.grounds:
        assert contrast(rgb("", ALL[name], ground), ground) >= TEXT
        assert contrast(rgb("dim", ALL[name], ground), ground) >= NOTE
        for severity in Severity:
            assert contrast(rgb(severity_look(severity)[2], ALL[name], ground), ground) >= TEXT


@pytest.mark.parametrize("name", COLOURED)
def test_marks_can_be_read_and_seen(name: str) -> None:
    generated = adapted(ALL[name]).to_color_system().generate()
    look = look_of(ALL[name])
    for kind in ("block-cursor", "screen-selection", "input-selection"):
        text, ground = (Color.parse(generated[f"{kind}-{part}"]) for part in ("foreground", "background"))
        assert (text.a, ground.a) == (1, 1)
        assert contrast(text.rgb, ground.rgb) >= TEXT
        assert contrast(dimmed(text.rgb, ground.rgb), ground.rgb) >= NOTE
        assert all(contrast(ground.rgb, pane) >= NOTE for pane in look.panes)
    current = rgb("yellow", ALL[name], look.panes[0])
    assert contrast(current, rgb("black", ALL[name], look.panes[0])) >= TEXT
    assert all(contrast(current, pane) >= TEXT for pane in look.panes)
    # From the other matches, which are the text turned round, and from what the mouse has marked.
    assert difference(current, rgb("", ALL[name], look.panes[0])) >= 0.05
    assert difference(current, Color.parse(generated["screen-selection-background"]).rgb) >= 0.02
    assert CURRENT_MATCH.reverse
    assert CURRENT_MATCH.underline
    assert MATCH.reverse


@pytest.mark.parametrize("name", ANSI)
def test_on_the_terminals_own_ground_statuses_are_fixed(name: str) -> None:
    dark = ALL[name].dark
    use_colours(fixed_colours(dark=dark))
    plain = {status: look for status, look in COLOURS.items() if "dim" not in look}
    drawn = {status: Color.parse(look).rgb for status, look in plain.items()}
    for ground in GROUNDS[dark]:
        assert all(contrast(colour, ground) >= TEXT for colour in drawn.values())
    assert all(difference(*pair) >= TOLD_APART for pair in combinations(drawn.values(), 2))
    for status, look in COLOURS.items():
        if "dim" in look.split():
            hue = Style.parse(look).color
            assert hue is None or hue.triplet is not None, status
    assert COLOURS[Status.PENDING] == "dim"
    assert len(set(COLOURS.values())) == len(Status)


@pytest.mark.parametrize("dark", [True, False])
def test_marks_on_the_terminals_own_ground_can_be_read_with_the_usual_colours(dark: bool) -> None:
    usual = {
        "ansi_black": (0, 0, 0),
        "ansi_blue": (0, 0, 0xEE),
        "ansi_cyan": (0, 0xCD, 0xCD),
        "ansi_bright_white": (255, 255, 255),
    }
    variables = adapted(ALL["ansi-dark" if dark else "ansi-light"]).variables
    for kind in ("screen-selection", "input-selection"):
        pair = [usual[variables[f"{kind}-{part}"]] for part in ("foreground", "background")]
        assert contrast(*pair) >= TEXT
        assert all(contrast(pair[1], ground) >= NOTE for ground in GROUNDS[dark])


@pytest.mark.parametrize("name", COLOURED)
def test_without_colour_the_graver_stands_out_more(name: str) -> None:
    theme = ALL[name]
    palette = terminal_theme(adapted(theme), grey=True)
    use_colours({}, plain=True)
    ground = look_of(theme).panes[0]
    background = Color(*ground)
    seen: dict[Status, float] = {}
    for status in (Status.FAILED, Status.UNKNOWN, Status.WARNING, Status.PASSED, Status.PENDING):
        [segment] = ANSIToTruecolor(palette).apply(
            [_segment(COLOURS[status], palette.foreground_color)], background
        )
        [segment] = Monochrome().apply([segment], background)
        assert segment.style is not None
        assert segment.style.color is not None
        colour = segment.style.color.get_truecolor()
        assert colour.red == colour.green == colour.blue
        seen[status] = contrast((colour.red, colour.green, colour.blue), ground)
    assert list(seen.values()) == sorted(seen.values(), reverse=True)
    assert min(seen[status] for status in seen if status is not Status.PENDING) >= TEXT
    assert seen[Status.PENDING] >= NOTE


def _segment(look: str, foreground: tuple[int, int, int]):  # type: ignore[no-untyped-def]
    from rich.segment import Segment

    return Segment("x", Style(color=RichColor.from_rgb(*foreground)) + Style.parse(look))


def test_with_no_colour_at_all_weight_tells_statuses_apart() -> None:
    use_colours(fixed_colours(dark=True), plain=True)
    looks = set()
    for status in (Status.FAILED, Status.UNKNOWN, Status.WARNING, Status.PASSED, Status.PENDING):
        [segment] = NoColor().apply([_segment(COLOURS[status], (200, 200, 200))], Color(0, 0, 0))
        style = segment.style
        assert style is not None
        looks.add((style.bold, style.reverse, style.underline, style.dim))
    assert len(looks) == 5
    failed = Style.parse(COLOURS[Status.FAILED])
    assert failed.bold
    assert failed.reverse


def test_colours_that_can_be_read_stay_and_others_move_as_little_as_needed() -> None:
    assert fitted((255, 255, 255), [(0, 0, 0)], [(0, 0, 0)], lighter=True) == (255, 255, 255)
    dark_red = (0x80, 0, 0)
    lighter = fitted(dark_red, [(0, 0, 0)], [], lighter=True)
    assert TEXT <= contrast(lighter, (0, 0, 0)) < TEXT + 0.3
    assert abs(oklch(lighter)[2] - oklch(dark_red)[2]) < 3
    assert fitted((0, 0, 0), [(0, 0, 0), (255, 255, 255)], [], lighter=True) == (255, 255, 255)


def test_contrast_is_that_of_the_recommendation() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x76, 0x76, 0x76), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


def test_a_colour_survives_the_way_there_and_back() -> None:
    for colour in ((255, 0, 0), (0x12, 0x80, 0xF0), (0x10, 0x10, 0x10)):
        assert max(abs(a - b) for a, b in zip(from_oklch(*oklch(colour)), colour, strict=True)) <= 1


@pytest.mark.parametrize("theme", ["nord", "ansi-light", "smtpdiag-light", "textual-dark"])
async def test_a_change_of_theme_is_drawn_at_once(theme: str) -> None:
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options())
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        app.theme = theme
        await pilot.pause()
        await pilot.pause()
        assert app.ansi_theme is terminal_theme(app.current_theme, grey=False)
        warning = COLOURS[Status.WARNING]
        tree = app.query_one(StepTree)
        assert any(warning in str(span.style) for node in tree._by_id.values() for span in node.label.spans)  # type: ignore[union-attr]
        assert any(warning in str(span.style) for span in app.query_one(OutcomeLine).text.spans)
        assert (
            not [span for span in app.query_one(OutcomeLine).text.spans if "#" in str(span.style)]
            or "#" in warning
        )


@pytest.mark.parametrize("theme", ["smtpdiag-dark", "smtpdiag-light", "ansi-dark", "solarized-light"])
async def test_the_badge_can_be_read_without_colour(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=Options(theme=theme))
    async with app.run_test(size=(120, 40)) as pilot:
        await ended(app, pilot)
        strip = app.screen._compositor.render_strips()[0]
        [badge] = [segment for segment in strip if "DEFERRED" in segment.text]
        assert badge.style is not None
        assert badge.style.bold
        assert badge.style.reverse
        if badge.style.color is not None and not badge.style.color.is_default:
            pair = [
                (colour.red, colour.green, colour.blue)
                for colour in (badge.style.color.get_truecolor(), badge.style.bgcolor.get_truecolor())  # type: ignore[union-attr]
            ]
            assert contrast(*pair) >= TEXT


@pytest.mark.parametrize("name", ANSI)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_lines_and_bars_are_seen_on_the_terminals_own_ground(name: str, size: tuple[int, int]) -> None:
    options = Options(theme=name)
    app = SmtpDiagApp(SETTINGS, nowhere, start=True, diagnose=Story().diagnose, options=options)
    async with app.run_test(size=size) as pilot:
        await ended(app, pilot)
        tree = app.query_one(StepTree)
        drawn = [tree.get_component_styles(f"tree--guides{part}").color for part in ("", "-hover", "-selected")]
        for pane in ("#steps", "#findings", "#conversation"):
            styles = app.query_one(pane).styles
            drawn.append(styles.scrollbar_color)
            assert styles.scrollbar_background.ansi == -1
        for ground in GROUNDS[ALL[name].dark]:
            assert all(colour.ansi is None and contrast(colour.rgb, ground) >= NOTE for colour in drawn)


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_what_is_kept_of_our_own_themes_is_what_would_be_worked_out(theme: Theme) -> None:
    copy = replace(theme, name="copy", variables={})
    assert adapted(theme) is theme
    assert adapted(copy).variables == theme.variables
    assert Color.parse(adapted(copy).foreground or "") == Color.parse(theme.foreground or "")
    kept, made = terminal_theme(theme, grey=False), terminal_theme(adapted(copy), grey=False)
    assert (kept.background_color, kept.foreground_color) == (made.background_color, made.foreground_color)
    assert list(kept.ansi_colors._colors) == list(made.ansi_colors._colors)
