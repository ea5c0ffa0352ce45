"""A bounce set beside the run that followed: what was then, what is now, and whether it would happen again. Pure.

Nothing is claimed that was not measured. A run ends at RCPT TO, speaks for its own sender, recipient and host, and
turns to the MX hosts of today: where the bounce is about another of these, the answer is that it is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.bounces.met import PHASES, Met, at_address, at_host, met
from smtpdiag_tui.bounces.no_reply_words import case_of
from smtpdiag_tui.bounces.speaking import Says, about_another, speaking
from smtpdiag_tui.bounces.then_and_now import Beside, Verdict, code_told, kind_of, reason_words, then_words
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.local_mta.deferrals import DeferralKind
from smtpdiag_tui.report.facts import DestinationKind, SessionEnd
from smtpdiag_tui.report.profiles import STANDARD
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible

_BEFORE_SENDER = ("connect", "greeting", "ehlo", "starttls")
# Replies about the client: they say nothing of this host where they name another.
_ABOUT_CLIENT = frozenset(
    {Reason.IP_BLOCKLIST, Reason.IP_REPUTATION, Reason.DYNAMIC_ADDRESS, Reason.REVERSE_DNS, Reason.EHLO_NAME}
    | {Reason.RATE_LIMIT, Reason.AUTHENTICATION, Reason.GREYLISTING}
)
_OF_HOST = frozenset({Reason.IP_BLOCKLIST, Reason.DYNAMIC_ADDRESS, Reason.REVERSE_DNS, Reason.EHLO_NAME})
# What a run does not do as the sending server did: that it is accepted at RCPT TO says nothing of these.
_UNLIKE_A_RUN = frozenset({Reason.SIZE, Reason.CONTENT})
_SILENT = frozenset({SessionEnd.CLOSED, SessionEnd.TIMEOUT, SessionEnd.RESET, SessionEnd.NO_SMTP})
_DNS_CODES = frozenset(
    {
        "domain-not-found",
        "null-mx",
        "no-mail-host",
        "dns-server-failure",
        "domain-lookup-failed",
        "mx-lookup-failed",
    }
    | {"mx-none-usable", "cname-loop", "dnssec-bogus", "mx-unresolvable"}
)


@dataclass(frozen=True, slots=True)
class _Case:
    told: Told
    reason: Reason | None
    kind: DeferralKind
    report: Report
    found: tuple[Met, ...]

    @property
    def reply(self) -> str:
        return self.told.reply or ""

    @property
    def phase(self) -> str:
        return self.told.phase.value if self.told.phase is not None else ""

    @property
    def other_pair(self) -> str:
        """What of the bounce's pair the run did not use, "" where it used both as far as they are known."""
        settings = self.report.settings
        pairs = (
            ("sender", self.told.sender, settings.sender),
            ("recipient", self.told.recipient, settings.recipient),
        )
        for what, then, now in pairs:
            if then is not None and then.lower() != now.lower():
                return f"the run used another {what}"
        return ""

    @property
    def client(self) -> str:
        """Another client that the reply is about, "" for none."""
        return about_another(self.reply, self.told.address or "", self.report)


def beside(told: Told, reason: Reason | None, report: Report) -> Beside:
    """Return what a run tells of a delivery that a text told of; `reason` is that of its reply."""
    case = _Case(told, reason, kind_of(told), report, met(report))
    if report.outcome is None or report.status is Status.CANCELLED:
        return _made(case, "the run did not end", "", Verdict.UNKNOWN)
    if told.ours or told.relayed:
        return _made(case, _outcome(case), "the bounce is of another hop", Verdict.UNKNOWN)
    target = _target(case)
    if case.kind is DeferralKind.DNS:
        return _after_dns(case)
    if target is None:
        return _elsewhere(case)
    return _at(case, target)


def _target(case: _Case) -> Met | None:
    """Return the session at the host of the bounce: at its very address, else the one that tells most.

    Where the text names no server, it is the session that decided. None where the host is none of today's.
    """
    told = case.told
    if told.address is not None:
        exact = at_address(case.found, told.address)
        if exact:
            return next((item for item in exact if item.host == told.host), exact[0])
    if told.host is not None:
        return _most_telling(case, at_host(case.found, told.host))
    return None if told.address is not None else _decided(case)


