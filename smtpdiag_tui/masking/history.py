"""Masking a list of kept runs: the same thing has the same mask in all of them. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from smtpdiag_tui.masking.masks import Masker, is_mask
from smtpdiag_tui.options.vantage_values import parse_via
from smtpdiag_tui.report.kept_run import KeptRun
from smtpdiag_tui.settings import SettingsError, Via, parse_ip


def masked_history(kept: Sequence[KeptRun], names: Collection[str] = ()) -> list[KeptRun]:
    """Return the runs with local parts, the addresses and names of their hosts, and `names`, masked.

    Of the file its name alone is told: where it stands names a user.
    """
    paths = list(dict.fromkeys(path for run in kept for path in run.pair if path))
    domains = {path.rpartition("@")[2].lower() for path in paths}
    own = dict.fromkeys(item.strip("[]").removeprefix("IPv6:") for run in kept for item in _own(run))
    hosts = [item.lower() for item in (*own, *names) if parse_ip(item) is None and not is_mask(item)]
    masker = Masker(
        paths,
        sorted({name for name in hosts if name and name not in domains}, key=lambda name: (-len(name), name)),
        [item for item in own if parse_ip(item) is not None],
    )
    return [_run(run, masker) for run in kept]


def _own(run: KeptRun) -> tuple[str, ...]:
    point = _vantage_point(run.where)
    return (*run.own, point.host) if point is not None else run.own


def _vantage_point(where: str) -> Via | None:
    try:
        return parse_via(where)
    except SettingsError:
        return None


def _run(run: KeptRun, masker: Masker) -> KeptRun:
    point = _vantage_point(run.where)
    if point is not None and point.host:
        where = replace(point, host=masker.name(point.host), user="user" if point.user else "").label
    else:
        where = masker.name(run.where)
    return replace(
        run,
        key=run.key.rpartition("/")[2],
        sender=masker.plain(run.sender),
        recipient=masker.plain(run.recipient),
        headline=masker.words(run.headline),
        where=where,
        own=(),
    )
