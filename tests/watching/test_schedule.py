"""When a watched delivery is tried again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.watching.schedule import LEAST, NAMED_MOST, RATE_LIMITED, SLOWEST, wait_before_next
from tests.engine.running import run

BARE = Report(Settings("alice@sender.example", "bob@partner.example"))


@pytest.mark.parametrize(
    ("watched", "every", "wait"),
    [
        (0, 60, 60),
        (0, 1, 60),  # never closer, whatever is asked for
        (599, 60, 60),
        (1200, 60, 120),
        (86_400, 60, SLOWEST),
        (0, 300, 300),
        (86_400, 3600, 3600),  # who asks for an hour gets no quarter of one
    ],
)
def test_it_becomes_slower_as_time_goes_on(watched: float, every: float, wait: float) -> None:
    assert wait_before_next(BARE, watched, every) == wait


@given(st.floats(0, 1e7), st.floats(60, 86_400), st.floats(0, 1e6))
def test_it_is_never_closer_than_a_minute_and_never_quicker_later(
    watched: float, every: float, more: float
) -> None:
    now, later = wait_before_next(BARE, watched, every), wait_before_next(BARE, watched + more, every)
    assert max(LEAST, every) <= now <= later <= max(SLOWEST, every)


async def test_a_server_that_names_a_time_is_not_met_before() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@greylist.example")  # "try again in 300 seconds"
    assert wait_before_next(report, 0, 60) == 301
    assert wait_before_next(report, 1e6, 60) == SLOWEST


@pytest.mark.parametrize(("named", "wait"), [("in 2 hours", NAMED_MOST), ("in 5 seconds", LEAST)])
async def test_what_a_server_names_is_bounded(named: str, wait: float) -> None:
    async with DemoNetwork() as network:
        script = network.hosts["192.0.2.33"]
        network.hosts["192.0.2.33"] = replace(script, rcpt=f"450 4.2.0 Greylisted, try again {named}\r\n".encode())
        report = await run(network, "bob@greylist.example")
    assert wait_before_next(report, 0, 60) == wait


async def test_a_server_that_says_it_is_too_much_gets_peace() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@busy.example")
    assert wait_before_next(report, 0, 60) == RATE_LIMITED
