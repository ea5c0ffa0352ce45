"""The message that is given: read bounded from a file or standard input, and never sent."""

from pathlib import Path
from typing import BinaryIO

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.settings import GivenMessage, SettingsError

MAX_MESSAGE = 64 * 1024 * 1024  # bytes: more than any large receiver accepts
STANDARD_INPUT = "-"


def parse_message(text: str) -> GivenMessage:
    """Read the file of a message; raises SettingsError.

    Standard input is named and not read: it is read once nothing else can be wrong with the command line.
    """
    if text == STANDARD_INPUT:
        return GivenMessage(STANDARD_INPUT, 0)
    return read_message(text)


def read_message(name: str) -> GivenMessage:
    """Return the message in a file, `~` being the user's home; raises SettingsError."""
    if name == STANDARD_INPUT:
        raise SettingsError(f"invalid message file {name!r}: must be the path of a file")
    try:
        content = read_regular(Path(name).expanduser(), MAX_MESSAGE)
    except (OSError, ValueError, RuntimeError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"cannot read message file {name!r}: {words}") from error
    return _message(name, content)


def read_standard_input(stream: BinaryIO) -> GivenMessage:
    """Return the message that comes over standard input; raises SettingsError."""
    try:
        content = stream.read(MAX_MESSAGE + 1)
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read the message from standard input: {error}") from error
    return _message(STANDARD_INPUT, content)


def _message(name: str, content: bytes) -> GivenMessage:
    if not content:
        raise SettingsError(f"empty message {name!r}: must hold a message with its header")
    if len(content) > MAX_MESSAGE:
        raise SettingsError(f"message {name!r} is too large: at most {MAX_MESSAGE // 1024 // 1024} MiB are read")
    return GivenMessage(name, len(content), content)
