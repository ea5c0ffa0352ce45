"""Lines of Exim's main and reject logs (`**` failed, `==` deferred, `=>` delivered, `<=` arrived). Pure."""

import re
from dataclasses import replace

from smtpdiag_tui.bounces.cleaning import ADDRESS, HOST, host_name, ip_address, mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.fields import between
from smtpdiag_tui.bounces.logs.line import Line
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import exim_said, own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Exim"
_ID = r"(?:\A|\s)(?P<id>[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4})"
_ENTRY = re.compile(rf"{_ID} (?P<flag>\*\*|==|=>|->|>>|\*>|<=) (?P<rest>.*)")
_HOST_FAILED = re.compile(rf"{_ID} (?P<rest>H=.{{1,600}}?SMTP error from remote .*)")
_REJECTED = re.compile(
    rf"(?:\A|\s)H=(?:\(\S{{1,255}}\) )?(?:{HOST} )?(?:\(\S{{1,255}}\) )?{ADDRESS}(?P<between>.{{0,600}}?)"
    r" (?:temporarily )?rejected (?P<command>RCPT|MAIL|DATA|EHLO|HELO|connection|after DATA)\b(?P<rest>.*)"
)
_OUTCOMES = {"**": Outcome.BOUNCED, "==": Outcome.DEFERRED}
_RECIPIENT = re.compile(r"(?P<address>\S{1,320})")
_ORIGINAL = re.compile(r"<(?P<address>[^<>\s]{1,320}@[^<>\s]{1,255})>")
_COMMANDS = {
    "RCPT": ToldPhase.RCPT,
    "MAIL": ToldPhase.MAIL,
    "DATA": ToldPhase.DATA,
    "EHLO": ToldPhase.EHLO,
    "HELO": ToldPhase.EHLO,
    "connection": ToldPhase.GREETING,
    "after DATA": ToldPhase.END_OF_DATA,
}


def read_line(line: Line, into: Collected) -> bool:
    """Take what a line tells; False where it is none of Exim's."""
    text = line.text
    entry = _ENTRY.search(text) if "-" in text else None
    if entry is not None:
        if entry["flag"] == "<=":
            into.sender(entry["id"], sender_address(entry["rest"].split(" ", 1)[0]))
        else:
            _delivery(line, entry, into)
        return True
    if "SMTP error from remote" in text:
        return _host_failed(line, into)
    return "rejected " in text and _rejected(line, into)


def _delivery(line: Line, entry: re.Match[str], into: Collected) -> None:
    rest = entry["rest"]
    found = _RECIPIENT.match(rest)
    recipient = mail_address(found["address"].rstrip(":")) if found is not None else None
    if recipient is None:  # an alias stands before the address in brackets, or a local part alone
        original = _ORIGINAL.search(rest[:700])
        recipient = mail_address(original["address"]) if original is not None else None
    outcome = _OUTCOMES.get(entry["flag"], Outcome.ACCEPTED)
    told = Told(recipient=recipient, at=line.at, line=line.number, program=PROGRAM, outcome=outcome)
    sender = between(f"{rest} ", " F=", " ")
    if sender is not None:
        told = replace(told, sender=sender_address(sender.rstrip(":")))
    key = (entry["id"], recipient or rest[:320].split(" ", 1)[0])
    if outcome is Outcome.ACCEPTED:
        into.add(key, _accepted(told, rest))
        return
    said, around = exim_said(_reason(rest)), exim_said(rest)
    into.add(key, said.put_into(replace(told, host=around.host, address=around.address)))


def _reason(rest: str) -> str:
    """Return what stands behind the recipient of a delivery: the reply, or Exim's words behind its fields."""
    after = rest.find("SMTP error from remote")
    if after >= 0:
        return rest
    for sign in (": ", " defer ("):
        place = rest.find(sign)
        if place >= 0:
            return rest[place + (2 if sign == ": " else 1) :]
    return rest


def _accepted(told: Told, rest: str) -> Told:
    reply = reply_in(between(rest, ' C="', '"') or "")
    said = exim_said(rest)
    return replace(
        told, host=said.host, address=said.address, reply=reply, phase=ToldPhase.END_OF_DATA if reply else None
    )


def _host_failed(line: Line, into: Collected) -> bool:
    """Take an attempt at one host of several: how the delivery ended stands in another line."""
    found = _HOST_FAILED.search(line.text)
    if found is None:
        return False
    told = exim_said(found["rest"]).put_into(Told(at=line.at, line=line.number, program=PROGRAM))
    into.attempt((found["id"], told.where), told)
    return True


def _rejected(line: Line, into: Collected) -> bool:
    """Take a refusal of this host's own, to a client."""
    found = _REJECTED.search(line.text)
    if found is None:
        return False
    rest = found["rest"].strip()
    recipient = _ORIGINAL.match(rest)
    words = rest[recipient.end() :] if recipient is not None else rest
    bare = words.lstrip(": ")
    reply = reply_in(bare)
    sender = between(f"{found['between']} ", " F=", " ")
    told = Told(
        sender=sender_address(sender) if sender is not None else None,
        recipient=mail_address(recipient["address"]) if recipient is not None else None,
        host=host_name(found["host"]),
        address=ip_address(found["address"]),
        phase=_COMMANDS[found["command"]],
        at=line.at,
        reply=reply,
        words="" if reply else own_words(bare),
        line=line.number,
        program=PROGRAM,
        outcome=Outcome.DEFERRED if "temporarily rejected" in line.text else Outcome.BOUNCED,
        ours=True,
    )
    into.add(("", told.recipient or ""), told)
    return True