def _most_telling(case: _Case, found: Sequence[Met]) -> Met | None:
    looks = (lambda item: _same(case, item), _refused, _accepted, _unreached, _any)
    return next((item for look in looks for item in found if look(item)), None)


def _refused(item: Met) -> bool:
    return item.refused


def _accepted(item: Met) -> bool:
    return item.accepted


def _unreached(item: Met) -> bool:
    return item.unreached


def _any(_item: Met) -> bool:
    return True


def _decided(case: _Case) -> Met | None:
    """Return the session that the outcome of the run comes from, else the most telling one."""
    report = case.report
    keys: list[str] = []
    if report.outcome is Outcome.ACCEPTED:
        standard = next((sender for sender in report.senders if sender.name == STANDARD), None)
        last = standard.attempts[-1:] if standard is not None else ()
        keys = [f"delivery/{item.host or f'[{item.address}]'}/{item.address}" for item in last]
    elif report.causes and report.causes[0].decides:
        keys = ["/".join(StepId(key).parts[:3]) for key in report.causes[0].evidence]
    by_step = {item.step: item for item in case.found}
    found = next((by_step[key] for key in keys if key in by_step), None)
    if found is None and report.outcome is Outcome.ACCEPTED:
        found = next((item for item in case.found if item.accepted), None)
    return found or _most_telling(case, case.found)


def _at(case: _Case, target: Met) -> Beside:
    """Judge by the session at the host of the bounce."""
    if not target.tested:
        return _left_open(case, target, "", reached=False)
    if target.unreached:
        return _at_silent(case, target)
    if target.refused:
        return _at_refusing(case, target)
    return _at_accepting(case, target)


def _at_silent(case: _Case, target: Met) -> Beside:
    """No session came about, or it ended without a reply."""
    elsewhere = _accepted_elsewhere(case, target)
    without_reply = case.told.reply is None
    if elsewhere is not None and (without_reply or case.phase in PHASES):
        return _made(case, _now(case, target), f"{elsewhere.where} accepted", Verdict.OTHERWISE, elsewhere.step)
    if without_reply and case.kind is DeferralKind.CONNECT and target.phase in ("", "connect"):
        return _made(case, _now(case, target), "", Verdict.AGAIN, target.step)
    if without_reply and case.kind is DeferralKind.LOST and target.phase != "connect" and target.end in _SILENT:
        return _made(case, _now(case, target), "", Verdict.AGAIN, target.step)
    if without_reply and case.kind is DeferralKind.TLS and target.end is SessionEnd.TLS_FAILED:
        return _made(case, _now(case, target), "", Verdict.AGAIN, target.step)
    return _left_open(case, target, "", reached=False)


def _at_refusing(case: _Case, target: Met) -> Beside:
    """A reply refuses now: for the same reason, or for another that may hide what was then."""
    now = _now(case, target)
    if _same(case, target):
        limit = _limits(case, target.phase)
        if limit:
            return _made(case, now, limit, Verdict.UNKNOWN, target.step)
        return _same_again(case, target, now)
    if target.permanent or (case.told.reply is None and case.kind in (DeferralKind.CONNECT, DeferralKind.LOST)):
        limit = _limits(case, target.phase)
        return _made(case, now, limit, Verdict.UNKNOWN if limit else Verdict.OTHERWISE, target.step)
    return _left_open(case, target, "another reason holds it back first", reached=True)


def _same_again(case: _Case, target: Met, now: str) -> Beside:
    """The same reply as then: it counts where sending servers come to that host, and find no other one."""
    elsewhere = _accepted_elsewhere(case, target)
    if elsewhere is not None and target.permanent and not _is_before(elsewhere, target):
        if elsewhere.preference == target.preference and elsewhere.preference is not None:
            because = f"{elsewhere.where} accepted, and has the same preference"
            return _made(case, now, because, Verdict.UNKNOWN, target.step)
        elsewhere = None
    if elsewhere is not None:
        return _made(case, now, f"{elsewhere.where} accepted", Verdict.OTHERWISE, elsewhere.step)
    return _made(case, now, "", Verdict.AGAIN, target.step)


