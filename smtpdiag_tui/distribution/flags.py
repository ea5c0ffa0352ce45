"""What the command takes, in the order of its help, with the values that a shell can offer for each flag. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from smtpdiag_tui.cli.commands import COMMANDS, REPORTS
from smtpdiag_tui.options.option import Flag
from smtpdiag_tui.options.table import OPTIONS
from smtpdiag_tui.settings import Probe, TlsPolicy
from smtpdiag_tui.tui.drawing.theme_names import THEMES

PROGRAMS = ("smtpdiag", "smtpdiag-tui")
SHELLS = ("bash", "zsh", "fish")
_FILES = frozenset({"FILE", "OUT"})  # as the help names their values
_ALSO_FILES = frozenset({"--explain", "--compare"})
_WORDS: dict[str, tuple[str, ...]] = {
    "--report": REPORTS,
    "--tls": tuple(TlsPolicy),
    "--via": ("local", "ssh:", "socks5://"),
    "--compare": ("last",),
    "--theme": tuple(sorted(THEMES)),
    "--completion": SHELLS,
}
_LISTS: dict[str, tuple[str, ...]] = {"--probe": tuple(Probe)}  # several in one value, separated by commas


@dataclass(frozen=True, slots=True)
class Offered:
    """One flag: its names, the long one last, its help, and what can be offered for its value.

    `value` names the value, None for a flag that stands alone; `optional`: it may be left out. `words` are values,
    in a comma-separated list where `listed`; `files`: the value is a file. `several`: it may be given repeatedly.
    """

    names: tuple[str, ...]
    help: str
    value: str | None = None
    optional: bool = False
    words: tuple[str, ...] = ()
    listed: bool = False
    files: bool = False
    several: bool = False

    @property
    def long(self) -> str:
        """The name in full, of `-4` and `-6` the only one."""
        return self.names[-1]


def offered() -> tuple[Offered, ...]:
    """Return all flags in the order of the help."""
    return tuple(_offered())


def _offered() -> Iterator[Offered]:
    for option in OPTIONS:
        yield from _commands(option.name)
        yield from (_of(flag, several=option.several) for flag in option.flags)
    yield from _commands(None)


def _commands(before: str | None) -> Iterator[Offered]:
    yield from (_of(item.flag, several=item.several) for item in COMMANDS if item.before == before)


def _of(flag: Flag, *, several: bool) -> Offered:
    name = flag.names[-1]
    return Offered(
        names=flag.names,
        help=flag.help,
        value=flag.metavar,
        optional=flag.alone is not None,
        words=_LISTS.get(name) or _WORDS.get(name, ()),
        listed=name in _LISTS,
        files=flag.metavar in _FILES or name in _ALSO_FILES,
        several=several,
    )
