"""What headline, causes and findings may not say apart from each other. Each rule yields its contradictions."""

import re
from collections.abc import Iterator

from tests.contradictions.seen import Json, Seen

_SUBJECTLESS = re.compile(r"(?:^|[.;:] )(?:Tell them|Ask there|Check it|Look it up)\b")
_BARE = re.compile(r"\b(?:the|The) (?:address|name)\b(?! (?:of|in|that|servers?)\b)")
_NAMED = re.compile(r"\w\.\w|\w@\w|[0-9a-f]:[0-9a-f:]|\[\S")


def side_of_the_headline(seen: Seen) -> Iterator[str]:
    """The run's side is another than that of the cause that decides; what is accepted is nobody's fault."""
    side, outcome = seen.report["side"], seen.report["outcome"]
    if outcome == "accepted" and side is not None:
        yield f"accepted, and the side is {side}"
    if outcome != "accepted" and seen.causes and seen.causes[0]["decides"] and side != seen.causes[0]["side"]:
        first = seen.causes[0]
        yield f"the side is {side}, that of the first cause {first['code']} is {first['side']}"


def side_of_a_cause(seen: Seen) -> Iterator[str]:
    """A cause is on another side than every finding that it rests on."""
    for cause in seen.causes:
        rests = [item for _, item in seen.below(cause["evidence"]) if _same(cause, item)]
        sides = {item["side"] for item in rests} - {None}
        if sides and cause["side"] not in sides:
            yield f"cause {cause['code']} is on side {cause['side']}, its findings on {', '.join(sorted(sides))}"


def reason_of_a_cause(seen: Seen) -> Iterator[str]:
    """A cause has one reason, and a finding that it quotes has another."""
    for cause in seen.causes:
        reason = cause.get("reason")
        quoted = [item for _, item in seen.below(cause["evidence"]) if _is_refusal(item)]
        reasons = {str(item["reason"]) for item in quoted}
        if reason is not None and reasons and reasons != {reason}:
            yield f"cause {cause['code']} has reason {reason}, its findings {', '.join(sorted(reasons))}"


def accepted_with_a_cause_that_decides(seen: Seen) -> Iterator[str]:
    """The mail is accepted, and something decided that it is not."""
    if seen.report["outcome"] == "accepted":
        yield from (f"accepted, but cause {item['code']} decides" for item in seen.causes if item["decides"])


def advice_without_subject(seen: Seen) -> Iterator[str]:
    """Advice says what to do, and not with whom or what."""
    for where, text in _advice(seen):
        unnamed = _BARE.search(text) is not None and _NAMED.search(text) is None
        if unnamed or _SUBJECTLESS.search(text):
            yield f"{where}: advice {text!r} names no subject"


def _advice(seen: Seen) -> Iterator[tuple[str, str]]:
    """Yield what is advised in the end: of the run, its causes and the findings that are problems."""
    yield from (("advice", text) for text in seen.report["advice"])
    yield from (("causes", cause["advice"]) for cause in seen.causes if cause["advice"])
    for step, item in seen.findings:
        if item["advice"] and item["severity"] != "info":
            yield f"{step} {item['code']}", item["advice"]


def _same(cause: Json, item: Json) -> bool:
    """Whether a cause is that finding, told once for all steps that have it."""
    return bool(item["code"] == cause["code"])


def _is_refusal(item: Json) -> bool:
    """Whether a finding is made from a reply that defers or rejects, so that it has a reason."""
    return item.get("reason") is not None and item["severity"] != "info"


RULES = (
    side_of_the_headline,
    side_of_a_cause,
    reason_of_a_cause,
    accepted_with_a_cause_that_decides,
    advice_without_subject,
)
