"""What holds the panes: steps, findings, transcript."""

from textual.containers import Container

from smtpdiag_tui.tui.messages import PanesResized


class Panes(Container):
    """Tells when it has other room: what the panes get of it is worked out anew then."""

    def __init__(self) -> None:
        super().__init__(id="body")

    def on_resize(self) -> None:
        """Tell it."""
        self.post_message(PanesResized())