def _is_before(one: Met, other: Met) -> bool:
    """Whether sending servers turn to one MX host before they turn to the other (RFC 5321, section 5.1)."""
    return None not in (one.preference, other.preference) and (one.preference or 0) < (other.preference or 0)


def _limits(case: _Case, phase: str) -> str:
    """Return why a run's reply at a phase is no statement about the bounce, "" where it is one."""
    if phase not in _BEFORE_SENDER and case.other_pair:
        return case.other_pair
    if case.reason in _ABOUT_CLIENT and case.client:
        return f"the reply was to {case.client}, not to this host"
    return ""


def _at_accepting(case: _Case, target: Met) -> Beside:
    """The recipient is accepted now: it settles what was refused up to there, and nothing that came later."""
    now, told = _now(case, target), case.told
    limit = _limits(case, "rcpt-to")
    if told.reply is None:
        return _without_reply(case, target, limit)
    if told.reply.startswith("2"):
        return _made(case, now, "as far as RCPT TO", Verdict.UNKNOWN if limit else Verdict.AGAIN, target.step)
    if case.phase not in PHASES or case.reason in _UNLIKE_A_RUN:
        return _left_open(case, target, _not_come_to(case), reached=True)
    limit = limit or _unlike(case, target)
    if limit:
        return _made(case, now, limit, Verdict.UNKNOWN, target.step)
    because = "one session is not limited" if case.reason is Reason.RATE_LIMIT else ""
    return _made(case, now, because, Verdict.NO_LONGER, target.step)


def _unlike(case: _Case, target: Met) -> str:
    """Return what the run did otherwise than the sending server may do, "" where that is no matter."""
    if case.reason is Reason.TLS_REQUIRED:
        return f"the run used {target.tls or 'no TLS'}, and what the sending server uses is unknown"
    if case.reason is Reason.PROTOCOL:
        return "the session of the sending server is not repeated"
    ehlo = case.report.facts.ehlo
    if case.reason is Reason.EHLO_NAME and ehlo.lower() not in case.reply.lower():
        return f"the run used EHLO name {visible(ehlo)}, perhaps not that of the sending server"
    return ""


def _not_come_to(case: _Case) -> str:
    if case.phase in ("data", "end-of-data"):
        return "smtpdiag sends no message"
    if case.phase:
        return f"smtpdiag does not come to {case.phase.upper()}"
    return "the text does not say which command was refused"


def _without_reply(case: _Case, target: Met, limit: str) -> Beside:
    """Judge a delivery that failed without a reply where the recipient is accepted now."""
    now = _now(case, target)
    if case.kind is DeferralKind.CONNECT or (case.kind is DeferralKind.LOST and case.phase in PHASES):
        return _made(case, now, "", Verdict.NO_LONGER, target.step)
    if case.kind is DeferralKind.TLS and not target.tls and _lacked_tls(case):
        return _made(case, now, "without TLS", Verdict.AGAIN, target.step)
    if case.kind is DeferralKind.TLS:
        offered = f"{target.tls} is offered" if target.tls else "no TLS is offered"
        because = f"{offered}, and what the sending server requires is unknown"
        return _made(case, now, because, Verdict.UNKNOWN, target.step)
    if case.kind is DeferralKind.LOCAL:
        return _made(case, now, "only the sending server's log tells", Verdict.UNKNOWN, target.step)
    return _made(case, now, limit or _not_come_to(case), Verdict.UNKNOWN, target.step)


def _lacked_tls(case: _Case) -> bool:
    """Whether the server offered no TLS then: what else can be wrong with it says nothing of a session without."""
    found = case_of(case.told.words.lower())
    return found is None or found.code == "starttls-not-offered"


