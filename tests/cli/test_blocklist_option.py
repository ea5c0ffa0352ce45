"""`--dnsbl` with a list, without one, and beside two addresses; and the same values from file, form and report."""

import json
from pathlib import Path

import pytest

from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.cli.config import ConfigError, read_config
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.saved_values import SavedReportError
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.settings import DEFAULT_BLOCKLISTS, MAX_BLOCKLISTS, SettingsError, parse_blocklist
from tests.render.made import made

A, B, LIST = "alice@sender.example", "bob@partner.example", "bl.example"
GIVEN: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "behind the addresses": ([A, B, "--dnsbl"], DEFAULT_BLOCKLISTS),
    "before the addresses": (["--dnsbl", A, B], DEFAULT_BLOCKLISTS),
    "between the addresses": ([A, "--dnsbl", B], DEFAULT_BLOCKLISTS),
    "before an option": (["--dnsbl", "--demo", A, B], DEFAULT_BLOCKLISTS),
    "before the null sender": (["--dnsbl", "<>", B], DEFAULT_BLOCKLISTS),
    "before a path in brackets": (["--dnsbl", f"<{A}>", B], DEFAULT_BLOCKLISTS),
    "before a quoted mailbox": (["--dnsbl", '"a b"@sender.example', B], DEFAULT_BLOCKLISTS),
    "before as SMTPDiag had options": (["--dnsbl", "/v", A, B], DEFAULT_BLOCKLISTS),
    "a list, then the addresses": (["--dnsbl", LIST, A, B], (LIST,)),
    "a list between the addresses": ([A, "--dnsbl", LIST, B], (LIST,)),
    "a list bound by a sign": ([A, f"--dnsbl={LIST}", B], (LIST,)),
    "two lists, one twice": (
        [A, B, "--dnsbl", "BL.example.", "--dnsbl", LIST, "--dnsbl", "x.example"],
        (LIST, "x.example"),
    ),
    "the set and one more": ([A, B, "--dnsbl", "--dnsbl", LIST], (*DEFAULT_BLOCKLISTS, LIST)),
    "the set by name": ([A, B, "--dnsbl", "default"], DEFAULT_BLOCKLISTS),
    "none": ([A, B], ()),
    "behind the end of options": (["--", A, B], ()),
}


@pytest.mark.parametrize(("argv", "lists"), GIVEN.values(), ids=GIVEN)
def test_a_list_is_no_address_and_an_address_is_no_list(argv: list[str], lists: tuple[str, ...]) -> None:
    read = read_arguments(argv)
    assert read.settings.dnsbl == lists
    assert read.complete
    assert read.settings.recipient == B


@pytest.mark.parametrize(
    "text", ["bl", "192.0.2.1", "a b.example", "bl..example", "x" * 64 + ".example", "bl.example/x"]
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="blocklist"):
        parse_blocklist(text)
    with pytest.raises(UsageError, match="blocklist"):
        read_arguments([A, B, "--dnsbl", text])


def test_there_is_an_end_to_them() -> None:
    many = [item for number in range(MAX_BLOCKLISTS + 1) for item in ("--dnsbl", f"l{number}.example")]
    with pytest.raises(UsageError, match="at most"):
        read_arguments([A, B, *many])


def test_the_file_may_name_lists_and_the_command_line_wins(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[defaults]\ndnsbl = "bl.example x.example"\n')
    config = read_config(path)
    assert read_arguments([A, B], config).settings.dnsbl == (LIST, "x.example")
    assert read_arguments([A, B, "--dnsbl", "y.example"], config).settings.dnsbl == ("y.example",)
    path.write_text('[defaults]\ndnsbl = "nothing"\n')
    with pytest.raises(ConfigError, match=r"defaults\.dnsbl"):
        read_config(path)


def test_they_come_back_from_a_saved_report_and_are_told() -> None:
    from dataclasses import replace

    report = made()
    report = replace(report, settings=replace(report.settings, dnsbl=(LIST,)))
    assert from_json(to_json(report)).settings == report.settings
    assert "blocklists bl.example" in settings_line(report.settings)
    older = json.loads(to_json(report))
    del older["settings"]["dnsbl"]
    assert from_json(json.dumps(older)).settings.dnsbl == ()


@pytest.mark.parametrize(
    "value", ["bl.example", ["bl"], [""], [" "], [3], ["\x1b[2J.example"], ["l.example"] * 17]
)
def test_a_saved_report_names_lists_or_is_none(value: object) -> None:
    found = json.loads(to_json(made()))
    found["settings"]["dnsbl"] = value
    with pytest.raises(SavedReportError):
        from_json(json.dumps(found))
