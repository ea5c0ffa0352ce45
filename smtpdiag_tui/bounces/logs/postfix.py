"""Lines of Postfix: deliveries of smtp(8) and its like, senders of qmgr(8), refusals of smtpd(8). Pure."""

import re

from smtpdiag_tui.bounces.cleaning import host_name, ip_address, mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.fields import between
from smtpdiag_tui.bounces.logs.line import Line
from smtpdiag_tui.bounces.reply_text import phase_of, reply_in
from smtpdiag_tui.bounces.server_words import own_words, postfix_said
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Postfix"
_ID = re.compile(r"(?:\A|[\s:])(?P<id>[0-9A-Za-z]{5,25}): \Z")
_RELAY = re.compile(r"(?P<host>[^\[\s,]{1,255})\[(?P<address>[^\]]{1,100})\](?::\d{1,5})?")
_STATUS = re.compile(r"status=(?P<status>[a-z]{1,20})(?: \(|\Z)")
_REJECT = re.compile(
    r"\b(?:milter-)?reject: (?P<command>[A-Z-]{1,20}) from "
    r"(?P<host>[^\[\s]{0,255})\[(?P<address>[^\]]{1,60})\](?::\d{1,5})?: "
)
_STATUSES = {
    "sent": Outcome.ACCEPTED,
    "deliverable": Outcome.ACCEPTED,
    "deferred": Outcome.DEFERRED,
    "bounced": Outcome.BOUNCED,
    "expired": Outcome.BOUNCED,
    "undeliverable": Outcome.BOUNCED,
}
_BY_STATUS = {"4.": Outcome.DEFERRED, "5.": Outcome.BOUNCED}
_COMMANDS = {
    "CONNECT": ToldPhase.GREETING,
    "RCPT": ToldPhase.RCPT,
    "MAIL": ToldPhase.MAIL,
    "END-OF-MESSAGE": ToldPhase.END_OF_DATA,
}
_EXPIRED = "status=expired, returned to sender"  # qmgr(8) writes it behind the last attempt
_BEHIND = ("; from=<", "; to=<", "; proto=", "; helo=<")


def read_line(line: Line, into: Collected) -> bool:
    """Take what a line tells; False where it is none of Postfix's."""
    text = line.text
    if " status=" in text and "to=<" in text:
        return _delivery(line, into)
    if "reject: " in text and " from " in text:
        return _rejection(line, into)
    if ": from=<" in text and ("size=" in text or _EXPIRED in text):
        queue_id = _queue_id(text, text.find("from=<"))
        if _EXPIRED in text:
            into.expire(queue_id)
        into.sender(queue_id, sender_address(between(text, "from=<", ">, ")))
        return bool(queue_id)
    return False


def _queue_id(text: str, end: int) -> str:
    found = _ID.search(text[max(0, end - 40) : end])
    return found["id"] if found is not None else ""


def _delivery(line: Line, into: Collected) -> bool:
    text = line.text
    begins = text.find("to=<")
    recipient = mail_address(between(text, "to=<", ">,"))
    status = _STATUS.search(text, begins)
    if status is None or status["status"] not in _STATUSES:
        return False
    last = text.rfind(")")
    reason = text[status.end() : last] if last > status.end() else text[status.end() :]
    said = postfix_said(reason)
    outcome = _STATUSES[status["status"]]
    if status["status"] == "undeliverable" and "dsn=4." in text[begins : status.start()]:
        outcome = Outcome.DEFERRED  # of a probe, Postfix says so of both
    relay = _RELAY.match(between(text, "relay=", ", ") or "")
    told = Told(
        recipient=recipient,
        at=line.at,
        line=line.number,
        program=PROGRAM,
        outcome=outcome,
        host=said.host or (host_name(relay["host"]) if relay else None),
        address=said.address or (ip_address(relay["address"]) if relay else None),
        phase=said.phase or (ToldPhase.END_OF_DATA if outcome is Outcome.ACCEPTED and said.reply else None),
    )
    into.add((_queue_id(text, begins), recipient or ""), said.put_into(told))
    return True


def _rejection(line: Line, into: Collected) -> bool:
    """Take a refusal of smtpd(8) or postscreen(8): the reply is this host's own, to a client."""
    text = line.text
    found = _REJECT.search(text)
    if found is None:
        return False
    rest = text[found.end() :]
    ends = min((place for sign in _BEHIND if (place := rest.rfind(sign)) >= 0), default=len(rest))
    reply = reply_in(rest[:ends])
    queue_id = _queue_id(text, found.start())
    recipient = mail_address(between(rest, "to=<", ">", max(ends, 0)))
    told = Told(
        sender=sender_address(between(rest, "from=<", ">", max(ends, 0))) if "from=<" in rest[ends:] else None,
        recipient=recipient,
        host=host_name(found["host"]),
        address=ip_address(found["address"]),
        phase=_COMMANDS.get(found["command"]) or phase_of(found["command"]),
        at=line.at,
        reply=reply,
        words="" if reply else own_words(rest[:ends]),
        line=line.number,
        program=PROGRAM,
        # cleanup(8) writes what a milter said as a status code without a reply code
        outcome=None if reply else _BY_STATUS.get(rest[:2]),
        ours=True,
    )
    into.add(("" if queue_id == "NOQUEUE" else queue_id, recipient or ""), told)
    return True
