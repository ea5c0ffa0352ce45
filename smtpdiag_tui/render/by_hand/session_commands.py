"""The commands that hold a session again: swaks up to RCPT TO, openssl for its TLS. Pure.

No command here ever leads to DATA: swaks is told where to quit, and what is typed ends with QUIT.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.render.by_hand.context import Context
from smtpdiag_tui.render.by_hand.sessions import Held, sessions
from smtpdiag_tui.report.facts import SessionEnd
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import TlsPolicy, family_of, parse_ip

RCPT = "RCPT"
# Where swaks quits so that a phase has been come to, in its own words.
UNTIL = {
    "connect": "CONNECT",
    "greeting": "CONNECT",
    "ehlo": "FIRST-HELO",
    "starttls": "TLS",
    "mail-from": "MAIL",
    "rcpt-to": RCPT,
    "quit": RCPT,
}
_OLD = {"TLSv1": "tls1", "TLSv1.1": "tls1_1"}
_CIPHERS = {"": "ALL", "RSA": "aRSA", "ECDSA": "aECDSA"}
_HOST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_TO_DATA = frozenset({"DATA", "BDAT"})


@dataclass(frozen=True, slots=True)
class Session:
    """A session to hold again: whose it is, as it was held, and the name that was asked for in TLS (SNI)."""

    context: Context
    step: Step
    held: Held
    server_name: str

    @property
    def where(self) -> str:
        """Whom it is with, in words."""
        port = "" if self.held.port == "25" else f" port {self.held.port}"
        host = StepId(self.step.id).host
        named = host and not host.startswith("[")  # an address literal names itself
        return f"{host} [{self.held.address}]{port}" if named else f"{self.held.address}{port}"

    @property
    def is_probe(self) -> bool:
        """Whether it was held with an envelope of its own."""
        return StepId(self.step.id).branch == "probes"


def sessions_of(context: Context, step: Step) -> tuple[Session, ...]:
    """Return the sessions of a step."""
    return tuple(Session(context, step, held, _server_name(context, step, held)) for held in sessions(step))


def session_commands(session: Session, until: str = RCPT) -> tuple[Command, ...]:
    """Return the commands for a session as far as `until`, one of swaks' words."""
    held = session.held
    secured = (openssl(session),) if _tls_told(session) and until in (RCPT, "TLS") else ()
    if held.keys:
        return secured
    smtp = _swaks(session, until) if _fits_swaks(session, until) else _typed(session)
    return (smtp, *secured)


def openssl(session: Session, *more: str, what: str = "") -> Command:
    """Return the command that shows the TLS of a session; `more` are further options."""
    words = ["s_client", *_connect(session), *_names(session), *_weak(session), "-showcerts", *more]
    return Command("openssl", tuple(words), what or f"TLS and certificates of {session.where}; QUIT ends it")


def _tls_told(session: Session) -> bool:
    held = session.held
    policy = session.context.report.settings.tls
    return not held.in_clear and (bool(held.tls) or held.handshake_failed or policy is TlsPolicy.IMPLICIT)


def _connect(session: Session) -> Iterator[str]:
    held = session.held
    if session.context.report.settings.tls is not TlsPolicy.IMPLICIT:
        yield from ("-starttls", "smtp")
        ehlo = held.ehlo or session.context.ehlo
        yield from ("-name", ehlo) if ehlo else ()
    yield from ("-bind", f"{_bracketed(held.source)}:0") if held.source else ()
    yield from ("-connect", f"{_bracketed(held.address)}:{held.port}")


def _names(session: Session) -> tuple[str, ...]:
    name = session.server_name
    return ("-servername", name, "-verify_hostname", name) if name else ("-noservername",)


def _weak(session: Session) -> Iterator[str]:
    """Yield what lets openssl agree on what smtpdiag agrees on: an opportunistic sender takes weak TLS too."""
    held = session.held
    if held.keys:
        yield "-tls1_2"
    elif held.tls in _OLD:
        yield f"-{_OLD[held.tls]}"
    if held.tls != "TLSv1.3":
        yield from ("-cipher", f"{_CIPHERS[held.keys]}:@SECLEVEL=0")


def _fits_swaks(session: Session, until: str) -> bool:
    """Whether swaks can say it: it knows no parameters of MAIL, and splits what it sends to at commas."""
    held = session.held
    values = (held.ehlo, held.sender or "", held.recipient or "")
    if any(value.startswith("-") for value in values):
        return False
    sayable = all(value.isascii() for value in values) and not held.parameters
    return until not in (RCPT, "MAIL") or (sayable and "," not in (held.recipient or ""))


