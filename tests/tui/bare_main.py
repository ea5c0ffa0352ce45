"""A bare Textual app with the widgets that the interface has: what a first frame costs at least."""

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.scroll_view import ScrollView
from textual.widgets import Footer, Input, Label, Static, Tree


class BareApp(App[None]):
    """The same widgets, empty."""

    BINDINGS = [(key, "quit", "Quit") for key in "qwertyuiop"]  # noqa: RUF012 - Textual's way

    def compose(self) -> ComposeResult:
        yield Static("Ready")
        with Horizontal():
            for name in ("sender", "recipient", "dns"):
                yield Label(name)
                yield Input()
        with Horizontal():
            yield Tree("steps")
            with Vertical():
                yield Static("Findings")
                yield ScrollView()
        yield Footer()


if __name__ == "__main__":
    BareApp().run()
