"""How a delivery that a text tells of is drawn, listed and copied. Pure."""

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from smtpdiag_tui.bounces.explaining import Explained
from smtpdiag_tui.bounces.then_and_now import kind_of, then_words
from smtpdiag_tui.render.words import SIDES, moment
from smtpdiag_tui.report.status import OUTCOME_STATUS
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, spelt, stroke

_LABEL = 13  # columns
_MOST_LINES = 30  # of a reply
_MOST_LONG = 2_000  # characters of one of its lines
NULL = "<>"
UNKNOWN = "?"


def parties(item: Explained) -> str:
    """Return both addresses, `?` for one that the text does not tell."""
    told = item.told
    sender = UNKNOWN if told.sender is None else told.sender or NULL
    return visible(f"{sender} to {told.recipient or UNKNOWN}")


def listed_text(item: Explained, width: int) -> Text:
    """Return a delivery in one row of a list, cut to `width` columns."""
    status = OUTCOME_STATUS[item.outcome]
    told = visible(item.told.recipient or "") or parties(item)
    words = f"{told}  {then_words(item.told, item.reason, kind_of(item.told))}"
    where = item.told.host or item.told.address
    if where:
        words = f"{words}, {visible(where)}"
    if cell_len(words) > width - 2:
        words = set_cell_size(words, max(1, width - 3)) + stroke("more")
    return Text.assemble((f"{GLYPHS[status]} ", f"bold {COLOURS[status]}"), words)


def explained_text(item: Explained, width: int) -> Text:
    """Return what a delivery means, broken to `width` columns; 0 breaks nothing."""
    status = OUTCOME_STATUS[item.outcome]
    badge = Text.assemble((f"{GLYPHS[status]} {item.outcome.upper()}", f"bold {COLOURS[status]}"), "  ")
    text = hanging(Text(parties(item)), badge, Text("  "), width)
    text.append_text(hanging(Text(spelt(item.message), "bold"), Text(), Text(), width))
    for label, words in _fields(item):
        head = Text(f"{label + ':' if label else '':<{_LABEL}}", "dim")
        text.append_text(hanging(Text(spelt(words)), head, Text(" " * _LABEL), width))
    bar = Text(f"  {stroke('pipe')} ", "dim")
    for line in _quoted(item):
        text.append_text(hanging(Text(line, "cyan"), bar, bar, width))
    text.rstrip()
    return text


def explained_copy(item: Explained) -> str:
    """Return the same as plain text, its lines unbroken."""
    lines = [f"{item.outcome.upper()}  {parties(item)}", item.message]
    lines += [f"{label + ':' if label else '':<{_LABEL}}{words}" for label, words in _fields(item)]
    lines += [f"  {line}" for line in _quoted(item)]
    return "\n".join(lines) + "\n"


def _fields(item: Explained) -> list[tuple[str, str]]:
    """Return what is said behind labels, in the order of the answer."""
    fields = [("Cause", item.meaning)] if item.meaning else []
    if item.side is not None:
        fields.append(("Responsible", SIDES[item.side]))
    for number, action in enumerate(item.actions, 1):
        words = f"{number}. {action}" if len(item.actions) > 1 else str(action)
        fields.append(("Action" if number == 1 else "", words))
    told = item.told
    where = [then_words(told, item.reason, kind_of(told)), visible(told.where)]
    when = moment(told.at) if told.at is not None else ""
    fields.append(("Reply" if told.reply else "Told", ", ".join(part for part in (*where, when) if part)))
    return fields


def _quoted(item: Explained) -> list[str]:
    """Return the reply verbatim, else what the mail server says; of a flood the first lines."""
    text = item.told.reply or item.told.words
    lines = [visible(line)[:_MOST_LONG] for line in text.split("\n")[: _MOST_LINES + 1]] if text else []
    return [*lines[:_MOST_LINES], stroke("cut")] if len(lines) > _MOST_LINES else lines