def _swaks(session: Session, until: str) -> Command:
    held, settings = session.held, session.context.report.settings
    until = _as_far(session, until)
    limit = 60 if settings.timeout is None else max(1, round(settings.timeout))
    words = ["--server", held.address, "--port", held.port]
    words += [f"-{family_of(held.address)}"] if parse_ip(held.address) is not None else []
    words += ["--local-interface", held.source] if held.source else []
    ehlo = held.ehlo or session.context.ehlo
    words += ["--helo", ehlo] if ehlo and not ehlo.startswith("-") and until != "CONNECT" else []
    if until not in ("CONNECT", "FIRST-HELO") or settings.tls is TlsPolicy.IMPLICIT:
        words += _tls_options(session)
    sender, recipient = _envelope(session)
    if until in (RCPT, "MAIL"):
        words += ["--from", sender or "<>"]
    if until == RCPT:
        words += ["--to", recipient]
    words += ["--timeout", str(limit), "--quit-after", until]
    clear = ", unencrypted" if held.in_clear else ""
    return Command("swaks", tuple(words), f"session with {session.where}{clear}, {_END[until]}")


_END = {
    "CONNECT": "up to the greeting",
    "FIRST-HELO": "up to EHLO",
    "TLS": "up to STARTTLS",
    "HELO": "up to EHLO, where SMTPUTF8 is not offered",
    "MAIL": "up to MAIL FROM",
    RCPT: "up to RCPT TO",
}


def _envelope(session: Session) -> tuple[str, str]:
    """Return the paths that were sent, or would have been had the session come so far."""
    held, context = session.held, session.context
    sender = context.sender if held.sender is None else held.sender
    return sender, context.recipient if held.recipient is None else held.recipient


def _as_far(session: Session, until: str) -> str:
    """Return where to quit: not behind where the run itself stopped for a reason of its own."""
    held = session.held
    if until not in (RCPT, "MAIL") or held.sender is not None:
        return until
    facts = session.step.facts.session
    if facts is not None and facts.end is SessionEnd.SMTPUTF8_MISSING:
        return "HELO"
    envelope = _envelope(session)
    known = not session.is_probe and all(part.isascii() and not part.startswith("-") for part in envelope)
    return until if known and envelope[1] and "," not in envelope[1] else "CONNECT"


def _tls_options(session: Session) -> list[str]:
    held, policy = session.held, session.context.report.settings.tls
    if policy is TlsPolicy.OFF or held.in_clear:
        return []
    first = {TlsPolicy.IMPLICIT: "--tls-on-connect", TlsPolicy.REQUIRE: "--tls"}.get(policy, "--tls-optional")
    if held.handshake_failed and policy is TlsPolicy.AUTO:
        first = "--tls-optional-strict"  # the other one goes on in what is left of the connection
    words = [first]
    if session.server_name:
        words += ["--tls-sni", session.server_name]
    if held.tls in _OLD:
        words += ["--tls-protocol", held.tls.lower().replace(".", "_")]
    if held.tls and held.tls != "TLSv1.3":
        words += ["--tls-cipher", "ALL:@SECLEVEL=0"]
    return words


def _typed(session: Session) -> Command:
    """Return the session as its commands are typed into a connection, as swaks cannot say them."""
    held = session.held
    sender, recipient = held.sender, held.recipient
    mail = [] if sender is None else [" ".join((f"MAIL FROM:<{sender}>", held.parameters)).strip()]
    rcpt = [] if recipient is None else [f"RCPT TO:<{recipient}>"]
    typed = tuple(
        line for line in (f"EHLO {held.ehlo}", *mail, *rcpt, "QUIT") if line.partition(" ")[0] not in _TO_DATA
    )
    what = f"session with {session.where}, up to RCPT TO; swaks cannot send this envelope"
    if held.tls:
        words = ("s_client", *_connect(session), *_names(session)[:2], *_weak(session), "-quiet")
        return Command("openssl", words, what, typed)
    source = ("--interface", held.source) if held.source else ()
    place = f"telnet://{_bracketed(held.address.replace('%', '%25'))}:{held.port}"
    return Command("curl", ("--silent", "--noproxy", "*", *source, place), what, typed)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _server_name(context: Context, step: Step, held: Held) -> str:
    """Return the name that was asked for in TLS: as it is told, else that of the host which came to it first."""
    for phase in (f"{step.id}/starttls", step.id):
        below = context.report.steps.get(phase)
        lines = (line for item in (below.findings if below else ()) for line in item.evidence)
        told = next((line for line in lines if line.startswith("SNI ") or line == "no SNI sent"), None)
        if told is not None:
            return _asked_for(told.removeprefix("SNI ")) if told.startswith("SNI ") else ""
    hosts = (
        StepId(key).host
        for key, item in context.report.steps.items()
        if item.is_session and StepId(key).address == held.address
    )
    return _asked_for(next(hosts, ""))


def _asked_for(name: str) -> str:
    """Return a name that can be asked for in TLS (RFC 6066 §3), "" for an address or what could be an option."""
    return name if _HOST_NAME.fullmatch(name) and parse_ip(name) is None else ""
