"""What can be said of an SPF record where the address that receivers see is unknown. Pure.

The record is evaluated for a placeholder that no host has, so that every term is evaluated. What is wrong with the
domain's own record is wrong for every address (RFC 7208 §4.5, §4.6); what is wrong behind other terms is a risk,
since one of these may match before.
"""

import ipaddress
from dataclasses import replace

from smtpdiag_tui.checks.authentication.spf.model import ProblemKind, SpfEvaluation, SpfQuestion, SpfRequest
from smtpdiag_tui.checks.authentication.spf.trace import shown
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import SpfResult
from smtpdiag_tui.report.findings import Finding, finding

PLACEHOLDERS = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - nothing is bound to it
_OF_RECORD = frozenset({ProblemKind.SYNTAX, ProblemKind.SEVERAL_RECORDS})
_OF_ANY_ADDRESS = frozenset({"spf-record-risky", "spf-temperror"})


def hangs_on_placeholder(request: SpfRequest, question: SpfQuestion) -> bool:
    """Whether a question is made from an address that is none, by `ptr` or a macro: nobody should be asked it."""
    if request.address not in PLACEHOLDERS.values():
        return False
    reverse = ipaddress.ip_address(request.address).reverse_pointer
    digits = reverse.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
    return question.rdtype == "PTR" or digits in question.name


def is_certain(evaluation: SpfEvaluation) -> bool:
    """Whether the result is the same for every address: there is no record, or it is wrong by itself."""
    return evaluation.result is SpfResult.NONE or _is_own_fault(evaluation)


def without_address(evaluation: SpfEvaluation, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those of the findings about an evaluation for a placeholder that no address changes."""
    problem = evaluation.problem
    kept = [item for item in found if item.code in _OF_ANY_ADDRESS]
    kept = [*(_to_publish(evaluation, item) for item in found if item.code == "spf-none"), *kept]
    errors = [item for item in found if item.code == "spf-permerror"]
    if _is_own_fault(evaluation):
        return (*errors, *kept)
    if problem is None or problem.kind is ProblemKind.TOO_MANY_VOID:  # what is not asked counts among these
        return tuple(kept)
    return (*map(_as_risk, errors), *kept)


def _is_own_fault(evaluation: SpfEvaluation) -> bool:
    problem = evaluation.problem
    return problem is not None and problem.kind in _OF_RECORD and problem.domain == evaluation.domain


def _to_publish(evaluation: SpfEvaluation, item: Finding) -> Finding:
    if evaluation.malformed:
        return item
    if evaluation.near:
        return replace(item, actions=item.actions[:1])  # what is there begins wrongly; the other lists the address
    name = shown(evaluation.domain)
    what = f"Publish an SPF record at {name} that lists every host that sends for {name}."
    return replace(item, actions=(Action("", what),))


def _as_risk(item: Finding) -> Finding:
    meaning = "Receivers meet this error unless an earlier term matches the public IP address."
    return finding("spf-record-risky", item.message, meaning=meaning, advice=item.actions, evidence=item.evidence)
