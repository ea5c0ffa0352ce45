"""Where problems of authentication and TLS policy lie, and what of them runs again."""

from smtpdiag_tui.report.reruns import failed_steps, runnable
from smtpdiag_tui.tui.model.navigation import problems, with_problems
from tests.render.made import STANDARDS, accepted, with_standards

REPORT = with_standards(accepted(dmarc="fail"))
ADDRESS = "authentication/spf/203.0.113.10"
DNSSEC = "tls-policy/dnssec"


def test_what_is_unknown_as_a_rule_is_no_problem_to_go_to_nor_to_run_again() -> None:
    places = problems(REPORT)
    assert set(places) == {
        f"{ADDRESS}/mail-from",
        "authentication/dmarc",
        "authentication/receivers",
        "tls-policy/mta-sts",
        "tls-policy/dane/mx.partner.example",
    }
    assert DNSSEC not in with_problems(REPORT)
    assert with_problems(REPORT) >= {*places, ADDRESS, "authentication", "tls-policy/dane"}
    for warnings in (False, True):
        assert DNSSEC not in failed_steps(REPORT, warnings=warnings)


def test_an_identity_runs_again_with_its_address_and_any_other_by_itself() -> None:
    assert runnable(f"{ADDRESS}/mail-from") == runnable(f"{ADDRESS}/ehlo") == ADDRESS
    alone = [key for key in STANDARDS if not key.startswith(ADDRESS)]
    assert [runnable(key) for key in alone] == alone
    assert failed_steps(REPORT, warnings=False) == ["authentication/dmarc", "authentication/receivers"]
    assert ADDRESS in failed_steps(REPORT, warnings=True)
