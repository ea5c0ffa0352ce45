"""Masking for what leaves this machine: a report with its own names and addresses, and errors of usage."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from smtpdiag_tui.masking.masks import Masker, Masks
from smtpdiag_tui.network.machine import own_names
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Masked
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import address_in
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings, parse_ip

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.then_and_now import Beside

_MOST = 1024  # addresses that are tried
# Options of the command whose value is told, as those of a run are that tell nothing of anybody.
_PUBLIC = frozenset({"--report", "--theme", "--replay"})
# Options of the command that name a file; what is to be explained can be its text as well.
_FILES = frozenset({"--explain", "--batch", "--resume", "--compare"})
# Those that a value always follows, whatever it looks like.
_VALUED = frozenset({*_PUBLIC, *_FILES, "--sender", "--jobs", "--shard", "--completion"})
_VIA, _COMPARE = "--via", "--compare"
_SCHEMES = frozenset({"local", "ssh", "socks5"})
_PART = re.compile(r"[^\s@/:;,\[\]]+")
_TOLD = (Masked.NOT, Masked.DNS_SERVERS, Masked.SELECTORS)
_MAILBOXES = (Masked.MAILBOX,)
_INSIDE = tuple(kind for kind in Masked if kind not in (*_TOLD, *_MAILBOXES))
_LITERAL = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,45})(?![\w:])")


def masked(report: Report, masks: Masks | None = None) -> Report:
    """Return a report with local parts, this machine's addresses and internal names masked.

    `masks` are those that were given before, to what shall have the same ones here.
    """
    from smtpdiag_tui.masking.redact import redact
    from smtpdiag_tui.network.system import SystemNetwork

    return redact(report, own_names(), own_addresses(report, SystemNetwork().is_own), masks=masks)


def masked_points(points: Sequence[Vantage], settings: Settings) -> tuple[Vantage, ...]:
    """Return the runs from several vantage points masked alike; `settings` are those of the runs."""
    from smtpdiag_tui.masking.vantage import redact_points
    from smtpdiag_tui.network.system import SystemNetwork

    is_own = SystemNetwork().is_own
    reports = [point.report for point in points if point.report is not None]
    own = {address for report in reports for address in own_addresses(report, is_own)}
    return redact_points(points, settings, own_names(), own)


def masked_lines(report: Report, lines: Sequence[str], masks: Masks | None = None) -> tuple[str, ...]:
    """Return lines about a report, masked as what stands in it is."""
    told = tuple(Cause("", Side.HERE, line) for line in lines)
    return tuple(cause.message for cause in masked(replace(report, causes=told), masks).causes)


def masked_beside(beside: "Beside", report: Report, masks: Masks | None = None) -> "Beside":
    """Return what is said of a bounce beside a report, masked as the report is."""
    lines = (beside.then, beside.now, beside.because, beside.step)
    then, now, because, step = masked_lines(report, lines, masks)
    step = beside.step if step == beside.step else ""  # it names what is masked
    return replace(beside, then=then, now=now, because=because, step=step)


def own_addresses(report: Report, is_own: Callable[[str], bool]) -> tuple[str, ...]:
    """Return those of the addresses that a report is about that are this machine's.

    No session has shown them: a DNS server or a mail host can run on this machine. Loopback tells nobody anything.
    """
    found = dict.fromkeys(islice(_about(report), _MOST))
    return tuple(address for address in found if is_own(address))


def _about(report: Report) -> Iterator[str]:
    """Yield the addresses in what settings and step ids name, one with a port too, as DNS servers have it."""
    for label in _labels(report):
        literal = parse_ip(address_in(label)) or parse_ip(address_in(label.rpartition(":")[0]))
        if literal is not None and not literal.is_loopback:
            yield str(literal)


def _labels(report: Report) -> Iterator[str]:
    """Yield what can be an address of the settings, and every part of a step's id below its branch."""
    settings = report.settings
    yield from (settings.server or "", settings.source or "", *(relay.host for relay in settings.relay))
    yield from (path.rpartition("@")[2] for path in (settings.sender, settings.recipient))
    yield from (server.address for server in settings.dns)
    for key in report.steps:
        yield from StepId(key).parts[1:]


