"""What the checks of sender authentication come to together: the field that a receiver would write."""

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.report import Report
from tests.engine.running import at, run

FIELD = "Authentication-Results: "


def fields(report: Report) -> list[str]:
    return [entry.text for entry in at(report, "authentication").transcript if FIELD in entry.text]


async def test_the_field_is_shown_for_each_address_as_json_has_it() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    assert fields(report) == [
        f"from {item.address}: {FIELD}{item.results_header}" for item in report.authentication
    ]
    assert [item.address for item in report.authentication] == ["192.0.2.10", "2001:db8::10"]
    assert "spf=pass smtp.mailfrom=alice@sender.example" in report.authentication[0].results_header


async def test_a_rerun_of_a_part_does_not_show_it_twice_and_one_of_the_whole_anew() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@dkim.example")
        part = await run(network, "bob@dkim.example", only={"authentication/dmarc"}, previous=first)
        whole = await run(network, "bob@dkim.example", only={"authentication"}, previous=first)
    assert len(fields(first)) == 1
    assert fields(part) == fields(whole) == fields(first)


async def test_without_a_session_there_is_none() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@null.example")
    assert fields(report) == []
