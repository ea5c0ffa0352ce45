"""What to do, and who can do it. Plain data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

YOU = "you"  # what programs are told where whoever runs the sending server acts


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: `what` is a sentence; `who` can do it, "" for whoever runs the sending server.

    With a `who` the sentence begins in lower case: both are printed as one, behind a colon.
    """

    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.who}: {self.what}" if self.who else self.what


def by(who: str, what: str) -> Action:
    """Return an action from `what` in lower case, which begins with a capital where the reader acts."""
    return Action(who, what) if who else Action("", f"{what[:1].upper()}{what[1:]}")


def dns_administrator(zone: str, mailbox: str | None = None) -> str:
    """Return who keeps a zone, with the mailbox that its SOA names, if one is known."""
    return f"DNS administrator of {zone}" + (f" ({mailbox})" if mailbox else "")


Advice = str | Action | Sequence[str | Action] | None


def actions_in(advice: Advice, actor: str = "") -> tuple[Action, ...]:
    """Return advice as actions; a sentence alone is for `actor`, and an empty one is none."""
    if advice is None:
        return ()
    parts = [advice] if isinstance(advice, str | Action) else advice
    actions = (part if isinstance(part, Action) else Action(actor, part) for part in parts)
    return tuple(action for action in actions if action.what)


def actions_from(entry: dict[str, Any], key: str = "advice", actor: str = "actor") -> tuple[Action, ...]:
    """Return the actions of an entry of a data file.

    Its `advice` is a sentence, or a list of sentences and of tables with `who` and `what`; `actor` is who acts
    where no table says otherwise.
    """
    found = entry.get(key, "")
    parts = [found] if isinstance(found, str) else found
    whole = [part if isinstance(part, str) else Action(part["who"], part["what"]) for part in parts]
    return actions_in(whole, entry.get(actor, ""))


def as_text(actions: Iterable[Action]) -> str:
    """Return actions as sentences behind each other, "" for none."""
    return " ".join(map(str, actions))


def each_once(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return actions in their order, each once."""
    return tuple(dict.fromkeys(actions))
