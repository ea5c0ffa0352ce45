"""What is told of refusals, sessions and this machine, beside what was said. Each rule yields contradictions."""

import re
from collections.abc import Iterator

from smtpdiag_tui.report.step_id import StepId
from tests.contradictions.seen import Exchange, Json, Seen, quotes_a_refusal

_REFUSALS = frozenset(
    {"blocklisted", "greeting-rejected", "greylisted", "helo-rejected", "rate-limited", "recipient-deferred"}
    | {"recipient-rejected", "sender-deferred", "sender-rejected", "service-unavailable", "starttls-required"}
    | {"blocklisted-here", "rate-limited-here", "reverse-name-here", "authentication-required"}
)
_REJECTS = re.compile(
    r"\b(?:rejects|rejected|refuses|limits|turns away)\b.{0,60}\b(?:this (?:machine|host)|the (?:mail|recipient))"
)
_OF_LISTS = ("blocklisted", "dnsbl-listed")
_LISTED = re.compile(r"\b(?:stands on|is listed|is on|lists)\b")
_LISTS_NOT = re.compile(r"not list|no longer list|lists neither", re.IGNORECASE)
_UNREACHED = ("connection-refused", "connection-timeout", "connection-reset", "network-unreachable")
# These stand beside a reply that ended a session and are never why it did.
BESIDE = frozenset(
    {"certificate-expired", "certificate-expires-soon", "certificate-malformed", "certificate-name-mismatch"}
    | {"certificate-untrusted", "greeting-slow", "greeting-very-slow", "implicit-mx"}
    | {"mx-address-not-public", "mx-ipv6-only", "mx-is-cname", "starttls-injection", "starttls-not-offered"}
    | {"starttls-refused", "tls-handshake-failed", "tls-protocol-old"}
)
# The DNS led to the wrong host, or something on the way spoke: what a host said there does not matter then.
ABOVE_SESSIONS = frozenset(
    {"answer-filtered", "answer-stale", "answers-contradict", "delegation-stale", "dns-intercepted"}
    | {"mail-host-addresses-differ", "mx-differ-same-serial", "nxdomain-rewritten", "path-interference"}
    | {"soa-mx-mismatch", "stale-resolver", "answer-needs-tcp", "dnssec-bogus", "senders-give-up"}
)
_PERMANENT = frozenset(
    {"answers-contradict", "domain-not-found", "mx-address-unusable", "mx-is-address", "mx-is-this-machine"}
    | {"mx-none-usable", "mx-unresolvable", "no-mail-host", "null-mx", "smtputf8-not-offered"}
)


def refusal_without_a_reply(seen: Seen) -> Iterator[str]:
    """Somebody defers or rejects, and no reply of his is in evidence."""
    for step, item in seen.findings:
        if item["code"] in _REFUSALS and not quotes_a_refusal(item["evidence"]):
            yield f"{step}: {item['code']} ({item['message']!r}), and no reply is in evidence"
    for cause in seen.causes:
        lines = [line for _, item in seen.below(cause["evidence"]) for line in item["evidence"]]
        refuses = cause["code"] in _REFUSALS or _REJECTS.search(cause["message"]) is not None
        if refuses and not quotes_a_refusal(lines):
            yield f"cause {cause['code']}: {cause['message']!r}, and no reply is in evidence"


def unreached_beside_a_greeting(seen: Seen) -> Iterator[str]:
    """An address could not be connected to, and its server spoke."""
    for step, item in seen.having(*_UNREACHED):
        session = step.parent if step.phase else step
        if session is not None and session in seen.sessions:
            yield f"{step}: {item['code']}, but {session} spoke: {seen.sessions[session][0].reply[:1]}"


def not_decided_by_the_last_exchange(seen: Seen) -> Iterator[str]:
    """The first cause is another than the exchange that ended the session that decided."""
    first, session = _deciding_cause(seen), deciding_session(seen)
    if first is None or session is None or first["code"] in ABOVE_SESSIONS:
        return
    last = seen.sessions[session][-1]
    if first["code"] in BESIDE and _strict(seen) is False:
        yield f"{session} ended at {_shown(last)}, but the first cause is {first['code']}"
    elif last.refuses:
        quoting = [(step, item) for step, item in _at(seen, session) if _quotes(item, last)]
        if not quoting:
            yield f"{session} ended at {_shown(last)}, and no finding quotes that"
        elif not any(_rests_on(first, step, item) for step, item in quoting):
            told = ", ".join(item["code"] for _, item in quoting)
            yield f"{session} ended at {_shown(last)} ({told}), but the first cause is {first['code']}"


