"""What is said of a bounce beside a run is masked as the run's report is."""

from dataclasses import replace

from smtpdiag_tui.bounces.beside import beside
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.masking.own import masked_beside
from smtpdiag_tui.report.authentication import DmarcResult, SpfResult
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.settings import Settings
from tests.bounces.runs_made import IP1, MX1, RECIPIENT, SENDER, SOURCE, accepted, authenticated, run

LATER = Told(SENDER, RECIPIENT, MX1, IP1, ToldPhase.END_OF_DATA, reply="550 5.7.26 unauthenticated")


def test_an_address_of_this_host_is_masked_and_the_mx_host_is_not() -> None:
    report = run(accepted(), authentication=(authenticated(SpfResult.FAIL, DmarcResult.UNKNOWN),))
    told = replace(LATER, address="192.0.2.99")
    seen = beside(told, Reason.AUTHENTICATION, report)
    assert SOURCE in seen.because
    masked = masked_beside(seen, report)
    assert SOURCE not in masked.line
    assert f"{MX1} [{IP1}]" in masked.line
    assert masked.verdict is seen.verdict


def test_the_step_of_a_host_that_is_masked_is_not_named() -> None:
    settings = Settings(SENDER, RECIPIENT, server="relay7.inside.example")
    report = run(accepted("relay7.inside.example", "10.0.0.7"), settings=settings)
    seen = beside(replace(LATER, host=None, address=None), Reason.CONTENT, report)
    assert "relay7" in seen.line + seen.step
    masked = masked_beside(seen, report)
    assert "relay7" not in masked.line + masked.step
