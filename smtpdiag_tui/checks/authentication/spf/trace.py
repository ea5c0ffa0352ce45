"""The trace of an evaluation as lines to read. Pure."""

from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_LOOKUPS,
    SpfAsked,
    SpfEntry,
    SpfEvaluation,
    SpfLeftOut,
    SpfRecord,
    SpfRecordSeen,
    SpfTermSeen,
    TermState,
)
from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.report.amounts import counted, noun_for
from smtpdiag_tui.report.visible import visible

MOST_LINES = 400
_MOST_RECORD = 2000  # characters of a record that are shown
_MOST_TERM = 200
_MOST_NAMES = 3  # lookups of one term that are shown
_WIDEST = 40  # columns that terms are aligned to
_STATE = 9


def spf_lines(evaluation: SpfEvaluation) -> tuple[str, ...]:
    """Return the records and terms in order, one line each, printable and bounded; the result comes last."""
    width = min(_WIDEST, max((_width(item) for item in evaluation.trace), default=0))
    lines = [_line(item, width) for item in evaluation.trace]
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES
        lines = [*lines[: MOST_LINES // 2], f"… ({left:,} more lines)", *lines[-MOST_LINES // 2 :]]
    return (*lines, _last(evaluation))


def record_line(record: SpfRecord) -> str:
    """Return where a record stands and its text: `sender.example TXT "v=spf1 -all"`."""
    return f'{shown(record.domain)} TXT "{shown(record.text, _MOST_RECORD, octets=True)}"'


def shown(text: str, most: int = _MOST_TERM, *, octets: bool = False) -> str:
    """Return a text of the DNS, printable and bounded; `octets`: it is a record's, an octet a character."""
    kept = text[:most]
    printable = visible(kept.encode("latin-1")) if octets else visible(kept)
    left = len(text) - len(kept)
    return f"{printable}… ({left:,} more {noun_for(left, 'character')})" if left else printable


def _width(item: SpfEntry) -> int:
    return 2 * item.depth + len(shown(item.term.text, octets=True)) if isinstance(item, SpfTermSeen) else 0


def _line(item: SpfEntry, width: int) -> str:
    indent = "  " * item.depth
    if isinstance(item, SpfRecordSeen):
        return indent + record_line(item.record)
    if isinstance(item, SpfLeftOut):
        return f"{indent}… ({item.count:,} more {noun_for(item.count, 'term')} without a match)"
    term = (indent + shown(item.term.text, octets=True)).ljust(width)
    parts = [f"{_outcome(item):<{_STATE}}"]
    if item.number:
        parts.append(f"{item.number:>2} of {MOST_LOOKUPS} lookups")
    told = _told(item)
    if told:
        parts.append(told)
    return f"{term}  {'  '.join(parts)}".rstrip()


def _outcome(item: SpfTermSeen) -> str:
    """Return what came of a term, in a word: its result where it matched."""
    return item.term.result.value if item.state is TermState.MATCHED else item.state.value


def _told(item: SpfTermSeen) -> str:
    """Return what a term looked up and found, and what else is to be said of it."""
    told = [_asked(each) for each in item.asked[:_MOST_NAMES]]
    if len(item.asked) > _MOST_NAMES:
        told.append(f"{len(item.asked) - _MOST_NAMES} more")
    failed = any(each.found is Found.FAILED for each in item.asked)
    if item.because and not failed:
        told.append(shown(item.because))
    return "; ".join(told)


def _asked(asked: SpfAsked) -> str:
    question = shown(str(asked.question))
    if asked.found is Found.FAILED:
        return f"{question} failed ({shown(asked.why)})"
    if asked.found is not Found.DATA:
        return f"{question} {asked.found}"
    if asked.question.rdtype == "TXT":
        return f"{question} ({counted(asked.count, 'record')})"
    more = f" and {asked.count - len(asked.values):,} more" if asked.count > len(asked.values) else ""
    return f"{question} = {', '.join(shown(value) for value in asked.values)}{more}"


def _last(evaluation: SpfEvaluation) -> str:
    """Return the result, with what it cost."""
    said = f" ({evaluation.explanation})" if evaluation.explanation else ""
    return (
        f"{evaluation.result.value}{said}: {evaluation.lookups} of {MOST_LOOKUPS} lookups,"
        f" {counted(evaluation.void_lookups, 'void lookup')}"
    )
