"""Masking the reports from several vantage points: the same thing has the same mask in all of them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from smtpdiag_tui.masking.masks import Masker, Masks
from smtpdiag_tui.masking.of_this_machine import own_things
from smtpdiag_tui.masking.redact import masked_vantage_points, masker_of, redact
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via, parse_ip

_ADDRESS = re.compile(
    r"(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*[0-9A-Fa-f])(?!\w|:\w)"
)
_FOLDER = re.compile(r"(?<![\w/.:])~?/(?:[^\s/'\"]+/)+")  # of a file that ssh names: a user's


def redact_points(
    points: Sequence[Vantage], settings: Settings, names: Collection[str] = (), addresses: Collection[str] = ()
) -> tuple[Vantage, ...]:
    """Return the vantage points masked: their hosts, and in every report what is any of these hosts' own.

    `settings` are those of the runs; `names` and `addresses` name more of this host.
    """
    masks = Masks()
    own = own_things(Report(replace(settings, via=tuple(point.via for point in points))))
    for point in points:
        if point.report is not None:
            found = own_things(point.report)
            own.names |= found.names
            own.addresses |= found.addresses
    every_name, every_address = {*names, *own.names}, {*addresses, *own.addresses}
    return tuple(_redacted(point, settings, every_name, every_address, masks) for point in points)


def _redacted(
    point: Vantage, settings: Settings, names: Collection[str], addresses: Collection[str], masks: Masks
) -> Vantage:
    masker = masker_of(Report(replace(settings, via=(point.via,))), names, addresses, masks)
    report = point.report and redact(point.report, names, addresses, masks=masks)
    [via] = masked_vantage_points((point.via,), masker)
    return replace(point, via=via, report=report, error=_words(point, via, masker, masks))


def _words(point: Vantage, masked: Via, masker: Masker, masks: Masks) -> str:
    """Return the sentence on what failed, in which host and user may stand alone."""
    text = point.error.replace(point.via.label, masked.label)
    for word, mask in ((point.via.host, masked.host), (point.via.user, masked.user)):
        if word:
            text = re.sub(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", mask, text, flags=re.IGNORECASE)
    return _FOLDER.sub("", _ADDRESS.sub(lambda found: _masked_address(found[0], masks), masker.plain(text)))


def _masked_address(literal: str, masks: Masks) -> str:
    """Return the mask of an address that only ssh names: a host's alias stands for it."""
    address = parse_ip(literal)
    if address is None:
        return literal
    return masks.of(f"ipv{address.version}", str(address), f"own-ipv{address.version}-{{}}")
