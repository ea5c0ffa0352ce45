"""What is masked beyond a session: this machine's addresses elsewhere, and errors of usage."""

import pytest

from smtpdiag_tui.cli.main import main
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.own import masked, masked_usage, own_addresses
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import DnsServer, Relay, Settings
from tests.engine.running import run
from tests.masking.written import everything
from tests.private import found

OWN = {"192.0.2.70", "2001:db8::70"}


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({"dns": (DnsServer("192.0.2.70"),)}, ()),
        ({"server": "2001:db8::70"}, ()),
        ({"relay": (Relay("192.0.2.70"),)}, ()),
        ({"recipient": "bob@[192.0.2.70]"}, ()),
        ({"recipient": "bob@[IPv6:2001:db8::70]"}, ()),
        ({}, ("dns-servers/192.0.2.70",)),
        ({}, ("dns-servers/192.0.2.70:5353",)),
        ({}, ("dns-servers/[2001:db8::70]:5353",)),
        ({}, ("delivery/mx.partner.example/192.0.2.70",)),
        ({}, ("delivery/[192.0.2.70]/192.0.2.70/connect",)),
    ],
)
def test_own_addresses_are_found_where_no_session_was_held(
    settings: dict[str, object], steps: tuple[str, ...]
) -> None:
    given = {"sender": "alice@sender.example", "recipient": "bob@partner.example", **settings}
    report = Report(Settings(**given), steps={key: Step(key, key) for key in steps})  # type: ignore[arg-type]
    own = own_addresses(report, OWN.__contains__)
    assert len(own) == 1
    assert found(everything(redact(report, (), own)), [], list(own)) == []
    assert own_addresses(report, lambda _: False) == ()


def test_loopback_is_nobodys_address_and_addresses_of_others_stay() -> None:
    report = Report(Settings("a@x.example", "b@y.example", dns=(DnsServer("127.0.0.53"), DnsServer("192.0.2.53"))))
    assert own_addresses(report, SystemNetwork().is_own) == ()
    assert [server.address for server in masked(report).settings.dns] == ["127.0.0.53", "192.0.2.53"]


async def test_a_dns_server_on_this_machine_is_masked_in_a_whole_run() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@null.example", dns=(DnsServer("192.0.2.54"),))
    after = everything(redact(report, (), own_addresses(report, {"192.0.2.54"}.__contains__)))
    assert "192.0.2.54" in everything(report)
    assert found(after, [], ["192.0.2.54"]) == []
    assert "null.example" in after


LINES = [
    ["al ice", "bob@partner.example"],
    ["alice@sender..example", "bob@partner.example"],
    ["alice", "bob@partner.example"],
    ["-v", "alice", "bob@partner.example"],
    ["alice@sender.example", "bob@partner.example", "alice"],
    ["alice@sender.example", "bob@partner.example", "--", "alice"],
    ["<alice@sender.example", "bob@partner.example"],
    ["alice\x1b[1m@sender.example", "bob@partner.example"],
    ["alice@sender.example", "bob@partner.example", "--ehlo", "alice host"],
    ["alice@sender.example", "bob@partner.example", "--ehlo=alice host"],
    ["alice@sender.example", "bob@partner.example", "--server", "alice host"],
    ["alice@sender.example", "bob@partner.example", "--source", "alice"],
    ["--dnsbl", "alice@sender..example", "bob@partner.example"],
]


@pytest.mark.parametrize("line", LINES)
def test_an_error_of_usage_is_masked_too(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--redact", "--report", "text", *line]) == 2
    told = capsys.readouterr()
    assert "alice" not in told.err.lower()
    assert "al ice" not in told.err
    assert told.out == ""
    assert main(["--report", "text", *line]) == 2
    plain = capsys.readouterr().err
    assert "al" in plain
    assert ("user" in told.err) or ("host1" in told.err)


def test_a_source_that_is_not_ours_is_masked_and_what_is_public_stays(capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["alice@sender.example", "bob@partner.example"]
    assert main(["--redact", *pair, "--report", "text", "--source", "198.51.100.9"]) == 2
    assert "198.51.100" not in capsys.readouterr().err
    assert main(["--redact", *pair, "--report", "text", "-d", "198.51.100.999"]) == 2
    assert "198.51.100.999" in capsys.readouterr().err


def test_what_an_error_tells_of_the_local_mail_server_is_masked() -> None:
    error = UsageError("source address '198.51.100.9' of Postfix (smtp_bind_address) is not on this host")
    told = masked_usage(str(error), ["--as-local-mta", "alice@sender.example", "bob@partner.example"])
    assert told == "source address 'own-ipv4-1' of Postfix (smtp_bind_address) is not on this host"
