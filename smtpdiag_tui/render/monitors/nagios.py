"""A report in the one line that a monitor reads, as the Monitoring Plugins Development Guidelines ask. Pure.

`SMTPDIAG OK|WARNING|CRITICAL|UNKNOWN - text | performance data`

- OK: accepted, and nothing that matters to a message is wrong.
- WARNING: accepted, but something fails after DATA, an MX address does not accept, a certificate is about to
  expire, a test failed, or something is wrong with an MX host, the TLS policy, the sender authentication or this
  host. Housekeeping of the DNS that mail passes all the same (serials, delegation, a resolver without TCP) is
  counted, and wakes nobody. Also: deferred, where a retry gets through by itself, or a server replied and it may.
- CRITICAL: bounced; or deferred, where nothing gets through before somebody acts, or no server replied at all.
- UNKNOWN: the run could not tell, was cancelled or has not ended. A problem that is merely unknown changes
  nothing.
"""

import math
from enum import IntEnum

from smtpdiag_tui.render.answer import AUTHENTICATION, Answer, Trouble, answer_of
from smtpdiag_tui.render.monitors.measures import Tested, known_addresses, phases
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.conclusions import Retry
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible

NAME = "SMTPDIAG"
MOST_TEXT = 400  # characters: monitors show one line, and old agents cut at 1,024 bytes with the performance data
LEAST_DAYS = 14  # of a certificate, as the checks have it
_DATED = frozenset({"certificate-expired", "certificate-expires-soon"})
# A warning there is about mail; one about the DNS alone is not.
_ABOUT_MAIL = frozenset({"delivery", "tls-policy", "authentication", "identity"})


class PluginState(IntEnum):
    """What a plug-in tells, by its exit status."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def to_nagios(report: Report) -> str:
    """Return the line, with a line ending."""
    answer = answer_of(report)
    state = _state(report, answer)
    return plugin_line(state, _text(report, answer, state), _performance(report, answer))


def plugin_state(report: Report) -> PluginState:
    """Return what the report is to a monitor."""
    return _state(report, answer_of(report))


def plugin_line(state: PluginState, text: str, performance: str = "") -> str:
    """Return one line with its ending: no text can break it, nor pass for performance data."""
    told = visible(text).replace("|", "/").strip() or "no text"
    if len(told) > MOST_TEXT:
        told = f"{told[: MOST_TEXT - 2]} …"
    measured = f" | {performance}" if performance else ""
    return f"{NAME} {state.name} - {told}{measured}\n"


def _state(report: Report, answer: Answer) -> PluginState:
    if report.outcome is None or report.status is Status.CANCELLED or answer.outcome is Outcome.UNKNOWN:
        return PluginState.UNKNOWN
    if answer.outcome is Outcome.BOUNCED:
        return PluginState.CRITICAL
    if answer.outcome is Outcome.DEFERRED:
        replied = answer.reply is not None and answer.retry is not Retry.NOT_BEFORE_CHANGE
        passes = answer.retry is Retry.BY_ITSELF or replied
        return PluginState.WARNING if passes else PluginState.CRITICAL
    return PluginState.WARNING if _what_is_wrong(report, answer) else PluginState.OK


def _what_is_wrong(report: Report, answer: Answer) -> list[str]:
    """Return what is wrong although the recipient was accepted, the gravest first."""
    matter = [trouble for trouble in answer.troubles if _matters(trouble)]
    found = [trouble.headline.removesuffix(".") for trouble in matter]
    if answer.company and not any(_after_data(trouble) for trouble in matter):
        found.insert(0, f"{answer.company[:1].upper()}{answer.company[1:]}")
    addresses = known_addresses(report)
    failed = [item for item in addresses if item.failed]
    if failed and not found:
        found.append(f"{len(failed)} of {counted(len(addresses), 'MX address')} did not accept")
    soon = min((item for item in addresses if item.days is not None), key=_days, default=None)
    told = any(trouble.code in _DATED for trouble in matter)
    if soon is not None and _days(soon) < LEAST_DAYS and not told:
        when = f"expires in {counted(_days(soon), 'day')}" if _days(soon) >= 0 else "expired"
        found.append(f"Certificate of {soon.host} {when}")
    return found


def _days(item: Tested) -> int:
    return 0 if item.days is None else item.days


def _matters(trouble: Trouble) -> bool:
    branches = {StepId(step).branch for step in trouble.steps}
    return trouble.status is Status.FAILED or (trouble.status is Status.WARNING and bool(branches & _ABOUT_MAIL))


def _after_data(trouble: Trouble) -> bool:
    """Whether it is a failure of sender authentication, which the headline of the problem tells best."""
    branches = {StepId(step).branch for step in trouble.steps}
    return trouble.status is Status.FAILED and branches == {AUTHENTICATION}


def _text(report: Report, answer: Answer, state: PluginState) -> str:
    if state is PluginState.WARNING and answer.outcome is Outcome.ACCEPTED:
        first, *others = _what_is_wrong(report, answer)
        more = f" ({counted(len(others), 'more problem')})" if others else ""
        return f"{first}{more}; recipient accepted"
    if report.status is Status.CANCELLED:
        return f"Run cancelled, {answer.headline}" if report.headline.strip() else "Run cancelled"
    responsible = f" [{answer.responsible}]" if answer.responsible else ""
    return f"{answer.headline}{responsible}"


def _performance(report: Report, answer: Answer) -> str:
    """Return the values, each `'label'=value[UOM];[warn];[crit];[min];[max]`; what is not known is left out.

    Days have no unit in the guidelines' list; their range is that of the finding `certificate-expires-soon`.
    """
    values: list[str] = []
    if report.seconds is not None:
        values.append(_value("time", report.seconds, "s"))
    if answer.session is not None:
        values += [_value(name, seconds, "s") for name, seconds in phases(report, answer.session.id)]
    addresses = known_addresses(report)
    days = [item.days for item in addresses if item.days is not None]
    if days:
        values.append(f"'certificate_days'={min(days)};{LEAST_DAYS}:")
    if addresses:
        values.append(f"'accepted'={sum(item.accepted for item in addresses)};;;0;{len(addresses)}")
    if report.outcome is not None:
        values.append(f"'problems'={len(answer.troubles)};;;0")
    return " ".join(values)


def _value(label: str, seconds: float, unit: str) -> str:
    measured = seconds if math.isfinite(seconds) and seconds > 0 else 0.0
    return f"'{label}'={measured:.4f}{unit};;;0"
