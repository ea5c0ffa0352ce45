"""What the widgets tell the app."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class RunRequested(Message):
    """The user pressed Enter in a field."""


@dataclass
class StepSelected(Message):
    """The cursor came to a step of the tree."""

    step_id: str
