"""What can be said of an SPF record where the address is unknown."""

import pytest

from smtpdiag_tui.checks.authentication.spf.model import (
    ProblemKind,
    SpfEvaluation,
    SpfProblem,
    SpfQuestion,
    SpfRequest,
)
from smtpdiag_tui.checks.authentication.spf.without_address import (
    PLACEHOLDERS,
    hangs_on_placeholder,
    is_certain,
    without_address,
)
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import SpfResult
from smtpdiag_tui.report.findings import Finding, finding

DOMAIN = "sender.example"
FOUND = (
    finding("spf-permerror", "It is invalid", advice="Repair it."),
    finding("spf-record-risky", "It is risky"),
    finding("spf-fail", "It fails for 0.0.0.0"),
    finding("spf-pass", "It passes for 0.0.0.0"),
)


def evaluated(
    result: SpfResult, kind: ProblemKind | None = None, domain: str = DOMAIN, *, malformed: bool = False
) -> SpfEvaluation:
    problem = SpfProblem(kind, domain) if kind is not None else None
    request = SpfRequest(PLACEHOLDERS[4], f"alice@{DOMAIN}", "mail.sender.example")
    return SpfEvaluation(request, result, problem=problem, malformed=malformed)


def kept(evaluation: SpfEvaluation, found: tuple[Finding, ...] = FOUND) -> list[str]:
    return [item.code for item in without_address(evaluation, found)]


@pytest.mark.parametrize("kind", [ProblemKind.SYNTAX, ProblemKind.SEVERAL_RECORDS])
def test_what_is_wrong_with_the_own_record_is_certain(kind: ProblemKind) -> None:
    own = evaluated(SpfResult.PERMERROR, kind)
    assert is_certain(own)
    assert kept(own) == ["spf-permerror", "spf-record-risky"]
    included = evaluated(SpfResult.PERMERROR, kind, "other.example")
    assert not is_certain(included)
    assert kept(included) == ["spf-record-risky", "spf-record-risky"]


@pytest.mark.parametrize("kind", [ProblemKind.TOO_MANY_LOOKUPS, ProblemKind.NO_RECORD, ProblemKind.TOO_MANY_NAMES])
def test_what_is_wrong_behind_other_terms_is_a_risk(kind: ProblemKind) -> None:
    evaluation = evaluated(SpfResult.PERMERROR, kind)
    assert not is_certain(evaluation)
    risk = without_address(evaluation, FOUND)[0]
    assert (risk.code, risk.message, risk.advice) == ("spf-record-risky", "It is invalid", "Repair it.")
    assert "unless an earlier term matches" in risk.meaning


def test_lookups_that_were_not_made_do_not_count_against_the_record() -> None:
    assert kept(evaluated(SpfResult.PERMERROR, ProblemKind.TOO_MANY_VOID)) == ["spf-record-risky"]


def test_no_record_is_certain_and_the_advice_names_no_address() -> None:
    none = evaluated(SpfResult.NONE)
    assert is_certain(none)
    [found] = without_address(none, (finding("spf-none", "None", advice="Publish ip4:0.0.0.0."),))
    what = "Publish an SPF record at sender.example that lists every host that sends for sender.example."
    assert found.actions == (Action("", what),)
    as_it_was = finding("spf-none", "None", advice="Use a name.")
    assert without_address(evaluated(SpfResult.NONE, malformed=True), (as_it_was,)) == (as_it_was,)


@pytest.mark.parametrize("result", [SpfResult.FAIL, SpfResult.PASS, SpfResult.TEMPERROR])
def test_what_hangs_on_the_address_is_not_known(result: SpfResult) -> None:
    assert not is_certain(evaluated(result))
    assert kept(evaluated(result), FOUND[2:]) == []


@pytest.mark.parametrize(
    ("address", "name", "rdtype", "hangs"),
    [
        (PLACEHOLDERS[4], "0.0.0.0.bl.example", "A", True),
        (PLACEHOLDERS[4], "0.0.0.0.in-addr.arpa", "PTR", True),
        (PLACEHOLDERS[4], "mail.sender.example", "A", False),
        (PLACEHOLDERS[6], f"{'0.' * 32}bl.example", "A", True),
        (PLACEHOLDERS[6], "mail.sender.example", "AAAA", False),
        ("192.0.2.10", "10.2.0.192.in-addr.arpa", "PTR", False),
        ("192.0.2.10", "0.0.0.0.bl.example", "A", False),
    ],
)
def test_questions_that_only_an_address_can_ask_are_known(
    address: str, name: str, rdtype: str, *, hangs: bool
) -> None:
    request = SpfRequest(address, f"alice@{DOMAIN}", "mail.sender.example")
    assert hangs_on_placeholder(request, SpfQuestion(name, rdtype)) is hangs