def _left_open(case: _Case, target: Met, because: str, *, reached: bool) -> Beside:
    """Judge by what the run measured of the reason itself: the host's reply now does not settle it."""
    now = _now(case, target)
    if case.client and case.reason in _ABOUT_CLIENT:
        return _made(case, now, f"the reply was to {case.client}, not to this host", Verdict.UNKNOWN, target.step)
    if case.other_pair and case.reason not in _OF_HOST:
        return _made(case, now, case.other_pair, Verdict.UNKNOWN, target.step)
    found = speaking(case.reason, case.reply, target if target.tested else None, case.report)
    if found.says is Says.STILL and reached:
        return _made(case, now, found.words, Verdict.AGAIN, found.step or target.step)
    if found.says is Says.NOT_NOW and reached and target.accepted:
        return _made(case, now, found.words, Verdict.NO_LONGER, found.step or target.step)
    known = case.reason is not None and found.words and case.reason is not Reason.UNEXPLAINED
    words = found.words if known and (not because or case.reason in _TOLD) else because
    return _made(case, now, words, Verdict.UNKNOWN, target.step)


# Reasons of which it is worth while to say why they are not known.
_TOLD = frozenset(
    {Reason.AUTHENTICATION, Reason.SIZE, Reason.CONTENT, Reason.IP_BLOCKLIST, Reason.REVERSE_DNS, Reason.EHLO_NAME}
)


def _elsewhere(case: _Case) -> Beside:
    """Judge where the host of the bounce is none that the run turned to."""
    now, decided = _outcome(case), _decided(case)
    if decided is None:
        gone = case.report.outcome is Outcome.BOUNCED
        return _made(case, now, "", Verdict.OTHERWISE if gone else Verdict.UNKNOWN)
    host = visible(case.told.where)
    facts = case.report.facts
    because = f"{host} is not an MX host of {visible(facts.destination)}, --server tests it"
    if facts.destination_kind is not DestinationKind.DOMAIN:
        because = f"{host} was not tested"
    limit = _limits(case, decided.phase)
    if decided.refused and _same(case, decided) and not limit:
        return _made(case, now, because, Verdict.AGAIN, decided.step)
    if decided.permanent and not limit:
        return _made(case, now, because, Verdict.OTHERWISE, decided.step)
    return _made(case, now, because, Verdict.UNKNOWN, decided.step)


def _after_dns(case: _Case) -> Beside:
    """Judge a delivery that found no MX host then."""
    now = _outcome(case)
    if any(cause.decides and cause.code in _DNS_CODES for cause in case.report.causes):
        return _made(case, now, "", Verdict.AGAIN)
    if not any(item.tested for item in case.found):
        return _made(case, now, "", Verdict.UNKNOWN)
    accepted = case.report.outcome is Outcome.ACCEPTED
    return _made(case, now, "", Verdict.NO_LONGER if accepted else Verdict.OTHERWISE)


def _accepted_elsewhere(case: _Case, target: Met) -> Met | None:
    """Return the other host that accepts the message of this run, None where none does."""
    if case.report.outcome is not Outcome.ACCEPTED or case.other_pair:
        return None
    return next((item for item in case.found if item.accepted and item.step != target.step), None)


def _same(case: _Case, item: Met) -> bool:
    """Whether a refusal says what the bounce said: the same reason, or the same codes where neither has one."""
    if not item.refused or case.told.reply is None:
        return False
    then, now = case.reason, item.reason
    unknown = (None, Reason.UNEXPLAINED)
    if then not in unknown and now not in unknown:
        return then is now
    return then in unknown and now in unknown and code_told(case.told) == item.reply


def _now(case: _Case, item: Met) -> str:
    """Return what was met, and by whom where that is not the host of the bounce itself."""
    words = f"{item.words}{reason_words(item.reason)}"
    told = case.told
    here = item.address == told.address if told.address else item.host == told.host and item.host
    return words if here else f"{words} by {item.where}" if item.accepted else f"{words}, {item.where}"


def _outcome(case: _Case) -> str:
    """Return what the run came to, in a clause."""
    decided = _decided(case)
    if decided is not None:
        return _now(case, decided)
    return visible(f"{case.report.outcome}, {case.report.headline}") if case.report.headline else "unknown"


def _made(case: _Case, now: str, because: str, verdict: Verdict, step: str = "") -> Beside:
    then = then_words(case.told, case.reason, case.kind)
    return Beside(then, now, because, verdict, step if step in case.report.steps else "")
