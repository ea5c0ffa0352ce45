"""What overlays with fields have in common: how one moves in them, and the line that says so."""

from textual.binding import Binding, BindingType

from smtpdiag_tui.tui.drawing.glyphs import stroke

FORM_KEYS: tuple[BindingType, ...] = (
    Binding("down", "app.focus_next", "Next field", show=False),
    Binding("up", "app.focus_previous", "Previous field", show=False),
    Binding("f1", "app.help", "Help", show=False),
)


def form_words(verb: str) -> str:
    """Return the keys of a form in which Enter does what `verb` says."""
    keys = ("Up/Down: move", "Left/Right: change", f"Enter: {verb}", "Esc: cancel", "F1: help")
    return f" {stroke('dot')} ".join(keys)
