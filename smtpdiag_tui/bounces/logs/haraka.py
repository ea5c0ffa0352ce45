"""Lines of Haraka's outbound queue. Pure.

A message has the id of its transaction; replies, hosts and what became of it stand in lines of their own.
"""

import re
from dataclasses import replace

from smtpdiag_tui.bounces.cleaning import host_name, ip_address, mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.fields import between, quoted_fields
from smtpdiag_tui.bounces.logs.line import Line
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Haraka"
_HEAD = re.compile(
    r"\[(?:NOTICE|INFO|ERROR|WARN|CRIT|DEBUG|PROTOCOL)\] \[(?P<id>[0-9A-Fa-f-]{36}(?:\.\d{1,6}){0,3})\]"
    r" \[[\w/.-]{1,60}\] (?:\[[0-9A-Fa-f-]{36}\] )?(?P<rest>.*)"
)
_RECIPIENT = re.compile(r"recipient (?P<address><?[^\s<>]{1,320}>?) (?P<what>rejected|deferred): (?P<reply>.*)")
_TO = re.compile(r"Attempting to deliver to: (?P<host>[^\s:]{1,255}|\[?[0-9A-Fa-f:]{2,45}\]?):\d{1,5}")
_ENDED = re.compile(r"(?P<what>bouncing mail|Temp failing \S{1,200} for \d{1,9} seconds): (?P<words>.*)")
_TIMED_OUT = re.compile(r"timed out to (?P<host>[^\s:]{1,255}|\[[0-9A-Fa-f:]{2,45}\]):\d{1,5}")
_UPSTREAM = ("Upstream error: ", "Error: ")
_OUTCOMES = {"rejected": Outcome.BOUNCED, "deferred": Outcome.DEFERRED}
_NOTHING_NEW = ("Some recipients failed", "Some recipients temporarily failed")


def read_line(line: Line, into: Collected) -> bool:
    """Take what a line tells; False where it is none of Haraka's."""
    head = _HEAD.search(line.text) if "] [" in line.text else None
    if head is None:
        return False
    rest, message = head["rest"], head["id"]
    turned = _TO.search(rest)
    if turned is not None:
        into.host(message, turned["host"])
        return True
    if rest.startswith("C: MAIL FROM:"):
        into.sender(message, sender_address(f"<{between(rest, '<', '>') or ''}>"))
        return True
    told = Told(at=line.at, line=line.number, program=PROGRAM)
    recipient = _RECIPIENT.search(rest)
    if recipient is not None:
        return _recipient(told, message, recipient, into)
    if rest.startswith("delivered ") and "response=" in rest:
        return _delivered(told, message, rest, into)
    ended = _ENDED.search(rest)
    return ended is not None and _message(told, message, ended, into)


def _recipient(told: Told, message: str, found: re.Match[str], into: Collected) -> bool:
    recipient = mail_address(found["address"])
    reply = reply_in(found["reply"])
    told = replace(
        told,
        recipient=recipient,
        phase=ToldPhase.RCPT,
        reply=reply,
        words="" if reply else own_words(found["reply"]),
        outcome=_OUTCOMES[found["what"]],
    )
    into.add((message, recipient or ""), _with_host(told, message, into))
    return True


def _message(told: Told, message: str, found: re.Match[str], into: Collected) -> bool:
    """Take what became of the whole message, where no line of it has told of a recipient."""
    words = found["words"].strip()
    for sign in _UPSTREAM:
        words = words.removeprefix(sign)
    if words.startswith(_NOTHING_NEW) or any(key[0] == message for key in into.told):
        return True
    reply = reply_in(words)
    turned = _TIMED_OUT.search(words)
    if turned is not None:
        into.host(message, turned["host"])
    told = replace(
        told,
        phase=ToldPhase.CONNECT if turned is not None else None,
        reply=reply,
        words="" if reply else own_words(words),
        outcome=Outcome.BOUNCED if found["what"].startswith("bouncing") else Outcome.DEFERRED,
    )
    into.attempt((message, ""), _with_host(told, message, into))
    return True


def _delivered(told: Told, message: str, rest: str, into: Collected) -> bool:
    fields = quoted_fields(rest)
    told = replace(
        told,
        host=host_name(fields.get("host")),
        address=ip_address(between(f"{rest} ", " ip=", " ")),
        words=own_words(fields.get("response", "")),
        outcome=Outcome.ACCEPTED,
    )
    into.add((message, ""), told)
    return True


def _with_host(told: Told, message: str, into: Collected) -> Told:
    host = into.hosts.get(message, "")
    return replace(told, host=host_name(host), address=ip_address(host))
