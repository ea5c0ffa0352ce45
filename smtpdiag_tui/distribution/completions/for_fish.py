"""Completions for fish, 3.1 and later. Pure."""

from collections.abc import Iterator

from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.distribution.flags import PROGRAMS, Offered, offered

FIRST, *OTHERS = PROGRAMS


def fish_script() -> str:
    """Return the script; the other names of the command complete as the first does."""
    lines = ["# fish completion for smtpdiag", f"complete -c {FIRST} -f"]
    lines += [_flag(flag) for flag in offered()]
    in_demo = f"complete -c {FIRST} -n '__fish_contains_opt demo'"
    lines += [f"{in_demo} -a {_quoted(story.recipient)} -d {_quoted(story.title)}" for story in STORIES]
    lines += [wrapper(name) for name in OTHERS]
    return "".join(f"{line}\n" for line in lines)


def wrapper(name: str) -> str:
    """Return the line that makes another name of the command complete as the first does."""
    return f"complete -c {name} -w {FIRST}"


def _flag(flag: Offered) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names]
    return " ".join([f"complete -c {FIRST}", *names, *_value(flag), f"-d {_quoted(flag.help)}"])


def _value(flag: Offered) -> Iterator[str]:
    """Yield how a value is asked for: one that may be left out is not, unless it is a file in the next word."""
    if flag.value is None:
        return
    words = " ".join(flag.words)
    if flag.files:
        yield "-r -F"
    elif not flag.optional:
        yield "-x"
    if flag.listed:
        yield f"-a {_quoted(f'(__fish_append , {words})')}"
    elif flag.words:
        yield f"-a {_quoted(words)}"


def _quoted(text: str) -> str:
    r"""Return a text in single quotes, in which fish knows `\\` and `\'`."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
