"""The runs from several vantage points taken together: one answer, and where they differ. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.report.agreement.differences import differences, grouped
from smtpdiag_tui.report.agreement.meaning import meaning_of, shared_sentences
from smtpdiag_tui.report.agreement.model import Agreement, Uncounted
from smtpdiag_tui.report.agreement.seen import Seen, counts, seen_from
from smtpdiag_tui.report.agreement.words import Named, fitting
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.vantage import Vantage

_WORST_FIRST = (Outcome.BOUNCED, Outcome.DEFERRED, Outcome.UNKNOWN, Outcome.ACCEPTED)
_BEST_FIRST = ("accepted", "greylisted", "deferred", "bounced", "unknown")
_MANY = 4  # different words in one headline
_CANCELLED = "cancelled"
_NO_OUTCOME = "its run came to no outcome"


def agreement_of(points: Sequence[Vantage]) -> Agreement:
    """Return what the vantage points come to together. Only those whose run has ended by itself have a say."""
    seen = [found for point in points if (found := seen_from(point)) is not None]
    uncounted = tuple(_uncounted(point) for point in points if not counts(point))
    outcomes = {item.outcome for item in seen}
    meaning = meaning_of(seen)
    return Agreement(
        points=tuple(point.via.label for point in points),
        counted=tuple(item.point for item in seen),
        agree=len(outcomes) == 1,
        outcome=next((outcome for outcome in _WORST_FIRST if outcome in outcomes), None),
        headline=_headline(seen, uncounted),
        meaning=meaning.text,
        action=meaning.action,
        side=meaning.side,
        shared=shared_sentences(seen),
        differences=differences(seen),
        uncounted=uncounted,
    )


def _uncounted(point: Vantage) -> Uncounted:
    report = point.report
    if point.error:
        return Uncounted(point.via.label, point.error)
    if report is not None and report.status is Status.CANCELLED:
        return Uncounted(point.via.label, _CANCELLED)
    pending = report is None or report.status in (Status.PENDING, Status.RUNNING)
    return Uncounted(point.via.label, "not ended" if pending else _NO_OUTCOME, pending=pending)


def _headline(seen: Sequence[Seen], uncounted: Sequence[Uncounted]) -> str:
    """Return the outcome from everywhere in one fact, at most 80 characters."""
    pending = [item for item in uncounted if item.pending]
    failed = [item.point for item in uncounted if not item.pending]
    total = len(seen) + len(uncounted)
    if pending:
        return f"{len(seen) + len(failed)} of {counted(total, 'vantage point')} done"
    if not seen:
        return fitting([lambda names: f"{_capital(names(failed))} could not be used"])
    words = grouped(seen, lambda item: item.word)
    if len(words) == 1 and len(seen) > 1:
        return _all_agree(seen, next(iter(words)), failed)
    ordered = sorted(words.items(), key=lambda pair: _BEST_FIRST.index(pair[0]))

    def told(names: Named) -> str:
        return _capital(", ".join(f"{word} from {names(points)}" for word, points in ordered))

    def accepted(names: Named) -> str:
        others = [item.point for item in seen if item.outcome is not Outcome.ACCEPTED]
        return f"Accepted from {names(words['accepted'])}, not from {names(others)}"

    def in_short(_: Named) -> str:
        found = listed(f"{len(points)} {word}" for word, points in ordered)
        return f"{found} of {total} vantage points" if len(ordered) < _MANY else found

    def whole(names: Named) -> str:
        return f"{told(names)}{_without(failed, names)}"

    forms = (
        [whole, told, accepted, in_short] if "accepted" in words and len(words) > 1 else [whole, told, in_short]
    )
    return fitting(forms)


def _all_agree(seen: Sequence[Seen], word: str, failed: Sequence[str]) -> str:
    which = "Both" if len(seen) == 2 and not failed else f"All {len(seen)}"
    whole = f"{which} vantage points agree"
    if failed:
        whole = f"{len(seen)} of {len(seen) + len(failed)} vantage points agree"
    return fitting([lambda names: f"{whole}: {word}{_without(failed, names)}", lambda _: f"{whole}: {word}"])


def _without(failed: Sequence[str], names: Named) -> str:
    return f"; {names(failed)} could not be used" if failed else ""


def _capital(text: str) -> str:
    """Return a sentence as it begins, unless it begins with a name."""
    begins = text.startswith(_BEST_FIRST)
    return text[:1].upper() + text[1:] if begins else text
