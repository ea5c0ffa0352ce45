"""How places in a text are marked, over whatever colours it has, so that none hides the mark. Pure."""

from rich.segment import Segment
from rich.style import Style

MATCH = Style(reverse=True, dim=False)
# So named, they are the warning's colour and the ground of each theme; turned round, it stays without colour.
CURRENT_MATCH = Style(color="yellow", bgcolor="black", reverse=True, bold=True, underline=True, dim=False)


def over(segments: list[Segment], mark: Style) -> list[Segment]:
    """Return segments with a mark over their own style."""
    return [Segment(text, mark if style is None else style + mark, control) for text, style, control in segments]