def no_ipv6_beside_a_session(seen: Seen) -> Iterator[str]:
    """This machine has no IPv6, and it talked to somebody over IPv6."""
    talked = next((key for key in seen.sessions if key.family == 6), None)
    if talked is not None:
        for cause in seen.causes:
            if cause["code"] == "no-ipv6-here":
                yield f"cause no-ipv6-here ({cause['message']!r}), but {talked} was talked to"


def listed_beside_not_listed(seen: Seen) -> Iterator[str]:
    """An address is on a list, and the list itself says that it is not, and nothing is said of that.

    That a server says so is its own word: only what is told as a fact counts, and what the outcome is drawn from.
    """
    told = [("causes", cause) for cause in seen.causes if cause["code"] == "blocklisted-here"]
    told += [(step, item) for step, item in seen.having(*_OF_LISTS) if _LISTED.search(item["message"])]
    for key, step in seen.steps.items():
        name = StepId(key).name
        if step["kind"] != "list" or not step["detail"].endswith("not listed"):
            continue
        for where, item in told:
            if name in _texts(item) and not _LISTS_NOT.search(_texts(item)):
                yield f"{where}: {item['code']} ({item['message']!r}), but {key} {step['detail']}"


def reverse_name_beside_a_good_one(seen: Seen) -> Iterator[str]:
    """The outcome comes of the reverse name, and the run found it right, and nothing is said of that."""
    for cause in seen.causes:
        if cause["code"] != "reverse-name-here" and cause.get("reason") != "reverse-dns":
            continue
        families = {StepId(step).family for step in cause["evidence"]} - {None}
        for key, step in seen.steps.items():
            right = step["kind"] == "source" and step["status"] == "passed" and step["facts"].get("names")
            if not right or (families and StepId(key).family not in families):
                continue
            if not any(name in _texts(cause) for name in step["facts"]["names"]):
                yield f"cause {cause['code']} ({cause['message']!r}), but {key} passed: {step['detail']}"


def _texts(item: Json) -> str:
    return " ".join([item["message"], item["meaning"], item["advice"] or ""])


def bounced_by_transient_replies(seen: Seen) -> Iterator[str]:
    """The mail is returned, and everybody who was talked to said no more than "later"."""
    if seen.report["outcome"] != "bounced" or not seen.attempts or _PERMANENT & seen.codes:
        return
    refused = [item for items in seen.sessions.values() for item in items if item.code.startswith("5")]
    if seen.sessions and not refused:
        yield f"bounced, and no reply is permanent: {seen.report['summary']!r}"


def deciding_session(seen: Seen) -> StepId | None:
    """Return the session that the outcome comes of: the summary quotes it. None where none decided."""
    if seen.report["outcome"] not in ("bounced", "deferred") or not seen.attempts:
        return None
    for attempt in seen.attempts:
        step = StepId("delivery") / attempt["host"] / attempt["address"]
        quoted = bool(attempt["reply"]) and attempt["reply"] in seen.report["summary"]
        if quoted and step in seen.sessions:
            return StepId(step)
    return None


def _deciding_cause(seen: Seen) -> Json | None:
    return seen.causes[0] if seen.causes and seen.causes[0]["decides"] else None


def _strict(seen: Seen) -> bool:
    """Whether TLS is insisted on, so that what is wrong with it decides."""
    return seen.report["settings"]["tls"] not in ("auto", "off")


def _at(seen: Seen, session: StepId) -> list[tuple[StepId, Json]]:
    return [(step, item) for step, item in seen.findings if step.within(session)]


def _quotes(item: Json, last: Exchange) -> bool:
    return any(line in last.reply for line in item["evidence"])


def _rests_on(cause: Json, step: StepId, item: Json) -> bool:
    """Whether a cause is drawn from a finding: it is that, or names its step."""
    return str(step) in cause["evidence"] and (item["code"] == cause["code"] or cause["code"] not in BESIDE)


def _shown(last: Exchange) -> str:
    return f"{last.command or 'the greeting'!r}: {' / '.join(last.reply)[:120] or 'no reply'!r}"


RULES = (
    refusal_without_a_reply,
    unreached_beside_a_greeting,
    not_decided_by_the_last_exchange,
    no_ipv6_beside_a_session,
    listed_beside_not_listed,
    reverse_name_beside_a_good_one,
    bounced_by_transient_replies,
)
