"""The given message in the step's transcript, and in one sentence beside the answer; never its body. Pure."""

from collections.abc import Iterable, Sequence

from smtpdiag_tui.checks.authentication.dkim.signature import SignatureTags
from smtpdiag_tui.checks.authentication.dkim.signature_judgement import name_of
from smtpdiag_tui.checks.authentication.message.judgement import Examined
from smtpdiag_tui.checks.authentication.message.reading import LineEnds
from smtpdiag_tui.checks.authentication.seen import MessageSeen, Signature
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict
from smtpdiag_tui.report.findings import Finding, Severity, gravest_first
from smtpdiag_tui.report.visible import visible

_ADDRESSES = 5  # of the From field, that are named
_NAMES = 12  # header fields that are named
_SIGNATURES = "dkim-"


def notes(examined: Examined, parsed: Sequence[object], seen: MessageSeen) -> list[str]:
    """Return the lines that tell of a message: sizes, its From addresses, names of fields, the signatures.

    Display names, Subject and other values are nobody's business, least of all in a report that is passed on.
    """
    read = examined.read
    fields = counted(len(read.fields), "header field")
    lines = [
        f"{read.size:,} bytes as it goes out with CRLF line ends; {fields} of {read.header_size:,} bytes",
        _line_ends(read.line_ends),
    ]
    addresses = seen.from_addresses[:_ADDRESSES]
    if addresses:
        lines.append(f"From {', '.join(map(visible, addresses))}{_more(len(seen.from_addresses), _ADDRESSES)}")
    names = dict.fromkeys(visible(item.name[:40]) for item in read.fields)
    lines.append(f"fields {' '.join(list(names)[:_NAMES])}{_more(len(names), _NAMES)}")
    for item, signature in zip(parsed, seen.signatures, strict=True):
        lines.append(_signature(item, signature))
    return lines


def _line_ends(ends: LineEnds) -> str:
    kinds = (("CRLF", ends.crlf), ("LF", ends.lf), ("CR alone", ends.cr))
    return "line ends in the file: " + (
        ", ".join(f"{number:,} {kind}" for kind, number in kinds if number) or "none"
    )


def _signature(item: object, signature: Signature) -> str:
    words = [f"DKIM {name_of(signature) or 'without a name'}", visible(signature.algorithm)]
    if isinstance(item, SignatureTags):
        methods = item.header_method + b"/" + item.body_method
        names = [visible(name[:40]) for name in item.names[:_NAMES]]
        words += [methods.decode("ascii"), f"signs {' '.join(names)}{_more(len(item.names), _NAMES)}"]
    because = f" ({visible(signature.because)})" if signature.because else ""
    return ", ".join(word for word in words if word) + f": {signature.result}{because}"


def _more(number: int, named: int) -> str:
    return f" and {number - named:,} more" if number > named else ""


def message_beyond(seen: MessageSeen, findings: Iterable[Finding]) -> Beyond | None:
    """Return what is known of the message that RCPT does not cover, its signatures apart: DKIM tells of those."""
    if not seen.readable:
        words = "The message was not kept with the report and could not be checked again"
        return Beyond(BeyondName.MESSAGE, BeyondVerdict.UNKNOWN, words)
    own = [item for item in findings if item.is_problem and not item.code.startswith(_SIGNATURES)]
    worst = gravest_first(own)[0] if own else None
    if worst is not None and worst.severity is Severity.FAILURE:
        return Beyond(BeyondName.MESSAGE, BeyondVerdict.FAIL, worst.message)
    if any(item.code == "message-fits" for item in findings) or worst is not None:
        return Beyond(BeyondName.MESSAGE, BeyondVerdict.PASS, _passes(seen, worst))
    words = f"No MX address announced a limit for the {seen.size:,} bytes of the message"
    return Beyond(BeyondName.MESSAGE, BeyondVerdict.UNKNOWN, words)


def _passes(seen: MessageSeen, risk: Finding | None) -> str:
    size = f"{seen.size:,} bytes"
    return f"Message of {size} is well formed" if risk is None else f"Message of {size} has a risk: {risk.message}"
