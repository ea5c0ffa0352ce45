"""The message that is given, as it is read."""

import io
import re
from pathlib import Path

import pytest

from smtpdiag_tui import message_file
from smtpdiag_tui.message_file import parse_message, read_message, read_standard_input
from smtpdiag_tui.settings import GivenMessage, SettingsError


def test_a_message_is_read_with_its_octets_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(b"From: a@b.example\r\n\r\n\xff\n")
    assert parse_message(str(path)) == GivenMessage(str(path), 23, b"From: a@b.example\r\n\r\n\xff\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_message("~/mail.eml").content == path.read_bytes()


def test_a_message_that_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(name: str) -> str:
        with pytest.raises(SettingsError) as raised:
            parse_message(name)
        return str(raised.value)

    missing, empty, large = tmp_path / "missing.eml", tmp_path / "empty.eml", tmp_path / "large.eml"
    empty.touch()
    large.write_bytes(b"x" * 11)
    assert told(str(missing)) == f"cannot read message file '{missing}': No such file or directory"
    assert told(str(tmp_path)) == f"cannot read message file '{tmp_path}': Is a directory"
    assert told("/dev/zero") == "cannot read message file '/dev/zero': not a regular file"
    assert re.fullmatch(r"cannot read message file 'a\\x00b': (open: )?embedded null [^\n]+", told("a\0b"))
    assert told(str(empty)) == f"empty message '{empty}': must hold a message with its header"
    monkeypatch.setattr(message_file, "MAX_MESSAGE", 10 << 20)
    large.write_bytes(b"x" * ((10 << 20) + 1))
    assert told(str(large)) == f"message '{large}' is too large: at most 10 MiB are read"


def test_standard_input_is_named_first_and_read_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_message("-") == GivenMessage("-", 0)
    assert read_standard_input(io.BytesIO(b"From: a\n\n")) == GivenMessage("-", 9, b"From: a\n\n")
    with pytest.raises(SettingsError, match=r"^empty message '-': must hold"):
        read_standard_input(io.BytesIO())
    monkeypatch.setattr(message_file, "MAX_MESSAGE", 1 << 20)
    stream = io.BytesIO(b"x" * (3 << 20))
    with pytest.raises(SettingsError, match=r"^message '-' is too large: at most 1 MiB are read$"):
        read_standard_input(stream)
    assert stream.tell() == (1 << 20) + 1


def test_the_form_takes_no_standard_input() -> None:
    with pytest.raises(SettingsError, match=r"^invalid message file '-': must be the path of a file$"):
        read_message("-")
