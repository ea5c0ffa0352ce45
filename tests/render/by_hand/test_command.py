"""A command against a real shell: whatever a word holds, it arrives as it is and nothing else runs."""

import shlex
import subprocess

from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtpdiag_tui.render.by_hand.command import Command, script
from smtpdiag_tui.report.visible import visible

WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40), max_size=5)


def shown(words: tuple[str, ...]) -> str:
    """Return what printf shows of words in a real shell, each in brackets."""
    line = Command("printf", ("[%s]", *words)).line
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True, timeout=10)
    assert done.stderr == b""
    return done.stdout.decode("utf-8")


@given(WORDS)
@example(["$(touch /tmp/x)", "`id`", "a'b\"c", "-n", "*", "~", "\\032", ";", "\n", "#"])
@example(["'\"'\"'", "!!", "$IFS", "\x1b[31m", "\u202e"])
@settings(deadline=None, max_examples=60)
def test_a_shell_hands_over_each_word_as_it_is(words: list[str]) -> None:
    told = tuple(word if word.isprintable() else visible(word) for word in words)
    assert shown(tuple(words)) == ("".join(f"[{word}]" for word in told) if told else "[]")


@given(WORDS, WORDS, st.text(max_size=30))
@settings(deadline=None)
def test_no_line_holds_a_control_character(words: list[str], typed: list[str], what: str) -> None:
    command = Command("swaks", tuple(words), what, tuple(typed))
    assert all(line.isprintable() for line in script([command]))
    if not typed:
        assert shlex.split(command.line) == list(command.argv)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=4))
@settings(deadline=None, max_examples=20)
def test_what_is_typed_arrives_line_by_line(typed: list[str]) -> None:
    command = Command("cat", (), "", tuple(line.replace("\0", "") or "x" for line in typed))
    line = command.line.replace("sleep 2", ":")
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True, timeout=10)
    assert done.stdout.decode("utf-8") == "".join(f"{item}\r\n" for item in command.typed)


def test_one_remark_stands_before_commands_that_reproduce_the_same() -> None:
    pair = (Command("dig", ("a",), "same"), Command("kdig", ("a",), "same"), Command("curl", ("b",), "other"))
    assert script(pair) == ["# same", "dig a", "kdig a", "# other", "curl b"]
