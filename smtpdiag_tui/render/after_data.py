"""What RCPT does not cover, in a line: what fails, what is unknown, what passes, what is not tested. Pure."""

from collections.abc import Collection, Iterable, Mapping

from smtpdiag_tui.report.amounts import listed
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict, SpfResult
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status

_UNTESTED = "SPF, DKIM, DMARC and content filtering are not tested"
_FILTERING = "content filtering is not tested"
_UNSIGNED = "DKIM and content filtering are not tested"
_UNVERIFIED = "no DKIM signature verified; content filtering is not tested"
_SPF_NOT_PASSED = "SPF does not pass"  # but permerror, softfail, neutral or none is not its result fail
_UNMET = "requirement not met"  # short: it stands in the first line
_PROTOCOLS = {BeyondName.SPF: "SPF", BeyondName.DKIM: "DKIM", BeyondName.DMARC: "DMARC"}
_VERBS = {BeyondVerdict.FAIL: ("fails", "fail"), BeyondVerdict.PASS: ("passes", "pass")}
_OTHERS = {
    (BeyondName.RECEIVERS, BeyondVerdict.FAIL): "receiver requirement not met",
    (BeyondName.RECEIVERS, BeyondVerdict.UNKNOWN): "receiver requirements unknown",
    (BeyondName.RECEIVERS, BeyondVerdict.PASS): "receiver requirements met",
    (BeyondName.MESSAGE, BeyondVerdict.FAIL): "message faulty",
    (BeyondName.MESSAGE, BeyondVerdict.UNKNOWN): "message not checked",
    (BeyondName.MESSAGE, BeyondVerdict.PASS): "message fits",
}
_GRAVITY = (BeyondVerdict.PASS, BeyondVerdict.UNKNOWN, BeyondVerdict.FAIL)
# Of several failures the one that most receivers act on.
_FIRST = (BeyondName.DMARC, BeyondName.RECEIVERS, BeyondName.MESSAGE, BeyondName.DKIM, BeyondName.SPF)
_RESTS_ON = {BeyondName.DMARC: (BeyondName.SPF, BeyondName.DKIM)}


def after_data(report: Report) -> str:
    """Return what RCPT does not cover and what is known of it; "" before a run has ended.

    Where the message is accepted, the first failure is told whole; elsewhere it never gets as far as DATA.
    """
    if report.outcome is None or report.status is Status.CANCELLED:
        return ""
    if not report.beyond:
        return _UNTESTED if report.outcome is Outcome.ACCEPTED else ""
    verdicts = _verdicts(report.beyond)
    first = first_failure(report.beyond)
    if first is not None and report.outcome is Outcome.ACCEPTED:
        return _failure(first, verdicts)
    untested = verdicts.get(BeyondName.DKIM) is BeyondVerdict.UNKNOWN  # which takes a message to know
    unknown = _UNVERIFIED if report.settings.message is not None else _UNSIGNED
    kept = {name: verdict for name, verdict in verdicts.items() if not (untested and name is BeyondName.DKIM)}
    clauses = [clause for verdict in reversed(_GRAVITY) for clause in _clauses(kept, verdict)]
    return "; ".join([*([_capital(", ".join(clauses))] if clauses else []), unknown if untested else _FILTERING])


def company(report: Report) -> str:
    """Return what stands beside the outcome where something fails after DATA, as `DMARC fails`; "" for nothing."""
    first = first_failure(report.beyond) if report.status is not Status.CANCELLED else None
    if first is None:
        return ""
    if first.name is BeyondName.SPF and not _spf_fails(report):
        return _SPF_NOT_PASSED
    if first.name is BeyondName.RECEIVERS:
        return _UNMET
    return _clauses({first.name: BeyondVerdict.FAIL}, BeyondVerdict.FAIL)[0]


def _spf_fails(report: Report) -> bool:
    """Whether SPF comes to its result `fail` for an address, or the report does not say to which."""
    both = [found for item in report.authentication for found in (item.spf.mail_from, item.spf.ehlo)]
    identities = [found for found in both if found is not None]
    return not identities or any(found.result is SpfResult.FAIL for found in identities)


def first_failure(beyond: Iterable[Beyond]) -> Beyond | None:
    """Return the failure that counts most, None where nothing fails."""
    failures = [item for item in beyond if item.verdict is BeyondVerdict.FAIL]
    return min(failures, key=lambda item: _FIRST.index(item.name), default=None)


def _verdicts(beyond: Iterable[Beyond]) -> dict[BeyondName, BeyondVerdict]:
    """Return the worst verdict of each name: several addresses of this host may fare differently."""
    worst: dict[BeyondName, BeyondVerdict] = {}
    for item in beyond:
        before = worst.get(item.name, BeyondVerdict.PASS)
        worst[item.name] = max(before, item.verdict, key=_GRAVITY.index)
    return worst


def _failure(first: Beyond, verdicts: Mapping[BeyondName, BeyondVerdict]) -> str:
    """Return the first failure whole, behind it in few words those that it does not rest on."""
    told = (first.name, *_RESTS_ON.get(first.name, ()))
    others = _clauses(verdicts, BeyondVerdict.FAIL, without=told)
    sentence = first.message.strip() or _capital(_clauses(verdicts, BeyondVerdict.FAIL)[0])
    if not others:
        return sentence
    return f"{sentence.removesuffix('.')}. {_capital(', '.join(others))}."


def _clauses(
    verdicts: Mapping[BeyondName, BeyondVerdict],
    verdict: BeyondVerdict,
    without: Collection[BeyondName] = (),
) -> list[str]:
    """Return in few words what has this verdict: `SPF and DMARC pass`, `receiver requirements met`."""
    names = [name for name in BeyondName if verdicts.get(name) is verdict and name not in without]
    protocols = [_PROTOCOLS[name] for name in names if name in _PROTOCOLS]
    clauses = []
    if protocols:
        one, several = _VERBS.get(verdict, ("unknown", "unknown"))
        clauses.append(f"{listed(protocols)} {one if len(protocols) == 1 else several}")
    return clauses + [_OTHERS[name, verdict] for name in names if name not in _PROTOCOLS]


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
