"""What a bounce, a log line or a reply means, as text, Markdown, JSON or one line each. Pure.

Of several deliveries those that differ in nothing but their addresses are told once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smtpdiag_tui.render.markdown_text import code, escape, fenced, links, paragraph
from smtpdiag_tui.render.session_lines import MOST_CHARACTERS
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.words import GLYPHS, SIDES
from smtpdiag_tui.report.actions import YOU
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import OUTCOME_STATUS, Status
from smtpdiag_tui.report.visible import visible

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.explaining import Explained
    from smtpdiag_tui.bounces.told import Told

SCHEMA = 1
NO_CONNECTION = "No connection was made."
_NO_SENDER, _NO_RECIPIENT = "unknown sender", "unknown recipient"
_UNDECIDED = "undecided: network or recipient's side"
_OWN = "this host's own rules"
_MOST_LINES = 12  # of a reply
_MOST_RECIPIENTS = 8  # of a group
_VERBS = {
    "connect": "the connection",
    "greeting": "the connection",
    "ehlo": "EHLO",
    "starttls": "STARTTLS",
    "auth": "AUTH",
    "mail-from": "MAIL FROM",
    "rcpt-to": "RCPT TO",
    "data": "DATA",
    "end-of-data": "the end of DATA",
    "quit": "QUIT",
}


@dataclass(frozen=True, slots=True)
class Alike:
    """Deliveries that differ in their addresses alone; the first stands for all."""

    items: tuple["Explained", ...]

    @property
    def first(self) -> "Explained":
        """The one that is told."""
        return self.items[0]

    @property
    def status(self) -> Status:
        """The status that stands for the outcome."""
        return OUTCOME_STATUS[self.first.outcome]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Each recipient once."""
        return tuple(dict.fromkeys(item.told.recipient or _NO_RECIPIENT for item in self.items))

    @property
    def parties(self) -> str:
        """Sender and recipient as the first line has them, or how many recipients there are."""
        told, count = self.first.told, len(self.recipients)
        if told.sender is None and told.recipient is None:
            return "reply" if told.reply is not None else "log line"
        recipient = self.recipients[0] if count == 1 else counted(count, "recipient")
        return f"{_sender(told)} to {recipient}"


def alike(items: Sequence["Explained"]) -> list[Alike]:
    """Return deliveries in groups that are told once, in the order of their first."""
    groups: dict[tuple[object, ...], list[Explained]] = {}
    for item in items:
        groups.setdefault(_key(item), []).append(item)
    return [Alike(tuple(group)) for group in groups.values()]


def _key(item: "Explained") -> tuple[object, ...]:
    """Return what deliveries that are told once have in common: all but the recipient, wherever it stands."""
    told = item.told
    recipient = told.recipient or "\0"  # which no text holds
    said = (item.message, item.meaning, item.advice, told.reply or "", told.words)
    texts = (text.replace(recipient, "<>") for text in said)
    return (item.outcome, item.reason, told.sender, told.where, told.phase, *texts)


