"""What Postfix and Exim say became of a delivery, in their logs and in their bounces alike. Pure."""

import re
from dataclasses import dataclass, replace

from smtpdiag_tui.bounces.cleaning import ADDRESS, HOST, host_name, ip_address, mail_address
from smtpdiag_tui.bounces.reply_text import phase_of, reply_in, without_command
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.visible import visible

LONGEST = 6000  # characters that are looked at
MOST_WORDS = 1000  # that are kept
_SUSPENDED = "delivery temporarily suspended: "
_POSTFIX_HOST = rf"{HOST}\[(?P<address>[^\[\]\s]{{1,100}})\]"
_SAID = re.compile(rf"host {_POSTFIX_HOST} (?P<verb>said|refused to talk to me): ")
_LOGIN = re.compile(rf"SASL authentication failed; server {_POSTFIX_HOST} said: ")
_NAMED = re.compile(rf"(?:connect to|lost connection with|conversation with|server|by host|host) {_POSTFIX_HOST}")
_TLSA = re.compile(rf"TLSA lookup error for {HOST}:\d")
_WHILE = re.compile(
    r" while (?:sending|receiving) (?:the |initial |server ){0,3}(?P<what>[A-Za-z][A-Za-z ]{1,40})"
)
_EXIM_HOST = re.compile(rf"(?:H=|\bhost ){HOST} {ADDRESS}")
_EXIM_LITERAL = re.compile(rf"(?:H=|\bhost ){ADDRESS}")
_EXIM_AFTER = re.compile(
    r"SMTP error from remote (?:mail server|mailer) after (?P<what>.{1,600}?): (?=\d{3}[ -]|host |[A-Z])"
)
_RCPT = re.compile(r"RCPT TO:<(?P<address>[^<>\s]{1,320})>", re.IGNORECASE)
_RESPONSE = re.compile(r"(?:in response to|while waiting for|after) (?P<what>[A-Za-z][A-Za-z ]{3,40})")
_EXIM_PHASES = (
    ("end of data", ToldPhase.END_OF_DATA),
    ("sending data", ToldPhase.END_OF_DATA),
    ("initial connection", ToldPhase.GREETING),
    ("mail from", ToldPhase.MAIL),
    ("rcpt to", ToldPhase.RCPT),
    ("pipelined end of data", ToldPhase.END_OF_DATA),
    ("starttls", ToldPhase.STARTTLS),
    ("ehlo", ToldPhase.EHLO),
    ("helo", ToldPhase.EHLO),
    ("auth", ToldPhase.AUTH),
    ("data", ToldPhase.DATA),
    ("quit", ToldPhase.QUIT),
)
_GAVE_UP = ": retry timeout exceeded"
_MESSAGE_WORDS = ("message body", "end of data", "message content", "data command")
CONNECTING = (  # how words begin that are about a connection that did not come about
    "connect to ",
    "connection timed out",
    "connection refused",
    "network is unreachable",
    "no route to host",
)


@dataclass(frozen=True, slots=True)
class Said:
    """Whom a mail server turned to, and what came of it; as the fields of `Told` of these names."""

    host: str | None = None
    address: str | None = None
    phase: ToldPhase | None = None
    reply: str | None = None
    words: str = ""
    recipient: str | None = None

    def put_into(self, told: Told) -> Told:
        """Return what is told of a delivery with what it does not say itself."""
        return replace(
            told,
            host=told.host or self.host,
            address=told.address or self.address,
            phase=told.phase or self.phase,
            reply=told.reply or self.reply,
            words=told.words or self.words,
            recipient=self.recipient if told.recipient is None else told.recipient,
        )


def own_words(text: str) -> str:
    """Return words of a mail server's own, printable, in one line."""
    return visible(" ".join(text[:MOST_WORDS].split()))


def postfix_said(text: str) -> Said:
    """Return what the reason of a Postfix delivery says, as stands in brackets behind its status."""
    text = text[:LONGEST].strip().removeprefix(_SUSPENDED)
    said = _SAID.match(text) or _SAID.search(text)
    if said is not None:
        quoted, phase = without_command(text[said.end() :])
        if said["verb"] != "said":
            phase = ToldPhase.GREETING
        reply = reply_in(quoted)
        return Said(
            host_name(said["host"]), ip_address(said["address"]), phase, reply, "" if reply else own_words(text)
        )
    login = _LOGIN.match(text)
    if login is not None and (reply := reply_in(text[login.end() :])) is not None:
        return Said(host_name(login["host"]), ip_address(login["address"]), ToldPhase.AUTH, reply)
    bare, phase = without_command(text)
    reply = reply_in(bare)
    if reply is not None:
        return Said(phase=phase, reply=reply)
    named = _NAMED.search(text)
    host, address = (host_name(named["host"]), ip_address(named["address"])) if named else (None, None)
    looked_up = _TLSA.match(text)
    if looked_up is not None:
        host = host_name(looked_up["host"])
    return Said(host, address, _phase_in(text), None, own_words(text))


def _phase_in(text: str) -> ToldPhase | None:
    """Return where a session was when it ended without a reply."""
    lower = text.lower()
    found = _WHILE.search(text)
    if found is not None:
        what = found["what"].lower()
        if "greeting" in what:
            return ToldPhase.GREETING
        if any(words in what for words in _MESSAGE_WORDS):
            return ToldPhase.END_OF_DATA
        return phase_of(found["what"])
    if lower.startswith(CONNECTING):
        return ToldPhase.CONNECT
    if "cannot start tls" in lower or "certificate" in lower or "tls is required" in lower:
        return ToldPhase.STARTTLS
    return None


def exim_said(text: str) -> Said:
    """Return what Exim says of a delivery: host, `SMTP error from remote mail server after`, and the reply."""
    text = text[:LONGEST].strip()
    host, address = _exim_host(text)
    after = _EXIM_AFTER.search(text)
    if after is None:
        lower = text.lower()
        response = _RESPONSE.search(text)
        phase = exim_phase(response["what"]) if response is not None else None
        if phase is None and host and any(words in lower for words in CONNECTING):
            phase = ToldPhase.CONNECT
        return Said(host, address, phase, None, own_words(text))
    rest = text[after.end() :]
    inner = _EXIM_HOST.match(rest)  # Exim before 4.83 names the host here
    if inner is not None:
        rest = rest[inner.end() :].lstrip(": ")
    rest, own = _without_expiry(rest)
    reply = reply_in(rest.replace("\\n", "\n"))
    words = own if reply is not None else own_words(text[after.start() :])
    named = _RCPT.match(after["what"])
    recipient = mail_address(named["address"]) if named is not None else None
    return Said(host, address, exim_phase(after["what"]), reply, words, recipient)


def _without_expiry(text: str) -> tuple[str, str]:
    """Return a reply without what Exim adds when it gives up, and that."""
    bare = text.rstrip()
    return (bare[: -len(_GAVE_UP)], _GAVE_UP[2:]) if bare.endswith(_GAVE_UP) else (text, "")


def exim_phase(what: str) -> ToldPhase | None:
    """Return what Exim names a command by: `RCPT TO:<bob@a.example>`, `pipelined end of data`."""
    lower = what.strip().lower().removeprefix("pipelined ").removeprefix("sending ")
    return next((phase for words, phase in _EXIM_PHASES if lower.startswith(words)), None)


def _exim_host(text: str) -> tuple[str | None, str | None]:
    found = _EXIM_HOST.search(text)
    if found is not None:
        return host_name(found["host"]), ip_address(found["address"])
    literal = _EXIM_LITERAL.search(text)
    return None, ip_address(literal["address"]) if literal is not None else None
