"""Lines of Sendmail: `to=<...>, relay=host. [address], dsn=..., stat=...`. Pure."""

import re
from dataclasses import replace

from smtpdiag_tui.bounces.cleaning import ADDRESS, host_name, ip_address, mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.fields import after
from smtpdiag_tui.bounces.logs.line import Line
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import CONNECTING, own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Sendmail"
_ENTRY = re.compile(r"(?:\A|[\s:])(?P<id>[0-9A-Za-z]{8,20}): (?P<rest>(?:to|from|ruleset|Milter)[=:].*)")
_RELAY = re.compile(rf"(?P<host>[^\s\[\],]{{1,255}})?\s?{ADDRESS}|(?P<name>[^\s\[\],]{{1,255}})\Z")
_BY = re.compile(r"(?:by|with|from) (?P<host>[\w.-]{1,255}?)\.?(?:\Z|[\s,])")
_REJECT = re.compile(r"reject=(?P<reply>.*)")
_MOST = 100  # recipients of one line
_RULES = {"check_rcpt": ToldPhase.RCPT, "check_mail": ToldPhase.MAIL, "check_relay": ToldPhase.GREETING}


def read_line(line: Line, into: Collected) -> bool:
    """Take what a line tells; False where it is none of Sendmail's."""
    text = line.text
    if "stat=" not in text and "from=" not in text and "reject=" not in text:
        return False
    entry = _ENTRY.search(text)
    if entry is None:
        return False
    rest = entry["rest"]
    if rest.startswith("from="):
        into.sender(entry["id"], sender_address(rest[5:].split(", ", 1)[0]))
        return "size=" in rest or "msgid=" in rest
    if rest.startswith("to=") and "stat=" in rest:
        _delivery(line, entry["id"], rest, into)
        return True
    return rest.startswith("ruleset=") and _rejection(line, rest, into)


def _delivery(line: Line, queue_id: str, rest: str, into: Collected) -> None:
    stat = rest[rest.find("stat=") + 5 :].strip()
    outcome, words = _outcome(stat, after(rest, "dsn=") or "")
    quoted = after(rest, "reply=") or ""
    reply = reply_in(words) or (reply_in(rest[rest.find("reply=") + 6 : rest.find(", stat=")]) if quoted else None)
    relay = _RELAY.match((after(rest, "relay=") or "").strip())
    by = _BY.search(words) if reply is None else None
    told = Told(
        host=host_name(relay["host"] or relay["name"]) if relay is not None else None,
        address=ip_address(relay["address"]) if relay is not None else None,
        at=line.at,
        reply=reply,
        words="" if reply else own_words(words),
        line=line.number,
        program=PROGRAM,
        outcome=outcome,
        phase=_phase(outcome, reply, words),
    )
    if told.host is None and by is not None:
        told = replace(told, host=host_name(by["host"]))
    for part in rest[3:].split(", ", 1)[0].split(",")[:_MOST]:
        recipient = mail_address(part)
        into.add((queue_id, recipient or part), replace(told, recipient=recipient))


def _phase(outcome: Outcome, reply: str | None, words: str) -> ToldPhase | None:
    if reply is not None:
        return ToldPhase.END_OF_DATA if outcome is Outcome.ACCEPTED else None
    return ToldPhase.CONNECT if words.lower().startswith(CONNECTING) else None


def _outcome(stat: str, status: str) -> tuple[Outcome, str]:
    """Return what became of the message, and the words behind that."""
    name, colon, words = stat.partition(": ")
    if name.lower().startswith("sent"):
        inner = stat.partition("(")[2].removesuffix(")")
        return Outcome.ACCEPTED, inner or stat
    if name.lower() == "deferred":
        return Outcome.DEFERRED, words if colon else stat
    if name.lower() == "queued" or status.startswith("4"):
        return Outcome.DEFERRED, stat
    return Outcome.BOUNCED, stat


def _rejection(line: Line, rest: str, into: Collected) -> bool:
    """Take a refusal of this host's own, to a client."""
    found = _REJECT.search(rest)
    if found is None:
        return False
    rule = (after(rest, "ruleset=") or "").strip()
    relay = _RELAY.match((after(rest, "relay=") or "").strip())
    argument = after(rest, "arg1=")
    told = Told(
        sender=sender_address(argument) if rule == "check_mail" and argument is not None else None,
        recipient=mail_address(argument) if rule == "check_rcpt" else None,
        host=host_name(relay["host"] or relay["name"]) if relay is not None else None,
        address=ip_address(relay["address"]) if relay is not None else None,
        phase=_RULES.get(rule),
        at=line.at,
        reply=reply_in(found["reply"]),
        words=own_words(found["reply"]),
        line=line.number,
        program=PROGRAM,
        ours=True,
    )
    into.add(("", told.recipient or ""), replace(told, words="" if told.reply else told.words))
    return True
