"""Lines of OpenSMTPD's transfer agent: `mta delivery ... result="TempFail" stat="..."`. Pure."""

import re

from smtpdiag_tui.bounces.cleaning import host_name, ip_address, mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.fields import after, between
from smtpdiag_tui.bounces.logs.line import Line
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "OpenSMTPD"
_OUTCOMES = {
    "ok": Outcome.ACCEPTED,
    "tempfail": Outcome.DEFERRED,
    "permfail": Outcome.BOUNCED,
    "loop": Outcome.BOUNCED,
}
_RESULT = re.compile(
    r"result=\"?(?P<result>ok|tempfail|permfail|loop)\b"
    r"|\b(?P<older>ok|tempfail|permfail|loop) for [0-9a-f]{8,16}: ",
    re.IGNORECASE,
)
_RELAY = re.compile(r"\[?(?P<address>[0-9A-Fa-f.:]{2,45})\]? \((?P<host>[^()\s]{1,255})\)")
_ID = re.compile(r"(?:evpid=|for )(?P<id>[0-9a-f]{8,16})\b")


def read_line(line: Line, into: Collected) -> bool:
    """Take what a line tells; False where it is none of OpenSMTPD's."""
    text = line.text
    if "stat=" not in text or "from=<" not in text or "to=<" not in text:
        return False
    result = _RESULT.search(text)
    if result is None:
        return False
    outcome = _OUTCOMES[(result["result"] or result["older"]).lower()]
    stat = between(text, 'stat="', '"') or (after(text, "stat=") or "")
    if stat and 'stat="' in text:
        stat = text[text.find('stat="') + 6 :].rstrip().removesuffix('"')
    elif "stat=" in text:
        stat = text[text.find("stat=") + 5 :]
    relay = _RELAY.match(between(text, 'relay="', '"') or after(text, "relay=") or "")
    reply = reply_in(stat)
    envelope = _ID.search(text)
    recipient = mail_address(between(text, " to=<", ">"))
    told = Told(
        sender=sender_address(between(text, "from=<", ">")),
        recipient=recipient,
        host=host_name(relay["host"]) if relay is not None else None,
        address=ip_address(relay["address"]) if relay is not None else None,
        phase=ToldPhase.END_OF_DATA if outcome is Outcome.ACCEPTED and reply else None,
        at=line.at,
        reply=reply,
        words="" if reply else own_words(stat),
        line=line.number,
        program=PROGRAM,
        outcome=outcome,
    )
    into.add((envelope["id"] if envelope is not None else "", recipient or ""), told)
    return True
