"""A report in Prometheus' text exposition format, for node_exporter's textfile collector. Pure.

Every series carries sender and recipient: the collector reads many files, and no two may hold the same series.
There are no timestamps (the collector refuses them), and HELP texts are the same in all files. Of an address only
the result that it had is a series; to alert on one, `smtpdiag_address_accepted` is always there.
"""

import math
from collections import Counter
from collections.abc import Iterator

from smtpdiag_tui.render.answer import Answer, answer_of
from smtpdiag_tui.render.monitors.measures import known_addresses, phases, tested
from smtpdiag_tui.report.authentication import BeyondVerdict
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.visible import visible

_HELP = {
    "outcome": "Whether the message came to this outcome (1) or not (0).",
    "cause": "Why the message is not accepted: finding code, reason of the reply and responsible side.",
    "run_timestamp_seconds": "Unix time at which the run started.",
    "run_seconds": "Duration of the whole run.",
    "addresses": "MX addresses that were tested.",
    "addresses_accepted": "MX addresses that accepted the recipient.",
    "address_accepted": "Whether the MX address accepted the recipient (1) or not (0).",
    "address_result": "What the session with the MX address came to.",
    "phase_seconds": "Duration of one phase of the session with the MX address.",
    "certificate_expiry_days": "Days until the certificate of the MX address expires, below 0 once it has.",
    "certificate_verdict": "What is to be said of the certificate of the MX address.",
    "problems": "Problems that do not decide the outcome, by severity.",
    "beyond": "What is known of a check that receivers make after RCPT TO.",
}
_STATUSES = {
    Severity.FAILURE: Status.FAILED,
    Severity.WARNING: Status.WARNING,
    Severity.UNKNOWN: Status.UNKNOWN,
}
_WORST_LAST = (BeyondVerdict.PASS, BeyondVerdict.UNKNOWN, BeyondVerdict.FAIL)
Sample = tuple[dict[str, str], float]


def to_prometheus(report: Report) -> str:
    """Return the metrics, in an order that depends on the report alone; UTF-8 whatever the locale."""
    answer = answer_of(report)
    pair = {"sender": answer.sender, "recipient": answer.recipient}
    lines: list[str] = []
    for name, samples in _families(report, answer):
        told = [f"{_name(name)}{_labels({**pair, **labels})} {_number(value)}" for labels, value in samples]
        if told:
            lines += [f"# HELP {_name(name)} {_HELP[name]}", f"# TYPE {_name(name)} gauge", *told]
    return "".join(f"{line}\n" for line in lines)


def _families(report: Report, answer: Answer) -> Iterator[tuple[str, list[Sample]]]:
    """Yield each metric with its samples, those of the run first."""
    known = known_addresses(report)
    cancelled = report.status is Status.CANCELLED
    outcome = Outcome.UNKNOWN if cancelled else answer.outcome
    yield "outcome", [({"outcome": item.value}, float(item is outcome)) for item in Outcome]
    yield "cause", [] if cancelled else _causes(report)
    started = report.started.timestamp()
    yield "run_timestamp_seconds", [({}, started)] if started > 0 else []
    yield "run_seconds", [] if report.seconds is None else [({}, report.seconds)]
    yield "problems", _problems(answer)
    yield "beyond", _beyond(report)
    yield "addresses", [({}, float(len(known)))]
    yield "addresses_accepted", [({}, float(sum(item.accepted for item in known)))]
    yield from _of_addresses(report)


def _of_addresses(report: Report) -> Iterator[tuple[str, list[Sample]]]:
    accepted: list[Sample] = []
    results: list[Sample] = []
    times: list[Sample] = []
    days: list[Sample] = []
    verdicts: list[Sample] = []
    for item in tested(report):
        where = {"host": item.host, "address": item.address}
        times += [({**where, "phase": name}, seconds) for name, seconds in phases(report, item.step)]
        if item.facts is None:
            continue
        accepted.append((where, float(item.accepted)))
        results.append(({**where, "result": item.facts.end.value}, 1.0))
        verdicts += [({**where, "verdict": found.value}, 1.0) for found in dict.fromkeys(item.facts.certificate)]
        if item.facts.days is not None:
            days.append((where, float(item.facts.days)))
    yield "address_accepted", accepted
    yield "address_result", results
    yield "phase_seconds", times
    yield "certificate_expiry_days", days
    yield "certificate_verdict", verdicts


def _causes(report: Report) -> list[Sample]:
    found = {
        (cause.code, cause.reason.value if cause.reason else "", cause.side.value): None
        for cause in report.causes
        if cause.decides
    }
    return [({"code": code, "reason": reason, "side": side}, 1.0) for code, reason, side in found]


def _problems(answer: Answer) -> list[Sample]:
    counts = Counter(trouble.status for trouble in answer.troubles)
    return [({"severity": severity.value}, float(counts[status])) for severity, status in _STATUSES.items()]


def _beyond(report: Report) -> list[Sample]:
    """Return the worst verdict of each name: several addresses of this host may fare differently."""
    worst: dict[str, BeyondVerdict] = {}
    for item in report.beyond:
        before = worst.get(item.name.value, item.verdict)
        worst[item.name.value] = max(before, item.verdict, key=_WORST_LAST.index)
    return [({"name": name, "verdict": verdict.value}, 1.0) for name, verdict in worst.items()]


def _name(name: str) -> str:
    return f"smtpdiag_{name}"


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return visible(value).replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    """Return a value as the format has it, to a tenth of a millisecond."""
    if not math.isfinite(value):
        return "NaN"
    return f"{round(value, 4):.4f}".rstrip("0").rstrip(".")