def masked_usage(sentence: str, argv: Sequence[str]) -> str:
    """Return an error of usage without the mail addresses, hosts and IP addresses that were given."""
    masks = Masks()
    given = list(_given(argv))
    inside, files = _flags_of_values(_INSIDE), _flags_of_values((Masked.MESSAGE,)) | _FILES
    public = _PUBLIC | _flags_of_values(_TOLD)
    told = {value for option, value in given if option in public}
    for option, value in sorted(given, key=lambda item: -len(item[1])):
        if option not in public and value.strip() and not _names_kept_run(option, value):
            file = option in files
            mask = masks.of("file", value, "file{}") if file else _mask_of(value, masks, inside=option in inside)
            sentence = _without(sentence, value, mask)
    for part in (part for option, value in given if option == _VIA for part in _PART.findall(value)):
        if part not in _SCHEMES and not part.isdigit():  # a user and a host, of which a message can name one
            sentence = _without(sentence, part, masks.of("name", part, "host{}"))
    seen = {found[0].rstrip(".:") for found in _LITERAL.finditer(sentence)}
    private = [text for text in seen if not any(text in value for value in told)]
    return _without_home(Masker((), own_names(), private, masks=masks).plain(sentence))


def _names_kept_run(option: str, value: str) -> bool:
    return option == _COMPARE and (value == "last" or value.isdigit())


def _without_home(sentence: str) -> str:
    """Return a sentence in which the folder of the user, which names him, is `~`."""
    try:
        home = str(Path.home())
    except RuntimeError:
        return sentence
    return sentence if home.count("/") < 2 else sentence.replace(f"{home}/", "~/")


def _without(sentence: str, value: str, mask: str) -> str:
    """Return a sentence with a mask for a value, as it was given and as messages write it."""
    for form in dict.fromkeys((value, value.strip(), repr(value)[1:-1], visible(value))):
        whole = re.compile(rf"(?<!\w){re.escape(form)}(?!\w)")
        sentence = whole.sub(mask.replace("\\", r"\\"), sentence)
    return sentence


def _given(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the words of a command line that are no options, each with the option it may be the value of."""
    before, ended, valued = "", False, _flags_with_values()
    for word in argv:
        if not ended and word.startswith("-") and word != "-":
            option, equals, value = word.partition("=")
            if equals:
                yield option, value
            ended = word == "--"
            before = "" if equals else option
        else:
            option = "" if "@" in word and before not in valued else before
            yield option, word
            before = _COMPARE if before == _COMPARE and option else ""


def _flags_of_values(kinds: Collection[Masked]) -> frozenset[str]:
    """Return the flags of a run that a value of one of these kinds follows; none follows one that stands alone."""
    flags = (flag for option in table.OPTIONS if option.masked in kinds for flag in option.flags)
    return frozenset(name for flag in flags if flag.metavar is not None for name in flag.names)


def _flags_with_values() -> frozenset[str]:
    """Return the flags that a value always follows, whatever it looks like."""
    flags = (flag for option in table.OPTIONS for flag in option.flags)
    named = (flag for flag in flags if flag.metavar is not None and flag.alone is None)
    return _VALUED | {name for flag in named for name in flag.names}


def _mask_of(value: str, masks: Masks, *, inside: bool) -> str:
    """Return the mask of a value: of a host or address where `inside`, else of somebody's address."""
    literal = parse_ip(value.strip("[]"))
    if inside and literal is not None:
        return masks.of(f"ipv{literal.version}", str(literal), f"own-ipv{literal.version}-{{}}")
    if inside:
        return masks.of("name", value, "host{}")
    local, at, domain = value.rpartition("@")
    return f"{masks.user(local)}@{visible(domain)}" if at else masks.user(value)
