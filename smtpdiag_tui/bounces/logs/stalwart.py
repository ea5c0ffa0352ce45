"""Lines of Stalwart's tracing: an event, and behind it `key = value`. Pure."""

import re

from smtpdiag_tui.bounces.cleaning import host_name, ip_address, mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.fields import spaced_fields
from smtpdiag_tui.bounces.logs.line import Line
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Stalwart"
_EVENT = re.compile(r"\((?P<event>delivery\.[a-z-]{2,40})\) (?P<fields>.*)")
_PHASES = {
    "delivery.rcpt-to-rejected": ToldPhase.RCPT,
    "delivery.rcpt-to-failed": ToldPhase.RCPT,
    "delivery.mail-from-rejected": ToldPhase.MAIL,
    "delivery.message-rejected": ToldPhase.END_OF_DATA,
    "delivery.ehlo-rejected": ToldPhase.EHLO,
    "delivery.greeting-failed": ToldPhase.GREETING,
    "delivery.connect-error": ToldPhase.CONNECT,
    "delivery.auth-failed": ToldPhase.AUTH,
    "delivery.start-tls-error": ToldPhase.STARTTLS,
    "delivery.start-tls-unavailable": ToldPhase.STARTTLS,
    "delivery.delivered": ToldPhase.END_OF_DATA,
}
_OTHERS = frozenset(
    {
        "delivery.dsn-perm-fail", "delivery.dsn-temp-fail", "delivery.dsn-success", "delivery.mx-lookup-failed",
        "delivery.ip-lookup-failed", "delivery.null-mx", "delivery.failed",
    }
)  # fmt: skip
_OUTCOMES = {
    "delivery.delivered": Outcome.ACCEPTED,
    "delivery.dsn-success": Outcome.ACCEPTED,
    "delivery.dsn-perm-fail": Outcome.BOUNCED,
    "delivery.dsn-temp-fail": Outcome.DEFERRED,
}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


def read_line(line: Line, into: Collected) -> bool:
    """Take what a line tells; False where it is none of Stalwart's."""
    found = _EVENT.search(line.text) if "(delivery." in line.text else None
    if found is None or found["event"] not in {*_PHASES, *_OTHERS}:
        return False
    event, fields = found["event"], spaced_fields(found["fields"])
    recipient = mail_address(fields.get("to", "").strip('[]"'))
    details = " ".join(fields[key] for key in ("details", "reason") if key in fields)
    reply = _reply(fields, event)
    told = Told(
        sender=sender_address(fields["from"]) if "from" in fields else None,
        recipient=recipient,
        host=host_name(fields.get("hostname")),
        address=ip_address(fields.get("remoteIp")),
        phase=_PHASES.get(event) if reply or event not in _OUTCOMES else None,
        at=line.at,
        reply=reply,
        words="" if reply else own_words(details or line.text[: found.start()].strip()),
        line=line.number,
        program=PROGRAM,
        outcome=_OUTCOMES.get(event),
    )
    _keep((fields.get("queueId", ""), recipient or ""), told, into)
    return True


def _reply(fields: dict[str, str], event: str) -> str | None:
    """Return the reply, put together of its code and text; what Stalwart says itself has a code as well."""
    code, text = fields.get("code", ""), fields.get("details", "")
    if event in ("delivery.mx-lookup-failed", "delivery.ip-lookup-failed") or not code:
        return None
    status = fields.get("enhancedCode") or fields.get("enhanced") or ""
    status = "" if not _STATUS.fullmatch(status) or _STATUS.match(text) else f"{status} "
    return reply_in(f"{code} {status}{text}")


def _keep(key: tuple[str, str], told: Told, into: Collected) -> None:
    """Keep a delivery; a notification repeats what the event before it has told in full."""
    before = into.told.get(key)
    if before is not None and before.reply is not None and told.phase is None:
        return
    into.add(key, told)
