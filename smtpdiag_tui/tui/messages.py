"""What the widgets tell the app."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:  # addresses are read where some are pasted: not before the first frame
    from smtpdiag_tui.tui.model.pasted import Pasted


class RunRequested(Message):
    """The user pressed Enter in a field."""


@dataclass
class FieldsPasted(Message):
    """More than a bare address was pasted into a field, and understood."""

    pasted: "Pasted"


@dataclass
class AddressPicked(Message):
    """An entry of the list of known addresses was clicked."""

    address: str


class PanesResized(Message):
    """There is other room for the panes."""


@dataclass
class SearchChanged(Message):
    """The words looked for changed, or with a `direction` the next or previous match is wanted."""

    words: str
    direction: int = 0


@dataclass
class SearchEnded(Message):
    """The search bar was left; `keep` what was found in view, or forget it."""

    keep: bool


@dataclass
class StepSelected(Message):
    """The cursor came to a step of the tree."""

    step_id: str
