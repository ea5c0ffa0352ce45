"""The file that a batch appends to."""

import errno
import json
import os
from pathlib import Path

import pytest

from smtpdiag_tui.batch.out import OutError, OutFile
from smtpdiag_tui.batch.pairs import bad_key, pair_key


def line(number: int, *, error: bool = False) -> bytes:
    value: dict[str, object] = {"line": number, "sender": "a@s.example", "recipient": f"b@d{number}.example"}
    return json.dumps(value | ({"error": "took too long"} if error else {"outcome": "accepted"})).encode() + b"\n"


BAD = b'{"line": 7, "text": "what?", "error": "no sender"}\n'


def opened(path: Path, content: bytes) -> OutFile:
    path.write_bytes(content)
    return OutFile(path)


def test_pairs_bad_lines_and_failed_runs_count_as_done(tmp_path: Path) -> None:
    out = opened(tmp_path / "out", line(1) + BAD + line(2, error=True))
    assert pair_key("a@s.example", "b@D1.example") in out.done
    assert pair_key("a@s.example", "b@d2.example") in out.done
    assert bad_key("what?") in out.done
    assert len(out.done) == 3
    assert out.done.kind_of(pair_key("a@s.example", "b@d1.example")) == ("accepted", "")
    assert out.done.kind_of(bad_key("what?")) == ("invalid line", "")
    assert out.done.kind_of(pair_key("a@s.example", "b@d3.example")) is None
    out.close()


@pytest.mark.parametrize("cut", range(1, len(line(2)) + 1))
def test_a_line_that_was_cut_anywhere_is_removed_or_completed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "out"
    out = opened(path, line(1) + line(2)[:cut])
    whole = cut >= len(line(2)) - 1
    assert len(out.done) == (2 if whole else 1)
    out.append(line(3))
    out.close()
    assert path.read_bytes() == line(1) + (line(2) if whole else b"") + line(3)


def test_zeros_that_a_disk_without_power_leaves_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "out"
    opened(path, line(1) + bytes(4096)).close()
    assert path.read_bytes() == line(1)


@pytest.mark.parametrize(
    "content",
    [
        b"notes",
        b"notes\n",
        b"\n",
        bytes(64),
        b'{"schema": 1}\n',
        b"[]\n",
        b"{",
        line(1) + b"notes\n" + line(2),
        line(1) + b"notes",
        line(1)[:-1] + b" " + line(2),
        b"[" * 100_000,
        b'{"line": ' + b"[" * 100_000 + b"\n",
    ],
)
def test_what_is_no_batch_s_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "out"
    if content == b"{":  # may be the first octet of a line
        opened(path, content).close()
        assert path.read_bytes() == b""
        return
    with pytest.raises(OutError, match="holds something else in line"):
        opened(path, content)
    assert path.read_bytes() == content


def test_a_second_writer_is_turned_away_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "out"
    out = opened(path, line(1))
    with pytest.raises(OutError, match="in use by another smtpdiag"):
        OutFile(path)
    out.append(line(2))
    out.close()
    again = OutFile(path)
    assert len(again.done) == 2
    again.close()


@pytest.mark.parametrize("name", ["", "/dev/null", "missing/out", "a\0b"])
def test_what_is_no_file_is_one_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutError) as told:
        OutFile(Path(name))
    assert "\n" not in str(told.value)


def test_a_full_disk_leaves_no_part_of_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    out = opened(path, line(1))
    write = os.pwrite

    def full(handle: int, data: bytes, place: int) -> int:
        write(handle, data[:10], place)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for stub in (full, lambda handle, data, place: write(handle, data[:10], place)):
        monkeypatch.setattr(os, "pwrite", stub)
        with pytest.raises(OutError, match="no space left"):
            out.append(line(2))
        assert path.read_bytes() == line(1)
    out.close()


def test_a_file_that_is_moved_away_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "out"
    out = opened(path, line(1))
    out.sync()
    path.rename(tmp_path / "out.1")
    with pytest.raises(OutError, match="cannot write"):
        out.sync()
    path.write_bytes(b"")
    with pytest.raises(OutError, match="replaced while the batch ran"):
        out.sync()
    out.close()


def test_it_is_the_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    OutFile(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
