"""Files: read without waiting, written for their owner alone, whole or not at all."""

import os
from pathlib import Path

import pytest

from smtpdiag_tui.files import read_regular, replace_private, write_private


def test_no_more_is_read_than_is_wanted_and_one_octet(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    assert len(read_regular(path, 10)) == 11
    assert len(read_regular(path, 100)) == 100


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=r"^not a regular file$"):
        read_regular(tmp_path / "pipe", 10)


def test_a_new_file_is_its_owners_alone_before_anything_is_in_it(tmp_path: Path) -> None:
    states: list[tuple[int, int]] = []

    def opened(handle: int) -> None:
        state = os.fstat(handle)
        states.append((state.st_mode & 0o777, state.st_size))

    path = write_private(b"words", tmp_path, prefix="new-", suffix=".txt", opened=opened)
    assert states == [(0o600, 0)]
    assert path.read_bytes() == b"words"
    assert (path.name[:4], path.suffix) == ("new-", ".txt")


def test_a_file_takes_the_place_of_another_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old words")
    path.chmod(0o644)
    replace_private(path, b"new", prefix=".new-")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old words")

    def full(_: int) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        replace_private(path, b"new", prefix=".new-", opened=full)
    with pytest.raises(OSError, match="directory"):
        replace_private(tmp_path, b"new", prefix=".new-")
    assert path.read_text() == "old words"
    assert list(tmp_path.iterdir()) == [path]
