"""`python -m smtpdiag_tui`: the command."""

from smtpdiag_tui.cli.main import entry

entry()
