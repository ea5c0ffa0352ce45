"""Aligned columns as lines of evidence: rows that say the same are told once when there are many. Pure."""

from collections.abc import Mapping, Sequence

MOST_ROWS = 12  # beyond which rows that say the same are drawn together
MOST_GROUPS = 20
_NAMED = 3  # of rows drawn together
_WIDEST = 40  # columns of one cell


def table(heads: Sequence[str], rows: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the lines of a table: a line of heads, then `rows` (label to cells, printable), in their order.

    At most 12 rows stand each by itself. Of more, those with the same cells become one, which names 3 of them and
    counts the rest; the largest groups come first, and beyond 20 the rest is counted.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for label, cells in rows.items():
        groups.setdefault(tuple(cells), []).append(label)
    if len(rows) <= MOST_ROWS:
        lines = [[label, *(_short(cell) for cell in cells)] for label, cells in rows.items()]
        return _aligned([["", *heads], *lines])
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    lines = []
    for cells, labels in ordered[:MOST_GROUPS]:
        lines.append([labels[0], *(_short(cell) for cell in cells)])
        lines += [[label] for label in labels[1:_NAMED]]
        if len(labels) > _NAMED:
            lines.append([f"and {len(labels) - _NAMED} more like these"])
    if len(ordered) > MOST_GROUPS:
        left_out = sum(len(labels) for _, labels in ordered[MOST_GROUPS:])
        lines.append([f"and {left_out} more, each in yet another way"])
    return _aligned([["", *heads], *lines])


def _aligned(lines: Sequence[Sequence[str]]) -> tuple[str, ...]:
    columns = max(len(line) for line in lines)
    widths = [max((len(line[n]) for line in lines if n < len(line)), default=0) for n in range(columns)]
    return tuple(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip() for line in lines
    )


def _short(cell: str) -> str:
    return cell if len(cell) <= _WIDEST else cell[: _WIDEST - 1] + "…"
