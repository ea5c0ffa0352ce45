"""What all parts of the app need: telling the user something, and drawing anew."""

from textual.app import App

_SECONDS = 4
_READ = 20  # characters a second: what is long stays longer


class Telling(App[None]):
    """An app that says one thing at a time."""

    def say(self, text: str) -> None:
        """Tell something above the footer, for some seconds; what was told before goes."""
        self.clear_notifications()
        self.notify(text, markup=False, timeout=max(_SECONDS, len(text) / _READ))

    def _draw(self) -> None:
        """Draw all that may have changed."""
        raise NotImplementedError
