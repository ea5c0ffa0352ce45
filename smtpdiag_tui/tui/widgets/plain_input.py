"""An input whose text always prints."""

from textual.widgets import Input

from smtpdiag_tui.report.visible import visible

_MOST = 2_000  # characters pasted at once; no address, path or word is longer


class PlainInput(Input):
    """An input that shows what does not print, pasted or set, as an escape: the terminal gets none of it.

    A TAB becomes a blank: it comes along when a cell of a table is copied.
    """

    def validate_value(self, value: str) -> str:
        """Return a new value with all of it printable."""
        return _plain(value)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put `text` in the place of what stands between two positions, with all of it printable."""
        before = self.value[: min(start, end)]
        # A mark that is typed by itself stands on the letter before it.
        super().replace(_plain(before + text[:_MOST])[len(before) :], start, end)


def _plain(text: str) -> str:
    return visible(text.replace("\t", " "))
