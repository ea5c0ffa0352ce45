"""What has to change where the terminal shows ASCII alone: borders, tree lines, scrollbars."""

from typing import Any

from textual.app import App
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Tree

_GUIDES = ("  ", "| ", "`-", "|-")


class _AsciiBars(ScrollBarRender):
    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


def apply(app: App[Any]) -> None:
    """Draw the app's first screen with ASCII alone."""
    app.add_class("ascii")
    for tree in app.query(Tree):
        tree.LINES = dict.fromkeys(("default", "bold", "double"), _GUIDES)
        tree.ICON_NODE, tree.ICON_NODE_EXPANDED = "> ", "v "


def use_bars(*, on: bool) -> None:
    """Draw all scrollbars, those of overlays too, with ASCII alone or as usual; holds for the whole process."""
    ScrollBar.renderer = _AsciiBars if on else ScrollBarRender
