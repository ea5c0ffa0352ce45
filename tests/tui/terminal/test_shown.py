"""What the terminal shows already is not written again, and what it shows is right in any case."""

import random

import pyte
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from smtpdiag_tui.tui.terminal.shown import Shown

WIDTH, HEIGHT = 12, 4
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=WIDTH)


def _strip(text: str, colour: str = "red") -> Strip:
    return Strip([Segment(text, Style(color=colour))])


def _update(row: int, pieces: dict[int, Strip | None], first: int = 0, last: int = WIDTH) -> ChopsUpdate:
    """Return an update of the columns from `first` to before `last` of a row, which consists of `pieces`."""
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    chops[row] = pieces
    ends: list[list[int]] = [[] for _ in range(HEIGHT)]
    ends[row] = [*list(pieces)[1:], WIDTH]
    return ChopsUpdate(chops, [(row, first, last)], ends)


def _written(shown: Shown, update: CompositorUpdate) -> str:
    return shown.spared(update).render_segments(CONSOLE)


class TestSparing:
    def test_writes_a_row_once(self) -> None:
        shown = Shown()
        assert "hello world!" in _written(shown, _update(1, {0: _strip("hello world!")}))
        assert _written(shown, _update(1, {0: _strip("hello world!")})) == ""

    def test_writes_another_text_another_colour_and_another_row(self) -> None:
        shown = Shown()
        _written(shown, _update(1, {0: _strip("hello world!")}))
        assert "hello World!" in _written(shown, _update(1, {0: _strip("hello World!")}))
        assert "hello World!" in _written(shown, _update(1, {0: _strip("hello World!", "blue")}))
        assert "hello World!" in _written(shown, _update(2, {0: _strip("hello World!", "blue")}))

    def test_writes_the_changed_piece_alone(self) -> None:
        shown = Shown()
        _written(shown, _update(1, {0: _strip("left--"), 6: _strip("right-")}))
        written = _written(shown, _update(1, {0: _strip("left--"), 6: _strip("other-")}))
        assert "other-" in written
        assert "left" not in written

    def test_writes_again_what_something_else_has_covered(self) -> None:
        shown = Shown()
        _written(shown, _update(1, {0: _strip("hello world!")}))
        _written(shown, _update(1, {0: None, 4: _strip("toast"), 9: None}))
        assert "hello world!" in _written(shown, _update(1, {0: _strip("hello world!")}))

    def test_writes_all_when_all_is_drawn_anew(self) -> None:
        shown = Shown()
        whole = LayoutUpdate([[_strip("x" * WIDTH)] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
        assert _written(shown, whole) == whole.render_segments(CONSOLE)
        assert _written(shown, whole) == whole.render_segments(CONSOLE)
        assert _written(shown, _update(2, {0: _strip("x" * WIDTH)})) == ""

    def test_writes_again_what_it_was_told_to_forget(self) -> None:
        shown = Shown()
        _written(shown, _update(1, {0: _strip("hello world!")}))
        shown.forget()
        assert "hello world!" in _written(shown, _update(1, {0: _strip("hello world!")}))

    def test_an_update_that_is_never_written_changes_nothing(self) -> None:
        shown = Shown()
        shown.spared(_update(1, {0: _strip("hello world!")}))
        assert "hello world!" in _written(shown, _update(1, {0: _strip("hello world!")}))


def _any_update(chance: random.Random) -> ChopsUpdate | LayoutUpdate:
    """Return an update of any pieces, wide signs among them."""
    if chance.random() < 0.05:
        return LayoutUpdate([[_any_strip(chance, WIDTH)] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
    cuts = [0, *sorted(chance.sample(range(1, WIDTH), chance.randrange(3)))]
    ends = [*cuts[1:], WIDTH]
    pieces: dict[int, Strip | None] = {}
    for first, end in zip(cuts, ends, strict=True):
        pieces[first] = _any_strip(chance, end - first)
    first = chance.choice(cuts)
    last = chance.choice([end for end in ends if end > first])
    return _update(chance.randrange(HEIGHT), pieces, first, last)


def _any_strip(chance: random.Random, width: int) -> Strip:
    text = chance.choice(["ab", "aaaa", "字", "a字"]) * width
    return _strip(text, chance.choice(["red", "blue"])).crop(0, width)


def test_the_screen_is_the_same_as_without_it() -> None:
    for seed in range(40):
        chance = random.Random(seed)
        shown = Shown()
        screens = [pyte.Screen(WIDTH, HEIGHT) for _ in range(2)]
        streams = [pyte.Stream(screen) for screen in screens]
        spared = whole = 0
        for _ in range(60):
            update = _any_update(chance)
            texts = update.render_segments(CONSOLE), _written(shown, update)
            whole, spared = whole + len(texts[0]), spared + len(texts[1])
            for stream, text in zip(streams, texts, strict=True):
                stream.feed(text)
            assert screens[0].buffer == screens[1].buffer
        assert spared < whole
