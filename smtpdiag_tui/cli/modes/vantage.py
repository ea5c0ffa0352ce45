"""One run from one or several vantage points, printed: several are taken together."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from smtpdiag_tui import interrupts
from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.cli.modes.one_run import opened_network, with_pair
from smtpdiag_tui.cli.modes.saved import keep
from smtpdiag_tui.cli.printing import coloured, plain, print_report
from smtpdiag_tui.cli.streams import require_stdout, tell, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.cli.points_progress import PointsProgress
    from smtpdiag_tui.report.agreement.model import Agreement
    from smtpdiag_tui.report.vantage import Vantage
    from smtpdiag_tui.vantage.side_by_side import OpenPoint

_OF_ONE = frozenset({"jsonl", "nagios", "prometheus"})  # whoever reads these expects one run, and its status


def run_from_vantage_points(arguments: "Arguments", opened: "OpenPoint | None" = None) -> int:
    """Run from each vantage point and print what they come to; `opened` opens them, in tests in another way."""
    require_stdout()
    _check(arguments, demo=arguments.demo and opened is None)
    arguments = with_pair(arguments)
    points = interrupts.run(_run(arguments, opened))
    for point in points:
        if point.report is not None and point.report.outcome is not None:
            keep(point.report, arguments)
    if arguments.redact:
        from smtpdiag_tui.masking.own import masked_points

        points = masked_points(points, arguments.settings)
    if len(points) == 1:
        return _print_one(points[0], arguments)
    return _print_together(points, arguments)


def _check(arguments: "Arguments", *, demo: bool) -> None:
    """Raise UsageError for what cannot be done from these vantage points, or be printed of them."""
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.options.vantage_values import vantage_problem

    problem = vantage_problem(arguments.settings, demo=demo)
    if problem:
        raise UsageError(problem)
    if arguments.report in _OF_ONE and len(arguments.settings.via) > 1:
        raise UsageError(f"--report {arguments.report} is of one run: give one --via")


async def _run(arguments: "Arguments", opened: "OpenPoint | None") -> "tuple[Vantage, ...]":
    """Run over this host's network, or the demo's; stderr tells how it goes on if that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return await _over_network(arguments, opened, None)
    import asyncio

    from smtpdiag_tui.cli.points_progress import PointsProgress

    progress = PointsProgress(sys.stderr, arguments.settings.via, named=not arguments.redact)
    ticking = asyncio.ensure_future(progress.ticking())
    try:
        return await _over_network(arguments, opened, progress)
    finally:
        ticking.cancel()
        progress.clear()


async def _over_network(
    arguments: "Arguments", opened: "OpenPoint | None", progress: "PointsProgress | None"
) -> "tuple[Vantage, ...]":
    from smtpdiag_tui.vantage.points import open_point
    from smtpdiag_tui.vantage.side_by_side import SideBySide

    async with opened_network(arguments) as (settings, network):
        together = SideBySide(network, opened or open_point)
        if progress is not None:
            together = replace(together, emit=progress.tell, ended=progress.end)
        return await together.run(arguments.settings.via, settings)


def _print_one(point: "Vantage", arguments: "Arguments") -> int:
    """Print the one report there is; what broke off is one sentence, and the report as far as it came."""
    from smtpdiag_tui.cli.exit_status import exit_status

    if point.error:
        tell(point.error)
    if point.report is None:
        return ExitStatus.UNKNOWN
    print_report(point.report, arguments)
    return ExitStatus.UNKNOWN if point.error else exit_status(point.report)


def _print_together(points: "Sequence[Vantage]", arguments: "Arguments") -> int:
    from smtpdiag_tui.report.agreement.together import agreement_of

    agreement = agreement_of(points)
    if not any(point.report is not None for point in points):
        for point in points:
            tell(point.error)
        return ExitStatus.UNKNOWN
    write(_text(points, agreement, arguments))
    return ExitStatus[agreement.outcome.name] if agreement.outcome is not None else ExitStatus.UNKNOWN


def _text(points: "Sequence[Vantage]", agreement: "Agreement", arguments: "Arguments") -> str:
    from smtpdiag_tui.render.vantage.as_json import vantage_json, vantage_summary
    from smtpdiag_tui.render.vantage.markdown import vantage_markdown
    from smtpdiag_tui.render.vantage.text import vantage_text

    verbose = arguments.settings.verbose
    match arguments.report:
        case "json":
            return vantage_json(points, agreement)
        case "summary":
            return vantage_summary(points, agreement)
        case "markdown":
            return vantage_markdown(points, agreement, verbose=verbose)
    return vantage_text(
        points,
        agreement,
        colour=coloured(sys.stdout),
        verbose=verbose,
        ascii_only=bool(arguments.ascii_only) or plain(sys.stdout),
    )
