"""Lines of files and pipes, as they come."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.batch.lines import MAX_LINE, InputError, Line, Source, Splitter


async def read(source: Source) -> list[Line]:
    return [line async for line in source.lines()]


def of_file(path: Path) -> list[Line]:
    source = Source(str(path))
    try:
        return asyncio.run(read(source))
    finally:
        source.close()


@given(st.binary(max_size=2000), st.lists(st.integers(1, 50), max_size=60))
def test_lines_do_not_depend_on_how_they_arrive(data: bytes, sizes: list[int]) -> None:
    whole, parts = Splitter(), Splitter()
    expected = [*whole.feed(data), *whole.end()]
    found: list[Line] = []
    rest = data
    for size in [*sizes, len(data) + 1]:
        found += parts.feed(rest[:size])
        rest = rest[size:]
    assert [*found, *parts.end()] == expected
    assert [line.number for line in expected] == list(range(1, len(expected) + 1))
    assert len(expected) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def test_marks_endings_and_octets_that_are_no_utf_8_are_read(tmp_path: Path) -> None:
    file = tmp_path / "in"
    file.write_bytes(b"\xef\xbb\xbfa\r\nb\xfcro\n\0\n" + "grün".encode() + b"\nlast")
    assert [line.text for line in of_file(file)] == ["a", "büro", "\0", "grün", "last"]


def test_a_line_without_end_is_cut_and_the_next_one_read(tmp_path: Path) -> None:
    file = tmp_path / "in"
    file.write_bytes(b"x" * 5_000_000 + b"\n" + b"y" * MAX_LINE + b"\r\nz\n")
    assert [(len(line.text), line.long) for line in of_file(file)] == [
        (MAX_LINE, True),
        (MAX_LINE, False),
        (1, False),
    ]


def test_utf_16_is_told_as_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "in"
    file.write_text("a@b.example c@d.example\n", encoding="utf-16")
    with pytest.raises(InputError, match="UTF-16: save it as UTF-8"):
        of_file(file)


@pytest.mark.parametrize("name", ["missing", ".", "a\0b"])
def test_what_cannot_be_read_is_one_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^cannot read "):
        of_file(Path(name))


def test_lines_are_counted_beforehand(tmp_path: Path) -> None:
    file = tmp_path / "in"
    file.write_text("a\n\n# b\n  \nc\nd", encoding="ascii")
    source = Source(str(file))
    assert asyncio.run(source.count()) == 3
    assert len(asyncio.run(read(source))) == 6
    source.close()


def test_a_pipe_is_read_as_it_comes(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    async def talk() -> list[str]:
        end = os.open(pipe, os.O_RDWR)
        source = Source(str(pipe))
        assert await source.count() is None
        lines, found = source.lines(), []
        for text in ("one", "two"):
            os.write(end, f"{text}\n".encode())
            found.append((await anext(lines)).text)
        os.write(end, b"three")
        waiting = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        source.close()
        os.close(end)
        return found

    assert asyncio.run(talk()) == ["one", "two"]
