"""What the interface can do by key: one table for its bindings, footer, help, palette and the user's own keys."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `keys` are named as Textual names them, separated by commas; `call` is what they run.

    `label` is the footer's word, `words` what help and palette say. `rank` says how early the footer gives it a
    place, 1 first; 0 for never. With `priority` the keys act in fields and overlays too.
    """

    id: str
    keys: str
    call: str
    label: str
    words: str
    group: str
    rank: int = 0
    priority: bool = False


ACTIONS = (
    Action("run", "f5,ctrl+r", "run", "Run", "Run all tests", "Run", 3, priority=True),
    Action("rerun", "r", "rerun", "Rerun", "Rerun the selected step with all its parts", "Run", 4),
    Action("failed", "f", "rerun_failed", "Rerun failed", "Rerun what failed or is unknown", "Run", 8),
    Action("warnings", "F", "rerun_failed(True)", "Rerun problems", "Rerun problems, warnings included", "Run"),
    Action(
        "retry-greylisted",
        "g",
        "retry_greylisted",
        "Greylisted",
        "Wait out greylisting, then retry; if nothing is greylisted, go to the first row",
        "Run",
        7,
    ),
    Action("watch", "W", "watch", "Watch", "Rerun what did not pass until accepted; show changes", "Run", 6),
    Action(
        "step-out", "escape", "step_out", "Cancel", "Close the overlay, leave the field, cancel the run", "Run", 1
    ),
    Action("answer", "a", "answer", "Answer", "Show the whole answer: cause, action, reply", "View", 6),
    Action("hosts", "t", "hosts", "Hosts", "Show the table of MX hosts", "View", 8),
    Action("vantage-points", "m", "vantage_points", "Points", "Compare the vantage points, or switch", "View", 6),
    Action("problems-only", "!", "problems_only", "Problems", "Show problems only, or all steps", "View", 11),
    Action("fold-all", "*", "fold_all", "Fold all", "Fold all steps, or unfold problems", "View"),
    Action("down", "j", "pane('down')", "Down", "Move down in the focused pane", "View"),
    Action("up", "k", "pane('up')", "Up", "Move up in the focused pane", "View"),
    Action("last", "G", "pane('end')", "Last", "Go to the last row of the focused pane", "View"),
    Action("next", "n", "problem(1)", "Problem", "Go to the next problem, or search match", "View", 5),
    Action("previous", "N", "problem(-1)", "Previous", "Go to the previous problem, or match", "View"),
    Action("worst", "B", "worst", "Worst", "Go to the worst problem of this branch", "View"),
    Action("session-previous", "[", "session(-1)", "Session", "Go to the previous SMTP session", "View"),
    Action("session-next", "]", "session(1)", "Session", "Go to the next SMTP session", "View", 14),
    Action("explain", "v", "explain", "Why", "Explain the selected test", "View", 13),
    Action("by-hand", "e", "by_hand", "By hand", "Show commands that reproduce the selected step", "View"),
    Action("search", "/", "search", "Find", "Search the focused pane: steps or transcript", "View", 9),
    Action("wrap", "w", "wrap", "Wrap", "Wrap or unwrap long lines of the transcript", "View"),
    Action("grow", "+", "resize(1)", "Grow", "Enlarge the focused pane", "View"),
    Action("shrink", "-", "resize(-1)", "Shrink", "Shrink the focused pane", "View"),
    Action("fit", "=", "resize_reset", "Fit", "Fit the panes to their content", "View"),
    Action("zoom", "z", "zoom", "Zoom", "Zoom the focused pane, or restore the layout", "View", 12),
    Action("copy", "c", "copy_conversation", "Copy", "Copy the transcript in view", "Copy and save", 10),
    Action("ticket", "y", "copy_ticket", "Ticket", "Copy a ticket: answer, reply, session", "Copy and save", 12),
    Action("copy-report", "C", "copy_report", "Copy report", "Copy the report as Markdown", "Copy and save"),
    Action("save", "s", "save", "Save", "Save the report or the transcript in view", "Copy and save", 9),
    Action("mask", "p", "mask", "Mask", "Mask names and addresses in copies and files", "Copy and save"),
    Action("edit", "i", "edit", "Edit", "Edit sender, recipient and DNS servers", "Other", 15),
    Action("swap", "x", "swap", "Swap", "Swap sender and recipient", "Other", 11),
    Action("settings", "o", "settings", "Settings", "Edit port, limits, EHLO name, source, TLS", "Other", 11),
    Action("history", "h", "history", "History", "Show an earlier run, or compare with it", "Other", 7),
    Action("bounce", "b", "bounce", "Bounce", "Explain a bounce, log line or reply", "Other", 7),
    Action("queue", "u", "queue", "Queue", "Pick a message from the local mail queue", "Other"),
    Action("suspend", "ctrl+z", "suspend_process", "Suspend", "Suspend smtpdiag (in a field: undo)", "Other"),
    Action("help", "?,f1", "help", "Help", "Show all keys (in a field: F1)", "Other", 1),
    Action("quit", "q", "leave_asked", "Quit", "Quit; asks during a run", "Other", 2),
    Action(
        "quit-anywhere", "ctrl+q", "leave", "Quit", "Quit from fields and overlays too", "Other", priority=True
    ),
)
GROUPS = ("Run", "View", "Copy and save", "Other")
# They move about, edit a field or belong to the framework: no action may take them.
RESERVED = frozenset(
    {"enter", "tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "space"}
    | {"backspace", "delete", "ctrl+c", "ctrl+p"}
)
_NAMED = frozenset(
    {"escape", "insert", "delete", "backspace", "enter", "tab", "space", "up", "down", "left", "right", "home"}
    | {"end", "pageup", "pagedown", "pause", "break"}
)
_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super"})
_FUNCTION_KEY = re.compile(r"f([1-9]|1\d|2[0-4])")
_LETTER_OR_DIGIT = re.compile(r"[a-z0-9]")
_FRIENDLY = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
ALLOWED = 'a character, f1 to f24, ctrl+ and a letter, or a name such as "insert" or "comma"'


def key_name(text: str) -> str | None:
    """Return a key as Textual names it (`question_mark` for `?`), None if there is no such key."""
    text = text.strip() or text
    if len(text) == 1:
        return _character_key(text)
    *modifiers, key = text.lower().split("+")
    if not set(modifiers) <= _MODIFIERS or len(set(modifiers)) < len(modifiers):
        return None
    if key in _NAMED or _FUNCTION_KEY.fullmatch(key):
        return "+".join([*modifiers, key])
    if modifiers:
        return "+".join([*modifiers, key]) if _LETTER_OR_DIGIT.fullmatch(key) else None
    return key if key in map(_sign_name, _SIGNS) else None


def _character_key(char: str) -> str | None:
    if char == " " or not char.isprintable():
        return None
    return char if char.isalnum() else _sign_name(char)


def keys_of(text: str) -> tuple[str, ...]:
    """Return the names of keys given separated by commas; raise ValueError, with its text, for what is no key."""
    names: list[str] = []
    for part in text.split(","):
        name = key_name(part)
        if name is None:
            raise ValueError(part.strip())
        names.append(name)
    return tuple(dict.fromkeys(names))


def keys_in_force(own: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return action id to key names, with the user's `own` keys in place of the table's."""
    return {action.id: keys_of(own.get(action.id, action.keys)) for action in ACTIONS}


def key_problem(own: Mapping[str, str], action_id: str) -> str | None:
    """Return what is wrong with the keys that `own` gives to one action, None if nothing."""
    force = keys_in_force(own)
    if action_id not in force:
        return f"unknown action {action_id!r} (see --help)"
    for key in force[action_id]:
        if key in RESERVED:
            return f"key {shown_key(key)!r} for {action_id!r} is reserved (choose another)"
        taken = next((name for name, keys in force.items() if name != action_id and key in keys), None)
        if taken is not None:
            return f"key {shown_key(key)!r} for {action_id!r} belongs to {taken!r} (choose another)"
    return None


@lru_cache(maxsize=512)
def shown_key(name: str) -> str:
    """Return a key as people write it: `?`, `F5`, `ctrl+r`, `Escape`."""
    sign = next((sign for sign in _SIGNS if _sign_name(sign) == name), None)
    if sign is not None:
        return sign
    if re.fullmatch(r"f\d+", name):
        return name.upper()
    return name.capitalize() if name in _NAMED else name


def _sign_name(sign: str) -> str:
    name = unicodedata.name(sign, sign).lower().replace("-", "_").replace(" ", "_")
    return _FRIENDLY.get(name, name)
