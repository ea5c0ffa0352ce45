"""A bounce explained, then the delivery that failed tested, and both set side by side."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from smtpdiag_tui.cli.exit_status import exit_status
from smtpdiag_tui.cli.streams import require_stdout, tell, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.bounces.explaining import Explained
    from smtpdiag_tui.bounces.then_and_now import Beside
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.report.report import Report

_FORMATS = ("text", "json", "markdown", "summary")
_MOST_NAMED = 8


def explain_and_run(arguments: "Arguments") -> int:
    """Print what a text tells and the run of the delivery that failed; return the exit status of the run.

    Raises UsageError where the text does not say which delivery, and the command line neither.
    """
    from smtpdiag_tui.bounces.beside import beside
    from smtpdiag_tui.bounces.explaining import explain
    from smtpdiag_tui.cli.modes.explain import readings
    from smtpdiag_tui.cli.modes.one_run import run_and_keep, with_message

    _check(arguments)
    require_stdout()
    reading = readings(arguments)
    items = [explain(told) for told in reading.told]
    chosen = chosen_of(items, arguments)
    arguments = _for_hop(items[chosen], arguments)
    message = arguments.settings.message
    if message is not None and message.name == "-":
        arguments = with_message(arguments)
    report = run_and_keep(arguments)
    told = beside(items[chosen].told, items[chosen].reason, report)
    if arguments.redact:
        items, report, told = _masked(items, report, told)
    write(_printed(items, chosen, reading.note, report, told, arguments))
    if reading.note and arguments.report in ("json", "summary"):
        tell(reading.note.rstrip("."))
    return exit_status(report)


def _check(arguments: "Arguments") -> None:
    from smtpdiag_tui.cli.parser import UsageError

    if arguments.report is not None and arguments.report not in _FORMATS:
        raise UsageError(f"--explain prints no {arguments.report} report: must be one of {', '.join(_FORMATS)}")
    if arguments.settings.via:
        raise UsageError("--explain --run and --via conflict: omit one of them")
    message = arguments.settings.message
    if message is not None and message.name == "-" and (arguments.explain or "").strip() in ("", "-"):
        raise UsageError("standard input holds the text to explain: give --message FILE")


def chosen_of(items: "Sequence[Explained]", arguments: "Arguments") -> int:
    """Return which delivery is to be run: that of the recipient given, else the only one that failed.

    Of several to one recipient it is the last, as a log has the newest there. Raises UsageError for a choice.
    """
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.report.status import Outcome

    if arguments.recipient_given:
        return _of_recipient(items, arguments.settings.recipient)
    places = range(len(items))
    failed = [place for place in places if items[place].outcome is not Outcome.ACCEPTED] or list(places)
    recipients = _recipients([items[place] for place in failed])
    if len(recipients) > 1:
        words = f"deliveries to {len(recipients)} recipients: give SENDER and RECIPIENT, one of"
        raise UsageError(f"{words} {_listed(recipients)}")
    return failed[-1]


def _of_recipient(items: "Sequence[Explained]", recipient: str) -> int:
    """Return the last delivery to a recipient, or the last of which the text names none."""
    from smtpdiag_tui.cli.parser import UsageError

    for wanted in (recipient.lower(), ""):
        found = [place for place, item in enumerate(items) if (item.told.recipient or "").lower() == wanted]
        if found:
            return found[-1]
    raise UsageError(f"no delivery to '{recipient}' in the text: must be one of {_listed(_recipients(items))}")


def _recipients(items: "Sequence[Explained]") -> list[str]:
    """Return the recipients, each once; "" stands for one that the text does not name."""
    return list({(item.told.recipient or "").lower(): item.told.recipient or "" for item in items}.values())


def _listed(recipients: "Sequence[str]") -> str:
    named = [recipient for recipient in recipients if recipient]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return f"{', '.join(named[:_MOST_NAMED])}{more}"


def _for_hop(item: "Explained", arguments: "Arguments") -> "Arguments":
    """Return the arguments of a run of a delivery: what the command line gives comes before what the text says."""
    from smtpdiag_tui.cli.parser import UsageError

    told, settings = item.told, arguments.settings
    if not arguments.sender_given and told.sender is not None:
        settings = replace(settings, sender=told.sender)
    if not arguments.recipient_given and told.recipient:
        settings = replace(settings, recipient=told.recipient)
    sender = arguments.sender_given or told.sender is not None
    recipient = arguments.recipient_given or bool(told.recipient)
    if not sender or not recipient:
        missing = " and ".join(what for what, known in (("sender", sender), ("recipient", recipient)) if not known)
        raise UsageError(f"the text names no {missing}: give SENDER and RECIPIENT")
    arguments = replace(arguments, settings=settings, sender_given=True, recipient_given=True)
    arguments.require_addresses()
    return arguments


def _masked(
    items: "Sequence[Explained]", report: "Report", told: "Beside"
) -> "tuple[list[Explained], Report, Beside]":
    from smtpdiag_tui.masking.bounce import redact_explained
    from smtpdiag_tui.masking.masks import Masks
    from smtpdiag_tui.masking.own import masked, masked_beside
    from smtpdiag_tui.network.machine import own_names

    masks = Masks()  # the same mailbox is told in all three
    shown = redact_explained(items, own_names(), masks)
    return shown, masked(report, masks), masked_beside(told, report, masks)


def _printed(
    items: "Sequence[Explained]",
    chosen: int,
    note: str,
    report: "Report",
    told: "Beside",
    arguments: "Arguments",
) -> str:
    """Return the explanation, the comparison and the report in one of the formats."""
    from smtpdiag_tui.cli.printing import coloured, plain
    from smtpdiag_tui.render.bounces import beside as side
    from smtpdiag_tui.render.bounces.explained import explained_json, explained_markdown, explained_text

    at, verbose = items[chosen].told.at, arguments.settings.verbose
    match arguments.report:
        case "json":
            from smtpdiag_tui.render.as_json import to_json

            return side.with_run(explained_json(items), to_json(report), told, chosen)
        case "markdown":
            from smtpdiag_tui.render.markdown import to_markdown

            above = (explained_markdown(items, note, ""), side.beside_markdown(told, at))
            return "\n".join((*above, to_markdown(report, verbose=verbose)))
        case "summary":
            from smtpdiag_tui.render.summary import to_summary

            return side.beside_summary(to_summary(report), told)
    from smtpdiag_tui.render.text import to_text

    colour, ascii_only = coloured(sys.stdout), bool(arguments.ascii_only) or plain(sys.stdout)
    parts = (
        explained_text(items, note, "", colour=colour, ascii_only=ascii_only),
        side.beside_text(told, at, colour=colour, ascii_only=ascii_only),
        to_text(report, colour=colour, verbose=verbose, ascii_only=ascii_only),
    )
    return "\n".join(parts)
