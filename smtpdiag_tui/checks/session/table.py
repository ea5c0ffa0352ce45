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
    head_line = ["", *heads]
    if len(rows) > MOST_ROWS:
        return _aligned([head_line, *_grouped(rows)])
    return _aligned([head_line, *(_line(label, cells) for label, cells in rows.items())])


def _grouped(rows: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return one block of lines for each set of rows with the same cells, the largest first."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for label, cells in rows.items():
        groups.setdefault(tuple(cells), []).append(label)
    largest_first = sorted(groups.items(), key=lambda group: -len(group[1]))
    lines: list[list[str]] = []
    shown = 0
    for cells, labels in largest_first[:MOST_GROUPS]:
        lines.append(_line(labels[0], cells))
        lines.extend([label] for label in labels[1:_NAMED])
        if len(labels) > _NAMED:
            lines.append([f"and {len(labels) - _NAMED} more like these"])
        shown += len(labels)
    if shown < len(rows):
        lines.append([f"and {len(rows) - shown} more, each in yet another way"])
    return lines


def _line(label: str, cells: Sequence[str]) -> list[str]:
    return [label, *map(_short, cells)]


def _aligned(lines: Sequence[Sequence[str]]) -> tuple[str, ...]:
    columns = max(len(line) for line in lines)
    widths = [max((len(line[n]) for line in lines if n < len(line)), default=0) for n in range(columns)]
    return tuple(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip() for line in lines
    )


def _short(cell: str) -> str:
    return cell if len(cell) <= _WIDEST else cell[: _WIDEST - 1] + "…"
