"""What a setting declares of itself, for all who read settings or write them. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import Enum, auto
from typing import Any

from smtpdiag_tui.settings import Settings

BLANKS_OR_COMMAS = r"[\s,]+"
BLANKS = r"\s+"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flag:
    """How a setting stands on the command line.

    `names` ends with the long one. `metavar` names the value that follows; without one the flag stands alone and
    `means` a value by itself. `alone` is the text that it stands for where its value is left out, None where that
    must be there. `dest` tells the flags of one option apart.
    """

    names: tuple[str, ...]
    help: str
    metavar: str | None = None
    means: object = True
    alone: str | None = None
    dest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InFile:
    """How a setting stands below `[defaults]` in the user's file, under its name.

    `allowed` is what an error says after "must be". Text is always taken; `numbers` are the other types that are,
    and with `lists` a list of texts. `separators` is the pattern of what stands between values in one text.
    """

    allowed: str
    numbers: tuple[type, ...] = ()
    lists: bool = False
    separators: str = BLANKS_OR_COMMAS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Typed:
    """A field of the settings form to type into. `show` turns a value into text; the default is shown as blank.

    `parse` takes the place of the option's own where the form takes less than the command line. `kept` says of a
    value that it stays as it is while its text does: it could not be read again from that.
    """

    label: str
    placeholder: str
    show: Callable[[Any], str] = str
    parse: Callable[[str], Any] | None = None
    kept: Callable[[Any], bool] = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """A field of the settings form with values to choose from; these stand below those to type into, by `place`.

    `choices` gives each value with its words, for the settings as they are and the name of this machine's mail
    server, None if none is known. Without choices there is no field.
    """

    label: str
    place: int
    choices: Callable[[Settings, str | None], tuple[tuple[object, str], ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """What the settings line of a report says where the setting differs from its default; "" for nothing."""

    place: int
    words: Callable[[Settings], str]


class Shape(Enum):
    """As what kind of value JSON holds a setting."""

    SWITCH = auto()  # true; anything else is false
    YES_NO = auto()  # true or false; anything else is not known
    WHOLE_NUMBER = auto()
    SECONDS = auto()
    TEXT = auto()
    TEXTS = auto()
    RELAYS = auto()  # objects of host, port and mx
    MESSAGE = auto()  # an object of name and size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Json:
    """How a setting stands in a JSON report, under its name.

    `write` turns the value into what JSON holds, where it does not hold it as it is. `parse` takes the place of
    the option's own where a saved report may hold more or less than the command line; it gets the text, of a list
    all texts. `wrong` says what is wrong with a value that cannot be, None for the parser's own words. `most`
    bounds a list, and `too_many` says so, None for general words.
    """

    shape: Shape
    required: bool = False
    write: Callable[[Any], object] | None = None
    parse: Callable[[Any], object] | None = None
    wrong: str | None = None
    most: int | None = None
    too_many: str | None = None


class Masked(Enum):
    """What a setting tells of whom, and so how it is masked."""

    NOT = auto()  # tells nothing of anybody
    OWN_ADDRESS = auto()  # an address of this machine
    OWN_ADDRESSES = auto()  # addresses of a host of one's own
    OWN_HOST = auto()  # this machine's name or address
    OWN_HOSTS = auto()  # hosts that this machine's own set-up names
    MAIL_HOST = auto()  # the host that delivery turns to: masked unless all can know it from the DNS
    RELAYS = auto()  # the hosts that the mail goes by way of
    DNS_SERVERS = auto()  # public or not: an address is masked where it is known to be this machine's
    BLOCKLISTS = auto()  # domains, whose first label may be a subscriber's key
    MAILBOX = auto()  # a mail address: its local part is masked
    SELECTORS = auto()  # DKIM selectors, which stand in every message; their domains may be this machine's name
    MESSAGE = auto()  # a message's file, whose path may name a user
    VANTAGE_POINTS = auto()  # hosts of one's own, and the user who logs in there
    LINES = auto()  # sentences that may name hosts and addresses of this machine


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Option:
    """One setting. `name` is its field in `Settings`, which has the default; None says where it does not stand.

    `parse` reads a text, or with `several` a list of texts, and raises SettingsError. A setting without flags is
    read off the local mail server alone. `local_mta_sets` says that with --as-local-mta that server's value goes
    before the one in the user's file, `with_saved` that the flag may stand beside a saved report.
    """

    name: str
    json: Json
    masked: Masked
    flags: tuple[Flag, ...] = ()
    parse: Callable[[Any], Any] = _as_it_is
    several: bool = False
    in_file: InFile | None = None
    form: Typed | Chosen | None = None
    phrase: Phrase | None = None
    local_mta_sets: bool = False
    with_saved: bool = False

    def read(self, text: str, separators: str = BLANKS_OR_COMMAS) -> Any:
        """Return the value that one text holds, all of several in it; raises SettingsError."""
        if not self.several:
            return self.parse(text)
        return self.parse([part for part in re.split(separators, text) if part])


def defaults_of(settings: Settings) -> dict[str, Any]:
    """Return the default of each setting by its name."""
    return {field.name: field.default for field in fields(settings)}


def labels(hosts: Iterable[Any]) -> list[str]:
    """Return how DNS servers or relay hosts are written."""
    return [host.label for host in hosts]
