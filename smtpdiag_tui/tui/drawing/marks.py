"""How places in a text are marked, over whatever colours it has, so that none hides the mark. Pure."""

from rich.segment import Segment
from rich.style import Style

MATCH = Style(reverse=True, dim=False)
# So named, they are the warning's colour and the ground of each theme; turned round, it needs no colour.
CURRENT_MATCH = Style(color="yellow", bgcolor="black", reverse=True, bold=True, underline=True, dim=False)


def over(segments: list[Segment], mark: Style) -> list[Segment]:
    """Return segments with a mark over their own style."""
    return [Segment(text, _marked(style, mark), control) for text, style, control in segments]


def _marked(style: Style | None, mark: Style) -> Style:
    """Return a style with a mark over it: what is turned round already must not look the same with the mark."""
    if style is None:
        return mark
    if not style.reverse or mark.underline:  # an underline is seen in any case
        return style + mark
    return style + mark + Style(reverse=False)