def explained_text(
    items: Sequence["Explained"],
    note: str = "",
    closing: str = NO_CONNECTION,
    *,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return deliveries as text, the answer of each in the order of a report; `note` is about what is not told."""
    page = Page(colour=colour, ascii_only=ascii_only)
    groups = alike(items)
    for number, group in enumerate(groups, 1):
        if number > 1:
            page.blank()
        _told(page, group, f"{number}. " if len(groups) > 1 else "")
    end = " ".join(part for part in (note, closing) if part)
    if end:
        page.blank()
        page.wrapped(end, 0, page.grey_code)
    return page.text()


def _told(page: Page, group: Alike, number: str) -> None:
    item = group.first
    page.outcome(group.status, f"{number}{item.outcome.value.upper()}", visible(group.parties), "")
    page.headline(item.message)
    page.blank()
    if len(group.recipients) > 1:
        page.labelled("Recipients", _listed(group.recipients))
    page.labelled("Cause", item.meaning)
    page.labelled("Responsible", responsible(item))
    if len(item.actions) == 1:
        page.labelled("Action", str(item.actions[0]))
    else:
        for place, action in enumerate(item.actions, 1):
            page.labelled("Action" if place == 1 else "", f"{place}. {action}", hang=3)
    for label, source, lines in quotations(item.told):
        page.labelled(label, source, whole=True)
        for line in lines:
            page.line(f"  {line}")


def _listed(recipients: Sequence[str]) -> str:
    shown = [visible(item) for item in recipients[:_MOST_RECIPIENTS]]
    more = len(recipients) - len(shown)
    return ", ".join([*shown, *([f"{more} more"] if more else [])])


def responsible(item: "Explained") -> str:
    """Return who is responsible, in words; "" where nobody is known."""
    if item.told.ours:
        return _OWN if item.side is Side.HERE else ""
    if item.side is None:
        return ""
    if item.code == "connection-timeout":
        return _UNDECIDED  # silence looks alike, whoever drops the packets
    return SIDES[item.side]


def quotations(told: "Told") -> list[tuple[str, str, list[str]]]:
    """Return what is quoted: label, where it comes from, and the lines, verbatim."""
    found = []
    if told.reply is not None:
        found.append(("Reply", reply_source(told), _lines(told.reply)))
    if told.words:
        line = f"line {told.line}" if told.line is not None else ""
        source = ", ".join(part for part in (told.program, line) if part)
        found.append(("Text", source or "as given", [told.words]))
    return found


def _lines(reply: str) -> list[str]:
    lines = [_short(line) for line in reply.split("\n")]
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[: _MOST_LINES - 1], f"… {counted(len(lines) - _MOST_LINES + 1, 'more line')}"]


def _short(line: str) -> str:
    excess = len(line) - MOST_CHARACTERS
    return line if excess <= 0 else f"{line[:MOST_CHARACTERS]} … ({excess:,} more characters)"


def reply_source(told: "Told") -> str:
    """Return who gave a reply, to what and when, as far as that is told."""
    who = f"this host to {told.where or 'a client'}," if told.ours else told.where
    phase = f"to {_VERBS[told.phase]}" if told.phase is not None else ""
    when = f"{told.at:%Y-%m-%d %H:%M:%S} UTC" if told.at is not None else ""
    source = " ".join(part for part in (who, phase) if part).rstrip(",")
    return ", ".join(part for part in (source, when) if part) or "as given"


def _sender(told: "Told") -> str:
    if told.sender is None:
        return _NO_SENDER
    return told.sender or "<>"


def explained_markdown(items: Sequence["Explained"], note: str = "", closing: str = NO_CONNECTION) -> str:
    """Return deliveries as Markdown, to paste into a ticket."""
    lines: list[str] = []
    groups = alike(items)
    for number, group in enumerate(groups, 1):
        if number > 1:
            lines.append("")
        lines += _in_markdown(group, f"{number}. " if len(groups) > 1 else "")
    end = " ".join(part for part in (note, closing) if part)
    return "\n".join([*lines, *(["", escape(end)] if end else [])]) + "\n"


def _in_markdown(group: Alike, number: str) -> list[str]:
    item = group.first
    count = len(group.recipients)
    parties = code(visible(group.parties))
    lines = [f"# {number}{GLYPHS[group.status]} {item.outcome.value.upper()}: {parties}", ""]
    lines += [f"**{paragraph(item.message)}**", ""]
    if count > 1:
        lines += _labelled("Recipients", _listed(group.recipients))
    lines += _labelled("Cause", item.meaning)
    lines += _labelled("Responsible", responsible(item))
    if len(item.actions) == 1:
        lines.append(f"- **Action:** {links(str(item.actions[0]))}")
    elif item.actions:
        lines += ["- **Action:**", *(f"  {n}. {links(str(action))}" for n, action in enumerate(item.actions, 1))]
    for label, source, quoted in quotations(item.told):
        lines += [f"- **{label}:** {escape(source)}", "", *fenced(quoted, ""), ""]
    return lines


def _labelled(label: str, text: str) -> list[str]:
    return [f"- **{label}:** {escape(text)}"] if text else []


def explained_json(items: Sequence["Explained"]) -> str:
    """Return deliveries as one JSON object, in ASCII: `null` is what the text does not say."""
    return json.dumps({"schema": SCHEMA, "replies": [_value(item) for item in items]}, indent=2) + "\n"


def _value(item: "Explained") -> dict[str, Any]:
    told = item.told
    return {
        "sender": told.sender,
        "recipient": told.recipient,
        "host": told.host,
        "address": told.address,
        "phase": told.phase.value if told.phase is not None else None,
        "at": told.at.isoformat().replace("+00:00", "Z") if told.at is not None else None,
        "reply": told.reply,
        "reason": item.reason.value if item.reason is not None else None,
        "side": item.side.value if item.side is not None else None,
        "message": item.message,
        "meaning": item.meaning or None,
        "advice": item.advice or None,
        "actions": [{"who": action.who or YOU, "what": action.what} for action in item.actions],
        "outcome": item.outcome.value,
        "words": told.words or None,
        "line": told.line,
        "program": told.program or None,
        "ours": told.ours,
        "probable": item.probable,
        "reference": item.reference,
    }


def explained_summary(items: Sequence["Explained"]) -> str:
    """Return a line for each group of deliveries: what a log or a chat wants."""
    lines = []
    for group in alike(items):
        item = group.first
        who = responsible(item)
        line = f"{item.outcome.value.upper()} {group.parties}: {item.message}"
        lines.append(visible(f"{line} [{who}]" if who else line))
    return "\n".join(lines) + "\n"
