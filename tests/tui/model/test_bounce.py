"""What a paste or a file tells: read whatever it holds, and only regular files."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.tui.model.bounce import path_in, understand

REPLY = "550 5.1.1 <bob@partner.example>: User unknown"


@given(st.text(max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    understand(text)


@pytest.mark.parametrize(
    "text", ["\ud800 550 5.1.1 no", "file://", "file://[", "~nobody-here/x", "'", "\0", "/dev/zero"]
)
def test_odd_texts_are_no_files(text: str) -> None:
    assert path_in(text) is None
    understand(text)


def test_a_pipe_has_no_writer_and_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert path_in(str(tmp_path / "pipe")) is None


def test_a_file_is_read_from_its_path_or_url(tmp_path: Path) -> None:
    path = tmp_path / "a b.txt"
    path.write_text(REPLY)
    for text in (str(path), f"'{path}'", str(path).replace(" ", "\\ "), f"file://{str(path).replace(' ', '%20')}"):
        assert path_in(text) == path
        assert len(understand(text).explained) == 1
    assert path_in(f"file://other.example{path}") is None


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(REPLY)

    def refuse(*_arguments: object, **_more: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert understand(str(path)).words == f"Cannot read '{path}': Permission denied"


def test_a_text_that_is_empty_or_tells_nothing_says_so() -> None:
    assert understand("hello there").words == "No reply, log line or bounce found in the text"
    assert understand("hello there").explained == ()
