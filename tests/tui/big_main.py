"""The interface on a saved report of 300 addresses and 100,000 lines: for the benchmark."""

from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from tests.tui.big_report import big_report
from tests.tui.fake_engine import nowhere

if __name__ == "__main__":
    report = big_report()
    SmtpDiagApp(report.settings, nowhere, options=Options(replay=report)).run()
