"""What goes before the local mail server's settings: the command line, and not the user's file."""

import pytest

from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.cli.config import Config
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.installed import InstalledMta
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.settings import Relay, Settings, TlsPolicy

PAIR = ["alice@sender.test", "bob@partner.test"]
CONFIG = Config(defaults={"ehlo": "file.test", "tls": "off", "port": "26", "source": "192.0.2.9", "timeout": "9"})


def no_server(_self: object) -> tuple[str, str]:
    raise LocalMtaError("no mail server found on this host")


def test_without_the_option_nothing_is_asked() -> None:
    found = read_arguments(PAIR, CONFIG)
    assert (found.settings.as_local_mta, found.settings.ehlo, found.settings.port) == (None, "file.test", 26)


def test_the_users_file_gives_way_and_the_command_line_does_not() -> None:
    found = read_arguments([*PAIR, "--as-local-mta", "--tls", "auto", "-p", "25"], CONFIG)
    settings = found.settings
    assert (settings.as_local_mta, settings.ehlo, settings.source) == ("", None, None)
    assert (settings.port, settings.tls, settings.timeout) == (25, TlsPolicy.AUTO, 9.0)
    assert {"port", "tls"} <= found.given
    assert not {"ehlo", "source"} & found.given


@pytest.mark.parametrize(
    ("option", "shown"),
    [("--as-local-mta", "Settings: as the local Postfix"), ("--queue", "8 entries in the Postfix queue.\n")],
)
def test_the_demo_does_not_depend_on_this_machine(
    option: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(InstalledMta, "_chosen", no_server)
    assert main(["--demo", option]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert shown.strip() in " ".join(out.split())


def test_the_line_of_settings_names_it() -> None:
    settings = Settings("", "", as_local_mta="Postfix", relay=(Relay("r.test", 587), Relay("s.test", mx=True)))
    assert settings_line(settings) == "as the local Postfix; relay host [r.test]:587, s.test"
    assert settings_line(Settings("", "", as_local_mta="")) == "as the local mail server"
