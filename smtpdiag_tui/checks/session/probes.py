"""Extra probes, on request alone: does an MX host accept postmaster, bounces, and just any recipient? Pure.

Each is a session of its own up to RCPT, with one thing changed against the session that was held before (but
`dane-keys`, which is judged with DANE). None
tests whether the host relays, and none tries a second name.
"""

from dataclasses import replace

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.attempts import attempt
from smtpdiag_tui.checks.session.refusals import refused
from smtpdiag_tui.checks.session.session import AttemptResult, Envelope, Exchange, Phase, SessionObservation
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Probe

EXPLANATION = """\
Opens more sessions with one MX host: one for each requested probe, up to RCPT TO, and two for dane-keys:
- postmaster: every domain that accepts mail must accept it for postmaster (RFC 5321 §4.5.1)
- null-sender: bounces use the null sender; a host that rejects it loses them (RFC 5321 §4.5.5)
- random-recipient: a mailbox that cannot exist; if the host accepts it, its other acceptances mean little
- dane-keys: the host may have an RSA and an ECDSA certificate; TLSA records must match both
Fails if:
- the host rejects postmaster or the null sender
- the host accepts the random recipient
- a certificate of the host matches no TLSA record"""
_SUBJECTS = {
    Probe.POSTMASTER: "postmaster",
    Probe.NULL_SENDER: "null sender",
    Probe.RANDOM_RECIPIENT: "random recipient",
}
TITLES = {
    Probe.POSTMASTER: "Postmaster",
    Probe.NULL_SENDER: "Null sender",
    Probe.RANDOM_RECIPIENT: "Random recipient",
    Probe.DANE_KEYS: "DANE keys",
}


def probe_envelope(probe: Probe, main: Envelope, local_part: str) -> Envelope:
    """Return what a probe says: as `main`, but for one thing. `local_part` is the random recipient's."""
    if probe is Probe.NULL_SENDER:
        return replace(main, sender="", smtputf8=not main.recipient.isascii())
    local = "postmaster" if probe is Probe.POSTMASTER else local_part
    recipient = f"{local}@{main.recipient.rpartition('@')[2]}"
    return replace(main, recipient=recipient, smtputf8=not main.sender.isascii())


def needless(probe: Probe, main: Envelope) -> str | None:
    """Say why a probe would only repeat the session held before, None if it would not."""
    if probe is Probe.NULL_SENDER and not main.sender:
        return "the sender of the run is the null sender"
    if probe is Probe.POSTMASTER and main.recipient.partition("@")[0].lower() == "postmaster":
        return "the recipient of the run is postmaster"
    return None


def judge_probe(probe: Probe, seen: SessionObservation, main: SessionObservation) -> tuple[Finding, ...]:
    """Return the one finding of a probe; what is no clear yes or no says nothing.

    `main` is the session held before: what was refused there too is not the probe's doing.
    """
    host, decisive = visible(seen.target.host), _decisive(probe, seen, main)
    if decisive is None or decisive.reply is None:
        said = attempt(seen).reply
        return (
            finding("probe-undecided", f"{host} left the {_SUBJECTS[probe]} probe undecided", evidence=(said,)),
        )
    lines, taken = reply_texts.lines(decisive.reply), decisive.reply.first_digit == 2
    recipient = visible(seen.envelope.recipient)
    code, message = {
        (Probe.POSTMASTER, True): ("postmaster-accepted", f"{host} accepted {recipient}"),
        (Probe.POSTMASTER, False): ("postmaster-refused", f"{host} rejected {recipient}"),
        (Probe.NULL_SENDER, True): ("null-sender-accepted", f"{host} accepted the null sender"),
        (Probe.NULL_SENDER, False): ("null-sender-refused", f"{host} rejected the null sender"),
        (Probe.RANDOM_RECIPIENT, True): ("accepts-any-recipient", f"{host} accepted a random recipient"),
        (Probe.RANDOM_RECIPIENT, False): ("unknown-recipient-refused", f"{host} rejected a random recipient"),
    }[probe, taken]
    return (finding(code, message, evidence=lines),)


def _decisive(probe: Probe, seen: SessionObservation, main: SessionObservation) -> Exchange | None:
    """Return the exchange whose reply answers the probe, None if none does."""
    rcpt, mail = seen.last(Phase.RCPT), seen.last(Phase.MAIL)
    if rcpt is not None and rcpt.answer is not None:
        return rcpt if rcpt.accepted or _refuses_the_probe(probe, rcpt, main) else None
    if probe is Probe.NULL_SENDER and mail is not None and _permanent(mail) and main.accepted(Phase.MAIL):
        return mail
    return None


def _refuses_the_probe(probe: Probe, rcpt: Exchange, main: SessionObservation) -> bool:
    """Whether a reply to RCPT refuses what the probe changed, and nothing that was refused before."""
    if not _permanent(rcpt):
        return False
    of_recipient = probe is not Probe.NULL_SENDER and refused(rcpt) is Party.RECIPIENT
    return of_recipient or attempt(main).result is AttemptResult.ACCEPTED


def _permanent(exchange: Exchange) -> bool:
    return exchange.answer is not None and exchange.answer.first_digit == 5
